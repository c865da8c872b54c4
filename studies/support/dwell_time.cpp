// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/dwell_time.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/io/table.hpp"
#include "solvers/ensemble/first_passage.hpp"
#include "solvers/escape/splitting.hpp"

namespace stillpoint::studies {

DwellTime estimate_dwell_time(const models::NoisyChain& chain, const Vector& input,
                              const Vector& state, const Vector& saddle,
                              const DwellOptions& options) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  require(state.size() == chain.units() && saddle.size() == chain.units() && state != saddle,
          "estimate_dwell_time", "state and saddle have ", state.size(), " and ", saddle.size(),
          " entries, expected ", chain.units(), " each, and different ones");
  const double g = chain.leak();
  const Vector way = (saddle - state) / (saddle - state).squaredNorm();
  const auto over = [way, state](const Vector& y) { return way.dot(y.head(way.size()) - state); };
  const ensemble::ChainProcess process(chain, input);
  const Vector start = chain.initial_state(state);
  const auto in_time = [g](const statistics::Estimate& steps) {
    return statistics::Estimate{g * steps.value, g * steps.standard_error};
  };
  ensemble::FirstPassageOptions plain{
      .paths = 32,
      .max_steps = static_cast<Index>(std::ceil(options.longest / g)),
      .stream = options.stream,
      .threads = options.threads};
  if (ensemble::simulate_first_passage(process, over, start, 1.0, plain).report.ok()) {
    plain.paths = options.paths;
    plain.max_steps *= 100;
    const auto found = ensemble::simulate_first_passage(process, over, start, 1.0, plain);
    if (found.report.ok()) return {in_time(found.lifetime), "simulation"};
    return {{nan, nan}, "none"};
  }
  random::Stream next = options.stream;
  ++next.stream;
  const auto found =
      escape::splitting(process, over, start, 1.0,
                        {.replicas = options.replicas, .stream = next, .threads = options.threads});
  if (found.report.ok()) return {in_time(found.lifetime), "splitting"};
  return {{nan, nan}, "none"};
}

statistics::Estimate fall(const statistics::Estimate& before, const statistics::Estimate& after) {
  const double factor = before.value / after.value;
  return {factor, factor * std::hypot(before.standard_error / before.value,
                                      after.standard_error / after.value)};
}

Drop judge_fall(const statistics::Estimate& fall) {
  const double margin = 2.0 * fall.standard_error;
  return fall.value - margin >= 10.0  ? Drop::drops
         : fall.value + margin < 10.0 ? Drop::gradual
                                      : Drop::undecided;
}

std::string list_drops(const std::map<double, Drop>& by_leak) {
  std::string all;
  for (const auto& [drop, words] : {std::pair{Drop::drops, "marks the drop at leak "},
                                    {Drop::gradual, "marks none at leak "},
                                    {Drop::undecided, "is undecided at leak "}}) {
    std::string leaks;
    for (const auto& [leak, judged] : by_leak)
      if (judged == drop) leaks += (leaks.empty() ? words : ", ") + io::to_text(leak);
    if (!leaks.empty()) all += (all.empty() ? "" : ", ") + leaks;
  }
  return all;
}

}  // namespace stillpoint::studies
