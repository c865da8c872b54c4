// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/saturating_linear.hpp"

#include <cmath>

#include "lib/activations/normal.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

namespace {

// Everything below is for u ≥ 0; f is odd.

// 0 ≤ u ≤ 1, q ≤ 1: f(u + qz) = u + q(z − p + n) with p = (z − α)₊, n = (−z − β)₊ at the distances
// α = (1 − u)/q ≤ β = (1 + u)/q of the kinks. The odd moments are made of differences of the tail
// integrals at α and β, so that they keep their digits as u → 0.
GaussianAverages on_the_slope(double u, double q) {
  const double alpha = (1.0 - u) / q, beta = (1.0 + u) / q;
  const NormalTail upper = normal_tail(alpha), lower = normal_tail(beta);
  const NormalTail delta = normal_tail_difference(alpha, 2.0 * u / q);
  const double linear = 1.0 - upper.I0 - lower.I0;  // Φ(α) − Φ(−β)
  const double second = 2.0 * (upper.I2 + lower.I2);
  return {u - q * delta.I1, linear,
          q * q * (1.0 - 2.0 * (upper.I0 + lower.I0) + second - delta.I1 * delta.I1),
          q * q * q *
              (-3.0 * delta.density + 6.0 * delta.I1 * linear - 6.0 * delta.I3 +
               3.0 * second * delta.I1 - 2.0 * delta.I1 * delta.I1 * delta.I1)};
}

// u > 1, q ≤ 1: f = 1 − q m, m = min((−z − α)₊, 2/q), with the upper kink at α = (u − 1)/q below
// and the lower one at β = α + 2/q; mⁿ is pⁿ less what p = (−z − α)₊ exceeds 2/q by.
GaussianAverages saturated(double u, double q) {
  const double alpha = (u - 1.0) / q, beta = (u + 1.0) / q;
  const NormalTail upper = normal_tail(alpha), lower = normal_tail(beta);
  const double cap = lower.density > 0.0 ? 2.0 / q : 0.0;  // may overflow where nothing reaches it
  const double m1 = upper.I1 - lower.I1;
  const double m2 = 2.0 * (upper.I2 - lower.I2 - cap * lower.I1);
  const double m3 = 6.0 * (upper.I3 - lower.I3 - cap * lower.I2) - 3.0 * cap * cap * lower.I1;
  return {1.0 - q * m1, upper.I0 - lower.I0, q * q * (m2 - m1 * m1),
          -q * q * q * (m3 - 3.0 * m2 * m1 + 2.0 * m1 * m1 * m1)};
}

// q > 1: the two clipped masses and a Gauss–Legendre rule for the piece between the kinks, t = u +
// qz and −t together. Moments of f itself where it is nearly symmetric, of 1 − f where it
// saturates.
GaussianAverages wide(double u, double q) {
  const double a = (1.0 - u) / q, b = (1.0 + u) / q;
  const double above = normal_distribution(-a), below = normal_distribution(-b);
  double mean = normal_interval(a, 2.0 * u / q), cube = mean;  // E f, E f³: clipped, above − below
  double slope = 0.0;
  double square = above + below;                                // E f²
  double n1 = 2.0 * below, n2 = 4.0 * below, n3 = 8.0 * below;  // E (1 − f)ⁿ
  for_each_gauss_legendre_node<20>(0.0, 1.0, [&](double t, double weight) {
    const double right = weight * normal_density((t - u) / q) / q;
    const double odd = -right * std::expm1(-2.0 * t * u / (q * q));
    const double left = right - odd;
    const double near = 1.0 - t, far = 1.0 + t;
    slope += right + left;
    mean += t * odd;
    cube += t * t * t * odd;
    square += t * t * (right + left);
    n1 += near * right + far * left;
    n2 += near * near * right + far * far * left;
    n3 += near * near * near * right + far * far * far * left;
  });
  const double third = mean < 0.5 ? cube - mean * (3.0 * square - 2.0 * mean * mean)
                                  : -(n3 - n1 * (3.0 * n2 - 2.0 * n1 * n1));
  return {mean, slope, n2 - n1 * n1, third};
}

}  // namespace

double SaturatingLinear::derivative(int order, double u) const {
  require_order(order, "saturating_linear");
  if (order > 1) return 0.0;
  const double distance = std::fabs(u) - 1.0;
  return distance < 0.0 ? 1.0 : distance > 0.0 ? 0.0 : 0.5;
}

GaussianAverages SaturatingLinear::averages(double u, double q) const {
  require_width(q, "saturating_linear");
  if (q == 0.0) return {(*this)(u), derivative(1, u), 0.0, 0.0};
  const double a = std::fabs(u);
  GaussianAverages result = q > 1.0 ? wide(a, q) : a > 1.0 ? saturated(a, q) : on_the_slope(a, q);
  if (u < 0.0) {
    result.mean = -result.mean;
    result.third = -result.third;
  }
  return result;
}

Attenuation SaturatingLinear::attenuation(double u, double q) const {
  require_width(q, "saturating_linear");
  if (q == 0.0) return {0.0, 0.0};
  const double a = std::fabs(u), far = (1.0 + a) / q;
  Attenuation result;
  if (a <= 1.0) {
    result = {q * clipped_half_normal_mean((1.0 - a) / q), q * clipped_half_normal_mean(far)};
  } else {
    result = {0.0, q * normal_tail_difference((a - 1.0) / q, 2.0 / q).I1};
  }
  return u < 0.0 ? Attenuation{result.down, result.up} : result;
}

}  // namespace stillpoint::activations
