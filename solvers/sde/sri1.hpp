// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cmath>

#include "lib/models/concepts.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Rößler's scheme SRI1W1 for diagonal noise, dXᵢ = fᵢ dt + gᵢ(t, Xᵢ) dWᵢ (Itô): four
/// stages,
///
///     H⁰ᵢ = X + Σ A⁰ f(H⁰) h + Σ B⁰ g(H¹) ΔZ/h,   H¹ᵢ = X + Σ A¹ f(H⁰) h + Σ B¹ g(H¹) √h,
///     X(t + h) ≈ X + Σ α f(H⁰) h
///                  + Σ (β₁ ΔW + β₂ I₁₁/√h + β₃ ΔZ/h + β₄ I₁₁₁/h) g(H¹),
///
/// I₁₁ = ½(ΔW² − h), I₁₁₁ = (ΔW³ − 3h ΔW)/6. Strong order 3/2, weak order 2; two drifts and four
/// diffusions a step. Source: Rößler (2010), SIAM J. Numer. Anal. 48, 922, table 6.3 (SRI1W1).
template <models::DiagonalNoise Model>
class Sri1 : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::ito;
  static constexpr double strong_order = 1.5;
  static constexpr double weak_order = 2.0;

  explicit Sri1(const Model& model) : Workspace<Model>(model, "Sri1") {
    for (Vector& stage : drift_) stage.resize(model.state_size());
    for (Vector& stage : noise_) stage.resize(model.state_size());
    stage_.resize(model.state_size());
    start_.resize(model.state_size());
  }

  void step(double t, double h, const random::Increment& increment, Vector& x) {
    const double root = std::sqrt(h);
    start_ = x;
    const auto dW = increment.dW.array(), dZ = increment.dZ.array();
    const auto diffuse = [&](Index k, double time, const Vector& y) {
      this->model_.diffusion(time, y, G_);
      noise_[k] = G_.diagonal();
    };
    diffuse(0, t, start_);
    this->model_.drift(t, start_, drift_[0]);
    stage_ = start_ + 0.25 * h * drift_[0] + 0.5 * root * noise_[0];
    diffuse(1, t + 0.25 * h, stage_);
    stage_ = start_ + h * drift_[0] - root * noise_[0];
    diffuse(2, t + h, stage_);
    // H⁰₃ is X again, so that its drift in the last stage is the first one's, at the time t.
    stage_ = start_ + 0.25 * h * drift_[0] +
             root * (-5.0 * noise_[0] + 3.0 * noise_[1] + 0.5 * noise_[2]);
    diffuse(3, t + 0.25 * h, stage_);
    stage_ = start_ + 0.75 * h * drift_[0];
    stage_.array() += (1.5 / h) * noise_[0].array() * dZ;
    this->model_.drift(t + 0.75 * h, stage_, drift_[1]);

    x = start_ + h * (drift_[0] + 2.0 * drift_[1]) / 3.0;
    constexpr std::array<std::array<double, 4>, 4> beta = {{{-1.0, 4.0 / 3.0, 2.0 / 3.0, 0.0},
                                                            {-1.0, 4.0 / 3.0, -1.0 / 3.0, 0.0},
                                                            {2.0, -4.0 / 3.0, -2.0 / 3.0, 0.0},
                                                            {-2.0, 5.0 / 3.0, -2.0 / 3.0, 1.0}}};
    for (std::size_t k = 0; k < 4; ++k)
      x.array() += noise_[k].array() *
                   (beta[0][k] * dW + beta[1][k] * 0.5 * (dW.square() - h) / root +
                    beta[2][k] * dZ / h + beta[3][k] * (dW.cube() - 3.0 * h * dW) / (6.0 * h));
  }

 private:
  using Workspace<Model>::G_;
  std::array<Vector, 2> drift_;
  std::array<Vector, 4> noise_;
  Vector stage_, start_;
};

}  // namespace stillpoint::sde
