// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/json_arrays.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "lib/core/require.hpp"
#include "lib/io/bytes.hpp"

namespace stillpoint::io {
namespace {

using nlohmann::json;

/// The extents along the first elements: [[1, 2, 3], …] has (rows, 3).
std::vector<Index> first_extents(const json& value) {
  std::vector<Index> shape;
  for (const json* node = &value; node->is_array(); node = &node->front()) {
    shape.push_back(static_cast<Index>(node->size()));
    if (node->empty()) break;
  }
  return shape;
}

/// Appends the numbers below node in C order; a sentence if they do not have this shape.
std::optional<std::string> flatten(const json& node, std::size_t level, Array& array) {
  if (level == array.shape.size()) {
    if (!node.is_number() && !node.is_boolean())
      return "holds a json " + std::string(node.type_name()) + ", expected numbers";
    array.values.push_back(node.is_boolean() ? node.get<bool>() : node.get<double>());
    return {};
  }
  if (!node.is_array() || static_cast<Index>(node.size()) != array.shape[level])
    return "is nested unevenly, expected lists of equal length " + shape_text(array.shape);
  for (const json& child : node)
    if (auto why = flatten(child, level + 1, array)) return why;
  return {};
}

Entry to_entry(const json& value) {
  Array array{.shape = first_extents(value)};
  if (auto why = flatten(value, 0, array)) return Skipped{*why};
  return array;
}

/// Parses, and watches the depth and the keys of the outermost object meanwhile.
json parse(std::string_view text, const std::string& source, const Limits& limits) {
  std::set<std::string> keys;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    require(depth <= static_cast<int>(limits.dimensions), source, "nested deeper than ",
            limits.dimensions, " levels");
    if (event == json::parse_event_t::key && depth == 1) {
      const auto& key = parsed.get_ref<const std::string&>();
      require(keys.insert(key).second, source, "key ", in_quotes(key),
              " appears twice, expected every key once");
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), watch);
  } catch (const json::exception& error) {
    require(false, source, "is not valid json: ", error.what());
    throw;
  }
}

}  // namespace

ArrayFile parse_json_arrays(std::string_view text, const std::string& source,
                            const Limits& limits) {
  const json document = parse(text, source, limits);
  require(document.is_object(), source, "holds a json ", document.type_name(),
          ", expected an object {\"W_rec\": [[...]], ...}");
  ArrayFile file{.source = source};
  for (const auto& [key, value] : document.items()) add(file, key, to_entry(value), limits);
  return file;
}

ArrayFile read_json_arrays(const std::filesystem::path& path, const Limits& limits) {
  const auto bytes = read_bytes(path, limits.text_bytes);
  return parse_json_arrays({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                           path.string(), limits);
}

}  // namespace stillpoint::io
