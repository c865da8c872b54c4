// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "lib/activations/activation.hpp"
#include "lib/core/require.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/toml_document.hpp"
#include "lib/networks/network_settings.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"

namespace stillpoint::symbolic {
namespace {

/// The file while it is read.
class Reader {
 public:
  Reader(const toml::table& top, std::string file, const FormulaLimits& limits)
      : top_(top), file_(std::move(file)), limits_(limits) {}

  Model model() {
    require_known(top_, "",
                  {"name", "kind", "state", "activation", "slope", "sharpness", "parameters",
                   "drift", "noise", "normals", "update"});
    Model model;
    if (const auto* name = top_.get("name")) model.name = text(*name, "name");
    const std::string kind = text(at("kind", "\"diffusion\" or \"chain\""), "kind");
    require(kind == "diffusion" || kind == "chain", where("kind", top_.get("kind")), "is ",
            io::in_quotes(kind), ", expected \"diffusion\" or \"chain\"");
    model.kind = kind == "chain" ? Model::Kind::chain : Model::Kind::diffusion;
    refuse_others(kind == "chain");
    model.states = names(at("state", "the names of the states"), "state");
    if (const auto* normals = top_.get("normals")) model.normals = names(*normals, "normals");
    read_parameters(model);
    read_activation();
    const bool chain = model.kind == Model::Kind::chain;
    model.drift = formulas(chain ? "update" : "drift", model);
    if (top_.contains("noise")) read_noise(model);
    try {
      model = make_model(std::move(model));
    } catch (const std::invalid_argument& error) {
      require(false, file_, error.what());
      throw;
    }
    require_values(model);
    return model;
  }

 private:
  /// Formulas with the parameters' values in: 1/w has no value for w = 0.
  void require_values(const Model& model) const {
    std::vector<Substitution> values;
    for (const auto& [name, number] : model.parameters) values.push_back({name, number});
    const std::string drift = model.kind == Model::Kind::chain ? "update" : "drift";
    const auto states = state_names(model);
    for (std::size_t i = 0; i < states.size(); ++i) {
      require_value(model.drift[i], values, drift + "." + states[i]);
      if (model.noise.empty()) continue;
      for (const Expression& entry : model.noise[i])
        require_value(entry, values, "noise." + states[i]);
    }
  }

  void require_value(const Expression& formula, const std::vector<Substitution>& values,
                     const std::string& key) const {
    try {
      substitute(formula, values);
    } catch (const std::invalid_argument& error) {
      require(false, where(key, nullptr), "at the parameters' values, ", error.what());
      throw;
    }
  }

  std::string where(const std::string& key, const toml::node* node) const {
    std::string text = file_ + ": " + (key.size() <= 80 ? key : io::in_quotes(key));
    if (node != nullptr) text += " (line " + std::to_string(node->source().begin.line) + ")";
    return text;
  }

  void require_known(const toml::table& table, const std::string& prefix,
                     const std::vector<std::string>& known) const {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      std::string list;
      for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
      require(false, where(prefix + std::string(key.str()), &node),
              "the key is not known, expected one of ", list.substr(0, 400),
              networks::suggestion(key.str().substr(0, 64), known));
    }
  }

  /// Keys of the other kind of model.
  void refuse_others(bool chain) const {
    const std::vector<std::string> others = chain ? std::vector<std::string>{"drift", "noise"}
                                                  : std::vector<std::string>{"update", "normals"};
    for (const std::string& key : others)
      require(!top_.contains(key), where(key, top_.get(key)), "belongs to a ",
              chain ? "diffusion" : "chain", ", but kind is \"", chain ? "chain" : "diffusion",
              "\"; expected [", chain ? "update" : "drift", "]",
              chain ? " with normals in the formulas" : " and [noise]");
  }

  const toml::node& at(const std::string& key, std::string_view expected) const {
    const toml::node* node = top_.get(key);
    require(node != nullptr, where(key, nullptr), "the key is missing, expected ", expected);
    return *node;
  }

  std::string text(const toml::node& node, const std::string& key) const {
    require(node.is_string(), where(key, &node), "is no text in quotes, expected that");
    return node.ref<std::string>();
  }

  const toml::table& table(const std::string& key) const {
    const toml::node& node = at(key, "a table [" + key + "]");
    require(node.is_table(), where(key, &node), "is no table, expected [", key, "]");
    return *node.as_table();
  }

  /// Makes a name of the model known to the formulas.
  void declare(const std::string& name, const std::string& what) {
    require(is_name(name), what, "is ", io::in_quotes(name),
            ", expected a letter, then letters, digits and underscores, at most 64");
    const auto& reserved = reserved_names();
    require(std::find(reserved.begin(), reserved.end(), name) == reserved.end() && name != "f",
            what, "is \"", name,
            "\", which formulas know as a function or number; expected another");
    names_.symbols.push_back(name);
  }

  std::vector<Expression> names(const toml::node& node, const std::string& key) {
    require(node.is_array(), where(key, &node),
            "is no list, expected names such as [\"x\", \"y\"]");
    require(node.as_array()->size() <= most_names, where(key, &node), "has ",
            node.as_array()->size(), " names, expected at most ", most_names);
    std::vector<Expression> result;
    for (const toml::node& entry : *node.as_array()) {
      const std::string name = text(entry, key);
      declare(name, where(key, &node));
      result.push_back(symbol(name));
    }
    return result;
  }

