// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/relu.hpp"

#include "lib/activations/leaky_relu.hpp"

namespace stillpoint::activations {

double Relu::derivative(int order, double u) const { return LeakyRelu(0.0).derivative(order, u); }

GaussianAverages Relu::averages(double u, double q) const { return LeakyRelu(0.0).averages(u, q); }

Attenuation Relu::attenuation(double u, double q) const { return LeakyRelu(0.0).attenuation(u, q); }

}  // namespace stillpoint::activations
