// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>

#include "lib/core/types.hpp"

namespace stillpoint::models {

/// @brief An Itô diffusion dX = f(t, X) dt + G(t, X) dW, X ∈ ℝⁿ, W ∈ ℝᵐ.
///
/// The size of the state n and that of the noise m are two numbers; G is (n, m) always. The results
/// come with the right shape and are overwritten; a model allocates nothing and is safe to share
/// between threads.
template <typename M>
concept ItoDiffusion = requires(const M& model, double t, const Vector& x, Vector& f, Matrix& G) {
  { model.state_size() } -> std::convertible_to<Index>;  // n
  { model.noise_size() } -> std::convertible_to<Index>;  // m
  model.drift(t, x, f);                                  // writes f(t, x), shape (n)
  model.diffusion(t, x, G);                              // writes G(t, x), shape (n, m)
};

/// @brief Additive noise: G does not depend on X. A model says so by `additive_noise = true`.
template <typename M>
concept AdditiveNoise = ItoDiffusion<M> && static_cast<bool>(M::additive_noise);

/// @brief Diagonal noise: n = m and G = diag(g), gᵢ a function of t and xᵢ alone. A model says so
/// by `diagonal_noise = true` and gives ∂gᵢ/∂xᵢ.
template <typename M>
concept DiagonalNoise = ItoDiffusion<M> && static_cast<bool>(M::diagonal_noise) &&
                        requires(const M& model, double t, const Vector& x, Vector& slope) {
  model.diffusion_slope(t, x, slope);  // writes ∂gᵢ/∂xᵢ, shape (n)
};

/// @brief Commutative noise: (∂G_k/∂x) G_l = (∂G_l/∂x) G_k for all columns k, l, so that no Lévy
/// area is needed. A model says so by `commutative_noise = true` and gives the derivatives.
template <typename M>
concept CommutativeNoise = ItoDiffusion<M> && static_cast<bool>(M::commutative_noise) &&
                           requires(const M& model, double t, const Vector& x, Index k,
                                    Matrix& derivative) {
  model.diffusion_derivative(t, x, k, derivative);  // writes ∂G_k/∂x of column k, shape (n, n)
};

/// @brief Drift with a linear decay split off, f = −λ∘x + r(t, x), λ > 0.
template <typename M>
concept LinearDecay = ItoDiffusion<M> &&
    requires(const M& model, double t, const Vector& x, Vector& r) {
  { model.decay() } -> std::convertible_to<Vector>;  // λ, shape (n)
  model.drift_remainder(t, x, r);                    // writes r(t, x), shape (n)
};

/// @brief Drift with its derivative.
template <typename M>
concept DifferentiableDrift = ItoDiffusion<M> &&
    requires(const M& model, double t, const Vector& x, Matrix& jacobian) {
  model.drift_jacobian(t, x, jacobian);  // writes ∂f/∂x, shape (n, n)
};

}  // namespace stillpoint::models
