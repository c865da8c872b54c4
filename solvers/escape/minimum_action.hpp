// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/escape/fields.hpp"

namespace stillpoint::escape {

/// @brief Where a path has to end: the states with R x = r, a point or a hyperplane.
struct Target {
  Matrix rows;   ///< R, (k, n), of full rank, k ≥ 1.
  Vector value;  ///< r, (k)

  static Target point(const Vector& x) { return {Matrix::Identity(x.size(), x.size()), x}; }
  /// direction · x = level
  static Target plane(const Vector& direction, double level) {
    return {direction.transpose(), Vector::Constant(1, level)};
  }
};

struct MinimumActionOptions {
  /// Time steps of a diffusion, ≥ 8. The steps of a chain are its own.
  Index points = 400;
  /// Time that the path may take: of a diffusion in its own unit, of a chain in steps. 0: 12
  /// relaxation times of the slowest direction at the start, and as many at the end if that is a
  /// fixed point; what is missing is of relative size e⁻²⁴.
  double duration = 0.0;
  /// How often the mesh of a diffusion is laid anew, equidistant along the path; ≥ 0.
  Index remeshes = 3;
  /// Path near which to begin, (n, any number ≥ 2), from the start to the target; empty: a straight
  /// line. The minimum found is a local one, and a path within a symmetric set stays in it.
  Matrix guide = {};
  double tolerance = 1e-10;     ///< Relative error of the action that ends the iteration, > 0.
  Index max_iterations = 2000;  ///< Newton steps in all, > 0.
};

/// A path of least action.
struct MinimumActionPath {
  Vector times;   ///< (points + 1), from 0; steps for a chain.
  Matrix states;  ///< (n, points + 1)
  /// What drives it, (m, points): of a chain ξ in the units with noise inside, then ξ' in the
  /// states with noise; of a diffusion √h times the control.
  Matrix noise;
  double action = std::numeric_limits<double>::quiet_NaN();  ///< ½ Σ |noise|²
  /// iterations: Newton steps; residual: |R x − r|∞ at the end over that at the start.
  Report report;
};

/// @brief Path of least Freidlin–Wentzell action of dx = b dt + √ε σ dW from a fixed point to a
/// target, by minimising over the controls u of ẋ = b(x) + σ(x) u:
///
///     S = ½ ∫ |u|² dt,   P(transition) ≍ e^{−S/ε},
///
/// which is ½ ∫ (ẋ − b)ᵀ a⁻¹ (ẋ − b) dt where a is invertible, and holds for a of any rank and
/// dependence on x. Implicit midpoint steps, second order in their number; the time is long and the
/// mesh equidistant along the path, so that the answer is that of the geometric formulation
/// (infinite time, parametrised by length) without its a⁻¹. Differential dynamic programming with
/// exact curvature (regularised Newton, Riccati recursion: stable along the unstable directions of
/// a saddle), the target by the augmented Lagrangian.
/// @param[in] start   Stable fixed point, (n); another point needs a duration.
/// @throws std::invalid_argument for a wrong shape or option, or a start that does not attract
///   without a duration; what the fields throw.
/// @returns action = NaN unless the report is ok: no_convergence; non_finite_state; or
///   outside_validity where the noise does not reach the target's direction.
/// Source: Freidlin & Wentzell (2012), ch. 4; Heymann & Vanden-Eijnden (2008), Comm. Pure Appl.
/// Math. 61, 1052 (the geometric formulation); Jacobson & Mayne (1970) for the optimisation.
MinimumActionPath minimum_action(const Fields& fields, const Vector& start, const Target& target,
                                 const MinimumActionOptions& options = {});

/// @brief The same for the chain y' = λ∘y + G f(B y + c + s∘ξ) + d + ν∘ξ' at a constant input,
///
///     S = ½ Σ_t (|ξ_t|² + |ξ'_t|²),   P(transition) ≍ e^{−S} as all noise shrinks,
///
/// exact in discrete time, the noise inside f included (not linearised). Points and remeshes of the
/// options do not matter. Where f has a kink the path may stall on it: no_convergence.
/// @param[in] start  Stable fixed point of the chain without noise, (m), coloured blocks included.
MinimumActionPath minimum_action(const models::NoisyChain& chain, const Vector& input,
                                 const Vector& start, const Target& target,
                                 const MinimumActionOptions& options = {});

}  // namespace stillpoint::escape
