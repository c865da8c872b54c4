// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "lib/random/normal.hpp"

namespace stillpoint::random {

/// @brief The number of a stream at an address, uniform in (0, 1): (k + ½) 2⁻⁵², k the upper 52
/// bits of the first two words of Philox4x32-10 with key = seed and counter = (index, step, path,
/// stream).
///
/// It shares its words with a normal of the same stream: a stream serves one or the other.
double uniform(const Stream& stream, std::uint32_t path, std::uint32_t step, std::uint32_t index);

}  // namespace stillpoint::random
