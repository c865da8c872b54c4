// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace stillpoint::random {

/// @brief Names a family of draws. Different seeds or streams give independent draws; the same
/// address gives the same number on every machine, instruction set and number of threads.
struct Stream {
  std::uint64_t seed = 1;    ///< Key of the generator.
  std::uint32_t stream = 0;  ///< For independent families under one seed.
};

/// @brief The standard normal ξ(path, step, index) of a stream.
///
/// A draw is an address, not an event: nothing is consumed, no state is kept, and any draw can be
/// had again in any order. It is one of the two Box–Muller normals (52-bit uniforms, |ξ| ≤ 8.58) of
/// Philox4x32-10 with key = seed and
///
///     counter = (index, step, 8 ⌊path/16⌋ + path mod 8, stream),
///
/// the first if path mod 16 < 8, else the second: sixteen paths share eight counters, which is the
/// order in which vectors of any width fill whole registers.
/// @param[in] path  < 2³³.
/// @pre path < 2³³; asserted.
double normal(const Stream& stream, std::uint64_t path, std::uint32_t step, std::uint32_t index);

}  // namespace stillpoint::random
