// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/tanh.hpp"

#include "lib/activations/logistic_average.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

double Tanh::derivative(int order, double u) const {
  require_order(order, "tanh");
  const double t = std::tanh(u), s = std::exp(-2.0 * std::fabs(u));
  const double slope = 4.0 * s / ((1.0 + s) * (1.0 + s));  // 1 − t² with its digits in the tails
  switch (order) {
    case 1:
      return slope;
    case 2:
      return -2.0 * t * slope;
    case 3:
      return slope * (4.0 - 6.0 * slope);
    default:
      return t * slope * (24.0 * slope - 8.0);
  }
}

GaussianAverages Tanh::averages(double u, double q) const {
  require_width(q, "tanh");
  if (q == 0.0) return {(*this)(u), derivative(1, u), 0.0, 0.0};
  const LogisticAverage lower = logistic_average(2.0 * std::fabs(u), 2.0 * q);
  const double sign = u < 0.0 ? -1.0 : 1.0;
  return {sign * lower.odd, 4.0 * lower.slope, 4.0 * lower.variance, -8.0 * sign * lower.third};
}

Attenuation Tanh::attenuation(double u, double q) const {
  require_width(q, "tanh");
  const auto [up, down] = logistic_attenuation(2.0 * std::fabs(u), 2.0 * q);
  return u < 0.0 ? Attenuation{2.0 * up, 2.0 * down} : Attenuation{2.0 * down, 2.0 * up};
}

}  // namespace stillpoint::activations
