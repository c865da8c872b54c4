// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/network_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <stdexcept>

#include "tests/support/scratch_folder.hpp"

/// Any toml text gives settings or std::invalid_argument.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stillpoint::tests::ScratchFolder folder;
  static const auto path = folder.path() / "network.toml";
  std::filesystem::remove(path);  // truncating makes some file systems flush
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    stillpoint::networks::read_settings(path);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
