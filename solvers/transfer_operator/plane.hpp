// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <limits>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/transfer_operator/scalar_chain.hpp"

/// Rung 6 in two dimensions: the transfer operator of the discrete chain of two neurons.
namespace stillpoint::transfer_operator {

struct PlaneOptions {
  /// Success asks that a finer grid on another box changes the means by less than tolerance ·
  /// |mean|, covariances by 10 tolerance · sdᵢ sdⱼ and skewnesses by 100 tolerance · |skewness|.
  /// Means below a tenth of the standard deviation and skewnesses below 0.1 are judged on these.
  double tolerance = 1e-8;
  /// In each direction, half as many more for every kink that cuts it; at least 24. Time grows with
  /// the fourth power.
  Index max_nodes = 128;
};

/// @brief The stationary law of two neurons, as a functional and by its moments.
struct PlaneSolution {
  Report report;  ///< residual: largest change, in units of what was tolerated.
  /// E v(y) = Σᵢ weights(i) v(nodes(0, i), nodes(1, i)) for v analytic at the scale of the law and,
  /// where kinks cut the grid, on either side of them. Not a density: weights may be negative.
  Matrix nodes;    ///< (2, n)
  Vector weights;  ///< (n)
  /// The grid's box, in coordinates of the solver's choice (PlaneChain).
  std::array<Interval, 2> box{{{1.0, -1.0}, {1.0, -1.0}}};

  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  Vector mean = Vector::Constant(2, unknown);           ///< (2)
  Matrix covariance = Matrix::Constant(2, 2, unknown);  ///< (2, 2)
  Vector skewness = Vector::Constant(2, unknown);       ///< (2), NaN where a variance is zero.
  /// The law's mass beyond the box: what a step from the law takes there, found without comparing
  /// boxes.
  double mass_outside = unknown;
  /// Change on the last refinement of the grid and move of the box: the error of the grid before,
  /// as a rule far above that of the one returned, though two grids may agree by chance; plus the
  /// mass outside the box times the box's width to the power of the moment.
  Vector mean_error = Vector::Constant(2, unknown);
  Matrix covariance_error = Matrix::Constant(2, 2, unknown);
  Vector skewness_error = Vector::Constant(2, unknown);
  /// Σ over all integers k of the autocorrelation of yᵢ at lag k, (2), steps.
  Vector correlation_time = Vector::Constant(2, unknown);
  double seconds = 0.0;  ///< Wall time of the computation.

  /// E v(y), v a function of two numbers.
  template <typename Function>
  double expectation(const Function& v) const {
    double sum = 0.0;
    for (Index i = 0; i < weights.size(); ++i) sum += weights(i) * v(nodes(0, i), nodes(1, i));
    return sum;
  }
};

/// @brief Stationary law of a chain of two neurons at a constant input,
///
///     y' = λ∘y + d + G f(B y + c + s∘ξ) + ν∘ξ',
///
/// by tensor Chebyshev collocation of its backward operator (𝒫v)(y) = E[v(y') | y] and the left
/// null functional of 𝒫 − 1. A row of 𝒫 is a product of two one-dimensional rows, in coordinates
/// chosen for it (PlaneChain). The box follows the law's tails; nodes are added until nothing
/// changes. Panels are cut at kinks along the axes.
///
/// Spectral where 𝒫 smooths or f is analytic: both equations, every placement. Only algebraic for a
/// kinked f with noise outside in the rate equation if W is nearly singular (PlaneChain) or only
/// one of two coupled units has noise; the errors say what was reached.
///
/// Not valid, and the report says so: no noise; noise that drives the state to infinity; both
/// noises in the current equation with a singular W that mixes the units; two states that exchange
/// less than once in 1e9 steps. No convergence: max_nodes reached.
/// @param[in] chain  Two units, no coloured source.
/// @throws std::invalid_argument for other chains, a wrong input size, or options out of range.
PlaneSolution solve_plane(const models::NoisyChain& chain, const Vector& input,
                          const PlaneOptions& options = {});

/// @brief The same functional on a grid given by the caller, without adaptation or error estimate:
/// to see how it converges.
/// @param[in] box    As in a solution.
/// @param[in] nodes  In each direction, half as many more for every kink that cuts it; ≥ 8.
PlaneSolution collocate_plane(const models::NoisyChain& chain, const Vector& input,
                              const std::array<Interval, 2>& box, Index nodes);

/// @brief A solution as a row of the ladder, method "transfer_operator", with the moments of the
/// read-out; those are NaN where f of the state is read, f has kinks and noise is inside: the grid
/// is not cut there. standard_error is 0: the numbers are exact to the errors of the solution.
/// @param[in] solution  Of solve_plane() for this chain and input.
statistics::StationaryLaw stationary_law(const models::NoisyChain& chain, const Vector& input,
                                         const PlaneSolution& solution);

}  // namespace stillpoint::transfer_operator
