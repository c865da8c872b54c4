// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"
#include "lib/tasks/window_task.hpp"
#include "solvers/ensemble/options.hpp"

namespace stillpoint::ensemble {

/// @brief Rung 7 for a task: T steps from h0, read over the last K.
///
/// Fills every field of the WindowLaw. Means over the window and their standard errors come from
/// the window means of single paths, which are independent; state_variance is the variance over
/// paths at one step, averaged over the window; loss is the mean over window and outputs of
/// (z − target)², its standard error that of its mean over paths. With a single path no standard
/// error exists (NaN). Without noise one path is run, and errors are 0. With
/// antithetic pairs a pair counts as one path in all standard errors; variances over paths are then
/// too large by up to one part in `paths`.
/// @throws std::invalid_argument for a task that does not fit the network or a bad option;
///   Interrupted.
statistics::WindowLaw simulate_window(const models::NoisyChain& chain,
                                      const tasks::WindowTask& task,
                                      const WindowOptions& options = {});

}  // namespace stillpoint::ensemble
