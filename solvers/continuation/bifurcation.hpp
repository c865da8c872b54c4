// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <complex>
#include <optional>
#include <string>
#include <string_view>

#include "lib/core/types.hpp"
#include "solvers/continuation/curve.hpp"
#include "solvers/continuation/parametric_map.hpp"

namespace stillpoint::continuation {

/// What happens to a fixed point of Φ(y; p) at one value of p; μ are multipliers.
enum class BifurcationKind {
  fold,            ///< limit point: two fixed points meet, μ = 1
  pitchfork,       ///< a branch crosses one that turns back in p, μ = 1; here by symmetry
  transcritical,   ///< two branches cross, neither turns back, μ = 1
  flip,            ///< period doubling, μ = −1
  neimark_sacker,  ///< of the map: a complex pair with |μ| = 1
  hopf,            ///< of the flow y' = Φ(y) − y: a complex pair with Re μ = 1
  degenerate,      ///< more than one of these at once; branches are not switched here
};

std::string_view to_string(BifurcationKind kind);

/// @brief A bifurcation met on a branch.
struct Bifurcation {
  BifurcationKind kind = BifurcationKind::fold;
  double parameter = 0.0;
  double error = 0.0;  ///< Of the parameter: last Newton step and rounding of the map together.
  Vector state;        ///< (n)
  Vector tangent;      ///< (dy, dp)/ds of the branch, (n + 1); see Curve for its length.
  /// Pitchfork and transcritical: (dy, dp)/ds of the branch that crosses, (n + 1); else empty.
  Vector other_tangent;
  std::complex<double> multiplier;  ///< The critical one: 1, −1 or one of the pair.
  Index after = 0;                  ///< It lies between points[after] and the next of its branch.
  std::string note;                 ///< A sentence where there is something to know.
};

/// @brief The fixed points of a map with one parameter as a curve of u = (y, p), with
/// ‖(δy, δp)‖² = |δy|²/n + (δp/scale)².
Curve fixed_point_curve(const ParametricMap& map, double parameter_scale = 1.0);

/// @brief A fold and what the extended system says about it.
struct Fold {
  Vector state;            ///< y, (n)
  Vector parameters;       ///< p, (k)
  Vector right;            ///< φ: (∂Φ/∂y − 1) φ = 0, |φ| = 1, (n)
  Vector left;             ///< ψ: ψᵀ (∂Φ/∂y − 1) = 0, |ψ| = 1, (n)
  double quadratic = 0.0;  ///< ψᵀ ∂²Φ/∂y² φφ: zero at a cusp.
  double error = 0.0;      ///< Of the parameter solved for.
};

/// @brief Newton's method for a fold in parameter `free` of the map, the others fixed: the
/// minimally augmented system
///
///     F(y; p) = Φ(y; p) − y = 0,   g(y; p) = 0,   (F_y b; cᵀ 0)(φ; g) = (0; 1),
///
/// with b, c the singular vectors of F_y at the guess; quadratic convergence, F to rounding.
/// Source: Govaerts (2000), Numerical Methods for Bifurcations of Dynamical Equilibria, ch. 3–4.
/// @return Nothing if it does not converge.
std::optional<Fold> solve_fold(const ParametricMap& map, Vector y, Vector p, Index free = 0);

/// @brief The curve of folds in both parameters of a map with two, u = (y, p₁, p₂): R = (F, g) as
/// above with the borders b = left, c = right; ‖(δy, δp)‖² = |δy|²/n + Σ (δpₖ/scaleₖ)².
Curve fold_curve(const ParametricMap& map, const Vector& left, const Vector& right,
                 const Vector& scales);

/// Null vectors and quadratic coefficient at a point of that curve.
Fold fold_at(const ParametricMap& map, const Vector& y, const Vector& p, const Vector& left,
             const Vector& right);

/// @brief A simple branch point: two branches cross at u = (y, p).
struct BranchPoint {
  Vector u;                        ///< (n + 1)
  std::array<Vector, 2> tangents;  ///< Of the two branches, (n + 1) each, ‖t‖ = 1.
  double error = 0.0;              ///< Of the parameter.
  /// |β| of F + β b = 0: zero where branches cross; else the crossing is broken, two branches pass
  /// each other at a distance that grows with it.
  double unfolding = 0.0;
};

/// @brief Newton's method for a branch point of a map with one parameter, u = (y, p): F(u) + β b =
/// 0, g₁ = g₂ = 0, where g vanishes exactly if F_u has a rank deficiency. Tangents by the algebraic
/// bifurcation equation ψᵀ F_uu t t = 0.
/// Source: Govaerts (2000), ch. 4; Keller (1977) for the tangents.
/// @return Nothing if it does not converge or the tangents are not real and distinct.
std::optional<BranchPoint> solve_branch_point(const ParametricMap& map, const Curve& curve,
                                              Vector u);

}  // namespace stillpoint::continuation
