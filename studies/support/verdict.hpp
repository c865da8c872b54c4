// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <string_view>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/io/results.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::studies {

/// The larger of two deviations; NaN if either is, so that a failed point cannot hide in a maximum.
double worse(double a, double b);
/// The largest entry; NaN if any is, 0 if there is none.
double worst(const Eigen::Ref<const Matrix>& values);

/// @brief Judges whether theory and simulation agree within a study's stated acceptance.
///
/// Every condition becomes a line of the closing table and a check in manifest.json. NaN fails.
class Verdict {
 public:
  /// @param[in] results  Borrowed; must outlive the verdict.
  explicit Verdict(io::Results& results) : results_(results) {}

  Verdict& at_most(std::string name, double value, double bound);   ///< value ≤ bound
  Verdict& at_least(std::string name, double value, double bound);  ///< value ≥ bound
  /// |a − b| ≤ z √(SE_a² + SE_b²): two independent estimates of one number.
  Verdict& agrees(std::string name, statistics::Estimate a, statistics::Estimate b, double z = 5.0);
  /// The solver says that it has an answer; its sentence is shown if not.
  Verdict& solved(std::string name, const Report& report);

  /// A result that is no condition, `field("claim_confirmed", true)`: into the manifest's top
  /// level.
  Verdict& field(std::string name, io::Value value);

  /// What the checks compare, for the closing line; "theory and simulation" if nothing is said.
  Verdict& compares(std::string what);

  bool passed() const;

  /// @brief Ends the study: writes manifest.json, prints the checks and where figure and tables
  /// are.
  /// @returns 0 if every check passed, else 1. Without any check the verdict is "not compared", and
  /// 0.
  /// @throws io::FileError if the manifest cannot be written.
  int exit_code();

 private:
  io::Results& results_;
  std::string compared_ = "theory and simulation";
};

/// @brief The front door of a study's main(): calls run and turns what it throws into an exit code
/// and one sentence on stderr.
///
/// 2 for bad input (std::invalid_argument) and for files (io::FileError and the standard
/// library's); 130 after Ctrl-C, finished tables on disk and the manifest saying "interrupted"; 1
/// for the rest. A full disk is an error like any other: SIGXFSZ is ignored.
int guarded(std::string_view name, int (*run)(int, char**), int argc, char** argv);

}  // namespace stillpoint::studies
