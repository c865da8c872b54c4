// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = ln(1 + exp(k u))/k with sharpness k > 0; f → relu as k → ∞.
///
/// Averages by quadrature (logistic_fold.hpp; for strong noise, relu's closed form and a quadrature
/// of the rest); the slope is logistic_q, the bias f_q − f even in u.
class Softplus {
 public:
  static constexpr std::string_view name = "softplus";

  /// @param[in] sharpness  k, finite and > 0, one over the unit of u.
  /// @throws std::invalid_argument if it is not.
  explicit Softplus(double sharpness = 1.0);
  double sharpness() const { return sharpness_; }

  double operator()(double u) const {
    const double v = sharpness_ * u;
    return ((v < 0.0 ? 0.0 : v) + std::log1p(std::exp(-std::fabs(v)))) / sharpness_;
  }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {}; }
  Range range() const { return {0.0, std::numeric_limits<double>::infinity()}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;

 private:
  double sharpness_;
};

}  // namespace stillpoint::activations
