// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = max(u, 0). With x = u/q, f_q = u Φ(x) + q φ(x) and f_q' = Φ(x).
///
/// Averages in closed form, see LeakyRelu, of which it is the case of slope 0.
struct Relu {
  static constexpr std::string_view name = "relu";
  double operator()(double u) const { return u < 0.0 ? 0.0 : u; }  // passes a NaN on
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {0.0}; }
  Range range() const { return {0.0, std::numeric_limits<double>::infinity()}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};

}  // namespace stillpoint::activations
