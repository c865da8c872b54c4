// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = u; every average is elementary: E f = u, Var f = q², T± = q/√(2π).
struct Identity {
  static constexpr std::string_view name = "identity";
  double operator()(double u) const { return u; }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {}; }
  Range range() const {
    return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};

}  // namespace stillpoint::activations
