// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/tasks/function_approximation.hpp"

#include <cmath>
#include <numbers>

#include "lib/core/require.hpp"
#include "lib/random/uniform.hpp"

namespace stillpoint::tasks {
namespace {

void require_sane(const FunctionApproximation& task, Index count, Index least, Index units) {
  constexpr std::string_view where = "FunctionApproximation";
  require(task.window >= 1 && task.window <= task.steps, where, "window = ", task.window,
          ", expected 1 to steps = ", task.steps);
  require(count >= least, where, "count = ", count, ", expected ", least, " or more");
  require(units >= 1, where, "units = ", units, ", expected 1 or more");
}

}  // namespace

std::string_view to_string(Target target) { return target == Target::sine ? "sine" : "cubic"; }

double FunctionApproximation::value(double u) const {
  return target == Target::sine ? std::sin(std::numbers::pi * u) : 2.0 * u * u * u - u;
}

Trials FunctionApproximation::draw(Index count, Index units, const random::Stream& stream,
                                   std::uint32_t iteration) const {
  require_sane(*this, count, 1, units);
  Matrix u(1, count), y(1, count);
  for (Index k = 0; k < count; ++k) {
    const double place = random::uniform(stream, static_cast<std::uint32_t>(k), iteration, 0);
    u(k) = -1.0 + 2.0 * (static_cast<double>(k) + place) / static_cast<double>(count);
    y(k) = value(u(k));
  }
  Matrix weights = Matrix::Zero(steps, 1);
  weights.bottomRows(window).setOnes();
  return {.steps = steps,
          .count = count,
          .inputs = {std::move(u)},
          .targets = {std::move(y)},
          .weights = std::move(weights),
          .output_weights = Vector::Ones(1),
          .h0 = Vector::Zero(units)};
}

std::vector<WindowTask> FunctionApproximation::conditions(Index count, Index units) const {
  require_sane(*this, count, 2, units);
  std::vector<WindowTask> tasks;
  for (Index k = 0; k < count; ++k) {
    const double u = -1.0 + 2.0 * static_cast<double>(k) / static_cast<double>(count - 1);
    tasks.push_back({.inputs = Matrix::Constant(1, 1, u),
                     .h0 = Vector::Zero(units),
                     .steps = steps,
                     .window = window,
                     .targets = Matrix::Constant(1, 1, value(u))});
  }
  return tasks;
}

}  // namespace stillpoint::tasks
