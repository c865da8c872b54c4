// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Two figures of trained networks: mean loss over the seeds against the test noise, a panel a
/// placement; and the shift of every unit, predicted against simulated, and against its distance to
/// the bend.
void function_approximation(io::Results& results);

}  // namespace stillpoint::plots
