// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Four figures of a network: loss against test noise, shift of the neurons, attenuation map, and
/// the plane of the two largest principal axes with fixed points and trajectories.
/// @param[in] level  What the noise level of ratio 1 is called: "training" or "reference".
void analyze(io::Results& results, const std::string& level);

}  // namespace stillpoint::plots
