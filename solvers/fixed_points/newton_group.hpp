// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <array>
#include <vector>

#include "lib/core/types.hpp"
#include "solvers/ensemble/panels.hpp"
#include "solvers/fixed_points/group.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::fixed_points {

/// One number for each of eight points.
using PerPoint = std::array<double, group_size>;

/// @brief Newton steps of Φ(y) − y = 0 at eight points side by side; owns its workspace, one object
/// a thread. Without pivoting, and for n near 64 eight times as fast as NewtonStep; above `largest`
/// unknowns, where the matrices leave the cache, one by one with pivoting.
class NewtonGroup {
 public:
  static constexpr Index largest = 256;

  /// @param[in] map  Borrowed; must outlive the object.
  explicit NewtonGroup(const Map& map);

  // Arrays of padded(n) runs of eight; entries past n stay zero.
  double* points() { return points_.get(); }                  ///< y, written by the caller.
  const double* residual() const { return residual_.get(); }  ///< Φ(y) − y
  /// Two right sides, written by the caller; solve() leaves the solutions in their place.
  double* right(int which) { return right_.get() + which * doubles(); }
  Index doubles() const { return padded(map_.size) * group_size; }  ///< Length of such an array.

  void set_point(Index lane, const Vector& y);
  Vector point(Index lane) const;

  void evaluate_residual();  ///< The residual at the points alone.
  void evaluate();           ///< Residual and factors of I − ∂Φ/∂y.
  void solve(int count);     ///< (I − ∂Φ/∂y) x = right for the first or both right sides.

 private:
  bool side_by_side() const { return map_.size <= largest; }
  void evaluate_singly(bool with_matrix);

  const Map& map_;
  const GroupKernels& kernels_;
  ensemble::AlignedArray points_, residual_, right_, work_, matrix_;
  Vector point_, image_;
  Matrix jacobian_;
  std::vector<Eigen::PartialPivLU<Matrix>> singly_;  // eight, above `largest`
};

/// Σᵢ aᵢ bᵢ of each point, over `doubles` numbers in runs.
PerPoint dot(const double* a, const double* b, Index doubles);

/// maxᵢ |aᵢ| of each point; NaN if one of the numbers is not finite.
PerPoint largest(const double* a, Index doubles);

}  // namespace stillpoint::fixed_points
