// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "lib/activations/gaussian.hpp"
#include "lib/activations/relu.hpp"
#include "lib/activations/tanh.hpp"

namespace stillpoint::activations {

/// An activation chosen at run time. Visit it once, outside a loop.
using Activation = std::variant<Relu, Tanh>;

std::string_view name(const Activation& f);
double value(const Activation& f, double u);
double derivative(const Activation& f, int order, double u);
std::vector<double> kinks(const Activation& f);
Range range(const Activation& f);
GaussianAverages averages(const Activation& f, double u, double q);
Attenuation attenuation(const Activation& f, double u, double q);

}  // namespace stillpoint::activations
