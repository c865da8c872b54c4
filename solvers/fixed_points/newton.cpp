// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/newton.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <limits>

namespace stillpoint::fixed_points {

NewtonStep::NewtonStep(const Map& map)
    : map_(map),
      image_(map.size),
      residual_(map.size),
      step_(map.size),
      jacobian_(map.size, map.size),
      matrix_(map.size, map.size) {}

bool NewtonStep::evaluate_residual(const Vector& y) {
  map_.evaluate(y, image_, nullptr);
  residual_ = image_ - y;
  return residual_.allFinite();
}

bool NewtonStep::evaluate(const Vector& y) {
  map_.evaluate(y, image_, &jacobian_);
  residual_ = image_ - y;
  if (!residual_.allFinite() || !jacobian_.allFinite()) return false;
  matrix_ = -jacobian_;
  matrix_.diagonal().array() += 1.0;
  const Eigen::PartialPivLU<Eigen::Ref<Matrix>> lu(matrix_);  // in place
  determinant_sign_ = static_cast<int>(lu.permutationP().determinant());
  for (const double pivot : lu.matrixLU().diagonal())
    determinant_sign_ *= pivot > 0.0 ? 1 : pivot < 0.0 ? -1 : 0;
  if (determinant_sign_ == 0) return false;
  step_ = lu.solve(residual_);
  return step_.allFinite();
}

NewtonResult newton(NewtonStep& step, Vector& y, const NewtonOptions& options) {
  constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
  constexpr int halvings = 6;
  NewtonResult result;
  Vector p, trial;
  for (; result.iterations < options.max_iterations; ++result.iterations) {
    if (!step.evaluate(y)) {
      result.finite = step.residual().allFinite();
      return result;
    }
    p = step.step();
    result.step = p.lpNorm<Eigen::Infinity>();
    const double scale = scale_of(y);
    const double residual = step.residual().lpNorm<Eigen::Infinity>();
    if (residual <= rounding * scale) {
      result.converged = true;
      return result;
    }
    if (result.step <= 1e-9 * scale && residual <= options.tolerance * scale) {
      y += p;
      result.step *= result.step / scale;  // quadratic convergence
      result.converged = true;
      return result;
    }
    const double norm = step.residual().norm();
    double length = 1.0;
    bool reduced = false;
    for (int k = 0; k <= halvings && !reduced; ++k, length *= 0.5) {
      trial = y + length * p;
      reduced =
          step.evaluate_residual(trial) && step.residual().norm() <= (1.0 - 0.1 * length) * norm;
    }
    if (!reduced) {
      if (options.damping == Damping::residual) return result;
      trial = y + p;
    }
    y = trial;
  }
  return result;
}

}  // namespace stillpoint::fixed_points
