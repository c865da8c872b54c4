// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/activations/activation.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::activations {

/// @brief Taylor coefficients of an activation to any order, f(u + x) = Σ_k c_k xᵏ.
///
/// From the differential equation each smooth f obeys, one convolution an order: tanh' = 1 − tanh²,
/// logistic' = logistic (1 − logistic), softplus' = logistic, erf'' = −2u erf'. The slope enters
/// with all its digits, so that tails keep theirs. Piecewise linear f: the line through u; at a
/// kink the mean of the two, which is no Taylor series (kinks()).
/// @returns (order + 1) coefficients; f⁽ᵏ⁾(u) = k! c_k.
/// @throws std::invalid_argument for order < 0 or a u that is not finite.
std::vector<double> taylor_coefficients(const Activation& f, double u, Index order);

/// @brief Radius of convergence of that series: the distance to the nearest complex singularity
/// (tanh ±iπ/2, logistic ±iπ, softplus ±iπ/sharpness), or to the nearest kink; ∞ for erf and
/// identity.
double taylor_radius(const Activation& f, double u);

}  // namespace stillpoint::activations
