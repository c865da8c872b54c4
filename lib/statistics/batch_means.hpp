// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::statistics {

/// @brief Integrated autocorrelation time of a stationary series, in steps:
///
///     τ = 1 + 2 Σ_{k ≥ 1} ρ_k,   Var(mean of L values) ≈ τ Var(x)/L,
///
/// summed up to the first k ≥ window·max(τ(k), 1), which balances the noise of ρ_k against the part
/// cut off (bias about e^{−window} for one exponential). 1 for white noise, (1+a)/(1−a) for an
/// AR(1) series with coefficient a. Standard error about τ √(2(2k+1)/L). Source: Sokal (1997),
/// "Monte Carlo methods in statistical mechanics", section 3.
/// @param[in] series  Length L ≥ 2; a constant series has τ = 1.
/// @throws std::invalid_argument if the series is shorter than 2 or not finite.
double autocorrelation_time(const Vector& series, double window = 6.0);

/// A time average and what it rests on.
struct BatchMeans {
  Estimate mean;
  double autocorrelation_time;  ///< τ, steps.
  /// Autocorrelation times in one batch; below about 10 the standard error is too small.
  double times_per_batch;
};

/// @brief Mean of one long autocorrelated series, with its standard error from batch means: the
/// series is cut into `batches` pieces of equal length, whose means are nearly independent once a
/// piece is many autocorrelation times long. What does not fill a piece is left out at the front.
/// @param[in] series   Length ≥ batches.
/// @param[in] batches  ≥ 2; 32 gives the standard error itself to 13 %.
/// @throws std::invalid_argument if a number is out of range or the series is not finite.
BatchMeans batch_means(const Vector& series, Index batches = 32);

}  // namespace stillpoint::statistics
