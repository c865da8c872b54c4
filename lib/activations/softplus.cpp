// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/softplus.hpp"

#include <array>

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

// A point of the rule for what softplus has beyond relu: f = y₊ + ℓ, f' = 1(y > 0) ∓ κ at ±y.
struct RemainderNode {
  double y, weight;
  double ell;    // ℓ = ln(1 + e^{−y})
  double kappa;  // κ = 1/(1 + e^{y})
};

// Gauss–Legendre panels on [0, 96]; ℓ is singular at ±iπ.
constexpr std::array panel_ends{0.0, 2.5, 7.0, 16.0, 40.0, 96.0};

const auto& remainder_nodes() {
  static const auto all = [] {
    std::array<RemainderNode, 15 * (panel_ends.size() - 1)> nodes;
    auto next = nodes.begin();
    for (std::size_t k = 0; k + 1 < panel_ends.size(); ++k) {
      for_each_gauss_legendre_node<15>(panel_ends[k], panel_ends[k + 1] - panel_ends[k],
                                       [&next](double y, double weight) {
                                         const double e = std::exp(-y);
                                         *next++ = {y, weight, std::log1p(e), e / (1.0 + e)};
                                       });
    }
    return nodes;
  }();
  return all;
}

// Strong noise: relu's closed form and a rule in y = u + qz over the few units about 0 where
// softplus differs; for these the Gaussian is a smooth factor. Up to a = 0.6 q² the part of a
// Gaussian about −a that lies beyond −96 counts less than e^{−34} of what lies at the kink. Moments
// at −a; above the kink f(u + qz) = u + qz + Y, Y = f(−u − qz), and Stein's identity gives E z²Ỹ
// and E zỸ², where Ỹ = Y − E Y.
GaussianAverages strong_noise(double u, double q) {
  const double a = std::fabs(u);
  const NormalTail tail = normal_tail(a / q);
  double slope = tail.I0, curvature = 0.0;                          // E f', E f''
  double first = q * tail.I1, second = 2.0 * q * q * tail.I2;       // E f, E f²
  double third = 6.0 * q * q * q * tail.I3, product = q * tail.I1;  // E f³, E f f'
  for (const auto& [y, weight, ell, kappa] : remainder_nodes()) {
    const double right = weight * normal_density((y + a) / q) / q;
    const double left = weight * normal_density((y - a) / q) / q;
    const double both = right + left;
    first += ell * both;
    second += ell * ell * both + 2.0 * y * ell * right;
    third += ell * ell * ell * both + 3.0 * y * ell * (y + ell) * right;
    slope += kappa * (left - right);
    product += ell * kappa * left + (ell - kappa * (y + ell)) * right;
    curvature += kappa * (1.0 - kappa) * both;
  }
  const double variance = second - first * first;
  third -= first * (3.0 * second - 2.0 * first * first);
  if (u < 0.0) return {first, slope, variance, third};
  const double q2 = q * q;
  return {u + first, 1.0 - slope, variance + q2 * (1.0 - 2.0 * slope),
          third + 3.0 * q2 * q2 * curvature - 6.0 * q2 * (product - first * slope)};
}

// Averages at unit sharpness. Above the kink f(u) = u + f(−u): the half sum of a pair of increments
// is the same as at −u, the half difference becomes b − d.
GaussianAverages unit_averages(double u, double q) {
  const double a = std::fabs(u), s = std::exp(-a), offset = std::log1p(s);
  if (q > 3.0 && a < 0.6 * q * q) return strong_noise(u, q);
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
