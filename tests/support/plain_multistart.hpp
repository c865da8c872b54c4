// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <random>
#include <vector>

#include "lib/core/types.hpp"

/// What a user without Stillpoint would do to find the fixed points x = W tanh x: a root finder of
/// a library from many random starts. Shares no code with solvers/fixed_points.
namespace stillpoint::tests {

/// Points found, each once (apart by 1e-6).
class PointSet {
 public:
  bool contains(const Vector& x) const;
  void add(const Vector& x);
  std::size_t size() const { return points_.size(); }
  const std::vector<Vector>& points() const { return points_; }

 private:
  std::vector<Vector> points_;
};

/// W ~ N(0, gain²/n), (n, n).
Matrix random_weights(Index n, double gain, std::mt19937_64& engine);

/// Adds what plain Newton steps, 60 at most, find from `starts` starts x ~ N(0, scale²).
/// @param[in] damped  Steps are halved, six times at most, while the residual grows.
void newton_multistart(const Matrix& W, Index starts, double scale, bool damped,
                       std::mt19937_64& engine, PointSet& found);

/// The same by Powell's hybrid method, hybridsj of GSL: that of MINPACK, which scipy calls.
void powell_multistart(const Matrix& W, Index starts, double scale, std::mt19937_64& engine,
                       PointSet& found);

}  // namespace stillpoint::tests
