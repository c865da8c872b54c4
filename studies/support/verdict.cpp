// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/verdict.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "lib/core/interrupt.hpp"
#include "lib/io/file_error.hpp"

namespace stillpoint::studies {
namespace {

using Relation = io::Check::Relation;

void print_checks(const io::Results& results) {
  std::size_t width = 0;
  const auto& checks = results.manifest().checks;
  for (const auto& check : checks) width = std::max(width, check.name.size());
  for (const auto& check : checks) {
    fmt::print("  {:4}  {:{}}", check.passed ? "ok" : "FAIL", check.name, width);
    if (!std::isnan(check.bound)) {
      const bool at_most = check.relation == Relation::at_most;
      fmt::print("  {:11.5g}  {} {:.5g}", check.value, at_most ? "<=" : ">=", check.bound);
    }
    fmt::print("\n");
  }
}

void print_files(const io::Results& results) {
  const auto& files = results.manifest().files;
  const auto print = [&](const char* label, std::string_view ending) {
    bool any = false;
    for (const auto& file : files) {
      if (!file.ends_with(ending)) continue;
      fmt::print("  {:7} {}\n", label, (results.folder() / file).string());
      any = true;
    }
    return any;
  };
  if (!print("figure", ".png")) print("script", ".gp");
  print("table", ".csv");
  print("latex", ".tex");
  print("network", ".toml");
}

int failed(std::string_view name, std::string_view sentence, int code) {
  std::fflush(stdout);
  fmt::print(stderr, "{}: {}\n", name, sentence);
  return code;
}

}  // namespace

double worse(double a, double b) { return std::isnan(a) || a > b ? a : b; }

double worst(const Eigen::Ref<const Matrix>& values) {
  double largest = 0.0;
  for (Index k = 0; k < values.cols(); ++k)
    for (Index i = 0; i < values.rows(); ++i) largest = worse(largest, values(i, k));
  return largest;
}

Verdict& Verdict::at_most(std::string name, double value, double bound) {
  results_.manifest().checks.push_back({std::move(name), value, bound, value <= bound});
  return *this;
}

Verdict& Verdict::at_least(std::string name, double value, double bound) {
  results_.manifest().checks.push_back(
      {std::move(name), value, bound, value >= bound, Relation::at_least});
  return *this;
}

Verdict& Verdict::agrees(std::string name, statistics::Estimate a, statistics::Estimate b,
                         double z) {
  return at_most(std::move(name), std::abs(statistics::z_score(a, b)), z);
}

Verdict& Verdict::solved(std::string name, const Report& report) {
  if (!report.ok()) {
    name += fmt::format(": {}", to_string(report.status));
    if (!report.message.empty()) name += ", " + report.message;
  }
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  results_.manifest().checks.push_back({std::move(name), report.residual, none, report.ok()});
  return *this;
}

Verdict& Verdict::not_compared(std::string reason) {
  not_compared_ = std::move(reason);
  return *this;
}

Verdict& Verdict::field(std::string name, io::Value value) {
  results_.manifest().fields.emplace_back(std::move(name), std::move(value));
  return *this;
}

Verdict& Verdict::compares(std::string what) {
  compared_ = std::move(what);
  return *this;
}

bool Verdict::passed() const {
  const auto& checks = results_.manifest().checks;
  return std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.passed; });
}

int Verdict::exit_code() {
  const bool compared = !results_.manifest().checks.empty();
  results_.finish(!compared ? "not compared" : passed() ? "agree" : "disagree");
  fmt::print("{}: {} {} ({:.1f} s)\n", results_.study(), compared_,
             !compared  ? "were not compared: " + not_compared_
             : passed() ? "agree"
                        : "DO NOT AGREE",
             results_.manifest().seconds);
  print_checks(results_);
  print_files(results_);
  std::fflush(stdout);
  return passed() ? 0 : 1;
}

int guarded(std::string_view name, int (*run)(int, char**), int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // beyond a file size limit, write() then says EFBIG
  catch_interrupts();
  try {
    return run(argc, argv);
  } catch (const Interrupted&) {
    return failed(
        name, io::tables_written() > 0 ? "interrupted; finished tables are kept" : "interrupted",
        130);
  } catch (const std::invalid_argument& error) {
    return failed(name, error.what(), 2);
  } catch (const io::FileError& error) {
    return failed(name, error.what(), 2);
  } catch (const std::system_error& error) {  // std::filesystem's and iostream's errors among them
    return failed(name, error.what(), 2);
  } catch (const std::exception& error) {
    return failed(name, error.what(), 1);
  }
}

}  // namespace stillpoint::studies
