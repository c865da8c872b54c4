// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "lib/core/edit_distance.hpp"
#include "lib/io/build.hpp"

namespace stillpoint::studies {
namespace {

constexpr std::string_view exit_codes =
    "Exit codes: 0 theory and simulation agree; 1 they do not (numbers are saved all the same);\n"
    "            2 bad input, with a sentence that says what to do; 130 interrupted.";

std::string interval(const Allowed& allowed) {
  std::ostringstream text;
  const bool above = std::isfinite(allowed.lower), below = std::isfinite(allowed.upper);
  if (above && below) {
    text << "in " << (allowed.open_lower ? "(" : "[") << allowed.lower << ", " << allowed.upper
         << (allowed.open_upper ? ")" : "]");
  } else if (above) {
    text << (allowed.open_lower ? "> " : ">= ") << allowed.lower;
  } else if (below) {
    text << (allowed.open_upper ? "< " : "<= ") << allowed.upper;
  }
  return text.str();
}

std::string listed(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

// Empty if the text is allowed, else what was expected.
std::string check_text(const Allowed& allowed, const std::string& text) {
  if (text.empty()) return "is empty, expected a text, or leave the option out";
  const auto& choices = allowed.choices;
  const bool good =
      choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end();
  return good ? "" : text + ", expected one of " + listed(choices);
}

std::string check_number(const Allowed& allowed, bool whole, const std::string& text) {
  double value = 0.0;
  if (!CLI::detail::lexical_cast(text, value)) return text + ", expected a number";
  if (!std::isfinite(value)) return text + ", expected a finite number";
  if (whole && text.find_first_not_of("+-0123456789") != std::string::npos)
    return text + ", expected a whole number";
  const bool good = (allowed.open_lower ? value > allowed.lower : value >= allowed.lower) &&
                    (allowed.open_upper ? value < allowed.upper : value <= allowed.upper);
  return good ? "" : text + ", expected " + interval(allowed);
}

// CLI11's layout without its mark of a negated flag, --no-name{false}.
class Formatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    const std::string_view mark = "{false}";
    const std::size_t place = name.find(mark);
    return place == std::string::npos ? name : name.erase(place, mark.size());
  }
};

template <typename T>
struct Entry {
  using type = T;
  static constexpr bool is_list = false;
};
template <typename T>
struct Entry<std::vector<T>> {
  using type = T;
  static constexpr bool is_list = true;
};

template <typename T>
io::Value as_value(const T& variable) {
  if constexpr (std::is_same_v<T, std::vector<Index>>) {
    return std::vector<std::int64_t>(variable.begin(), variable.end());
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<std::int64_t>(variable);
  } else {
    return variable;
  }
}

}  // namespace

struct Options::Implementation {
  CLI::App app;
  std::string name;
  std::uint64_t seed = 1;
  std::string out = "results";
  int threads = 0;
  bool quick = false;
  bool no_plots = false;
  std::vector<std::string> lists;  // options that take one
  std::vector<std::pair<std::string, std::function<io::Value()>>> parameters;

  template <typename T>
  void add(std::string_view option_name, T& variable, std::string help, const Allowed& allowed) {
    using Single = typename Entry<T>::type;
    constexpr bool is_text = std::is_same_v<Single, std::string>;
    if (is_text && !allowed.choices.empty()) help += "; one of " + listed(allowed.choices);
    if (!is_text && !interval(allowed).empty()) help += "; " + interval(allowed);
    auto* option = app.add_option("--" + std::string(option_name), variable, help);
    option->type_name(is_text ? "TEXT" : std::is_floating_point_v<Single> ? "NUMBER" : "INTEGER");
    option->check(CLI::Validator(
        [allowed](std::string& text) {
          return is_text ? check_text(allowed, text)
                         : check_number(allowed, std::is_integral_v<Single>, text);
        },
        ""));
    if (Entry<T>::is_list) {
      option->delimiter(',');
      lists.push_back("--" + std::string(option_name));
    }
    option->capture_default_str();
    remember(option_name, variable);
  }

  // Last, so that --help shows the study's own options first.
  void add_standard_options() {
    const std::string group = "Options of every study";
    const CLI::Validator natural(
        [](std::string& text) { return check_number(Allowed::non_negative(), true, text); }, "");
    app.add_option("--seed", seed, "seed of all random numbers")
        ->capture_default_str()
        ->type_name("INTEGER")
        ->check(natural)
        ->group(group);
    app.add_option("--out", out, "folder of the results; files go to OUT/" + name)
        ->capture_default_str()
        ->type_name("FOLDER")
        ->check(CLI::Validator([](std::string& text) { return check_text({}, text); }, ""))
        ->group(group);
    app.add_option("--threads", threads, "number of threads; 0: all cores; >= 0")
        ->capture_default_str()
        ->type_name("INTEGER")
        ->check(natural)
        ->group(group);
    app.add_flag("--quick", quick,
                 "a small run that shows that everything works; given options stand")
        ->group(group);
    app.add_flag("--no-plots", no_plots, "tables only, no figure")->group(group);
    app.set_config("--config", "", "read options from a file, one `name = value` a line")
        ->type_name("FILE.toml")
        ->group(group);
    app.set_help_flag("--help", "show this text")->group(group);
    const std::string version =
        name + ", Stillpoint " + io::version() + " (" + io::revision() + ")";
    app.set_version_flag("--version", version, "show version and revision")->group(group);
  }

  template <typename T>
  void remember(std::string_view option_name, const T& variable) {
    parameters.emplace_back(option_name, [&variable] { return as_value(variable); });
  }

