// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/types.hpp"
#include "lib/models/concepts.hpp"

/// Rung 5: the density of a diffusion, 1 to 3 dimensions.
namespace stillpoint::fokker_planck {

/// @brief Drift and diffusion tensor of an autonomous diffusion dx = A(x) dt + G(x) dW (Itô), whose
/// density obeys
///
///     ∂p/∂t = −Σᵢ ∂ᵢ(Aᵢ p) + Σᵢⱼ ∂ᵢ∂ⱼ(Dᵢⱼ p),   D = ½ G Gᵀ.
///
/// Called once a grid point while an operator is assembled, never in a solver's loop.
struct Coefficients {
  Index dimension = 0;                                          ///< n, 1 to 3
  std::function<void(const Vector& x, Vector& drift)> drift;    ///< writes A(x), (n)
  std::function<void(const Vector& x, Matrix& tensor)> tensor;  ///< writes D(x), (n, n), symmetric
};

/// @brief The coefficients of a model, at time 0.
/// @param[in] model  Borrowed; must outlive the result.
template <models::ItoDiffusion Model>
Coefficients coefficients_of(const Model& model) {
  const Index n = model.state_size(), m = model.noise_size();
  return {.dimension = n,
          .drift = [&model](const Vector& x, Vector& drift) { model.drift(0.0, x, drift); },
          .tensor =
              [&model, n, m](const Vector& x, Matrix& tensor) {
                Matrix G(n, m);
                model.diffusion(0.0, x, G);
                tensor.noalias() = 0.5 * (G * G.transpose());
              }};
}

}  // namespace stillpoint::fokker_planck
