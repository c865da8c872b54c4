// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/softplus.hpp"

#include "lib/activations/logistic.hpp"
#include "lib/activations/logistic_fold.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

namespace {

// Where b exceeds a by this, ln(1 + e^{b−a}) = b − a to rounding.
constexpr double linear_from = 40.0;

// Of unit sharpness, at −a: f(−a + b) − f(−a) for b ≥ 0.
double increment_up(double a, double s, double b) {
  if (b - a > linear_from) return b - a - std::log1p(s);
  return std::log1p(-std::expm1(-b) * capped_ratio(b, a) / (1.0 + s));
}

// f(−a) − f(−a − b).
double increment_down(double s, double b) { return -std::log1p(std::expm1(-b) * s / (1.0 + s)); }

// Averages at unit sharpness. Above the kink f(u) = u + f(−u): the half sum of a pair of increments
// is the same as at −u, the half difference becomes b − d.
GaussianAverages unit_averages(double u, double q) {
  const double a = std::fabs(u), s = std::exp(-a), offset = std::log1p(s);
  double slope = 0.0;
  FoldedMoments moments;
  constexpr double everywhere = std::numeric_limits<double>::infinity();
  for_each_folded_node(a, q, everywhere, [&](const FoldedNode& node) {
    const auto [weight, b, e, m, x] = node;
    const double se = s * e;
    slope += weight * 0.5 * (x / (1.0 + x) + se / (1.0 + se));
    double sigma, d;
    if (b - a > linear_from) {
      sigma = 0.5 * (b - a) - offset;
      d = 0.5 * (b - a);
    } else {
      sigma = 0.5 * std::log1p(x * m * m / ((1.0 + s) * (1.0 + s)));
      d = 0.5 * std::log1p(x * m * (1.0 + e) / (1.0 + se));
    }
    moments.add(weight, sigma, u < 0.0 ? d : b - d);
  });
  return {(u < 0.0 ? 0.0 : u) + offset + moments.bias(), u < 0.0 ? slope : 1.0 - slope,
          moments.variance(), moments.third()};
}

}  // namespace

Softplus::Softplus(double sharpness) : sharpness_(sharpness) {
  require(sharpness > 0.0 && std::isfinite(sharpness), "softplus", "sharpness = ", sharpness,
          ", expected finite and > 0");
}

double Softplus::derivative(int order, double u) const {
  require_order(order, "softplus");
  const double k = sharpness_;
  if (order == 1) return Logistic{}(k * u);
  return std::pow(k, order - 1) * Logistic{}.derivative(order - 1, k * u);
}

GaussianAverages Softplus::averages(double u, double q) const {
  require_width(q, "softplus");
  if (q == 0.0) return {(*this)(u), derivative(1, u), 0.0, 0.0};
  const double k = sharpness_;
  const auto [mean, slope, variance, third] = unit_averages(k * u, k * q);
  return {mean / k, slope, variance / (k * k), third / (k * k * k)};
}

Attenuation Softplus::attenuation(double u, double q) const {
  require_width(q, "softplus");
  if (q == 0.0) return {0.0, 0.0};
  const double k = sharpness_, width = k * q, a = k * std::fabs(u), s = std::exp(-a);
  const double end = 9.0 + std::fmin(width, a / width), length = std::fmin(1.5, 4.0 / width);
  const double up = panels(end, length, [=](double z) {
    const double b = width * z;
    return normal_density(z) * (u < 0.0 ? increment_up(a, s, b) : b - increment_down(s, b));
  });
  const double down = panels(end, length, [=](double z) {
    const double b = width * z;
    return normal_density(z) * (u < 0.0 ? increment_down(s, b) : b - increment_up(a, s, b));
  });
  return {up / k, down / k};
}

}  // namespace stillpoint::activations