  // CLI11 leaves out the empty entries of a list without a word, and takes an empty value for none.
  void refuse_empty_values(int argc, const char* const* argv) const {
    bool in_list = false;
    std::string option;
    for (int k = 1; k < argc; ++k) {
      std::string_view word = argv[k];
      bool whole = true;  // the word is the value
      if (word.starts_with("--")) {
        const std::size_t equals = word.find('=');
        option = word.substr(0, equals);
        in_list = std::find(lists.begin(), lists.end(), option) != lists.end();
        whole = equals != std::string_view::npos;
        if (whole) word.remove_prefix(equals + 1);
      }
      if (!whole || option.empty()) continue;
      if (word.empty())
        throw std::invalid_argument(option +
                                    ": is empty, expected a value, or leave the option out");
      const std::string padded = "," + std::string(word) + ",";
      if (in_list && padded.find(",,") != std::string::npos)
        throw std::invalid_argument(option + ": " + std::string(word) + ", an entry is empty");
    }
  }

  // " (did you mean --weight?)", or nothing if no option is similar.
  std::string suggestion(const std::string& given) {
    const std::string word = given.substr(0, given.find('='));
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto* option : app.get_options()) {
      for (const auto& long_name : option->get_lnames()) {
        const std::size_t distance = edit_distance(word, "--" + long_name);
        if (distance < least) {
          least = distance;
          best = "--" + long_name;
        }
      }
    }
    return best.empty() ? "; see --help" : " (did you mean " + best + "?)";
  }
};

Options::Options(std::string name, std::string_view about)
    : implementation_(std::make_unique<Implementation>()) {
  auto& self = *implementation_;
  self.name = std::move(name);
  self.app.name(self.name);
  self.app.description(std::string(about) + "\n");
  self.app.footer(std::string(exit_codes));
  self.app.formatter(std::make_shared<Formatter>());
  self.app.get_formatter()->column_width(34);
  self.app.set_help_flag();  // CLI11 makes one by itself
  self.app.allow_config_extras(CLI::config_extras_mode::error);
}

Options::~Options() = default;

Options& Options::add(std::string_view name, double& variable, std::string help, Allowed allowed) {
  implementation_->add(name, variable, std::move(help), allowed);
  return *this;
}

Options& Options::add(std::string_view name, Index& variable, std::string help, Allowed allowed) {
  implementation_->add(name, variable, std::move(help), allowed);
  return *this;
}

Options& Options::add(std::string_view name, int& variable, std::string help, Allowed allowed) {
  implementation_->add(name, variable, std::move(help), allowed);
  return *this;
}

Options& Options::add(std::string_view name, bool& variable, std::string help) {
  const std::string flag(name);
  help += variable ? "; on by default" : "";
  implementation_->app.add_flag("--" + flag + ",!--no-" + flag, variable, help);
  implementation_->remember(name, variable);
  return *this;
}

Options& Options::add(std::string_view name, std::string& variable, std::string help,
                      Allowed allowed) {
  implementation_->add(name, variable, std::move(help), allowed);
  return *this;
}

Options& Options::add(std::string_view name, std::vector<double>& variable, std::string help,
                      Allowed allowed) {
  implementation_->add(name, variable, std::move(help), allowed);
  return *this;
}

Options& Options::add(std::string_view name, std::vector<Index>& variable, std::string help,
                      Allowed allowed) {
  implementation_->add(name, variable, std::move(help), allowed);
  return *this;
}

Options& Options::add(std::string_view name, std::vector<std::string>& variable, std::string help,
                      Allowed allowed) {
  implementation_->add(name, variable, std::move(help), allowed);
  return *this;
}

bool Options::parse(int argc, const char* const* argv) {
  auto& app = implementation_->app;
  implementation_->add_standard_options();
  implementation_->refuse_empty_values(argc, argv);
  try {
    app.parse(argc, const_cast<char**>(argv));  // CLI11 does not write to it
  } catch (const CLI::CallForHelp&) {
    std::string text = app.help();
    if (const auto gap = text.find("\n\n\n"); gap != std::string::npos) text.erase(gap, 1);
    std::cout << text;
    return false;
  } catch (const CLI::CallForVersion& version) {
    std::cout << version.what() << '\n';
    return false;
  } catch (const CLI::ExtrasError&) {
    const std::string first = app.remaining().front();
    if (!first.starts_with('-')) throw std::invalid_argument(first + ": expected --option value");
    throw std::invalid_argument("unknown option " + first + implementation_->suggestion(first));
  } catch (const CLI::ConfigError& error) {  // "INI was not able to parse NAME"
    const std::string text = error.what(), option = "--" + text.substr(text.rfind(' ') + 1);
    throw std::invalid_argument("--config: unknown option " + option.substr(2) +
                                implementation_->suggestion(option));
  } catch (const CLI::ParseError& error) {
    throw std::invalid_argument(error.what());
  }
  return true;
}

bool Options::given(std::string_view name) const {
  return implementation_->app.get_option("--" + std::string(name))->count() > 0;
}

std::uint64_t Options::seed() const { return implementation_->seed; }
const std::string& Options::out() const { return implementation_->out; }
int Options::threads() const { return implementation_->threads; }
bool Options::quick() const { return implementation_->quick; }
bool Options::plots() const { return !implementation_->no_plots; }

io::Fields Options::parameters() const {
  io::Fields fields;
  for (const auto& [name, value] : implementation_->parameters) fields.emplace_back(name, value());
  fields.emplace_back("threads", static_cast<std::int64_t>(threads()));
  fields.emplace_back("quick", quick());
  return fields;
}

io::Results Options::results() const {
  return io::Results(out(), implementation_->name, parameters(), seed());
}

}  // namespace stillpoint::studies
