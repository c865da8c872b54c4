// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>

#include "lib/io/array.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/limits.hpp"

namespace stillpoint::io {

/// @brief Reads MATLAB's MAT-file version 5 (save -v6 and -v7): real numeric and logical arrays,
/// both byte orders, plain or compressed elements.
///
/// A MAT-file has no arrays of rank below 2: a scalar is (1, 1), a vector (1, n) or (n, 1).
/// Structures, cells, text, sparse, complex and other arrays are listed as skipped.
/// Source: MathWorks, "MAT-File Format" (level 5).
/// @throws std::invalid_argument for version 4, version 7.3 (which is HDF5: save with -v7), and a
///   malformed, truncated or oversized file.
ArrayFile read_mat(const std::filesystem::path& path, const Limits& limits = {});

/// The same from memory; source names the file in messages.
ArrayFile parse_mat(Bytes bytes, const std::string& source, const Limits& limits = {});

}  // namespace stillpoint::io
