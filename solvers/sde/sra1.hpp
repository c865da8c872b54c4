// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/concepts.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Rößler's scheme SRA1 for additive noise, dX = f(t, X) dt + G(t) dW:
///
///     Y = X + ¾ f h + (3/2) G(t + h) ΔZ/h,
///     X(t + h) ≈ X + (⅓ f + ⅔ f(t + ¾ h, Y)) h + G(t + h)(ΔW − ΔZ/h) + G(t) ΔZ/h.
///
/// Strong order 3/2, weak order 2; two drifts a step.
/// Source: Rößler (2010), SIAM J. Numer. Anal. 48, 922, table 6.1.
template <models::AdditiveNoise Model>
class Sra1 : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::ito;  // the same as Stratonovich
  static constexpr double strong_order = 1.5;
  static constexpr double weak_order = 2.0;

  explicit Sra1(const Model& model)
      : Workspace<Model>(model, "Sra1"),
        stage_(model.state_size()),
        f_stage_(model.state_size()),
        G_end_(model.state_size(), model.noise_size()),
        increment_(model.noise_size()) {}

  void step(double t, double h, const random::Increment& increment, Vector& x) {
    this->model_.drift(t, x, f_);
    this->model_.diffusion(t, x, G_);
    this->model_.diffusion(t + h, x, G_end_);
    stage_ = x + 0.75 * h * f_;
    stage_.noalias() += (1.5 / h) * (G_end_ * increment.dZ);
    this->model_.drift(t + 0.75 * h, stage_, f_stage_);
    x += h * (f_ + 2.0 * f_stage_) / 3.0;
    increment_ = increment.dW - increment.dZ / h;
    x.noalias() += G_end_ * increment_;
    x.noalias() += (1.0 / h) * (G_ * increment.dZ);
  }

 private:
  using Workspace<Model>::f_, Workspace<Model>::G_;
  Vector stage_, f_stage_;
  Matrix G_end_;
  Vector increment_;
};

}  // namespace stillpoint::sde
