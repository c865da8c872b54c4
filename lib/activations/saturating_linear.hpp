// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = u clipped to [−1, 1].
///
/// Averages in closed form from the integrals Iₙ of the normal tail (normal.hpp) at the distances
/// of the kinks, (1 ∓ u)/q, for q ≤ 1; for larger q, where these nearly cancel, the linear piece is
/// narrow against the Gaussian and a Gauss–Legendre rule over it is exact to rounding.
struct SaturatingLinear {
  static constexpr std::string_view name = "saturating_linear";
  double operator()(double u) const { return u < -1.0 ? -1.0 : u > 1.0 ? 1.0 : u; }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {-1.0, 1.0}; }
  Range range() const { return {-1.0, 1.0}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};

}  // namespace stillpoint::activations
