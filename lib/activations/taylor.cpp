// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/taylor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include "lib/core/require.hpp"

namespace stillpoint::activations {
namespace {

using Series = std::vector<double>;

/// Coefficients of y and of its slope d where y' = d and d' = d (a + b y).
Series quadratic_flow(double y, double d, double a, double b, Index order) {
  Series value(order + 1, 0.0), slope(order + 1, 0.0);
  value[0] = y;
  slope[0] = d;
  for (Index k = 0; k < order; ++k) {
    value[k + 1] = slope[k] / static_cast<double>(k + 1);
    double sum = a * slope[k];
    for (Index i = 0; i <= k; ++i) sum += b * value[i] * slope[k - i];
    slope[k + 1] = sum / static_cast<double>(k + 1);
  }
  return value;
}

Series series(const Tanh& f, double u, Index order) {
  return quadratic_flow(f(u), f.derivative(1, u), 0.0, -2.0, order);
}

Series series(const Logistic& f, double u, Index order) {
  return quadratic_flow(f(u), f.derivative(1, u), 1.0, -2.0, order);
}

Series series(const Softplus& f, double u, Index order) {
  const double k = f.sharpness();
  const Series slope = series(Logistic{}, k * u, order);
  Series value(order + 1, 0.0);
  value[0] = f(u);
  double power = 1.0;
  for (Index i = 0; i < order; ++i) {
    value[i + 1] = slope[i] * power / static_cast<double>(i + 1);
    power *= k;
  }
  return value;
}

Series series(const Erf& f, double u, Index order) {
  Series value(order + 1, 0.0);
  value[0] = f(u);
  double slope = f.derivative(1, u), before = 0.0;  // coefficients k and k − 1 of f'
  for (Index k = 0; k < order; ++k) {
    value[k + 1] = slope / static_cast<double>(k + 1);
    const double next = -2.0 * (u * slope + before) / static_cast<double>(k + 1);
    before = slope;
    slope = next;
  }
  return value;
}

/// Piecewise linear: no derivative beyond the first.
template <typename Lines>
Series series(const Lines& f, double u, Index order) {
  Series value(order + 1, 0.0);
  value[0] = f(u);
  if (order > 0) value[1] = f.derivative(1, u);
  return value;
}

}  // namespace

std::vector<double> taylor_coefficients(const Activation& f, double u, Index order) {
  require(order >= 0, "taylor_coefficients", "order = ", order, ", expected >= 0");
  require(std::isfinite(u), "taylor_coefficients", "u = ", u, ", expected a finite number");
  return std::visit([&](const auto& g) { return series(g, u, order); }, f);
}

double taylor_radius(const Activation& f, double u) {
  double radius = std::numeric_limits<double>::infinity();
  for (const double kink : kinks(f)) radius = std::min(radius, std::abs(u - kink));
  double pole = 0.0;  // on the imaginary axis
  if (std::holds_alternative<Tanh>(f)) pole = 0.5 * std::numbers::pi;
  if (std::holds_alternative<Logistic>(f)) pole = std::numbers::pi;
  if (const auto* softplus = std::get_if<Softplus>(&f))
    pole = std::numbers::pi / softplus->sharpness();
  return pole > 0.0 ? std::hypot(u, pole) : radius;
}

}  // namespace stillpoint::activations
