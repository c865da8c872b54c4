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

}  // namespace stillpoint::models
