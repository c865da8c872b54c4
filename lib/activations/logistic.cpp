// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/logistic.hpp"

#include "lib/activations/logistic_average.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

double Logistic::derivative(int order, double u) const {
  require_order(order, "logistic");
  const double s = std::exp(-std::fabs(u)), slope = s / ((1.0 + s) * (1.0 + s));
  const double odd = std::tanh(0.5 * u);  // 2λ − 1
  switch (order) {
    case 1:
      return slope;
    case 2:
      return -slope * odd;
    case 3:
      return slope * (1.0 - 6.0 * slope);
    default:
      return -slope * odd * (1.0 - 12.0 * slope);
  }
}

GaussianAverages Logistic::averages(double u, double q) const {
  require_width(q, "logistic");
  if (q == 0.0) return {(*this)(u), derivative(1, u), 0.0, 0.0};
  const LogisticAverage lower = logistic_average(std::fabs(u), q);
  if (u < 0.0) return {lower.mean, lower.slope, lower.variance, lower.third};
  return {1.0 - lower.mean, lower.slope, lower.variance, -lower.third};
}

Attenuation Logistic::attenuation(double u, double q) const {
  require_width(q, "logistic");
  const Attenuation lower = logistic_attenuation(std::fabs(u), q);
  return u < 0.0 ? lower : Attenuation{lower.down, lower.up};
}

}  // namespace stillpoint::activations
