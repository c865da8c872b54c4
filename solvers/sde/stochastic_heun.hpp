// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/concepts.hpp"
#include "solvers/sde/scheme.hpp"
#include "solvers/sde/workspace.hpp"

namespace stillpoint::sde {

/// @brief Stochastic Heun scheme for the Stratonovich equation dX = f dt + G ∘ dW:
///
///     Y = X + f h + G ΔW,   X(t + h) ≈ X + ½ (f + f(Y)) h + ½ (G + G(Y)) ΔW.
///
/// The model's drift is read as that of the Stratonovich equation: the limit is the Itô solution
/// with drift f + ½ Σ_k (∂G_k/∂x) G_k (see stratonovich_to_ito). Strong order 1 for commutative
/// noise, ½ otherwise; weak order 1. Source: Rümelin (1982), SIAM J. Numer. Anal. 19, 604.
template <models::ItoDiffusion Model>
class StochasticHeun : public Workspace<Model> {
 public:
  static constexpr Interpretation interpretation = Interpretation::stratonovich;
  static constexpr double strong_order = models::AdditiveNoise<Model> ||
                                                 models::DiagonalNoise<Model> ||
                                                 models::CommutativeNoise<Model>
                                             ? 1.0
                                             : 0.5;
  static constexpr double weak_order = 1.0;

  explicit StochasticHeun(const Model& model)
      : Workspace<Model>(model, "StochasticHeun"),
        predicted_(model.state_size()),
        f_predicted_(model.state_size()),
        G_predicted_(model.state_size(), model.noise_size()) {}

  void step(double t, double h, const random::Increment& increment, Vector& x) {
    this->model_.drift(t, x, f_);
    this->model_.diffusion(t, x, G_);
    predicted_ = x + h * f_;
    predicted_.noalias() += G_ * increment.dW;
    this->model_.drift(t + h, predicted_, f_predicted_);
    this->model_.diffusion(t + h, predicted_, G_predicted_);
    f_ += f_predicted_;
    G_ += G_predicted_;
    x += 0.5 * h * f_;
    x.noalias() += 0.5 * (G_ * increment.dW);
  }

 private:
  using Workspace<Model>::f_, Workspace<Model>::G_;
  Vector predicted_, f_predicted_;
  Matrix G_predicted_;
};

}  // namespace stillpoint::sde
