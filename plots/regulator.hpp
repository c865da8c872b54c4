// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Cost against test noise for noise inside and outside, and the stationary densities behind it.
void regulator(io::Results& results);

}  // namespace stillpoint::plots
