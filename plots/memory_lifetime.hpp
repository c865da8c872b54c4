// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Lifetime of a memory state against the inverse noise, and the ratio of every theory to the exact
/// first passage of the chain.
void memory_lifetime(io::Results& results);

}  // namespace stillpoint::plots
