// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/model_file.hpp"

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <stdexcept>

#include "tests/support/scratch_folder.hpp"

/// Any toml text gives a model or std::invalid_argument.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stillpoint::tests::ScratchFolder folder;
  static const auto path = folder.path() / "model.toml";
  std::filesystem::remove(path);  // truncating makes some file systems flush
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    stillpoint::symbolic::load_model(path);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
