// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"
#include "lib/tasks/window_task.hpp"

namespace stillpoint::moments {

/// @brief Read-out and state of the noise-free network over the window; no variance.
/// The loss is that of the noise-free network, its squared bias.
/// @throws std::invalid_argument for a task that does not fit the network.
statistics::WindowLaw evolve_deterministic(const models::NoisyChain& chain,
                                           const tasks::WindowTask& task);

/// @brief The same with every activation replaced by its average over the noise on its own
/// argument: f → f_q, q as in smoothing_sd(). The smoothed network is itself free of noise: its
/// variance is 0 and its loss the squared bias.
///
/// Not offered (valid = false) where no noise reaches an argument but through W: in the rate
/// equation with noise outside only it is the deterministic network.
statistics::WindowLaw evolve_smoothed(const models::NoisyChain& chain,
                                      const tasks::WindowTask& task);

/// @brief Gaussian closure over the same T and K: mean and covariance step by step from (h0, 0).
/// The loss is bias² + variance, mean over outputs and window.
statistics::WindowLaw evolve_closure(const models::NoisyChain& chain,
                                     const tasks::WindowTask& task);

}  // namespace stillpoint::moments
