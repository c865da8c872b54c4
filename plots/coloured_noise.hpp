// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Shift of the mean and standard deviation of the state against the correlation time of the noise.
void coloured_noise(io::Results& results);

}  // namespace stillpoint::plots
