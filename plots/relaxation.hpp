// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Autocovariance of every neuron, eigenvalues in the complex plane, the slowest mode against
/// noise.
void relaxation(io::Results& results);

}  // namespace stillpoint::plots
