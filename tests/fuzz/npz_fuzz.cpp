// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "lib/io/npz.hpp"

/// Any bytes give arrays or std::invalid_argument.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stillpoint;
  const io::Limits limits{.unpacked_bytes = 1 << 24, .values = 1 << 20};  // keeps every run short
  try {
    io::parse_npz({data, size}, "fuzz", limits);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
