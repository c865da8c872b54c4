// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/types.hpp"

namespace stillpoint {

/// Number of threads used when 0 is asked for: OMP_NUM_THREADS if set, else the cores available.
int default_threads();

/// @brief Calls body(block) for block = 0 … blocks − 1 on several threads, in no particular order.
///
/// Results do not depend on the number of threads if body(k) writes only to slot k of a container
/// made by the caller, who then adds the slots up in order: a sum in fixed order is the same sum.
/// Between blocks the interrupt flag is looked at.
/// @param[in] threads  Number of threads, at most 1024 are made; 0 means default_threads().
/// @throws std::invalid_argument if blocks < 0 or threads < 0. What body throws is rethrown in the
///   caller, from the lowest block that threw. Interrupted if an interrupt was requested.
void parallel_for(Index blocks, int threads, const std::function<void(Index)>& body);

}  // namespace stillpoint
