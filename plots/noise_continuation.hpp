// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Branches of fixed points against the noise on each rung with Monte Carlo on top, dwell times
/// around the end of the memory, and its folds in two parameters: of one neuron or of a network.
/// @param[in] unit  Of a network: whose state the branches show.
void noise_continuation(io::Results& results, bool neuron, Index unit);

}  // namespace stillpoint::plots
