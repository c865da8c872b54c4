// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stillpoint::io {

/// What a manifest can hold under a free name. NaN and infinities are written as JSON null.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<double>,
                           std::vector<std::int64_t>, std::vector<std::string>>;
/// Named values in the order in which they were added.
using Fields = std::vector<std::pair<std::string, Value>>;

/// @brief One condition that a study judged: value ≤ bound or value ≥ bound.
struct Check {
  enum class Relation { at_most, at_least };
  std::string name;
  double value;
  double bound;
  bool passed;
  Relation relation = Relation::at_most;
};

/// @brief The record of one run: what was asked, with which program, and what came out.
struct Manifest {
  std::string study;
  Fields parameters;  ///< Every option and its value.
  std::uint64_t seed = 0;
  std::vector<Check> checks;
  std::string verdict =
      "unfinished";      ///< "agree", "disagree", "not compared", "interrupted" or "unfinished".
  double seconds = 0.0;  ///< Wall time since the results were opened.
  std::vector<std::string> files;  ///< Tables and figures of this run, relative to the folder.
  Fields fields;                   ///< Whatever else the study reports, at top level.
};

/// @brief manifest.json: {study, version, revision, parameters, seed, checks: [{name, value, bound,
/// relation, passed}], verdict, seconds, files, libraries, …fields}.
///
/// Version and revision are this build's; libraries are those it was compiled with.
std::string to_json(const Manifest& manifest);

/// @brief The files that the manifest.json of an earlier run lists.
/// @param[in] json   Its bytes.
/// @param[in] study  Whose run it must have been.
/// @returns nothing unless it is a whole manifest of this study and every file is a plain name: a
///   manifest that was changed by hand is not trusted by halves.
std::vector<std::string> listed_files(std::string_view json, std::string_view study);

}  // namespace stillpoint::io
