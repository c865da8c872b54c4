// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::statistics {

/// @brief The answer of one rung of the ladder: moments of the stationary law of a network's state.
///
/// Every method fills the same fields, so that methods can be laid side by side. What a method
/// does not know stays NaN (per unit) or empty (whole vectors).
struct StationaryLaw {
  std::string method;                     ///< "deterministic", "smoothed", "closure", …
  std::vector<Estimate> mean;             ///< E yᵢ, n entries.
  std::vector<Estimate> variance;         ///< Var yᵢ, n entries.
  std::vector<Estimate> skewness;         ///< Third central moment over sd³, n entries.
  Matrix covariance;                      ///< Cov(y), (n, n); may be empty.
  Matrix covariance_standard_error;       ///< Of a sampled covariance, (n, n); else empty.
  std::vector<Estimate> output_mean;      ///< E z, one entry an output; may be empty.
  std::vector<Estimate> output_variance;  ///< Var z, one entry an output; may be empty.
  /// Mean and sd of the argument of each activation, noise included, (n); empty if not known.
  Vector argument_mean, argument_sd;
  bool valid = true;     ///< False where the method says that it does not hold here.
  std::string note;      ///< One sentence: why not valid, or what to know about the number.
  double seconds = 0.0;  ///< Wall time of the computation.
};

/// @brief The answer for a task that is read over a window: the last K of T steps from a given
/// initial state, for one input condition.
struct WindowLaw {
  std::string method;
  Matrix output_mean;                 ///< E z_t, (outputs, K).
  Matrix output_variance;             ///< Var z_t, (outputs, K).
  std::vector<Estimate> mean_output;  ///< E z averaged over the window, one entry an output.
  std::vector<Estimate> state_mean;   ///< E y averaged over the window, n entries.
  /// Var yᵢ at a step, averaged over the window, n entries.
  std::vector<Estimate> state_variance;
  /// Mean and sd of the argument of each activation, averaged over the window, (n); empty if not
  /// known.
  Vector argument_mean, argument_sd;
  /// Mean over outputs and window of E(z − target)² = bias² + variance; NaN without targets.
  Estimate loss;
  bool valid = true;
  std::string note;
  double seconds = 0.0;
};

}  // namespace stillpoint::statistics
