// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/tasks/path_integration.hpp"

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>
#include <string_view>

#include "lib/core/require.hpp"
#include "lib/random/uniform.hpp"

namespace stillpoint::tasks {
namespace {

constexpr std::string_view where = "PathIntegration";
constexpr double wall = 0.5;

void require_sane(const PathIntegration& task) {
  require(task.cue >= 1 && task.cue < task.steps, where, "cue = ", task.cue,
          ", expected 1 to below steps = ", task.steps);
  require(task.speed > 0.0 && task.speed <= 0.25, where, "speed = ", task.speed,
          ", expected above 0, to 0.25 of the side");
  require(task.turn >= 0.0 && std::isfinite(task.turn), where, "turn = ", task.turn,
          ", expected >= 0");
}

/// Reflects a coordinate, and the direction in it, at the walls. Steps are shorter than the side.
void reflect(double& x, double& direction) {
  if (std::abs(x) <= wall) return;
  x = std::copysign(2.0 * wall, x) - x;
  direction = -direction;
}

}  // namespace

Trials PathIntegration::draw(Index count, Index units, const random::Stream& stream,
                             std::uint32_t iteration) const {
  require_sane(*this);
  require(count >= 1, where, "count = ", count, ", expected 1 or more");
  require(units >= 1, where, "units = ", units, ", expected 1 or more");
  const random::Stream turns{.seed = stream.seed, .stream = stream.stream + 1};
  const auto size = static_cast<std::size_t>(steps);
  Trials trials{.steps = steps,
                .count = count,
                .inputs = std::vector<Matrix>(size, Matrix::Zero(inputs, count)),
                .targets = std::vector<Matrix>(size, Matrix::Zero(outputs, count)),
                .weights = Matrix::Zero(steps, 1),
                .output_weights = Vector::Ones(outputs),
                .h0 = Vector::Zero(units)};
  trials.weights.bottomRows(steps - cue + 1).setOnes();
  for (Index k = 0; k < count; ++k) {
    const auto trial = static_cast<std::uint32_t>(k);
    // Numbers 0 to 2 of a trial make its start, 2 + t is that of step t.
    const auto uniform = [&](Index number) {
      return random::uniform(stream, trial, iteration, static_cast<std::uint32_t>(number));
    };
    Eigen::Vector2d position(uniform(0) - wall, uniform(1) - wall);
    const double first = 2.0 * std::numbers::pi * uniform(2);
    Eigen::Vector2d heading(std::cos(first), std::sin(first));
    const Eigen::Vector2d start = position;
    for (Index t = 1; t <= steps; ++t) {
      Matrix& input = trials.inputs[static_cast<std::size_t>(t - 1)];
      if (t <= cue) {
        input.col(k).segment(2, 2) = start / wall;
        input(4, k) = 1.0;
      } else {
        const double angle =
            turn * random::normal(turns, trial, iteration, static_cast<std::uint32_t>(t));
        heading = Eigen::Rotation2Dd(angle) * heading;
        const Eigen::Vector2d before = position;
        position += speed * (0.5 + uniform(2 + t)) * heading;
        for (Index i = 0; i < 2; ++i) reflect(position(i), heading(i));
        input.col(k).head(2) = (position - before) / speed;
      }
      trials.targets[static_cast<std::size_t>(t - 1)].col(k) = position / wall;
    }
  }
  return trials;
}

PathIntegration::Score PathIntegration::score(const Trials& trials,
                                              const Matrix& final_outputs) const {
  require(final_outputs.rows() == outputs && final_outputs.cols() == trials.count, where,
          "the final outputs have shape (", final_outputs.rows(), ", ", final_outputs.cols(),
          "), expected (", outputs, ", ", trials.count, ")");
  const Matrix& end = trials.target(trials.steps);
  const auto rms = [&](const Matrix& guess) {
    return wall * std::sqrt((guess - end).squaredNorm() / static_cast<double>(trials.count));
  };
  return {.error = rms(final_outputs), .baseline = rms(trials.target(cue))};
}

}  // namespace stillpoint::tasks
