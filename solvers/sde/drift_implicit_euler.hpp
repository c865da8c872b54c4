// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/recoverable_error.hpp"
#include "lib/models/concepts.hpp"
#include "solvers/algebraic/solve.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Drift-implicit Euler scheme for the Itô diffusion dX = f dt + G dW, for stiff drift:
///
///     X' = X + h f(t + h, X') + G(t, X) ΔW,
///
/// solved for X' by Newton's method (SUNDIALS: KINSOL with its dense linear solver) from the
/// explicit step. Strong order ½ (1 if G does not depend on X), weak order 1; stable for every
/// stiffness of a contracting drift, which it damps: the stationary variance of stiff components
/// comes out too small. Allocates in step(), as the solver does. Source: Kloeden & Platen (1992),
/// section 12.2.
template <models::DifferentiableDrift Model>
class DriftImplicitEuler : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::ito;
  static constexpr double strong_order = models::AdditiveNoise<Model> ? 1.0 : 0.5;
  static constexpr double weak_order = 1.0;

  explicit DriftImplicitEuler(const Model& model)
      : Workspace<Model>(model, "DriftImplicitEuler"),
        jacobian_(model.state_size(), model.state_size()) {}

  /// @throws RecoverableError if the stage has no solution near the explicit step: a smaller h
  /// helps.
  void step(double t, double h, const random::Increment& increment, Vector& x) {
    this->model_.diffusion(t, x, G_);
    known_ = x + G_ * increment.dW;
    const auto stage = [&](const Eigen::Ref<const Vector>& y, Eigen::Ref<Vector> value) {
      point_ = y;
      this->model_.drift(t + h, point_, f_);
      value = y - known_ - h * f_;
    };
    const auto slope = [&](const Eigen::Ref<const Vector>& y, Eigen::Ref<Matrix> matrix) {
      point_ = y;
      this->model_.drift_jacobian(t + h, point_, jacobian_);
      matrix = -h * jacobian_;
      matrix.diagonal().array() += 1.0;
    };
    const auto solution = algebraic::solve(
        stage, slope, known_, {.tolerance = 1e-12 * (1.0 + known_.lpNorm<Eigen::Infinity>())});
    if (!solution.report.ok())
      throw RecoverableError("DriftImplicitEuler: " + solution.report.message);
    x = solution.x;
  }

 private:
  using Workspace<Model>::f_, Workspace<Model>::G_;
  Vector known_, point_;
  Matrix jacobian_;
};

}  // namespace stillpoint::sde
