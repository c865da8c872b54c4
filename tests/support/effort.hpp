// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>

namespace stillpoint::tests {

/// True if the expensive version of every test was asked for: STILLPOINT_FULL is set.
inline bool full_effort() { return std::getenv("STILLPOINT_FULL") != nullptr; }

}  // namespace stillpoint::tests
