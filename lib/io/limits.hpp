// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

namespace stillpoint::io {

/// @brief What a file may ask of the reader. A file that asks for more is refused with a sentence,
/// before any memory is set aside for it.
struct Limits {
  std::size_t file_bytes = std::size_t{1} << 30;  ///< Size of a file on disk (1 GiB).
  std::size_t text_bytes = std::size_t{1} << 28;  ///< Size of a text file, json or toml (256 MiB).
  std::size_t unpacked_bytes = std::size_t{1}
                               << 30;  ///< All entries of a file after inflation (1 GiB).
  std::size_t values = std::size_t{1}
                       << 27;  ///< Numbers in all arrays of a file (1 GiB of doubles).
  std::size_t entries = 4096;  ///< Arrays in a file, or files in a folder.
  std::size_t header_bytes = std::size_t{1} << 16;  ///< The header of one npy array.
  std::size_t dimensions = 32;  ///< Of one array; also the depth of nested json.
  /// Unpacked over packed size of one entry. Deflate cannot exceed 1032, so more is a lie.
  std::size_t inflation = 1100;
};

}  // namespace stillpoint::io
