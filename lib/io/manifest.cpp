// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/io/manifest.hpp"

#include <nlohmann/json.hpp>

#include "lib/io/build.hpp"

namespace stillpoint::io {
namespace {

using Json = nlohmann::ordered_json;

Json object(const Fields& fields) {
  Json out = Json::object();
  for (const auto& [name, value] : fields) {
    std::visit([&, &key = name](const auto& v) { out[key] = v; }, value);
  }
  return out;
}

Json list(const std::vector<Check>& checks) {
  Json out = Json::array();
  for (const auto& check : checks) {
    const bool at_most = check.relation == Check::Relation::at_most;
    out.push_back({{"name", check.name},
                   {"value", check.value},
                   {"bound", check.bound},
                   {"relation", at_most ? "at most" : "at least"},
                   {"passed", check.passed}});
  }
  return out;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  Json out{{"study", manifest.study},     {"version", version()},
           {"revision", revision()},      {"parameters", object(manifest.parameters)},
           {"seed", manifest.seed},       {"checks", list(manifest.checks)},
           {"verdict", manifest.verdict}, {"seconds", manifest.seconds},
           {"files", manifest.files}};
  Json& used = out["libraries"] = Json::object();
  for (const auto& [name, version] : libraries()) used[name] = version;
  out.update(object(manifest.fields));
  // A message may quote a file: bytes that are not UTF-8 are replaced, never an exception.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::vector<std::string> listed_files(std::string_view json, std::string_view study) {
  const Json manifest = Json::parse(json, nullptr, false);
  if (!manifest.is_object() || !manifest.contains("study") || manifest["study"] != study) return {};
  if (!manifest.contains("files") || !manifest["files"].is_array()) return {};
  std::vector<std::string> names;
  for (const Json& file : manifest["files"]) {
    if (!file.is_string()) return {};
    const auto& name = file.get_ref<const std::string&>();
    const bool plain = !name.empty() && name != "." && name != ".." && name != "manifest.json" &&
                       name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
    if (!plain) return {};
    names.push_back(name);
  }
  return names;
}

}  // namespace stillpoint::io
