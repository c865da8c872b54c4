// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lib/activations/normal.hpp"

/// Gaussian averages of the functions built from the logistic λ(y) = 1/(1 + e^{−y}): itself, tanh
/// and softplus. Included by the .cpp files of this folder.
///
/// The noise is folded, z and −z together, and the reference point is −a = −|u|: with
///
///     s = e^{−a},  e = e^{−b},  b = q|z|,  m = 1 − e,  x = s/e = e^{b−a},
///     λ(−a + b) = x/(1 + x),  λ(−a − b) = se/(1 + se),
///
/// increments, sums and differences are products of positive terms: no cancellation in the
/// saturated tail (s → 0), for weak noise (m → 0) or anywhere between.
namespace stillpoint::activations {

/// One pair ±z of nodes.
struct FoldedNode {
  double weight;  ///< of the pair; the weights add up to 1
  double b;       ///< q|z|
  double e;       ///< e^{−b}
  double m;       ///< 1 − e
  double x;       ///< e^{b−a}, capped where λ(−a + b) = 1 to rounding by far
};

/// e^{b−a}, capped so that its square is finite; beyond the cap 1/(1 + x) < 1e-130.
inline double capped_ratio(double b, double a) { return std::exp(std::min(b - a, 300.0)); }

/// @brief Calls visit(node) for the trapezoid rule in z with weight φ(z) at distance a ≥ 0 from the
/// centre, noise q > 0; stops at b = end.
///
/// λ(u + qz) has its poles at distance p = π/q from the real axis, where φ has grown by e^{p²/2}:
/// step η errs by about e^{−2πp/η + p²/2}, and for far poles by e^{−2π²/η²} (the Gaussian's own
/// bound). η makes that e^{−39}. Relative to tails this holds as well; there the integrand of a
/// third moment has its peak at z = −min(3q, a/q), by which the range |z| ≤ 9 is extended.
template <typename Visit>
void for_each_folded_node(double a, double q, double end, Visit&& visit) {
  constexpr double accuracy = 39.0;
  const double p = std::numbers::pi / q;
  const double step = p * p < 2.0 * accuracy ? 2.0 * std::numbers::pi * p / (accuracy + 0.5 * p * p)
                                             : 2.0 * std::numbers::pi / std::sqrt(2.0 * accuracy);
  const double range = std::min(9.0 + std::fmin(3.0 * q, a / q), end / q);
  const int count = static_cast<int>(range / step) + 1;
  const double m1 = -std::expm1(-q * step), e1 = std::exp(-q * step);
  FoldedNode node{step * normal_peak, 0.0, 1.0, 0.0, capped_ratio(0.0, a)};
  visit(node);
  for (int k = 1; k <= count; ++k) {
    const double z = k * step;
    node.weight = 2.0 * step * normal_density(z);
    node.b = q * z;
    node.m += node.e * m1;  // 1 − e e₁ = m + e m₁
    node.e *= e1;
    node.x = capped_ratio(node.b, a);
    visit(node);
  }
}

/// @brief Central moments of X = f(−a ± b), from running sums over pairs with half sum σ and half
/// difference d of the increments f(−a ± b) − f(−a).
///
/// |σ| ≤ d for a monotone f, so that E d² carries the variance and nothing cancels.
struct FoldedMoments {
  double sigma = 0.0, sigma2 = 0.0, sigma3 = 0.0, d2 = 0.0, sigma_d2 = 0.0;

  void add(double weight, double sigma_k, double d_k) {
    const double square = sigma_k * sigma_k, spread = d_k * d_k;
    sigma += weight * sigma_k;
    sigma2 += weight * square;
    sigma3 += weight * square * sigma_k;
    d2 += weight * spread;
    sigma_d2 += weight * sigma_k * spread;
  }
  double bias() const { return sigma; }
  double variance() const { return sigma2 - sigma * sigma + d2; }
  double third() const {
    return sigma3 - sigma * (3.0 * sigma2 - 2.0 * sigma * sigma) + 3.0 * (sigma_d2 - sigma * d2);
  }
};

}  // namespace stillpoint::activations
