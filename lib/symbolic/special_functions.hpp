// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ginac/ginac.h>

#include "lib/activations/activation.hpp"

/// The functions GiNaC does not have, registered with it: automatic evaluation at exact arguments
/// and derivatives. Values and LaTeX come from the canonical form (canonical.hpp).
namespace stillpoint::symbolic::special {

using GiNaC::ex;

ex absolute(const ex& u);
ex erf(const ex& u);
ex normal_pdf(const ex& u);
ex normal_cdf(const ex& u);
ex relu(const ex& u);
ex heaviside(const ex& u);
ex logistic(const ex& u);
ex softplus(const ex& u, const ex& sharpness);
ex leaky_relu(const ex& u, const ex& slope);
ex saturating_linear(const ex& u);
ex call(const activations::Activation& f, const ex& u);

/// Arguments as GiNaC keeps them: (kind, parameter, n, u, q), see activation_of().
ex smoothed(const activations::Activation& f, const ex& u, const ex& q, int n);
/// Arguments (kind, parameter, u, q).
ex transmitted_variance(const activations::Activation& f, const ex& u, const ex& q);
/// Arguments (name, {orders}, {arguments}).
ex unspecified(const ex& name, const GiNaC::lst& orders, const GiNaC::lst& arguments);

/// The activation whose place in the variant is kind, with its one parameter (else ignored).
activations::Activation activation_of(int kind, double parameter);

/// f⁽ⁿ⁾(u).
ex nth_derivative(const activations::Activation& f, const ex& u, int n);

}  // namespace stillpoint::symbolic::special
