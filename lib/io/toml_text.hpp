// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "lib/io/limits.hpp"

namespace stillpoint::io {

/// @brief The text of a toml file, safe to hand to a parser.
///
/// toml++ bounds the nesting of values but not the parts of a dotted key: `a.a.a. … = 1` makes one
/// table a part, and destroying a million nested tables overflows the stack.
/// @throws std::invalid_argument if the file cannot be read, is too large, or has a key of more
///   parts than limits.dimensions.
std::string read_toml_text(const std::filesystem::path& path, const Limits& limits = {});

/// Checks the keys of a text; source names the file in messages.
void require_short_keys(std::string_view text, const std::string& source,
                        const Limits& limits = {});

}  // namespace stillpoint::io
