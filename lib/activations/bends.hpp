// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/activations/activation.hpp"

namespace stillpoint::activations {

/// @brief Where an activation bends: its kinks and jumps, else where |f''| is largest; ascending.
///
/// relu, leaky_relu, heaviside 0; saturating_linear ±1; softplus 0; tanh ±artanh(1/√3);
/// logistic ±ln(2 + √3); erf ±1/√2; identity nowhere.
std::vector<double> bends(const Activation& f);

/// Signed distance u − b to the nearest bend b; infinite for the identity.
double distance_to_bend(const Activation& f, double u);

}  // namespace stillpoint::activations
