// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "lib/models/concepts.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Platen's explicit scheme of weak order 2 for diagonal noise, dXᵢ = fᵢ dt + gᵢ dWᵢ (Itô):
///
///     Y = X + f h + g ΔW,   R± = X + f h ± g √h,
///     X(t + h) ≈ X + ½ (f + f(Y)) h + ¼ (g(R₊) + g(R₋) + 2g) ΔW
///                  + ¼ (g(R₊) − g(R₋)) (ΔW² − h)/√h.
///
/// Strong order 1. Source: Kloeden & Platen (1992), section 15.1, eq. (1.1); with diagonal noise
/// its mixed terms vanish.
template <models::DiagonalNoise Model>
class PlatenWeak2 : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::ito;
  static constexpr double strong_order = 1.0;
  static constexpr double weak_order = 2.0;

  explicit PlatenWeak2(const Model& model)
      : Workspace<Model>(model, "PlatenWeak2"),
        g_(model.state_size()),
        above_(model.state_size()),
        below_(model.state_size()),
        stage_(model.state_size()),
        f_stage_(model.state_size()) {}

  void step(double t, double h, const random::Increment& increment, Vector& x) {
    const double root = std::sqrt(h);
    const auto dW = increment.dW.array();
    const auto diffusion_at = [&](const Vector& y, double time, Vector& g) {
      this->model_.diffusion(time, y, G_);
      g = G_.diagonal();
    };
    this->model_.drift(t, x, f_);
    diffusion_at(x, t, g_);
    stage_ = x + h * f_ + root * g_;
    diffusion_at(stage_, t + h, above_);
    stage_ = x + h * f_ - root * g_;
    diffusion_at(stage_, t + h, below_);
    stage_ = x + h * f_;
    stage_.array() += g_.array() * dW;
    this->model_.drift(t + h, stage_, f_stage_);
    x += 0.5 * h * (f_ + f_stage_);
    x.array() += 0.25 * (above_ + below_ + 2.0 * g_).array() * dW +
                 0.25 * (above_ - below_).array() * (dW.square() - h) / root;
  }

 private:
  using Workspace<Model>::f_, Workspace<Model>::G_;
  Vector g_, above_, below_, stage_, f_stage_;
};

}  // namespace stillpoint::sde
