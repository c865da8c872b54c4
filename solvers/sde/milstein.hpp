// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/concepts.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Milstein scheme for the Itô diffusion dX = f dt + G dW with diagonal or commutative
/// noise:
///
///     X(t + h) ≈ X + f h + G ΔW + ½ Σ_kl (∂G_k/∂x) G_l (ΔW_k ΔW_l − δ_kl h).
///
/// Strong order 1, weak order 1. Noise that is neither does not compile: the scheme would need Lévy
/// areas, and without them it is no better than EulerMaruyama.
/// Source: Milstein (1974); Kloeden & Platen (1992), section 10.3.
template <typename Model>
requires models::DiagonalNoise<Model> || models::CommutativeNoise<Model>
class Milstein : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::ito;
  static constexpr double strong_order = 1.0;
  static constexpr double weak_order = 1.0;

  explicit Milstein(const Model& model)
      : Workspace<Model>(model, "Milstein"),
        slope_(model.state_size()),
        derivative_(model.state_size(), model.state_size()),
        direction_(model.state_size()) {}

  void step(double t, double h, const random::Increment& increment, Vector& x) {
    const Vector& dW = increment.dW;
    this->model_.drift(t, x, f_);
    this->model_.diffusion(t, x, G_);
    f_ *= h;
    f_.noalias() += G_ * dW;
    if constexpr (models::DiagonalNoise<Model>) {
      this->model_.diffusion_slope(t, x, slope_);
      f_.array() += 0.5 * G_.diagonal().array() * slope_.array() * (dW.array().square() - h);
    } else {
      for (Index k = 0; k < dW.size(); ++k) {
        // Σ_l G_l (ΔW_k ΔW_l − δ_kl h)
        direction_.noalias() = G_ * dW;
        direction_ *= dW(k);
        direction_ -= h * G_.col(k);
        this->model_.diffusion_derivative(t, x, k, derivative_);
        f_.noalias() += 0.5 * (derivative_ * direction_);
      }
    }
    x += f_;
  }

 private:
  using Workspace<Model>::f_, Workspace<Model>::G_;
  Vector slope_;
  Matrix derivative_;
  Vector direction_;
};

}  // namespace stillpoint::sde
