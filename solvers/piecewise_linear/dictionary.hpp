// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "lib/core/types.hpp"

namespace stillpoint::piecewise_linear {

/// @brief The simplex dictionary of E x = r, x ≥ 0, in double precision,
///
///     x_basic = q + T x_nonbasic,
///
/// in which single variables are set to zero for good. Nothing it says is trusted: an obstacle is a
/// claim, multipliers() turns it into a vector that proves it or fails to.
/// Source: Chvátal (1983), Linear Programming, chapters 2 and 3.
class Dictionary {
 public:
  /// A row that shows that no x fulfils all conditions: x_basic would have to have the wrong sign
  /// (negative), or to be positive where it is set to zero.
  struct Obstacle {
    Index row;
    bool negative;
  };

  /// @param[in] E  (m, n), m ≤ n; rows may be dependent.
  Dictionary(const Matrix& E, const Vector& r);

  /// Makes the basic solution feasible, or names what is in the way.
  std::optional<Obstacle> start();

  /// Sets a variable to zero and makes the basic solution feasible again.
  std::optional<Obstacle> fix(Index variable);

  bool is_fixed(Index variable) const { return fixed_[static_cast<std::size_t>(variable)]; }
  /// Variables that are set to zero; the last m entries belong to the columns of basis().
  const std::vector<char>& fixed() const { return fixed_; }

  /// How hard it is to bring a variable to zero, 0 if it is zero: (q + Σ T₊)/Σ T₋ of its row.
  double resistance(Index variable) const;

  /// True if a variable is basic, and positive because q > 0 and T ≥ 0: the row is an obstacle to
  /// setting it to zero.
  std::optional<Obstacle> always_positive(Index variable) const;

  /// @brief y such that yᵀE x = yᵀr contradicts x ≥ 0: yᵀE ≥ 0 for all variables that are not set
  /// to zero, or, for an obstacle that is not negative, are not the obstacle's; yᵀr < 0.
  ///
  /// Up to rounding, but away from the boundary where possible: coefficients that would be zero are
  /// made positive by a small multiple of the other rows.
  Vector multipliers(const Obstacle& obstacle) const;

  /// Variables of the basis by rows; n + i stands for a column with one at row i, zero elsewhere.
  const std::vector<Index>& basis() const { return basic_; }
  Index pivots() const { return pivots_; }

 private:
  struct Frame {  // shared by all copies
    Index variables;
    Vector row_scale;
    std::vector<Index> start_basis;
    Matrix start_inverse;  // of the start basis in scaled numbers
  };

  double& entry(Index row, Index column) {
    return T_[static_cast<std::size_t>(row * stride_ + column)];
  }
  double entry(Index row, Index column) const {
    return T_[static_cast<std::size_t>(row * stride_ + column)];
  }
  double& value(Index row) { return entry(row, stride_ - 1); }
  double value(Index row) const { return entry(row, stride_ - 1); }
  bool open(Index column) const {
    return !fixed_[static_cast<std::size_t>(nonbasic_[static_cast<std::size_t>(column)])];
  }
  bool open_row(Index row) const {
    return !fixed_[static_cast<std::size_t>(basic_[static_cast<std::size_t>(row)])];
  }
  Index columns() const { return stride_ - 1; }
  void pivot(Index row, Index column);
  void leave(Index row);
  std::optional<Obstacle> drive(Index variable, double sign);

  std::shared_ptr<const Frame> frame_;
  Index rows_ = 0, stride_ = 0;  // a row holds T and q
  std::vector<double> T_;
  std::vector<Index> basic_, nonbasic_;
  std::vector<Index> row_of_;  // of each variable, −1 if nonbasic
  std::vector<char> fixed_;
  Index pivots_ = 0;
};

}  // namespace stillpoint::piecewise_linear
