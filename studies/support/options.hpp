// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/io/results.hpp"

namespace stillpoint::studies {

/// What the value of an option may be: a number in an interval, or a text from a list.
struct Allowed {
  double lower = -std::numeric_limits<double>::infinity();
  double upper = std::numeric_limits<double>::infinity();
  bool open_lower = false;  ///< True: lower itself is not allowed.
  bool open_upper = false;
  std::vector<std::string> choices;  ///< Empty: any text.

  static Allowed positive() { return {.lower = 0.0, .open_lower = true}; }
  static Allowed non_negative() { return {.lower = 0.0}; }
  static Allowed between(double lower, double upper) { return {.lower = lower, .upper = upper}; }
  /// (0, 1], a leak or a share.
  static Allowed unit() { return {.lower = 0.0, .upper = 1.0, .open_lower = true}; }
  static Allowed one_of(std::vector<std::string> choices) {
    return {.choices = std::move(choices)};
  }
};

/// @brief The names of enumerators, as to_string() gives them: what an option may be.
/// @param[in] all  A range of enumerators, such as networks::all_placements.
template <typename Enumerators>
Allowed names(const Enumerators& all) {
  std::vector<std::string> choices;
  for (const auto one : all) choices.emplace_back(to_string(one));
  return Allowed::one_of(std::move(choices));
}

/// The enumerator of this name; options with names() have been checked when they were parsed.
template <typename Enumerators>
auto named(std::string_view name, const Enumerators& all) {
  return *std::find_if(all.begin(), all.end(),
                       [&](const auto one) { return to_string(one) == name; });
}

/// @brief The command line of a study.
///
/// Every study has, beside its own options: --seed, --out, --threads, --quick, --no-plots,
/// --config FILE.toml, --help and --version. Values come from the command line, else from the
/// configuration file (`weight = 0.5`, one option a line), else from the defaults.
class Options {
 public:
  /// @param[in] name   The study's name, as in studies/NAME.cpp.
  /// @param[in] about  What --help begins with: the study's header comment (studies::about), or a
  ///   sentence.
  Options(std::string name, std::string_view about);
  ~Options();

  /// @brief Adds the option --name; `variable` holds the default and receives the value.
  ///
  /// `variable` is borrowed and must outlive the options. A number must be finite and obey
  /// `allowed`; a flag (bool) can also be given as --no-name; entries of a list are separated by
  /// commas or blanks. `help` names the unit.
  Options& add(std::string_view name, double& variable, std::string help, Allowed allowed = {});
  Options& add(std::string_view name, Index& variable, std::string help, Allowed allowed = {});
  Options& add(std::string_view name, int& variable, std::string help, Allowed allowed = {});
  Options& add(std::string_view name, bool& variable, std::string help);
  Options& add(std::string_view name, std::string& variable, std::string help,
               Allowed allowed = {});
  Options& add(std::string_view name, std::vector<double>& variable, std::string help,
               Allowed allowed = {});
  Options& add(std::string_view name, std::vector<Index>& variable, std::string help,
               Allowed allowed = {});
  Options& add(std::string_view name, std::vector<std::string>& variable, std::string help,
               Allowed allowed = {});

  /// @brief Reads the command line.
  /// @returns false if --help or --version was asked for and has been printed; the study returns 0.
  /// @throws std::invalid_argument with one sentence for anything that cannot be understood; an
  ///   unknown option is answered with the most similar one.
  bool parse(int argc, const char* const* argv);

  /// True if the option --name was given, on the command line or in the configuration file.
  bool given(std::string_view name) const;

  std::uint64_t seed() const;      ///< --seed, 1 by default.
  const std::string& out() const;  ///< --out, "results" by default.
  int threads() const;             ///< --threads, 0 (all cores) by default.
  bool quick() const;              ///< --quick: a run of a second or two that exercises everything.
  bool plots() const;              ///< False with --no-plots.

  /// @brief After parse(): with --quick, an option that the user did not give has this value.
  template <typename T>
  Options& quick_value(std::string_view name, T& variable, std::type_identity_t<T> value) {
    if (quick() && !given(name)) variable = std::move(value);
    return *this;
  }

  /// @brief Name and present value of every option, in the order in which they were added.
  io::Fields parameters() const;

  /// @brief Opens OUT/NAME with parameters and seed in its manifest. Call it before the long work,
  /// after --quick has been obeyed: a folder that cannot be written is found out at once.
  /// @throws io::FileError
  io::Results results() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace stillpoint::studies
