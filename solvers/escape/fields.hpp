// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/types.hpp"
#include "lib/models/concepts.hpp"

namespace stillpoint::escape {

/// @brief Drift and noise of a diffusion that does not depend on time, in the limit of small noise:
///
///     dx = b(x) dt + √ε σ(x) dW,   x ∈ ℝⁿ, W ∈ ℝᵐ,   a = σσᵀ.
struct Fields {
  Index state_size = 0;                                           ///< n > 0
  Index noise_size = 0;                                           ///< m > 0
  std::function<void(const Vector& x, Vector& b)> drift;          ///< writes b(x), (n)
  std::function<void(const Vector& x, Matrix& sigma)> diffusion;  ///< writes σ(x), (n, m)
  /// Writes ∂b/∂x, (n, n); empty: central differences.
  std::function<void(const Vector& x, Matrix& jacobian)> drift_jacobian = {};
  bool additive_noise = false;  ///< σ does not depend on x.
};

/// @brief The fields of a model at time 0.
/// @param[in] model  Borrowed; must outlive the fields.
template <models::ItoDiffusion Model>
Fields fields_of(const Model& model) {
  Fields fields{.state_size = model.state_size(), .noise_size = model.noise_size()};
  fields.drift = [&model](const Vector& x, Vector& b) { model.drift(0.0, x, b); };
  fields.diffusion = [&model](const Vector& x, Matrix& sigma) { model.diffusion(0.0, x, sigma); };
  if constexpr (models::DifferentiableDrift<Model>)
    fields.drift_jacobian = [&model](const Vector& x, Matrix& jacobian) {
      model.drift_jacobian(0.0, x, jacobian);
    };
  fields.additive_noise = models::AdditiveNoise<Model>;
  return fields;
}

/// @brief ∂b/∂x at x, (n, n): as given, or by central differences (relative error about 1e-10).
Matrix drift_jacobian(const Fields& fields, const Vector& x);

/// @throws std::invalid_argument "where: …" if a size is not positive or a function is empty.
void require_complete(const Fields& fields, const char* where);

}  // namespace stillpoint::escape
