// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "lib/io/array.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/limits.hpp"
#include "lib/io/npy.hpp"

namespace stillpoint::io {

/// @brief Reads NumPy's npz: a zip file of npy arrays, stored (savez) or deflated
/// (savez_compressed). The key is the entry's name without ".npy".
///
/// Object arrays (pickles) and entries that are no npy arrays are listed as skipped. Checksums are
/// verified. @throws std::invalid_argument for a truncated, inconsistent, encrypted or oversized
/// archive, another compression method, or a malformed array.
ArrayFile read_npz(const std::filesystem::path& path, const Limits& limits = {});

/// The same from memory; source names the file in messages.
ArrayFile parse_npz(Bytes bytes, const std::string& source, const Limits& limits = {});

/// @brief Writes arrays as numpy.savez does: stored, little endian, C order, the same bytes for the
/// same arrays. The file appears whole or not at all: it is written beside its place and renamed.
/// @throws FileError if it cannot be written.
void write_npz(const std::filesystem::path& path,
               const std::map<std::string, Array, std::less<>>& arrays,
               Precision precision = Precision::full);

}  // namespace stillpoint::io
