// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/optimizer.hpp"

#include <cmath>
#include <numbers>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::training {
namespace {

constexpr std::string_view where = "training::Optimizer";

void require_share(std::string_view name, double value) {
  require(value >= 0.0 && value < 1.0, where, name, " = ", value, ", expected 0 to below 1");
}

}  // namespace

Optimizer::Optimizer(const Method& method, Index size) : method_(method) {
  require(size >= 1, where, "there is nothing to train, expected some weights or biases");
  if (const auto* adam = std::get_if<Adam>(&method)) {
    require_share("first", adam->first);
    require_share("second", adam->second);
    require(adam->epsilon > 0.0, where, "epsilon = ", adam->epsilon, ", expected > 0");
  } else {
    require_share("momentum", std::get<GradientDescent>(method).momentum);
  }
  memory_ = Matrix::Zero(size, 2);
}

void Optimizer::step(const Vector& gradient, double rate, Vector& x) {
  ++steps_;
  auto m = memory_.col(0).array(), v = memory_.col(1).array();
  if (const auto* descent = std::get_if<GradientDescent>(&method_)) {
    m = descent->momentum * m + gradient.array();
    x.array() -= rate * m;
    return;
  }
  const Adam& adam = std::get<Adam>(method_);
  m = adam.first * m + (1.0 - adam.first) * gradient.array();
  v = adam.second * v + (1.0 - adam.second) * gradient.array().square();
  const double k = static_cast<double>(steps_);
  const double m_scale = 1.0 / (1.0 - std::pow(adam.first, k));
  const double v_scale = 1.0 / (1.0 - std::pow(adam.second, k));
  x.array() -= rate * (m_scale * m) / ((v_scale * v).sqrt() + adam.epsilon);
}

void Optimizer::restore(Index steps, const Matrix& memory) {
  require(steps >= 0 && memory.rows() == memory_.rows() && memory.cols() == memory_.cols(), where,
          "the memory to go on from has shape (", memory.rows(), ", ", memory.cols(),
          "), expected (", memory_.rows(), ", ", memory_.cols(), ")");
  steps_ = steps;
  memory_ = memory;
}

double Schedule::at(Index iteration, Index iterations) const {
  double share = 1.0;
  const double past = static_cast<double>(iteration) / static_cast<double>(iterations);
  if (shape == Shape::cosine)
    share = final_share + (1.0 - final_share) * 0.5 * (1.0 + std::cos(std::numbers::pi * past));
  if (shape == Shape::linear) share = 1.0 - (1.0 - final_share) * past;
  if (iteration < warm_up)
    share *= static_cast<double>(iteration + 1) / static_cast<double>(warm_up);
  return rate * share;
}

}  // namespace stillpoint::training
