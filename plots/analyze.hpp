// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Four figures of a network: loss against test noise, shift of the neurons, attenuation map, and
/// the plane of the two largest principal axes with fixed points and trajectories.
void analyze(io::Results& results);

}  // namespace stillpoint::plots
