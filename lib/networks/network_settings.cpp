// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/networks/network_settings.hpp"


#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <sstream>

#include "lib/core/edit_distance.hpp"
#include "lib/core/require.hpp"
#include "lib/io/bytes.hpp"
#include "lib/io/toml_document.hpp"

namespace stillpoint::networks {
namespace {

using io::in_quotes;

/// What load_network reads at top level.
const std::vector<std::string> known_keys = {"name",
                                             "weights",
                                             "evaluation_set",
                                             "equation",
                                             "activation",
                                             "slope",
                                             "sharpness",
                                             "leak",
                                             "dt",
                                             "tau",
                                             "sigma_train",
                                             "noise_placement",
                                             "convention",
                                             "sigma_reference",
                                             "noise_sd_per_step",
                                             "steps",
                                             "read_window",
                                             "h0",
                                             "keys",
                                             "noise",
                                             "evaluation"};
/// What it leaves to human readers.
const std::vector<std::string> documentation_keys = {"update",   "readout", "task",        "source",
                                                     "training", "check",   "description", "notes"};
const std::vector<std::string> array_keys = {"W_rec",    "W_in",    "b_rec",   "W_out",
                                             "b_out",    "h0",      "u_eval",  "y_eval",
                                             "mask_rec", "mask_in", "mask_out"};

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string type_name(const toml::node& node) {
  std::ostringstream text;
  text << node.type();
  return text.str();
}

/// A toml table that knows where it stands, for messages: "file.toml: leak (line 7)".
class Table {
 public:
  Table(const toml::table& table, std::string file, std::string prefix = {})
      : table_(table), file_(std::move(file)), prefix_(std::move(prefix)) {}

  const toml::table& nodes() const { return table_; }
  const std::string& file() const { return file_; }
  bool has(std::string_view key) const { return table_.contains(key); }

  std::string where(std::string_view key) const {
    std::string text = file_ + ": " + prefix_ + std::string(key);
    if (const toml::node* node = table_.get(key))
      text += " (line " + std::to_string(node->source().begin.line) + ")";
    return text;
  }

  /// The node, or a sentence about the missing key that points at a misspelt one.
  const toml::node& at(std::string_view key, std::string_view expected) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
      std::vector<std::string> unknown;
      for (const auto& [other, value] : table_)
        if (!contains(known_keys, other.str()) && !contains(documentation_keys, other.str()))
          unknown.emplace_back(other.str());
      require(false, where(key), "the key is missing, expected ", expected,
              suggestion(key, unknown));
    }
    return *node;
  }

  std::string text(std::string_view key, std::string_view expected) const {
    const toml::node& node = at(key, expected);
    require(node.is_string(), where(key), "is of type ", type_name(node), ", expected ", expected);
    return node.ref<std::string>();
  }

  double number(std::string_view key, std::string_view expected) const {
    return to_number(at(key, expected), key, expected);
  }
  double at_least_zero(std::string_view key, std::string_view expected = "a number >= 0") const {
    const double value = number(key, expected);
    require(value >= 0.0, where(key), "is ", value, ", expected ", expected);
    return value;
  }

  Index integer(std::string_view key, Index lowest, Index highest) const {
    const std::string expected =
        "an integer in [" + std::to_string(lowest) + ", " + std::to_string(highest) + "]";
    const toml::node& node = at(key, expected);
    require(node.is_integer(), where(key), "is of type ", type_name(node), ", expected ", expected);
    const auto value = node.ref<std::int64_t>();
    require(value >= lowest && value <= highest, where(key), "is ", value, ", expected ", expected);
    return static_cast<Index>(value);
  }

  Vector vector(std::string_view key, std::string_view expected) const {
    return to_vector(at(key, expected), key, expected);
  }

