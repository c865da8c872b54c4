// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/cycles.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/piecewise_linear/chain_system.hpp"

namespace stillpoint::piecewise_linear {
namespace {

/// The orbit from its time `shift` on.
template <typename Entry>
std::vector<Entry> shifted(const std::vector<Entry>& orbit, Index n, Index shift) {
  std::vector<Entry> result = orbit;
  std::rotate(result.begin(), result.begin() + n * shift, result.end());
  return result;
}

/// True if the least period of the orbit is the given one.
bool has_period(const RationalVector& orbit, Index n, Index period) {
  for (Index divisor = 1; divisor < period; ++divisor)
    if (period % divisor == 0 && shifted(orbit, n, divisor) == orbit) return false;
  return true;
}

/// The least of all shifts of the orbit, the same for every start on a cycle.
RationalVector first_shift(const RationalVector& orbit, Index n, Index period) {
  RationalVector least = orbit;
  for (Index shift = 1; shift < period; ++shift) least = std::min(least, shifted(orbit, n, shift));
  return least;
}

SolutionSet shifted(const SolutionSet& set, Index n, Index shift) {
  SolutionSet result{.pattern = shifted(set.pattern, n, shift), .dimension = set.dimension};
  for (const RationalVector& vertex : set.vertices)
    result.vertices.push_back(shifted(vertex, n, shift));
  for (const RationalVector& ray : set.rays) result.rays.push_back(shifted(ray, n, shift));
  std::sort(result.vertices.begin(), result.vertices.end());
  std::sort(result.rays.begin(), result.rays.end());
  return result;
}

/// True if all points of the set have a period that is a proper divisor.
bool has_shorter_period(const SolutionSet& set, Index n, Index period) {
  for (Index divisor = 1; divisor < period; ++divisor) {
    if (period % divisor != 0) continue;
    const auto unchanged = [&](const RationalVector& v) { return shifted(v, n, divisor) == v; };
    if (std::all_of(set.vertices.begin(), set.vertices.end(), unchanged) &&
        std::all_of(set.rays.begin(), set.rays.end(), unchanged))
      return true;
  }
  return false;
}

Cycle make_cycle(const models::NoisyChain& chain, const Vector& input,
                 const PiecewiseLinearSystem& system, const Solution& orbit) {
  const Index n = chain.units();
  const fixed_points::FixedPoint point = describe_orbit(chain, input, orbit);
  Cycle cycle{.states = orbit_matrix(states_of(chain, orbit.pattern, orbit.argument), n),
              .arguments = orbit_matrix(orbit.argument, n),
              .multipliers = point.multipliers,
              .stability = point.stability,
              .unstable_directions = point.unstable_directions,
              .index = index_of(system, orbit).value_or(0)};
  cycle.period = cycle.states.cols();
  for (Index t = 0; t < cycle.period; ++t)
    cycle.patterns.emplace_back(orbit.pattern.begin() + n * t, orbit.pattern.begin() + n * (t + 1));
  cycle.on_kink.resize(cycle.patterns.size());
  for (const Index entry : orbit.on_kink)
    cycle.on_kink[static_cast<std::size_t>(entry / n)].push_back(entry % n);
  return cycle;
}

void add_period(const models::NoisyChain& chain, const Vector& input, Index period,
                const EnumerateOptions& options, Cycles& result) {
  const Index n = chain.units();
  const PiecewiseLinearSystem system = orbit_system(chain, input, period);
  const Solutions solutions = all_solutions(system, search_limits(options), options.max_points);
  result.effort.push_back(effort_of(solutions.counts));
  if (!solutions.complete() && result.report.ok())
    result.report =
        Report::failure(Status::step_limit, "enumerate_cycles, period " + std::to_string(period) +
                                                ": " + sentence_on_limit(solutions.counts));
  std::set<RationalVector> seen;
  for (const Solution& orbit : solutions.points)
    if (has_period(orbit.argument, n, period) &&
        seen.insert(first_shift(orbit.argument, n, period)).second)
      result.cycles.push_back(make_cycle(chain, input, system, orbit));
  std::vector<SolutionSet> listed;
  for (const SolutionSet& set : solutions.sets) {
    bool known = has_shorter_period(set, n, period);
    for (Index shift = 0; shift < period && !known; ++shift)
      known = std::find(listed.begin(), listed.end(), shifted(set, n, shift)) != listed.end();
    if (known) continue;
    listed.push_back(set);
    result.sets.push_back({period, fixed_set(chain, set)});
  }
}

}  // namespace

Index Cycles::count(Index period) const {
  return std::count_if(cycles.begin(), cycles.end(),
                       [period](const Cycle& cycle) { return cycle.period == period; });
}

Cycles enumerate_cycles(const models::NoisyChain& chain, const Vector& input, Index longest,
                        const EnumerateOptions& options) {
  require(longest >= 1, "enumerate_cycles", "longest = ", longest, ", expected >= 1");
  Cycles result;
  for (Index period = 1; period <= longest; ++period)
    add_period(chain, input, period, options, result);
  std::ostringstream sentence;
  if (result.report.ok()) {
    sentence << "these are all cycles of period up to " << longest
             << ", every pruned branch having been proved empty";
  } else {
    sentence << result.report.message;
  }
  for (const CycleSet& set : result.sets)
    sentence << "; of period " << set.period << ' ' << to_string(set.set);
  result.completeness = sentence.str();
  for (const SearchEffort& effort : result.effort) {
    result.report.iterations += effort.nodes;
    result.report.evaluations += effort.patterns;
  }
  return result;
}

}  // namespace stillpoint::piecewise_linear
