// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/random/uniform.hpp"

#include "lib/random/philox.hpp"

namespace stillpoint::random {

double uniform(const Stream& stream, std::uint32_t path, std::uint32_t step, std::uint32_t index) {
  const auto word = philox4x32(
      {index, step, path, stream.stream},
      {static_cast<std::uint32_t>(stream.seed), static_cast<std::uint32_t>(stream.seed >> 32)});
  const std::uint64_t bits = ((std::uint64_t{word[1]} << 32) | word[0]) >> 12;
  return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

}  // namespace stillpoint::random
