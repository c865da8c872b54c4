// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <string>

#include "lib/activations/activation.hpp"
#include "solvers/noise_series/noise_series.hpp"

namespace stillpoint::noise_series {

/// @brief Whether a series may be trusted at a noise level, and the sentence that says why.
struct SeriesVerdict {
  bool valid = true;
  std::string note;  ///< One sentence; "" on plain validity.
  /// Smallest |u0 − kink|/q over units and kinks of f, q the sd of the argument at this level.
  double kink_distance = std::numeric_limits<double>::infinity();
  /// NoiseSeries::fold_distance at this level, standard deviations.
  double fold_distance = std::numeric_limits<double>::infinity();
  /// Mean factor between consecutive terms, first to last known, the larger of mean and covariance
  /// in the maximum norm.
  double term_ratio = 0.0;
  /// Order at which the Taylor series of a Gaussian average begins to diverge, (R/q)², R the
  /// distance of f's nearest singularity: its terms go as (2k−1)!! (q/R)²ᵏ, smallest at 2k =
  /// (R/q)².
  double best_order = std::numeric_limits<double>::infinity();
};

/// Thresholds of judge_series().
struct SeriesLimits {
  double kink_distance = 4.0;  ///< q ψ(4) = 7e-6 q is then left out at most.
  double fold_distance = 4.0;  ///< A cubic potential's barrier is then 16/6 > 2.6 of its noise.
  double term_ratio = 0.5;
};

/// @brief Judges the sum up to `order` at level t. Not valid, in this order: no stable fixed point;
/// a kink of f within reach of the noise, where a Taylor series is wrong at every order
/// (uniform_expansion.hpp serves there); a fold or an unstable state within reach; terms that
/// hardly fall; an order beyond the best one.
///
/// Looks at one fixed point alone. Where another is attracting too, the series holds for the law
/// around its own only, for times short of an escape.
/// @param[in] f      The activation.
/// @param[in] order  Even; -1: the series' own.
SeriesVerdict judge_series(const NoiseSeries& series, const activations::Activation& f,
                           double level, Index order = -1, const SeriesLimits& limits = {});

}  // namespace stillpoint::noise_series
