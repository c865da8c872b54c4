// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/escape/splitting.hpp"

#include <string_view>

#include "lib/core/require.hpp"
#include "lib/statistics/batch_means.hpp"
#include "lib/statistics/estimate_mean.hpp"

namespace stillpoint::escape::detail {
namespace {

constexpr std::string_view where = "splitting";

}  // namespace

void require_sound(const SplittingOptions& options, Index state_size, const Vector& start,
                   double start_coordinate, double target) {
  require(state_size > 0 && start.allFinite(), where, "the start is not finite or has no entry");
  require(std::isfinite(start_coordinate) && std::isfinite(target) && start_coordinate < target,
          where, "the coordinate is ", start_coordinate, " at the start and ", target,
          " at the target, expected finite numbers, the start below the target");
  require(options.trajectories >= 2, where, "trajectories = ", options.trajectories,
          ", expected >= 2");
  require(options.replicas >= 2, where, "replicas = ", options.replicas, ", expected >= 2");
  constexpr double paths = 8589934592.0;  // 2³³, of one stream
  require(static_cast<double>(options.replicas + 1) * static_cast<double>(stages_a_replica) *
                  static_cast<double>(options.trajectories) <
              paths,
          where, "replicas × trajectories = ", options.replicas, " × ", options.trajectories,
          ", expected below 1.3e8");
  require(options.passing > 0.0 && options.passing < 1.0, where, "passing = ", options.passing,
          ", expected in (0, 1)");
  require(options.pilot_steps >= 1024, where, "pilot_steps = ", options.pilot_steps,
          ", expected >= 1024");
  require(options.run_steps >= 0 && options.burn_in >= 0, where, "run_steps = ", options.run_steps,
          ", burn_in = ", options.burn_in, ", expected >= 0");
  require(options.max_steps >= options.pilot_steps && options.max_steps < 0xffffffffLL, where,
          "max_steps = ", options.max_steps, ", expected from pilot_steps to 2^32 - 2");
  const Vector& levels = options.levels;
  if (levels.size() == 0) return;
  require(levels.size() >= 2 && levels.size() <= stages_a_replica - 4 && levels.allFinite(), where,
          levels.size(), " levels or one that is not finite, expected 2 to ", stages_a_replica - 4);
  for (Index k = 1; k < levels.size(); ++k)
    require(levels(k) > levels(k - 1), where, "level ", k, " = ", levels(k), " after ",
            levels(k - 1), ", expected ascending");
  require(levels(0) >= start_coordinate, where, "the start, at ", start_coordinate,
          ", is not at home, up to ", levels(0));
  require(levels(levels.size() - 1) == target, where,
          "the last level = ", levels(levels.size() - 1), ", expected the target ", target);
}

bool choose_home(const StationaryRun& run, double start_coordinate, double target, double& home,
                 double& first) {
  const auto quarter = static_cast<std::ptrdiff_t>(run.coordinate.size() / 4);
  std::vector<double> sorted(run.coordinate.begin() + quarter, run.coordinate.end());
  std::sort(sorted.begin(), sorted.end());
  home = std::max(start_coordinate, sorted[sorted.size() / 2]);
  first = std::min(sorted[sorted.size() * 9 / 10], target);
  if (!(first > home)) first = std::min(target, home + (sorted.back() - sorted.front()) / 10.0);
  return home < target && first > home;
}

Index choose_burn_in(const StationaryRun& run) {
  const Eigen::Map<const Vector> series(run.coordinate.data(),
                                        static_cast<Index>(run.coordinate.size()));
  return static_cast<Index>(std::ceil(30.0 * statistics::autocorrelation_time(series)));
}

Index parent(const StepAddress& address, Index j, Index trajectories, Index hits) {
  const double uniform = 0.5 * std::erfc(-address.normal(0) / std::sqrt(2.0));
  const double place = (static_cast<double>(j) + uniform) / static_cast<double>(trajectories);
  return std::min(hits - 1, static_cast<Index>(place * static_cast<double>(hits)));
}

Report failure(Status status) {
  switch (status) {
    case Status::non_finite_state:
      return Report::failure(status, "the reaction coordinate of a state is not finite");
    case Status::step_limit:
      return Report::failure(status,
                             "a trajectory or a run is longer than max_steps; it stays away from "
                             "home without reaching the target, or enters too rarely");
    case Status::outside_validity:
      return Report::failure(status,
                             "the target lies within the fluctuations around the start; simulate "
                             "it directly");
    default:
      return Report::failure(Status::no_convergence,
                             "no way up to the target was found; more trajectories, a longer pilot "
                             "or another reaction coordinate may help");
  }
}

void summarize(const std::vector<Replica>& replicas, SplittingEstimate& result) {
  const auto count = static_cast<Index>(replicas.size());
  const Index stages = result.levels.size() - 2;
  Vector rates(count), started = Vector::Zero(stages), passed = Vector::Zero(stages);
  result.steps = result.pilot_steps;
  for (Index r = 0; r < count; ++r) {
    const Replica& replica = replicas[r];
    rates(r) = replica.rate;
    result.steps += replica.steps;
    result.extinct += replica.rate == 0.0;
    for (std::size_t k = 0; k < replica.started.size(); ++k) {
      started(k) += static_cast<double>(replica.started[k]);
      passed(k) += static_cast<double>(replica.passed[k]);
    }
    if (replica.status != Status::success && result.report.ok())
      result.report = failure(replica.status);
  }
  result.passed = passed.cwiseQuotient(started.cwiseMax(1.0));
  if (result.report.ok() && result.extinct == count)
    result.report = failure(Status::no_convergence);
  result.report.evaluations = result.steps;
  if (!result.report.ok()) return;
  result.rate = statistics::estimate_mean(rates);
  const double mean = result.rate.value, relative = result.rate.standard_error / mean;
  result.lifetime = {1.0 / mean, relative / mean};
  result.work = relative * relative * static_cast<double>(result.steps);
  result.gain = result.lifetime.value / result.work;
  result.report.residual = relative;
  if (2 * result.extinct > count)
    result.report.message =
        "more than half of the replicas died out: the standard error itself is uncertain";
}

}  // namespace stillpoint::escape::detail
