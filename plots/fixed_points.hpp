// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// @brief Draws fixed_points: the points along their principal axes and where noise moves them; the
/// shift of every unit, theory against simulation; the noise at which each stable point ends.
///
/// Needs the tables fixed_points and states of the study; projection and principal_axes if there.
void fixed_points(io::Results& results);

}  // namespace stillpoint::plots
