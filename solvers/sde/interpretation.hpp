// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/concepts.hpp"

namespace stillpoint::sde {

/// @brief The same process in the other interpretation: a model whose drift is f + κ Σ_k (∂G_k/∂x)
/// G_k, with κ = ½ the Itô drift of a Stratonovich equation, with κ = −½ the Stratonovich drift of
/// an Itô equation. All else is passed on. Allocates in drift().
template <typename Model>
requires models::DiagonalNoise<Model> || models::CommutativeNoise<Model>
class ConvertedDrift {
 public:
  static constexpr bool additive_noise = false;
  static constexpr bool diagonal_noise = models::DiagonalNoise<Model>;
  static constexpr bool commutative_noise = models::CommutativeNoise<Model>;

  /// @param[in] model  Borrowed; must outlive this one.
  ConvertedDrift(const Model& model, double factor) : model_(model), factor_(factor) {}

  Index state_size() const { return model_.state_size(); }
  Index noise_size() const { return model_.noise_size(); }

  void drift(double t, const Vector& x, Vector& f) const {
    model_.drift(t, x, f);
    Matrix G(state_size(), noise_size());
    model_.diffusion(t, x, G);
    if constexpr (models::DiagonalNoise<Model>) {
      Vector slope(state_size());
      model_.diffusion_slope(t, x, slope);
      f.array() += factor_ * slope.array() * G.diagonal().array();
    } else {
      Matrix derivative(state_size(), state_size());
      for (Index k = 0; k < noise_size(); ++k) {
        model_.diffusion_derivative(t, x, k, derivative);
        f += factor_ * derivative * G.col(k);
      }
    }
  }
  void diffusion(double t, const Vector& x, Matrix& G) const { model_.diffusion(t, x, G); }
  void diffusion_slope(double t, const Vector& x,
                       Vector& slope) const requires models::DiagonalNoise<Model> {
    model_.diffusion_slope(t, x, slope);
  }
  void diffusion_derivative(double t, const Vector& x, Index k,
                            Matrix& derivative) const requires models::CommutativeNoise<Model> {
    model_.diffusion_derivative(t, x, k, derivative);
  }

 private:
  const Model& model_;
  double factor_;
};

/// dX = f dt + G ∘ dW (Stratonovich) as an Itô equation.
template <typename Model>
ConvertedDrift<Model> stratonovich_to_ito(const Model& model) {
  return {model, 0.5};
}

/// dX = f dt + G dW (Itô) as a Stratonovich equation, for StochasticHeun.
template <typename Model>
ConvertedDrift<Model> ito_to_stratonovich(const Model& model) {
  return {model, -0.5};
}

}  // namespace stillpoint::sde
