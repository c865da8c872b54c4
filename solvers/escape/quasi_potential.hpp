// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/escape/fields.hpp"

namespace stillpoint::escape {

struct QuasiPotentialOptions {
  Vector lower, upper;                   ///< Corners of the rectangle, (2) each.
  Index points_x = 257, points_y = 257;  ///< Nodes along each axis, 17 to 8193.
  /// Reach of an update in mesh widths, 2 to 200; 0: 0.6 √nodes. A drift that turns much (rotation
  /// over decay above 10) wants more, one that bends within the reach less.
  Index reach = 0;
};

/// A quasi-potential on a grid.
struct QuasiPotential {
  Vector x, y;  ///< Nodes, (points_x) and (points_y).
  /// U at (x(i), y(j)), (points_x, points_y); NaN where U > boundary_value.
  Matrix values;
  /// The least value on the sides of the rectangle. Beyond it nothing is known: the best path may
  /// lead outside.
  double boundary_value = std::numeric_limits<double>::quiet_NaN();
  Report report;  ///< iterations: nodes accepted; evaluations: of the fields.

  /// Bilinear interpolation at (px, py); NaN outside and where a corner is.
  double at(double px, double py) const;
};

/// @brief Quasi-potential of an attractor of dx = b(x) dt + √ε σ(x) dW, x ∈ ℝ², a = σσᵀ,
///
///     U(x) = inf ∫ |φ'|_a |b(φ)|_a − ⟨φ', b(φ)⟩_a ds  over paths φ from the attractor to x,
///     ⟨v, w⟩_a = vᵀ a⁻¹ w,
///
/// so that the stationary density is ≍ e^{−U/ε} and escape over a level U takes ≍ e^{U/ε}. For
/// b = −a∇V it is 2V. Ordered line integral method with the midpoint rule: nodes are accepted by
/// rising U, each updated along straight lines from points of the accepted front within the reach.
/// First order in the mesh width, up to a logarithm. Near the attractor U = ½ dᵀ C⁻¹ d, C the
/// covariance of the linearisation. Ends at the rectangle's sides.
/// @param[in] attractor  Stable fixed point, (2), at least four mesh widths inside the rectangle.
/// @throws std::invalid_argument for a wrong shape or option or a point that does not attract or is
///   a tenth of a mesh width off a fixed point.
/// @returns No values unless the report is ok: non_finite_state; outside_validity where a is not
///   positive definite on the grid: use minimum_action().
/// Source: Dahiya & Cameron (2018), J. Sci. Comput. 75, 1351 (isotropic); Dahiya & Cameron (2018),
/// Physica D 382, 33 (a not a multiple of I, state-dependent).
QuasiPotential quasi_potential(const Fields& fields, const Vector& attractor,
                               const QuasiPotentialOptions& options);

}  // namespace stillpoint::escape
