// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/logistic_average.hpp"

#include <cmath>
#include <limits>

#include "lib/activations/logistic_fold.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

namespace {

// Strong noise, |u| < 2q: the Gaussian is wide against the step of the logistic and f = ±1 at most
// nodes. For g = 2λ − 1, half sums of g and g³ and the slope vanish there, so the sums stop where
// g is 1 to rounding, and g² = 1 − 4λ' gives the variance (not small: nothing cancels).
LogisticAverage strong_noise(double a, double q) {
  const double s = std::exp(-a), t = -std::expm1(-a) / (1.0 + s);
  double mean = 0.0, cube = 0.0, slope = 0.0;
  for_each_folded_node(a, q, a + 42.0, [&](const FoldedNode& node) {
    const auto [weight, b, e, m, x] = node;
    const double se = s * e, inverse = 1.0 / ((1.0 + x) * (1.0 + se));
    const double sum = t * (1.0 + s) * (1.0 + s) * inverse;  // ½[g(a + b) + g(a − b)]
    const double d = m * (1.0 + e) * x * inverse;            // ½[g(a + b) − g(a − b)]
    mean += weight * sum;
    cube += weight * sum * (sum * sum + 3.0 * d * d);
    slope += weight * 0.5 * inverse * inverse *
             (x * (1.0 + se) * (1.0 + se) + se * (1.0 + x) * (1.0 + x));
  });
  const double square = 1.0 - 4.0 * slope;
  return {0.5 * (1.0 - mean), mean, slope, 0.25 * (square - mean * mean),
          -0.125 * (cube - mean * (3.0 * square - 2.0 * mean * mean))};
}

}  // namespace

LogisticAverage logistic_average(double a, double q) {
  if (q > 6.0 && a < 2.0 * q) return strong_noise(a, q);
  const double s = std::exp(-a), t = -std::expm1(-a) / (1.0 + s);
  LogisticAverage sum{0.0, 0.0, 0.0, 0.0, 0.0};
  FoldedMoments moments;
  constexpr double everywhere = std::numeric_limits<double>::infinity();
  for_each_folded_node(a, q, everywhere, [&](const FoldedNode& node) {
    const auto [weight, b, e, m, x] = node;
    const double se = s * e, inverse = 1.0 / ((1.0 + x) * (1.0 + se));
    const double common = 0.5 * m * x * inverse;
    sum.mean += weight * 0.5 * inverse * (x * (1.0 + se) + se * (1.0 + x));
    sum.odd += weight * inverse;
    sum.slope += weight * 0.5 * inverse * inverse *
                 (x * (1.0 + se) * (1.0 + se) + se * (1.0 + x) * (1.0 + x));
    moments.add(weight, common * t * m, common * (1.0 + e));
  });
  sum.odd *= t * (1.0 + s) * (1.0 + s);
  sum.variance = moments.variance();
  sum.third = moments.third();
  return sum;
}

Attenuation logistic_attenuation(double a, double q) {
  if (q == 0.0) return {0.0, 0.0};
  const double s = std::exp(-a);
  const double end = 9.0 + std::fmin(q, a / q);
  const double length = std::fmin(1.5, 4.0 / q);  // poles at distance π/q
  const auto up = [&](double z) {                 // λ(−a + b) − λ(−a) = xm/((1 + x)(1 + s))
    const double b = q * z, x = capped_ratio(b, a);
    return normal_density(z) * -std::expm1(-b) * x / ((1.0 + x) * (1.0 + s));
  };
  const auto down = [&](double z) {  // λ(−a) − λ(−a − b) = sm/((1 + s)(1 + se))
    const double b = q * z;
    return normal_density(z) * -std::expm1(-b) * s / ((1.0 + s) * (1.0 + std::exp(-a - b)));
  };
  return {panels(end, length, up), panels(end, length, down)};
}

}  // namespace stillpoint::activations
