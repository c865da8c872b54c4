// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>

#include "lib/core/types.hpp"
#include "lib/random/brownian_path.hpp"

/// Schemes for stochastic differential equations, one a header: one step of a given Brownian
/// increment, so that one path can drive many schemes and meshes.
namespace stillpoint::sde {

/// Which integral a scheme converges to.
enum class Interpretation { ito, stratonovich };

/// @brief A scheme: deterministic given the increment, owner of its workspace (one object a thread,
/// nothing allocated in step()), with interpretation and orders in its type.
template <typename S>
concept Scheme = requires(S& scheme, double t, double h, const random::Increment& increment,
                          Vector& x) {
  { S::interpretation } -> std::convertible_to<Interpretation>;
  { S::strong_order } -> std::convertible_to<double>;
  { S::weak_order } -> std::convertible_to<double>;
  { scheme.state_size() } -> std::convertible_to<Index>;
  { scheme.noise_size() } -> std::convertible_to<Index>;
  scheme.step(t, h, increment, x);  // advances x from t to t + h in place
};

}  // namespace stillpoint::sde