  /// Rows of equal length; empty where the key is absent.
  Matrix optional_matrix(std::string_view key) const {
    constexpr std::string_view expected = "rows of numbers, all of one length";
    if (!has(key)) return {};
    const toml::node& node = at(key, expected);
    require(node.is_array(), where(key), "is of type ", type_name(node), ", expected ", expected);
    const toml::array& rows = *node.as_array();
    require(!rows.empty(), where(key), "is empty, expected ", expected);
    Matrix result;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Vector row = to_vector(rows[i], key, expected);
      if (i == 0) result.resize(static_cast<Index>(rows.size()), row.size());
      require(row.size() == result.cols(), where(key), "row ", i + 1, " has ", row.size(),
              " numbers, row 1 has ", result.cols(), "; expected ", expected);
      result.row(static_cast<Index>(i)) = row.transpose();
    }
    return result;
  }

 private:
  double to_number(const toml::node& node, std::string_view key, std::string_view expected) const {
    require(node.is_number(), where(key), "is of type ", type_name(node), ", expected ", expected);
    const double value = *node.value<double>();
    require(std::isfinite(value), where(key), "is ", value, ", expected ", expected);
    return value;
  }

  Vector to_vector(const toml::node& node, std::string_view key, std::string_view expected) const {
    require(node.is_array(), where(key), "is of type ", type_name(node), ", expected ", expected);
    const toml::array& array = *node.as_array();
    Vector result(static_cast<Index>(array.size()));
    for (std::size_t k = 0; k < array.size(); ++k)
      result(static_cast<Index>(k)) = to_number(array[k], key, expected);
    return result;
  }

  const toml::table& table_;
  std::string file_;
  std::string prefix_;
};

template <typename Value>
struct Choice {
  Value value;
  std::string_view name;
};

/// One of several words; the sentence of a wrong one lists them all.
template <typename Value>
Value choose(const Table& table, std::string_view key,
             std::initializer_list<Choice<Value>> choices) {
  std::string expected;
  for (const auto& choice : choices)
    expected += (expected.empty() ? "\"" : ", \"") + std::string(choice.name) + "\"";
  const std::string text = table.text(key, "one of " + expected);
  for (const auto& choice : choices)
    if (choice.name == text) return choice.value;
  require(false, table.where(key), "is ", in_quotes(text), ", expected one of ", expected);
  return {};
}

NoiseConvention read_convention(const Table& table) {
  return choose<NoiseConvention>(table, "convention",
                                 {{NoiseConvention::per_step, "per_step"},
                                  {NoiseConvention::per_sqrt_time, "per_sqrt_time"},
                                  {NoiseConvention::psychrnn, "psychrnn"},
                                  {NoiseConvention::stationary_sd, "stationary_sd"},
                                  {NoiseConvention::raw_step, "raw_step"}});
}

NoiseSource::Where read_where(const Table& table, std::string_view key) {
  return choose<NoiseSource::Where>(table, key,
                                    {{NoiseSource::inside, "inside"},
                                     {NoiseSource::outside, "outside"},
                                     {NoiseSource::state, "state"}});
}

activations::Activation read_activation(const Table& table) {
  const std::string name = table.text("activation", "the name of an activation");
  std::map<std::string, double> parameters;
  for (const char* key : {"slope", "sharpness"})
    if (table.has(key)) parameters[key] = table.number(key, "a number");
  try {
    return activations::make_activation(name, parameters);
  } catch (const std::invalid_argument& error) {
    require(false, table.where("activation"), error.what());
    throw;
  }
}

double read_leak(const Table& table) {
  const auto positive = [&](std::string_view key) {
    const double value = table.number(key, "a number > 0");
    require(value > 0.0, table.where(key), "is ", value, ", expected a number > 0");
    return value;
  };
  const bool ratio = table.has("dt") && table.has("tau");
  if (!table.has("leak") && (table.has("dt") || table.has("tau"))) {
    const double leak = positive("dt") / positive("tau");
    require(leak <= 1.0, table.where("dt"), "dt/tau is ", leak, ", expected in (0, 1]");
    return leak;
  }
  const double leak = table.number("leak", "a number in (0, 1], or the keys dt and tau");
  require(leak > 0.0 && leak <= 1.0, table.where("leak"), "is ", leak,
          ", expected in (0, 1] (leak = dt/tau)");
  if (ratio) {
    const double stated = positive("dt") / positive("tau");
    require(std::abs(stated - leak) <= 1e-6 * leak, table.where("leak"), "is ", leak,
            ", but dt/tau is ", stated, "; expected the same");
  }
  return leak;
}

/// One source from the simple keys, sigma 1; the level is sigma_train.
void read_simple_noise(const Table& table, NetworkSettings& settings) {
  settings.training_level =
      table.at_least_zero("sigma_train", "a number >= 0, or sources under [[noise]]");
  NoiseSource source{.where = read_where(table, "noise_placement"),
                     .sigma = {1.0},
                     .convention = read_convention(table)};
  if (settings.equation == Equation::current && source.where != NoiseSource::inside &&
      source.convention == NoiseConvention::per_sqrt_time) {
    source.convention = NoiseConvention::psychrnn;
    settings.notes.push_back(
        "convention = \"per_sqrt_time\" with equation = \"current\" means psychrnn here: a step's "
        "sd "
        "is sqrt(2 leak) sigma; for sqrt(leak) sigma state the source under [[noise]]");
  }
  settings.noise.push_back({.noise = source});
  if (table.has("noise_sd_per_step"))
    settings.noise_sd_per_step = table.at_least_zero("noise_sd_per_step");
}

