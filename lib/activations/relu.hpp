// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cmath>
#include <string_view>
#include <vector>
#include "lib/activations/gaussian.hpp"
namespace stillpoint::activations {
struct Relu {
  static constexpr std::string_view name = "relu";
  double operator()(double u) const { return u > 0 ? u : 0.0; }
  double derivative(int order, double u) const { return order == 1 && u > 0 ? 1.0 : 0.0; }
  std::vector<double> kinks() const { return {0.0}; }
  Range range() const { return {0.0, INFINITY}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};
}  // namespace stillpoint::activations
