// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "studies/support/options.hpp"

namespace stillpoint::studies {

/// What closure_orders --model asks for.
struct FormulaOrders {
  std::string file, closure = "normal";
  Index order = 4, taylor = 0;
  bool positive = false;
  std::vector<double> start;
  double time = 20.0;
};

/// @brief The formulas of a file: equations as LaTeX, moments along time and at rest at every
/// order, each judged by the orders above it, against Monte Carlo of the formulas themselves.
/// @returns the study's exit code.
/// @throws std::invalid_argument naming the file for formulas without moment equations.
int run_formulas(const Options& options, const FormulaOrders& wanted, Index paths);

}  // namespace stillpoint::studies
