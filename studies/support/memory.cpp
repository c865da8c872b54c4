// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/memory.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lib/statistics/estimate_mean.hpp"
#include "solvers/ensemble/end_states.hpp"

namespace stillpoint::studies {

Vector nearest_saddle(const std::vector<fixed_points::FixedPoint>& points, const Vector& state) {
  Vector best;
  for (const auto& point : points)
    if (point.unstable_directions == 1 &&
        (best.size() == 0 || (point.state - state).norm() < (best - state).norm()))
      best = point.state;
  return best;
}

Vector saddle_of(const continuation::Subject& subject,
                 const std::vector<fixed_points::FixedPoint>& points, const Vector& state,
                 moments::Rung rung, const continuation::Survival& survival, double largest) {
  if (rung == moments::Rung::smoothed && survival.end == continuation::SurvivalEnd::fold) {
    const auto map =
        continuation::network_map(subject, {continuation::Parameter::noise_level()}, rung);
    const auto branch = continuation::trace_branch(map, state, 0.0, true, {.upper = largest});
    const auto& last = branch.points.back();
    if (last.parameter == 0.0) return last.point.state;
  }
  return nearest_saddle(points, state);
}

Held hold(const models::NoisyChain& chain, const Vector& input,
          const std::vector<fixed_points::FixedPoint>& points, const Vector& state,
          const HoldOptions& options) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto steps = static_cast<Index>(std::ceil(options.settled / chain.leak()));
  const Matrix ends =
      ensemble::end_states(ensemble::ChainProcess(chain, input), chain.initial_state(state), steps,
                           options.paths, options.stream, options.threads);
  const auto is_held = [&](const Vector& end) {
    return std::all_of(points.begin(), points.end(), [&](const auto& point) {
      const Vector way = point.state - state;
      return point.unstable_directions != 1 || way.dot(end - state) < way.squaredNorm();
    });
  };
  std::vector<double> kept;
  for (Index k = 0; k < options.paths; ++k)
    if (is_held(ends.col(k).head(state.size()))) kept.push_back(ends(options.unit, k));
  const auto count = static_cast<Index>(kept.size());
  Held held{.share = static_cast<double>(count) / static_cast<double>(options.paths),
            .mean = {nan, nan}};
  if (held.share >= 0.9)
    held.mean = statistics::estimate_mean(Eigen::Map<const Vector>(kept.data(), count));
  return held;
}

}  // namespace stillpoint::studies
