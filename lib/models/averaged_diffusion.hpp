// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_diffusion.hpp"

/// @file
/// @brief Coefficients of a NoisyDiffusion averaged over a Gaussian law of its state with mean ȳ
/// and covariance Σ. The drift is linear in f, so that only the arguments' own variances
/// q² = diag(B Σ Bᵀ) enter, and the averages are the activations' exact ones:
///
///     E A = ℓ∘ȳ + (G f_r(Bȳ + c) + d)/g,   E ∂A/∂y = diag ℓ + G diag f_r' B/g,   r² = s² + q²,
///     ½ E C Cᵀ = ½ (G diag E v_s(Bȳ + c + qz) Gᵀ + diag ν²)/g,   z ~ N(0, 1), by 8 nodes.
///
/// The noise inside fresh in a step is s; q is not fresh, so that v_s is averaged, not widened.
namespace stillpoint::models {

/// q², (n), for a covariance Σ of the state, (m, m).
Vector argument_variance(const NoisyDiffusion& diffusion, const Matrix& covariance);

Vector mean_drift(const NoisyDiffusion& diffusion, const Vector& mean,
                  const Vector& argument_variance);  ///< E A, (m)
Matrix mean_jacobian(const NoisyDiffusion& diffusion, const Vector& mean,
                     const Vector& argument_variance);  ///< E ∂A/∂y, (m, m)
Matrix mean_tensor(const NoisyDiffusion& diffusion, const Vector& mean,
                   const Vector& argument_variance);  ///< ½ E C Cᵀ, (m, m)

}  // namespace stillpoint::models
