// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/toml_document.hpp"

#include "lib/core/require.hpp"
#include "lib/io/toml_text.hpp"

namespace stillpoint::io {

toml::table parse_toml(const std::filesystem::path& path, const Limits& limits) {
  const std::string text = read_toml_text(path, limits);
  try {
    return toml::parse(text, path.string());
  } catch (const toml::parse_error& error) {
    require(false, path.string(), "is not valid toml: ", error.description(), " (line ",
            error.source().begin.line, ", column ", error.source().begin.column, ")");
    throw;
  }
}

}  // namespace stillpoint::io
