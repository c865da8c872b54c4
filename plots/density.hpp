// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Stationary densities: of one neuron as curves, marginals of two neurons, and the plane of two
/// neurons with the current and simulated states. Draws what the tables hold.
void density(io::Results& results);

}  // namespace stillpoint::plots
