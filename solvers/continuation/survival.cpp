// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/survival.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/continuation/closure_map.hpp"

namespace stillpoint::continuation {

std::string_view to_string(SurvivalEnd end) {
  switch (end) {
    case SurvivalEnd::fold:
      return "fold";
    case SurvivalEnd::merges:
      return "merges";
    case SurvivalEnd::loses_stability:
      return "loses_stability";
    case SurvivalEnd::survives:
      return "survives";
    case SurvivalEnd::unknown:
      return "unknown";
  }
  return "unknown";
}

Survival survival_noise(const Subject& subject, const Vector& point, moments::Rung rung,
                        ContinuationOptions options) {
  constexpr auto where = "survival_noise";
  require(rung != moments::Rung::deterministic, where,
          "the deterministic rung knows no noise; use smoothed or closure");
  const models::NoisyChain chain(subject.network, subject.noise);
  require(point.size() == chain.units(), where, "the point has ", point.size(),
          " entries, expected ", chain.units());
  Survival result;
  const auto not_offered = [&](const std::string& why) {
    result.report = Report::failure(Status::outside_validity, why);
    return result;
  };
  if (rung == moments::Rung::smoothed && !moments::smoothing_applies(chain))
    return not_offered("the smoothed rung is " + std::string(moments::smoothing_note) +
                       "; use the closure");
  const bool stable = fixed_points::describe(fixed_points::chain_map(chain, subject.input), point)
                          .unstable_directions == 0;
  Vector start = point;
  if (rung == moments::Rung::closure) {
    if (!stable)
      return not_offered("the closure has no law at a state that is unstable without noise");
    start = closure_state(chain, point);
  }
  const ParametricMap map = network_map(subject, {Parameter::noise_level()}, rung);
  options.lower = 0.0;
  const auto ends = [&](const Bifurcation& event) {
    switch (event.kind) {
      case BifurcationKind::fold:
        result.end = SurvivalEnd::fold;
        break;
      case BifurcationKind::pitchfork:
        // On the branch that turns back it is the end; on the one that goes on, a loss of
        // stability.
        if (std::abs(event.tangent(map.size)) < std::abs(event.other_tangent(map.size)))
          result.end = SurvivalEnd::merges;
        else if (stable)
          result.end = SurvivalEnd::loses_stability;
        break;
      case BifurcationKind::transcritical:
      case BifurcationKind::flip:
      case BifurcationKind::neimark_sacker:
      case BifurcationKind::degenerate:
        if (stable) result.end = SurvivalEnd::loses_stability;
        break;
      case BifurcationKind::hopf:  // of the flow; the chain has lost its stability before
        break;
    }
    return result.end != SurvivalEnd::unknown;
  };
  result.branch = trace_branch(map, start, 0.0, true, options, ends);
  result.report = result.branch.report;
  if (result.end != SurvivalEnd::unknown) {
    const Bifurcation& event = result.branch.bifurcations.back();
    result.level = event.parameter;
    result.error = event.error;
    result.bifurcation = event.kind;
    result.state = event.state;
    return result;
  }
  const BranchedPoint& last = result.branch.points.back();
  result.level = last.parameter;
  result.state = last.point.state;
  if (result.branch.ends == BranchEnd::parameter_bound && last.parameter >= options.upper)
    result.end = SurvivalEnd::survives;
  else if (result.report.ok())
    result.report =
        Report::failure(Status::no_convergence, "the branch could not be followed to its end: " +
                                                    std::string(to_string(result.branch.ends)));
  return result;
}

}  // namespace stillpoint::continuation
