// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string_view>
#include <vector>

#include "lib/activations/gaussian.hpp"

namespace stillpoint::activations {

/// @brief f(u) = erf u.
///
///     f_q = erf(u/√(1 + 2q²)),  f_q' = 2/√(π(1 + 2q²)) exp(−u²/(1 + 2q²)),
///
/// variance and third central moment as one-dimensional integrals over the correlation of two
/// copies of the noise (see erf.cpp), which unlike Owen's function have no cancellation in the
/// tails.
struct Erf {
  static constexpr std::string_view name = "erf";
  double operator()(double u) const { return std::erf(u); }
  double derivative(int order, double u) const;
  std::vector<double> kinks() const { return {}; }
  Range range() const { return {-1.0, 1.0}; }
  GaussianAverages averages(double u, double q) const;
  Attenuation attenuation(double u, double q) const;
};

}  // namespace stillpoint::activations
