// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = 1 for u > 0, 0 for u < 0, ½ at 0 (so that f_q(0) = f(0) for every q).
///
/// With x = u/q: f_q = Φ(x), f_q' = φ(x)/q, v_q = Φ(x) Φ(−x). The derivatives are 0 everywhere (at
/// the jump by the rule of activation.hpp); only the smoothed slope f_q' tells that it is there.
struct Heaviside {
  static constexpr std::string_view name = "heaviside";
  double operator()(double u) const { return u > 0.0 ? 1.0 : u < 0.0 ? 0.0 : u + 0.5; }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {0.0}; }
  Range range() const { return {0.0, 1.0}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};

}  // namespace stillpoint::activations