NetworkSettings::Source read_source(const Table& table, std::vector<std::string>& notes) {
  NetworkSettings::Source source{.noise = {.where = read_where(table, "where"),
                                           .sigma = {},
                                           .convention = read_convention(table)}};
  constexpr std::string_view expected =
      "a number >= 0, one number a unit, or the name of an array of the weights";
  const toml::node& sigma = table.at("sigma", expected);
  if (sigma.is_string()) {
    source.array = sigma.ref<std::string>();
  } else if (sigma.is_array()) {
    const Vector values = table.vector("sigma", expected);
    require((values.array() >= 0.0).all(), table.where("sigma"), "holds ", values.minCoeff(),
            ", expected numbers >= 0");
    source.noise.sigma.assign(values.begin(), values.end());
  } else {
    source.noise.sigma = {table.at_least_zero("sigma", expected)};
  }
  if (table.has("correlation_time"))
    source.noise.correlation_time = table.at_least_zero("correlation_time");
  const std::vector<std::string> known = {"where", "sigma", "convention", "correlation_time"};
  for (const auto& [key, node] : table.nodes())
    if (!contains(known, key.str()))
      notes.push_back(table.where(key.str()) + ": the key is not known and was ignored" +
                      suggestion(key.str(), known));
  return source;
}

void read_noise_list(const Table& table, NetworkSettings& settings) {
  for (const std::string_view simple :
       {"sigma_train", "noise_placement", "convention", "noise_sd_per_step"})
    require(!table.has(simple), table.where(simple),
            "is given beside [[noise]], expected the one or the other");
  const toml::array* list = table.nodes().get("noise")->as_array();
  require(list != nullptr && !list->empty(), table.where("noise"), "expected tables [[noise]]");
  settings.noise_list = true;
  settings.training_level = 1.0;
  for (std::size_t k = 0; k < list->size(); ++k) {
    const toml::table* source = (*list)[k].as_table();
    const std::string prefix = "noise[" + std::to_string(k) + "].";
    require(source != nullptr, table.where("noise"), "entry ", k, " is of type ",
            type_name((*list)[k]), ", expected a table [[noise]]");
    settings.noise.push_back(read_source(Table(*source, table.file(), prefix), settings.notes));
  }
}

void read_noise(const Table& table, NetworkSettings& settings) {
  if (table.has("noise")) {
    read_noise_list(table, settings);
  } else {
    read_simple_noise(table, settings);
  }
  if (table.has("sigma_reference"))
    settings.reference_level = table.at_least_zero("sigma_reference");
}

void read_task(const Table& table, NetworkSettings& settings) {
  constexpr Index most_steps = 1'000'000'000;
  if (!table.has("steps")) {
    require(!table.has("read_window"), table.where("read_window"),
            "is given without steps, expected both or, for the stationary law, neither");
  } else {
    settings.steps = table.integer("steps", 1, most_steps);
    settings.read_window = 1;
    if (table.has("read_window")) {
      settings.read_window = table.integer("read_window", 1, settings.steps);
    } else {
      settings.notes.push_back("no read_window is given: the last step alone is read");
    }
  }
  if (!table.has("h0")) return;
  constexpr std::string_view expected = "\"zeros\", \"trained\" or one number a unit";
  const toml::node& h0 = table.at("h0", expected);
  if (h0.is_string()) {
    settings.initial_state = choose<NetworkSettings::InitialState>(
        table, "h0",
        {{NetworkSettings::InitialState::zeros, "zeros"},
         {NetworkSettings::InitialState::trained, "trained"}});
  } else {
    settings.initial_state = NetworkSettings::InitialState::given;
    settings.h0 = table.vector("h0", expected);
  }
}