  Expression formula(const std::string& text, const FormulaNames& known, const std::string& key,
                     const toml::node& node) const {
    try {
      return parse(text, known, limits_);
    } catch (const FormulaError& error) {
      require(false, where(key, &node), "in the formula, ", error.what());
      throw;
    }
  }

  void read_parameters(Model& model) {
    if (!top_.contains("parameters")) return;
    const toml::table& list = table("parameters");
    require(list.size() <= most_names, where("parameters", &list), "has ", list.size(),
            " entries, expected at most ", most_names);
    // toml++ sorts keys; the order of the file is that of the lines.
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<std::string, const toml::node*>>
        sorted;
    for (const auto& [key, node] : list)
      sorted[{key.source().begin.line, key.source().begin.column}] = {std::string(key.str()),
                                                                      &node};
    for (const auto& [place, entry] : sorted) {
      const auto& [name, node] = entry;
      const std::string key = "parameters." + name;
      declare(name, where(key, node));
      std::string value;
      if (node->is_string()) {
        value = node->ref<std::string>();
      } else {
        require(node->is_number(), where(key, node),
                "is neither a number nor a formula of numbers in quotes, expected that");
        const double number = *node->value<double>();
        require(std::isfinite(number), where(key, node), "is ", number,
                ", expected a finite number");
        // The shortest decimal that is this double is what the file says: 0.1 is 1/10.
        value = fmt::format("{}", number);
      }
      model.parameters.push_back({symbol(name), formula(value, {}, key, *node)});
    }
  }

  void read_activation() {
    const toml::node* node = top_.get("activation");
    for (const char* key : {"slope", "sharpness"})
      require(node != nullptr || !top_.contains(key), where(key, top_.get(key)),
              "is given without activation, expected both");
    if (node == nullptr) return;
    const std::string words = text(*node, "activation");
    const auto known = activations::activation_names();
    if (std::find(known.begin(), known.end(), words) != known.end()) {
      std::map<std::string, double> parameters;
      for (const char* key : {"slope", "sharpness"}) {
        const toml::node* number = top_.get(key);
        if (number == nullptr) continue;
        require(number->is_number(), where(key, number), "is no number, expected one");
        parameters[key] = *number->value<double>();
      }
      try {
        names_.functions["f"] = call(activations::make_activation(words, parameters), symbol("u"));
      } catch (const std::invalid_argument& error) {
        require(false, where("activation", node), error.what());
      }
      return;
    }
    for (const char* key : {"slope", "sharpness"})
      require(!top_.contains(key), where(key, top_.get(key)),
              "is given beside an activation by formula, expected it in the formula");
    FormulaNames inside = names_;
    std::erase(inside.symbols, "u");
    inside.symbols.emplace_back("u");
    names_.functions["f"] = formula(words, inside, "activation", *node);
  }

  std::vector<Expression> formulas(const std::string& key, const Model& model) const {
    const toml::table& list = table(key);
    require_known(list, key + ".", state_names(model));
    std::vector<Expression> result;
    for (const std::string& state : state_names(model)) {
      const std::string path = key + "." + state;
      const toml::node* node = list.get(state);
      require(node != nullptr, where(path, &list), "the formula is missing, expected one a state");
      result.push_back(formula(text(*node, path), names_, path, *node));
    }
    return result;
  }

  void read_noise(Model& model) const {
    const toml::table& list = table("noise");
    const auto states = state_names(model);
    require_known(list, "noise.", states);
    const bool diagonal = std::all_of(list.begin(), list.end(),
                                      [](const auto& entry) { return entry.second.is_string(); });
    const std::size_t n = states.size();
    for (std::size_t i = 0; i < n; ++i) {
      const std::string path = "noise." + states[i];
      const toml::node* node = list.get(states[i]);
      if (diagonal) {
        std::vector<Expression> row(n, Expression(0));
        if (node != nullptr) row[i] = formula(text(*node, path), names_, path, *node);
        model.noise.push_back(std::move(row));
        continue;
      }
      require(node != nullptr, where(path, &list), "the row is missing, expected one a state");
      require(node->is_array(), where(path, node),
              "is no list of formulas, but another state's is; expected lists for all");
      require(node->as_array()->size() <= most_names, where(path, node), "has ",
              node->as_array()->size(), " entries, expected at most ", most_names);
      std::vector<Expression> row;
      for (const toml::node& entry : *node->as_array())
        row.push_back(formula(text(entry, path), names_, path, entry));
      model.noise.push_back(std::move(row));
    }
  }

  static std::vector<std::string> state_names(const Model& model) {
    std::vector<std::string> result;
    for (const Expression& state : model.states) result.push_back(symbols(state).front());
    return result;
  }

  static constexpr std::size_t most_names = 200;

  const toml::table& top_;
  std::string file_;
  const FormulaLimits& limits_;
  FormulaNames names_;
};

}  // namespace

Model load_model(const std::filesystem::path& path, const FormulaLimits& limits) {
  const toml::table document = io::parse_toml(path, {.text_bytes = std::size_t{1} << 20});
  Model model = Reader(document, path.string(), limits).model();
  if (model.name.empty()) model.name = path.stem().string();
  return model;
}

}  // namespace stillpoint::symbolic
