// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace stillpoint::tests {

/// The one seed of everything random in the tests; never tuned until green.
inline constexpr std::uint64_t seed = 20260104;

}  // namespace stillpoint::tests
