// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = tanh u = 2 logistic(2u) − 1. Averages by quadrature (logistic_fold.hpp).
struct Tanh {
  static constexpr std::string_view name = "tanh";
  double operator()(double u) const { return std::tanh(u); }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {}; }
  Range range() const { return {-1.0, 1.0}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};

}  // namespace stillpoint::activations
