// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "solvers/piecewise_linear/pattern_search.hpp"
#include "solvers/piecewise_linear/piecewise_linear.hpp"

/// @file
/// @brief All solutions of a piecewise-linear system. Included by .cpp files of this folder only.

namespace stillpoint::piecewise_linear {

/// All solutions of a system, each once.
struct Solutions {
  std::vector<Solution> points;   ///< Isolated ones, in no particular order.
  std::vector<SolutionSet> sets;  ///< No set lies in another one, no point in a set.
  SearchCounts counts;

  bool complete() const { return counts.open == 0; }
};

/// @brief Finds them by search_patterns() and solves each pattern in rational numbers.
/// @param[in] max_points  The search stops when more points and sets than this are found.
Solutions all_solutions(const PiecewiseLinearSystem& system, const SearchLimits& limits,
                        Index max_points);

/// @brief The index of an isolated solution: sign det(P + Q S) off the kinks; on a kink the degree
/// of the equation there, which is Σ sign det over the solutions of
///
///     P d + Q f'(a; d) = ε,   f'(a; d) the one-sided derivative,
///
/// for an ε in general position. Nothing if five ε all turn out not to be in general position.
std::optional<int> index_of(const PiecewiseLinearSystem& system, const Solution& solution);

}  // namespace stillpoint::piecewise_linear
