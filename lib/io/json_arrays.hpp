// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "lib/io/array.hpp"
#include "lib/io/limits.hpp"

namespace stillpoint::io {

/// @brief Reads a json object {"W_rec": [[0.1, 0.2], [0.3, 0.4]], "b_rec": [0, 0], …}: a number, or
/// lists of equal length nested to any rank, is an array.
///
/// Any other member (text, null, an object, lists of unequal length) is listed as skipped.
/// @throws std::invalid_argument if the file is no json, no object, has a key twice, is nested too
///   deeply, or is too large. NaN and Infinity are not json.
ArrayFile read_json_arrays(const std::filesystem::path& path, const Limits& limits = {});

/// The same from memory; source names the file in messages.
ArrayFile parse_json_arrays(std::string_view text, const std::string& source,
                            const Limits& limits = {});

}  // namespace stillpoint::io
