// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"

namespace stillpoint::statistics {

/// @brief The directions in which given states vary most.
struct PrincipalAxes {
  Vector mean;                  ///< Mean of the states, (n).
  Matrix axes;                  ///< Orthonormal columns, (n, k), by falling variance.
  Vector variance;              ///< Variance along each axis, mean of squares, (k), ≥ 0.
  double total_variance = 0.0;  ///< Sum over all n directions.

  /// @brief Coordinates axesᵀ (y − mean), (k, columns), of states in columns, (n, columns).
  /// @throws std::invalid_argument for a wrong number of rows.
  Matrix project(const Matrix& states) const;
};

/// @brief Principal axes of states in columns, (n, columns): eigenvectors of their covariance
/// matrix (divisor: number of columns).
///
/// The sign of an axis is that which makes its largest entry positive, the first of them where
/// several agree to 1e-6. Axes of equal variance are some orthonormal basis of their space.
/// @param[in] count  Number of axes k, 1 ≤ k ≤ n.
/// @throws std::invalid_argument if there is no state, a number is not finite or k is out of range.
/// Source: Jolliffe (2002), Principal Component Analysis, ch. 1.
PrincipalAxes principal_axes(const Matrix& states, Index count = 2);

}  // namespace stillpoint::statistics