void read_files(const Table& table, const std::filesystem::path& folder,
                NetworkSettings& settings) {
  constexpr std::string_view expected =
      "a .npz, .json or .mat file, a folder of .npy files, or a table of .npy files";
  const auto path = [&](const Table& from, std::string_view key, std::string_view what) {
    const std::string name = from.text(key, what);
    require(!name.empty() && name.find('\0') == std::string::npos, from.where(key), "is ",
            in_quotes(name), ", expected ", what);
    return folder / name;
  };
  if (const toml::table* files = table.at("weights", expected).as_table()) {
    std::map<std::string, std::filesystem::path> paths;
    const Table list(*files, table.file(), "weights.");
    for (const auto& [key, node] : *files)
      paths.emplace(std::string(key.str()), path(list, key.str(), "the name of a .npy file"));
    settings.weights = std::move(paths);
  } else {
    settings.weights = path(table, "weights", expected);
  }
  if (table.has("evaluation_set"))
    settings.evaluation_set = path(table, "evaluation_set", "the name of a file as for weights");

  if (!table.has("keys")) return;
  const toml::table* renames = table.nodes().get("keys")->as_table();
  require(renames != nullptr, table.where("keys"), "is of type ",
          type_name(*table.nodes().get("keys")), ", expected a table [keys]");
  const Table list(*renames, table.file(), "keys.");
  for (const auto& [key, node] : *renames) {
    const std::string ours(key.str());
    if (contains(array_keys, ours)) {
      settings.keys[ours] = list.text(ours, "the array's name in the file");
    } else if (ours != "to_ignore" && ours != "masks") {
      settings.notes.push_back(list.where(ours) + ": the key is not known and was ignored" +
                               suggestion(ours, array_keys));
    }
  }
}

void read_evaluation(const Table& top, NetworkSettings& settings) {
  const toml::table* nodes = top.nodes().get("evaluation")->as_table();
  require(nodes != nullptr, top.where("evaluation"), "expected a table [evaluation]");
  const Table table(*nodes, top.file(), "evaluation.");
  const auto column = [&](std::string_view key, Index size) {
    Vector values = table.vector(key, "numbers >= 0, one a noise level");
    require(values.size() > 0, table.where(key), "is empty, expected numbers >= 0");
    require(size == 0 || values.size() == size, table.where(key), "has ", values.size(),
            " numbers, expected ", size, ", as many as sigma_test");
    require((values.array() >= 0.0).all(), table.where(key), "holds ", values.minCoeff(),
            ", expected numbers >= 0");
    return values;
  };
  EvaluationTable result;
  result.sigma_test = column("sigma_test", 0);
  result.loss = column("loss", result.sigma_test.size());
  result.loss_se = table.has("loss_se") ? column("loss_se", result.sigma_test.size())
                                        : Vector(Vector::Zero(result.loss.size()));
  result.mean_output_zero_noise = table.optional_matrix("mean_output_zero_noise");
  const bool at_training = table.has("mean_output_training_noise");
  const std::string noisy =
      at_training ? "mean_output_training_noise" : "mean_output_sigma_reference";
  if (table.has(noisy)) {
    require(at_training || settings.reference_level, table.where(noisy),
            "is given, but sigma_reference is not; expected both");
    result.noisy_level = at_training ? settings.training_level : *settings.reference_level;
    result.mean_output_noisy = table.optional_matrix(noisy);
    result.mean_output_noisy_se = table.optional_matrix(noisy + "_se");
    if (result.mean_output_noisy_se.size() == 0)
      result.mean_output_noisy_se =
          Matrix::Zero(result.mean_output_noisy.rows(), result.mean_output_noisy.cols());
  }
  if (table.has("noise_copies")) result.noise_copies = table.integer("noise_copies", 1, 1L << 53);
  settings.evaluation = std::move(result);
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  std::string nearest;
  std::size_t fewest = 3;
  for (const std::string& candidate : known) {
    const std::size_t distance =
        candidate.size() > word.size() + 2 || word.size() > candidate.size() + 2
            ? fewest
            : edit_distance(word, candidate);
    if (distance < std::min(fewest, word.size())) {
      nearest = candidate;
      fewest = distance;
    }
  }
  return nearest.empty() ? "" : "; did you mean " + in_quotes(nearest) + "?";
}

NetworkSettings read_settings(const std::filesystem::path& path) {
  const toml::table document = io::parse_toml(path);
  const Table table(document, path.string());
  NetworkSettings settings;
  for (const auto& [key, node] : document)
    if (!contains(known_keys, key.str()) && !contains(documentation_keys, key.str()))
      settings.notes.push_back(table.where(key.str()) + ": the key is not known and was ignored" +
                               suggestion(key.str(), known_keys));
  settings.name = table.has("name") ? table.text("name", "a name") : path.stem().string();
  settings.equation = choose<Equation>(table, "equation",
                                       {{Equation::rate, "rate"}, {Equation::current, "current"}});
  settings.activation = read_activation(table);
  settings.leak = read_leak(table);
  read_noise(table, settings);
  read_task(table, settings);
  read_files(table, path.parent_path(), settings);
  if (table.has("evaluation")) read_evaluation(table, settings);
  return settings;
}

}  // namespace stillpoint::networks
