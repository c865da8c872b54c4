// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/normal.hpp"

#include <cmath>
#include <numbers>

#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

namespace {

// φ(y) is below 1e-323 from here on.
constexpr double end_of_tail = 38.6;

// A function that falls by less than a factor e across an interval loses digits in a difference of
// its end values; there a Gauss rule integrates its derivative instead.
bool narrow(double lower, double width) {
  return width * (1.0 + std::fmax(std::fabs(lower), std::fabs(lower + width))) < 1.0;
}

}  // namespace

double normal_density(double x) { return normal_peak * std::exp(-0.5 * x * x); }

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double normal_interval(double lower, double width) {
  if (narrow(lower, width)) return gauss_legendre<7>(lower, width, normal_density);
  const double upper = lower + width;
  if (lower > 0.0) return normal_distribution(-lower) - normal_distribution(-upper);
  return normal_distribution(upper) - normal_distribution(lower);
}

NormalTail normal_tail(double y) {
  if (!(y <= end_of_tail)) {
    const double value = std::isnan(y) ? y : 0.0;
    return {value, value, value, value, value};
  }
  const double density = normal_density(y);
  if (y < 5.0) {  // upwards: each order loses a factor y² of accuracy, no more than 1e5 in all
    const double I0 = normal_distribution(-y);
    const double I1 = density - y * I0;
    const double I2 = (I0 - y * I1) / 2.0;
    return {density, I0, I1, I2, (I1 - y * I2) / 3.0};
  }
  // The integrals are the minimal solution of their recurrence: the ratios Rₙ = Iₙ/Iₙ₋₁ follow
  // downwards from Rₙ₋₁ = 1/(y + n Rₙ) (Laplace's continued fraction), started at its fixed point.
  int n = 8 + static_cast<int>(400.0 / (y * y));
  double ratio = 2.0 / (y + std::sqrt(y * y + 4.0 * n));
  for (; n > 4; --n) ratio = 1.0 / (y + n * ratio);
  const double R3 = 1.0 / (y + 4.0 * ratio);
  const double R2 = 1.0 / (y + 3.0 * R3);
  const double R1 = 1.0 / (y + 2.0 * R2);
  const double R0 = 1.0 / (y + R1);
  const double I0 = density * R0, I1 = I0 * R1, I2 = I1 * R2;
  return {density, I0, I1, I2, I2 * R3};
}

NormalTail normal_tail_difference(double lower, double width) {
  if (!narrow(lower, width)) {
    const NormalTail a = normal_tail(lower), b = normal_tail(lower + width);
    return {a.density - b.density, a.I0 - b.I0, a.I1 - b.I1, a.I2 - b.I2, a.I3 - b.I3};
  }
  NormalTail difference{};  // ∫ −Iₙ' = ∫ Iₙ₋₁, and −φ' = tφ
  for_each_gauss_legendre_node<7>(lower, width, [&difference](double t, double weight) {
    const NormalTail tail = normal_tail(t);
    difference.density += weight * t * tail.density;
    difference.I0 += weight * tail.density;
    difference.I1 += weight * tail.I0;
    difference.I2 += weight * tail.I1;
    difference.I3 += weight * tail.I2;
  });
  return difference;
}

double clipped_half_normal_mean(double y) {
  if (y > 1.0) return normal_peak - normal_tail(y).I1;
  return -normal_peak * std::expm1(-0.5 * y * y) + y * normal_distribution(-y);
}

}  // namespace stillpoint::activations
