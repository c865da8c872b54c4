// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/concepts.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Euler–Maruyama scheme for the Itô diffusion dX = f dt + G dW:
///
///     X(t + h) ≈ X + f(t, X) h + G(t, X) ΔW.
///
/// Strong order ½ (1 if G does not depend on X), weak order 1. Explicit: unstable once h |∂f/∂x|
/// exceeds about 2. Source: Maruyama (1955); Kloeden & Platen (1992), section 10.2.
template <models::ItoDiffusion Model>
class EulerMaruyama : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::ito;
  static constexpr double strong_order = models::AdditiveNoise<Model> ? 1.0 : 0.5;
  static constexpr double weak_order = 1.0;

  explicit EulerMaruyama(const Model& model) : Workspace<Model>(model, "EulerMaruyama") {}

  void step(double t, double h, const random::Increment& increment, Vector& x) {
    this->model_.drift(t, x, f_);
    this->model_.diffusion(t, x, G_);
    x += h * f_;
    x.noalias() += G_ * increment.dW;
  }

 private:
  using Workspace<Model>::f_, Workspace<Model>::G_;
};

}  // namespace stillpoint::sde
