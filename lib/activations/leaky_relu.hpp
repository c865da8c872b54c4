// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = u for u ≥ 0, a u below, with slope a ∈ [0, 1].
///
/// Averages in closed form from the repeated integrals Iₙ of the normal tail (normal.hpp) at
/// y = |u|/q. With b = 1 − a, f(u + qz) = a(u + qz) + b q(z − y)₊ below the kink and
/// u + qz + b q(−z − y)₊ above it, so that every term stays small where its share is:
///
///     f_q = a u + b q I₁ (u < 0),  u + b q I₁ (u ≥ 0).
class LeakyRelu {
 public:
  static constexpr std::string_view name = "leaky_relu";

  /// @param[in] slope  Slope a below the kink, 0 ≤ a ≤ 1.
  /// @throws std::invalid_argument if it lies outside.
  explicit LeakyRelu(double slope = 0.01);
  double slope() const { return slope_; }

  double operator()(double u) const { return u < 0.0 ? slope_ * u : u; }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {0.0}; }
  Range range() const;
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;

 private:
  double slope_;
};

}  // namespace stillpoint::activations
