// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/report.hpp"
#include "lib/core/require.hpp"
#include "lib/core/types.hpp"
#include "lib/statistics/estimate_mean.hpp"
#include "solvers/ensemble/process.hpp"

namespace stillpoint::ensemble {

struct FirstPassageOptions {
  Index paths = 2000;                ///< Independent paths, ≥ 2.
  Index max_steps = Index{1} << 31;  ///< Of one path, > 0, < 2³².
  random::Stream stream = {};
  int threads = 0;  ///< 0: all cores. The result does not depend on it, bit for bit.
};

/// First passages of simulated paths.
struct FirstPassage {
  /// Mean number of steps; NaN unless the report is ok.
  statistics::Estimate lifetime;
  Index steps = 0;  ///< Of all paths together.
  Report report;    ///< step_limit: a path did not arrive; non_finite_state.
};

/// @brief Plain Monte Carlo of the first step at which ξ(x) ≥ target: every path is run until it is
/// there. Costs paths × lifetime; where that is too much, escape::splitting().
/// @param[in] coordinate  ξ(x), finite and cheap; called from several threads at once.
/// @param[in] start       x₀, (n), ξ(x₀) < target.
/// @throws std::invalid_argument for a wrong shape or option; Interrupted; what the process throws.
template <MarkovProcess Process>
FirstPassage simulate_first_passage(const Process& process,
                                    const std::function<double(const Vector& x)>& coordinate,
                                    const Vector& start, double target,
                                    const FirstPassageOptions& options = {}) {
  constexpr auto where = "simulate_first_passage";
  require(static_cast<bool>(coordinate), where, "the coordinate is empty");
  require(start.size() == process.state_size(), where, "start has ", start.size(),
          " entries, expected ", process.state_size());
  require(coordinate(start) < target, where, "the coordinate of the start is ", coordinate(start),
          ", expected below the target ", target);
  require(options.paths >= 2, where, "paths = ", options.paths, ", expected >= 2");
  require(options.max_steps > 0 && options.max_steps < Index{1} << 32, where,
          "max_steps = ", options.max_steps, ", expected 1 to 2^32 - 1");
  constexpr Index block = 16;
  Vector steps(options.paths);
  std::vector<Status> status(static_cast<std::size_t>(options.paths), Status::success);
  parallel_for((options.paths + block - 1) / block, options.threads, [&](Index k) {
    Process own = process;
    for (Index path = k * block; path < std::min(options.paths, (k + 1) * block); ++path) {
      Vector x = start;
      Index t = 0;
      for (double xi = coordinate(x); xi < target; ++t) {
        if (t == options.max_steps) status[path] = Status::step_limit;
        if (status[path] != Status::success) break;
        own.step({options.stream, static_cast<std::uint64_t>(path), static_cast<std::uint32_t>(t)},
                 x);
        xi = coordinate(x);
        if (!std::isfinite(xi)) status[path] = Status::non_finite_state;
      }
      steps(path) = static_cast<double>(t);
    }
  });
  FirstPassage result{.steps = static_cast<Index>(steps.sum())};
  for (const Status each : status) {
    if (each == Status::success) continue;
    result.report =
        Report::failure(each, each == Status::step_limit ? "a path did not arrive within max_steps"
                                                         : "a path is not finite any more");
    return result;
  }
  result.lifetime = statistics::estimate_mean(steps);
  return result;
}

}  // namespace stillpoint::ensemble
