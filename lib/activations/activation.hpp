// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/activations/erf.hpp"
#include "lib/activations/gaussian.hpp"
#include "lib/activations/heaviside.hpp"
#include "lib/activations/identity.hpp"
#include "lib/activations/leaky_relu.hpp"
#include "lib/activations/logistic.hpp"
#include "lib/activations/relu.hpp"
#include "lib/activations/saturating_linear.hpp"
#include "lib/activations/softplus.hpp"
#include "lib/activations/tanh.hpp"

/// The activations: f, its derivatives, and what Gaussian noise inside f makes of it.
///
/// Every activation is a small value type with the members
///
///     name                 as in network files
///     f(u)                 the value
///     f.derivative(n, u)   f⁽ⁿ⁾(u), n = 1…4
///     f.kinks()            where f or f' jumps, ascending
///     f.range()            infimum and supremum
///     f.averages(u, q)     f_q, f_q', v_q and third central moment of f(u + qz), z ~ N(0, 1)
///     f.attenuation(u, q)  T₊ and T₋
///
/// A derivative that does not exist is given as the mean of its one-sided limits: for relu at 0
/// first ½, the limit of f_q'(0) as q → 0, then 0.
///
/// Accuracy, for q ≤ 30 and |u| ≤ 40 (or down to 1e-300): f_q and f_q' 1e-12 relative, v_q and T±
/// 1e-9, third moment 1e-9 of max(v_q^{3/2}, |third|); leaky_relu's f_q, where its terms cancel,
/// relative to the sum of their absolute values. Far outside that range tanh, logistic and (in the
/// tails) softplus cost more the larger q is.
/// @throws std::invalid_argument if n is not 1…4, or q is not finite or < 0.
/// Source: attenuation as in Eckstein & Srinivasan (2026); the averages are derived where they are
/// computed and tested against multiprecision quadrature.
namespace stillpoint::activations {

/// An activation chosen at run time. Visit it once, outside a loop.
using Activation = std::variant<Identity, Relu, LeakyRelu, SaturatingLinear, Softplus, Tanh,
                                Logistic, Erf, Heaviside>;

std::string_view name(const Activation& f);
double value(const Activation& f, double u);
double derivative(const Activation& f, int order, double u);
std::vector<double> kinks(const Activation& f);
Range range(const Activation& f);
GaussianAverages averages(const Activation& f, double u, double q);
Attenuation attenuation(const Activation& f, double u, double q);

/// @brief The activation of that name, for instance make_activation("softplus", {{"sharpness",
/// 4}}).
/// @param[in] name        One of activation_names().
/// @param[in] parameters  leaky_relu: slope (default 0.01, 0 to 1); softplus: sharpness (default 1,
///                        > 0); the others have none.
/// @throws std::invalid_argument if the name or a parameter is unknown or out of range; the message
/// lists the known ones.
Activation make_activation(std::string_view name,
                           const std::map<std::string, double>& parameters = {});

/// @brief The names make_activation() knows.
std::vector<std::string_view> activation_names();

/// @brief The parameters of f by name, such that make_activation(name(f), parameters(f)) is f.
std::map<std::string, double> parameters(const Activation& f);

}  // namespace stillpoint::activations
