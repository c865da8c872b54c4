// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/leaky_relu.hpp"

#include "lib/activations/normal.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

LeakyRelu::LeakyRelu(double slope) : slope_(slope) {
  require(slope >= 0.0 && slope <= 1.0, "leaky_relu", "slope = ", slope, ", expected 0 to 1");
}

double LeakyRelu::derivative(int order, double u) const {
  require_order(order, "leaky_relu");
  if (order > 1) return 0.0;
  return u > 0.0 ? 1.0 : u < 0.0 ? slope_ : 0.5 * (1.0 + slope_);
}

Range LeakyRelu::range() const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {slope_ > 0.0 ? -infinity : 0.0, infinity};
}

GaussianAverages LeakyRelu::averages(double u, double q) const {
  require_width(q, "leaky_relu");
  if (q == 0.0) return {(*this)(u), derivative(1, u), 0.0, 0.0};
  const double a = slope_, b = 1.0 - a;
  const auto [density, I0, I1, I2, I3] = normal_tail(std::fabs(u) / q);
  // Moments of the rectified part r = (z − y)₊ (below the kink) or (−z − y)₊ (above it), and
  // by Stein's identity E z²r̃ = φ(y), E z r̃² = ±2 I₁(1 − I₀), where r̃ = r − E r.
  const double variance = 2.0 * I2 - I1 * I1;
  const double third = 6.0 * I3 - 6.0 * I2 * I1 + 2.0 * I1 * I1 * I1;
  const double mixed = 2.0 * I1 * (1.0 - I0);
  if (u < 0.0) {
    return {a * u + b * q * I1, a + b * I0, q * q * (a * a + 2.0 * a * b * I0 + b * b * variance),
            q * q * q * b * (3.0 * a * a * density + 3.0 * a * b * mixed + b * b * third)};
  }
  return {u + b * q * I1, 1.0 - b * I0, q * q * (1.0 - 2.0 * b * I0 + b * b * variance),
          q * q * q * b * (3.0 * density - 3.0 * b * mixed + b * b * third)};
}

Attenuation LeakyRelu::attenuation(double u, double q) const {
  require_width(q, "leaky_relu");
  if (q == 0.0) return {0.0, 0.0};
  const double a = slope_, b = 1.0 - a, y = std::fabs(u) / q;
  const double linear = q * normal_peak;
  if (u < 0.0) return {a * linear + b * q * normal_tail(y).I1, a * linear};
  return {linear, a * linear + b * q * clipped_half_normal_mean(y)};
}

}  // namespace stillpoint::activations
