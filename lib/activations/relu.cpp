// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/relu.hpp"

#include "lib/activations/leaky_relu.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

// Arguments are checked here too, so that a message names the activation that was asked for.

double Relu::derivative(int order, double u) const {
  require_order(order, name);
  return LeakyRelu(0.0).derivative(order, u);
}

GaussianAverages Relu::averages(double u, double q) const {
  require_width(q, name);
  return LeakyRelu(0.0).averages(u, q);
}

Attenuation Relu::attenuation(double u, double q) const {
  require_width(q, name);
  return LeakyRelu(0.0).attenuation(u, q);
}

}  // namespace stillpoint::activations
