// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/identity.hpp"

#include "lib/activations/normal.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

double Identity::derivative(int order, double) const {
  require_order(order, "identity");
  return order == 1 ? 1.0 : 0.0;
}

GaussianAverages Identity::averages(double u, double q) const {
  require_width(q, "identity");
  return {u, 1.0, q * q, 0.0};
}

Attenuation Identity::attenuation(double, double q) const {
  require_width(q, "identity");
  return {q * normal_peak, q * normal_peak};
}

}  // namespace stillpoint::activations
