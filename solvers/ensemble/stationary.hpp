// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/ensemble/options.hpp"

namespace stillpoint::ensemble {

/// @brief How often the state of one unit lies in each cell, asked for and answered.
struct Histogram {
  Index unit = 0;
  Vector edges;           ///< Ascending, (cells + 1); cell k is [edges_k, edges_{k+1}).
  Vector fraction;        ///< Filled in, (cells): share of all samples, those outside included.
  Vector standard_error;  ///< Filled in, (cells).
};

/// @brief Rung 7 for the stationary law: averages over time and independent paths of the chain
///
///     a = B y + c(u) + s∘ξ,   y' = λ∘y + G f(a) + d(u) + ν∘ξ',
///
/// after a burn-in, at every record_every-th step. Covers both equations, every placement and
/// coloured noise; no approximation besides sampling and the burn-in.
///
/// Standard errors come from the scatter of the time averages of single paths, so they know about
/// autocorrelation; variance and skewness by their influence functions. Below 32 paths a path is
/// cut into batches that count as paths; the note then says how many autocorrelation times a batch
/// holds. Covariances carry standard errors from blocks of paths where there are at least 8.
///
/// With antithetic pairs a pair counts as one path in all standard errors. With control variates
/// mean, variance, covariance and read-out are those of apply_control(), skewness and histograms
/// stay as they are; where there is no control (no closure, or not stable there) all is as without,
/// and the note says so.
///
/// The law is marked invalid, with a sentence, if a state stops being finite, or if mean or mean
/// square still drift between the two halves of the run by more than six standard errors (burn-in
/// too short).
/// @param[in] input          Constant input, (inputs).
/// @param[in] initial_state  (n), or (m) with the coloured blocks.
/// @param[in,out] histograms  Edges in, fractions with standard errors out.
/// @throws std::invalid_argument for a wrong shape or option; Interrupted.
statistics::StationaryLaw simulate_stationary(const models::NoisyChain& chain, const Vector& input,
                                              const Vector& initial_state,
                                              const StationaryOptions& options = {},
                                              std::span<Histogram> histograms = {});

}  // namespace stillpoint::ensemble
