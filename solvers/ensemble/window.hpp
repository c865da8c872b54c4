// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/ensemble/options.hpp"

namespace stillpoint::ensemble {

/// @brief Rung 7 for a task: T steps from h₀, read over the last K. Read-out z_t is taken from the
/// state after step t, t = 1 … T, which uses input column t − 1.
///
/// Fills every field of the WindowLaw. Means over the window and their standard errors come from
/// the window means of single paths, which are independent; state_variance is the variance over
/// paths at one step, averaged over the window; loss is the mean over window and outputs of
/// (z − target)², its standard error that of its mean over paths. With a single path no standard
/// error exists (NaN). Without noise one path is run, and errors are 0.
/// @param[in] inputs         (inputs, steps), or (inputs, 1) for a constant input.
/// @param[in] initial_state  (n), or (m) with the coloured blocks.
/// @param[in] steps          T > 0.
/// @param[in] window         K, 1 ≤ K ≤ T.
/// @param[in] targets        (outputs, K), (outputs, 1) for all of the window, or empty: no loss.
/// @throws std::invalid_argument for a wrong shape or option; Interrupted.
statistics::WindowLaw simulate_window(const models::NoisyChain& chain, const Matrix& inputs,
                                      const Vector& initial_state, Index steps, Index window,
                                      const Matrix& targets = {},
                                      const WindowOptions& options = {});

}  // namespace stillpoint::ensemble
