// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::algebraic {

/// Writes F(x), shape (n), for x, shape (n). May throw: RecoverableError asks for a shorter step,
/// anything else ends the solve and reaches the caller of solve().
using Function = std::function<void(const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value)>;

/// Writes a matrix that belongs to x, shape (n, n); it is zero on entry.
using Jacobian =
    std::function<void(const Eigen::Ref<const Vector>& x, Eigen::Ref<Matrix> jacobian)>;

enum class Method {
  newton,              ///< x ← x + p, J(x) p = −F(x); full steps.
  newton_line_search,  ///< The same, backtracking until ‖F‖ decreases enough.
  picard,  ///< x ← x − L⁻¹ F(x) with a fixed matrix L given in the place of J; accelerated.
  anderson,  ///< x ← x + F(x), accelerated: for a map Φ take F(x) = Φ(x) − x. No matrix.
};

struct Options {
  Method method = Method::newton_line_search;
  double tolerance = 1e-12;       ///< Success when maxᵢ |Fᵢ(x)| / scaleᵢ ≤ tolerance.
  double step_tolerance = 1e-15;  ///< No convergence when steps relative to |x| fall below this.
  Index max_iterations = 200;
  double max_step = 1e3;         ///< Longest Newton step allowed, in units of max(1, ‖x0‖₂).
  Index acceleration_depth = 3;  ///< Anderson and Picard: number of past residuals used, ≥ 0.
  double damping = 1.0;          ///< Anderson and Picard without acceleration: factor in (0, 1].
  Vector scale;                  ///< Typical size of each Fᵢ, (n), > 0; empty: 1.
};

struct Solution {
  Vector x;  ///< (n): the root, or the last iterate where the report is not ok.
  /// iterations and evaluations of F as counted by the method; residual = maxᵢ |Fᵢ(x)| / scaleᵢ.
  Report report;
};

/// @brief Solves F(x) = 0, x ∈ ℝⁿ, near x0 by KINSOL, with dense matrices.
///
/// A failure is data: the report holds its status and a sentence. A NaN in F or in the matrix ends
/// the solve at once. Converges to a root near x0, if at all; there may be others.
/// @param[in] F         The function.
/// @param[in] jacobian  J = ∂F/∂x; may be empty for Newton (finite differences, which limit the
///                      rate, not the accuracy). Picard needs its L here; Anderson ignores it.
/// @param[in] x0        Starting point, (n), finite, n > 0.
/// @throws std::invalid_argument for a bad argument; what F or jacobian threw, unless the solver
///   recovered from it; sun::SundialsError (a std::runtime_error) if SUNDIALS cannot be set up.
/// Source: Hindmarsh et al. (2005), ACM TOMS 31, 363; Walker & Ni (2011) for the acceleration.
Solution solve(const Function& F, const Jacobian& jacobian, Vector x0, const Options& options = {});

}  // namespace stillpoint::algebraic
