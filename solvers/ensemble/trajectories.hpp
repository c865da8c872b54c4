// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/models/noisy_chain.hpp"
#include "lib/random/normal.hpp"

namespace stillpoint::ensemble {

/// @brief Whole paths of the network's state, for pictures: paths 0 … paths − 1 of the ensemble of
/// this stream, the same ones that simulate_stationary and simulate_window average over.
/// @param[in] inputs         (inputs, steps), or (inputs, 1) for a constant input.
/// @param[in] initial_state  (n), or (m) with the coloured blocks.
/// @param[in] steps          ≥ 0.
/// @param[in] paths          > 0.
/// @returns One (n, steps + 1) matrix a path; column 0 is the initial state. From a non-finite
/// state
///   on, a path holds NaN and infinities.
/// @throws std::invalid_argument for a wrong shape or number; Interrupted.
std::vector<Matrix> simulate_trajectories(const models::NoisyChain& chain, const Matrix& inputs,
                                          const Vector& initial_state, Index steps, Index paths = 8,
                                          const random::Stream& stream = {});

}  // namespace stillpoint::ensemble
