// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/heaviside.hpp"

#include <cmath>
#include <numbers>

#include "lib/activations/normal.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

double Heaviside::derivative(int order, double) const {
  require_order(order, "heaviside");
  return 0.0;
}

GaussianAverages Heaviside::averages(double u, double q) const {
  require_width(q, "heaviside");
  if (q == 0.0) return {(*this)(u), 0.0, 0.0, 0.0};
  const double x = u / q, above = normal_distribution(x), below = normal_distribution(-x);
  return {above, normal_density(x) / q, above * below,
          -above * below * std::erf(x / std::numbers::sqrt2)};
}

Attenuation Heaviside::attenuation(double u, double q) const {
  require_width(q, "heaviside");
  if (q == 0.0) return {0.0, 0.0};
  if (u == 0.0) return {0.25, 0.25};
  if (u > 0.0) return {0.0, normal_distribution(-u / q)};
  return {normal_distribution(u / q), 0.0};
}

}  // namespace stillpoint::activations
