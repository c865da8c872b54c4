// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <numbers>

namespace stillpoint::tests {

/// E g(u + q z), z ~ N(0, 1), by the trapezoidal rule in z on [−12, 12]: written once more and
/// differently from lib/activations, as an oracle. For g = tanh and q ≤ 1.5 the error of the step
/// 0.05 is below 1e-16.
template <typename Function>
double gaussian_average(Function&& g, double u, double q) {
  constexpr double step = 0.05;
  double sum = 0.0;
  for (int k = -240; k <= 240; ++k) {
    const double z = step * k;
    sum += std::exp(-0.5 * z * z) * g(u + q * z);
  }
  return sum * step / std::sqrt(2.0 * std::numbers::pi);
}

inline double tanh_mean(double u, double q) {
  return gaussian_average([](double x) { return std::tanh(x); }, u, q);
}

inline double tanh_slope(double u, double q) {
  return gaussian_average([](double x) { return 1.0 / (std::cosh(x) * std::cosh(x)); }, u, q);
}

inline double tanh_variance(double u, double q) {
  const double mean = tanh_mean(u, q);
  return gaussian_average([mean](double x) { return std::pow(std::tanh(x) - mean, 2); }, u, q);
}

/// The root of an increasing or decreasing function in an interval, by bisection to rounding.
template <typename Function>
double bisect(Function&& f, double lower, double upper) {
  const bool rising = f(upper) > 0.0;
  for (int k = 0; k < 200; ++k) {
    const double middle = 0.5 * (lower + upper);
    ((f(middle) > 0.0) == rising ? upper : lower) = middle;
  }
  return 0.5 * (lower + upper);
}

}  // namespace stillpoint::tests
