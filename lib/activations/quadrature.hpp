// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "lib/core/require.hpp"

/// Quadrature of Gaussian averages. Included by the .cpp files of this folder.
namespace stillpoint::activations {

/// @throws std::invalid_argument unless q is finite and q ≥ 0.
inline void require_width(double q, std::string_view where) {
  require(q >= 0.0 && std::isfinite(q), where, "q = ", q, ", expected finite and >= 0");
}

/// @throws std::invalid_argument unless 1 ≤ order ≤ 4.
inline void require_order(int order, std::string_view where) {
  require(order >= 1 && order <= 4, where, "derivative of order ", order, ", expected 1 to 4");
}

/// @brief Calls visit(x, weight) at the nodes of the n-point Gauss–Legendre rule on
/// [lower, lower + width]; the width is an argument because a narrow one, as a difference of ends,
/// would have lost its digits.
template <unsigned n, typename Visit>
void for_each_gauss_legendre_node(double lower, double width, Visit&& visit) {
  using Rule = boost::math::quadrature::gauss<double, n>;  // stores the half x ≥ 0 of [−1, 1]
  const double half = 0.5 * width, centre = lower + half;
  for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
    const double x = half * Rule::abscissa()[k], weight = half * Rule::weights()[k];
    visit(centre + x, weight);
    if (x != 0.0) visit(centre - x, weight);
  }
}

/// @brief ∫ f over [lower, lower + width] by the n-point Gauss–Legendre rule.
template <unsigned n, typename Function>
double gauss_legendre(double lower, double width, Function&& f) {
  double sum = 0.0;
  for_each_gauss_legendre_node<n>(lower, width, [&](double x, double w) { sum += w * f(x); });
  return sum;
}

/// @brief ∫_0^end f in panels no longer than `length`, 15 Gauss–Legendre nodes each.
template <typename Function>
double panels(double end, double length, Function&& f) {
  const int count = static_cast<int>(std::ceil(end / length));
  const double width = end / count;
  double sum = 0.0;
  for (int k = 0; k < count; ++k) sum += gauss_legendre<15>(k * width, width, f);
  return sum;
}

}  // namespace stillpoint::activations
