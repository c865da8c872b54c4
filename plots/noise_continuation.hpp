// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Branches of fixed points against the noise on each rung with Monte Carlo on top, dwell times
/// around the end of the memory, and its folds in two parameters: of one neuron or of a network.
void noise_continuation(io::Results& results, bool neuron);

}  // namespace stillpoint::plots
