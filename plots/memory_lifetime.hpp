// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Lifetime of a memory state against the inverse noise, ratios to the reference of chain and of
/// diffusion, gain of splitting.
void memory_lifetime(io::Results& results);

}  // namespace stillpoint::plots
