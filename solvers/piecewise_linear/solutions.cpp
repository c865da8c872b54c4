// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/solutions.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace stillpoint::piecewise_linear {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Drops sets inside others and points inside sets.
void merge(const PatternSolver& solver, Solutions& solutions) {
  std::vector<SolutionSet>& sets = solutions.sets;
  for (std::size_t k = sets.size(); k-- > 0;) {
    const auto holds_this = [&](const SolutionSet& other) {
      return &other != &sets[k] && solver.contains(other, sets[k]);
    };
    if (std::any_of(sets.begin(), sets.end(), holds_this))
      sets.erase(sets.begin() + static_cast<std::ptrdiff_t>(k));
  }
  std::erase_if(solutions.points, [&](const Solution& point) {
    return std::any_of(sets.begin(), sets.end(), [&](const SolutionSet& set) {
      return solver.holds(set.pattern, point.argument);
    });
  });
}

}  // namespace

Solutions all_solutions(const PiecewiseLinearSystem& system, const SearchLimits& limits,
                        Index max_points) {
  const PatternSolver solver(system);
  const ComplementarityForm form = complementarity_form(system);
  Solutions solutions;
  std::set<RationalVector> seen;
  const auto keep = [&](Solution solution) {
    if (seen.insert(solution.argument).second) solutions.points.push_back(std::move(solution));
  };
  if (form.homogeneous) {
    RationalVector all_on_kinks;
    for (const Pieces& f : system.f) all_on_kinks.emplace_back(f.kinks[0]);
    keep(solver.located(std::move(all_on_kinks), Pattern(system.f.size(), 0), 0));
  }
  solutions.counts = search_patterns(system, form, limits, [&](const Pattern& pattern) {
    PatternSolver::Answer answer = solver.solve(pattern);
    if (answer.solution) keep(std::move(*answer.solution));
    if (answer.set) solutions.sets.push_back(std::move(*answer.set));
    return static_cast<Index>(solutions.points.size() + solutions.sets.size()) <= max_points;
  });
  merge(solver, solutions);
  return solutions;
}

std::optional<int> index_of(const PiecewiseLinearSystem& system, const Solution& solution) {
  if (solution.on_kink.empty()) return solution.determinant_sign;
  PiecewiseLinearSystem local = system;
  local.lower.clear();
  local.upper.clear();
  for (std::size_t i = 0; i < local.f.size(); ++i) {
    const Pieces& f = system.f[i];
    const auto piece = at(solution.pattern[i]);
    if (std::binary_search(solution.on_kink.begin(), solution.on_kink.end(),
                           static_cast<Index>(i))) {
      local.f[i] = {
          .kinks = {0.0}, .slopes = {f.slopes[piece - 1], f.slopes[piece]}, .intercepts = {0, 0}};
    } else {
      local.f[i] = {.kinks = {}, .slopes = {f.slopes[piece]}, .intercepts = {0}};
    }
  }
  for (int attempt = 1; attempt <= 5; ++attempt) {
    for (std::size_t i = 0; i < local.r.size(); ++i)
      local.r[i] = std::cos(1.7 * static_cast<double>(i + 1) * static_cast<double>(attempt));
    const Solutions near = all_solutions(local, {}, std::numeric_limits<Index>::max());
    int sum = 0;
    bool general = near.sets.empty();
    for (const Solution& point : near.points) {
      sum += point.determinant_sign;
      general = general && point.on_kink.empty() && point.determinant_sign != 0;
    }
    if (general) return sum;
  }
  return {};
}

}  // namespace stillpoint::piecewise_linear
