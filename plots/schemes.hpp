// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Strong and weak errors against the step, and cost against error of multilevel Monte Carlo.
void schemes(io::Results& results);

}  // namespace stillpoint::plots
