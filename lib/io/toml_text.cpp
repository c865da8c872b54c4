// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/toml_text.hpp"

#include <algorithm>
#include <cctype>

#include "lib/core/require.hpp"
#include "lib/io/bytes.hpp"

namespace stillpoint::io {
namespace {

/// Length of the string or comment that text begins with; 1 for any other character. A string that
/// does not end is the parser's business: it is taken to the end of its line or of the text.
std::size_t token_length(std::string_view text) {
  const char quote = text.front();
  if (quote == '#') return std::min(text.find('\n'), text.size());
  if (quote != '"' && quote != '\'') return 1;
  const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
  const bool multiline = text.starts_with(triple);
  std::size_t k = multiline ? 3 : 1;
  while (k < text.size()) {
    if (text[k] == '\\' && quote == '"') {
      k += 2;
    } else if (multiline ? text.substr(k).starts_with(triple) : text[k] == quote) {
      return k + (multiline ? 3 : 1);
    } else if (!multiline && text[k] == '\n') {
      return k;
    } else {
      ++k;
    }
  }
  return text.size();
}

}  // namespace

void require_short_keys(std::string_view text, const std::string& source, const Limits& limits) {
  std::size_t dots = 0;  // since the last character that cannot be part of a key
  while (!text.empty()) {
    const char c = text.front();
    const bool in_key = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ||
                        c == ' ' || c == '\t' || c == '"' || c == '\'';
    if (c == '.') {
      require(++dots < limits.dimensions, source, "a key of more than ", limits.dimensions,
              " parts separated by dots, expected keys like \"evaluation.loss\"");
    } else if (!in_key) {
      dots = 0;
    }
    text.remove_prefix(token_length(text));
  }
}

std::string read_toml_text(const std::filesystem::path& path, const Limits& limits) {
  const auto bytes = read_bytes(path, limits.text_bytes);
  std::string text(bytes.begin(), bytes.end());
  require_short_keys(text, path.string(), limits);
  return text;
}

}  // namespace stillpoint::io
