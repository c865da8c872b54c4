// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <toml++/toml.h>

#include <filesystem>

#include "lib/io/limits.hpp"

/// For the .cpp files that read toml; no public header.
namespace stillpoint::io {

/// @brief The document in a toml file, read by read_toml_text().
/// @throws std::invalid_argument as that does, or naming line and column of what is no toml.
toml::table parse_toml(const std::filesystem::path& path, const Limits& limits = {});

}  // namespace stillpoint::io
