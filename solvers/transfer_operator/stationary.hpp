// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"

/// Rung 6: the transfer operator of the discrete chain of one neuron, exact to rounding.
namespace stillpoint::transfer_operator {

struct Options {
  /// Success asks that doubling the resolution changes the mean by less than tolerance · |mean|,
  /// the variance by 10 and the skewness by 100 times that. Moments below a tenth of their unit
  /// (standard deviation for the mean, 1 for the skewness) are judged on a tenth of that unit.
  double tolerance = 1e-11;
  Index nodes_per_panel = 16;  ///< p of the adapted grid; the answer comes from 2p.
  Index max_nodes = 1200;      ///< Of the adapted grid; time grows with the cube.
};

/// @brief The stationary law of one neuron, as a functional and by its moments.
struct Solution {
  Report report;  ///< residual: largest change on doubling, in units of what was tolerated.
  /// E v(y) = Σ weights(i) v(nodes(i)) for v analytic at the scale of the law (and, for noise
  /// outside only, on either side of a kink of the map). Not a density: weights may be negative,
  /// and a step function is not such a v; see distribution.hpp.
  Vector nodes;
  Vector weights;
  std::vector<double> edges;  ///< Panels of the adapted grid.

  double mean = std::numeric_limits<double>::quiet_NaN();
  double variance = std::numeric_limits<double>::quiet_NaN();
  double skewness = std::numeric_limits<double>::quiet_NaN();  ///< NaN where the variance is zero.
  /// Change on doubling nodes and quadrature and widening the domain: the error of half the
  /// resolution, a generous bound for the one returned.
  double mean_error = 0.0;
  double variance_error = 0.0;
  double skewness_error = 0.0;

  /// Probability that the argument of f, noise included, is off the flat piece of f where it mostly
  /// lies: relu: P(a > 0); 1 where f has no flat piece.
  double activity = 1.0;
  /// Σ over all integers k of the autocorrelation of y at lag k, steps: a time average over T steps
  /// has the variance of T / correlation_time independent samples.
  double correlation_time = std::numeric_limits<double>::quiet_NaN();
  double seconds = 0.0;  ///< Wall time of the computation.

  template <typename Function>
  double expectation(const Function& v) const {
    double sum = 0.0;
    for (Index i = 0; i < nodes.size(); ++i) sum += weights(i) * v(nodes(i));
    return sum;
  }
};

/// @brief Stationary law of a chain of one neuron at a constant input,
///
///     y' = λ y + d + G f(β y + c + s ξ) + ν ξ',
///
/// by spectral collocation of its backward operator (𝒫v)(y) = E[v(y') | y] and the left null
/// functional of 𝒫 − 1. Panels are cut at the kinks of the map, bisected until the solutions of
/// (1 − 𝒫) g = v − E v for v = y, y², y³ are resolved where the law has mass (the error of E v is
/// the law's average of the interpolation error of g), and the ends follow the law's tails.
///
/// Exact to rounding (extended precision inside) for both equations and both placements of noise.
/// Not valid, and the report says so: no noise; noise that drives the state to infinity; noise
/// inside an activation that is off its flat piece with probability below 1e-4 (relative accuracy
/// is lost); two states that exchange less than once in 1e9 steps. With noise outside a neuron that
/// is hardly ever active is no obstacle, but only absolute accuracy is meant then; the report's
/// message says it.
/// @param[in] chain  One unit, no coloured source.
/// @throws std::invalid_argument for other chains, a wrong input size, or options out of range.
Solution solve_stationary(const models::NoisyChain& chain, const Vector& input,
                          const Options& options = {});

/// @brief The same functional on panels given by the caller, without adaptation or error estimate:
/// to see how it converges.
/// @param[in] edges  Strictly increasing; must contain the kinks of the map that lie inside.
Solution collocate(const models::NoisyChain& chain, const Vector& input, std::vector<double> edges,
                   Index nodes_per_panel);

/// @brief A solution as a row of the ladder, method "transfer_operator", with the moments of the
/// read-out. standard_error is 0: the numbers are exact to the errors of the solution.
/// @param[in] solution  Of solve_stationary() for this chain and input.
statistics::StationaryLaw stationary_law(const models::NoisyChain& chain, const Vector& input,
                                         const Solution& solution);

}  // namespace stillpoint::transfer_operator
