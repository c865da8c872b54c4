// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// @brief attenuation: T+, T− and bias against u/σ, one panel an activation, theory as lines and
/// Monte Carlo as points; attenuation_asymmetry: the asymmetry index likewise.
/// @param[in,out] results  Holds the table "attenuation" of the study of that name.
void attenuation(io::Results& results);

}  // namespace stillpoint::plots
