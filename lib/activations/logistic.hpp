// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = 1/(1 + exp(−u)). Averages by quadrature (logistic_fold.hpp).
struct Logistic {
  static constexpr std::string_view name = "logistic";
  double operator()(double u) const {  // never overflows, relatively accurate in both tails
    const double s = std::exp(-std::fabs(u));
    return (u < 0.0 ? s : 1.0) / (1.0 + s);
  }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {}; }
  Range range() const { return {0.0, 1.0}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};

}  // namespace stillpoint::activations
