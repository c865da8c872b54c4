// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/loss_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace stillpoint::studies {

using statistics::WindowLaw;

bool all_valid(const std::vector<WindowLaw>& laws) {
  return std::all_of(laws.begin(), laws.end(), [](const WindowLaw& law) { return law.valid; });
}

std::string first_note(const std::vector<WindowLaw>& laws) {
  for (const WindowLaw& law : laws)
    if (!law.valid) return law.note;
  return "";
}

double LossPoint::gap(double share) const {
  const double allowed = share * simulated.value + 5.0 * simulated.standard_error + 1e-15;
  return std::abs(predicted - simulated.value) / allowed;
}

LossPoint loss_point(double level, const ClosureResponse& closure,
                     const std::vector<WindowLaw>& sampled) {
  LossPoint point{.level = level,
                  .predicted = mean_loss(closure.conditions).value,
                  .valid = closure.overall.valid,
                  .note = closure.overall.note,
                  .simulated = mean_loss(sampled),
                  .simulated_valid = all_valid(sampled),
                  .simulated_note = first_note(sampled)};
  for (const WindowLaw& law : closure.conditions)
    point.variance += law.output_variance.mean() / static_cast<double>(closure.conditions.size());
  point.bias_squared = point.predicted - point.variance;
  return point;
}

namespace {

LeastLoss least(const std::vector<LossPoint>& curve, bool LossPoint::*holds, const auto& loss) {
  std::vector<double> levels, losses;
  for (const LossPoint& point : curve) {
    if (!(point.*holds)) continue;
    levels.push_back(point.level);
    losses.push_back(loss(point));
  }
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (levels.empty()) return {nan, nan, false};
  const auto count = static_cast<Index>(levels.size());
  const auto best = algebraic::minimum_of_samples(Eigen::Map<const Vector>(levels.data(), count),
                                                  Eigen::Map<const Vector>(losses.data(), count));
  return {best.argument, best.value, best.argument == levels.back()};
}

}  // namespace

LeastLoss least_predicted(const std::vector<LossPoint>& curve) {
  return least(curve, &LossPoint::valid, [](const LossPoint& point) { return point.predicted; });
}

LeastLoss least_simulated(const std::vector<LossPoint>& curve) {
  return least(curve, &LossPoint::simulated_valid,
               [](const LossPoint& point) { return point.simulated.value; });
}

}  // namespace stillpoint::studies
