// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/erf.hpp"

#include <cmath>
#include <numbers>

#include "lib/activations/normal.hpp"
#include "lib/activations/quadrature.hpp"

namespace stillpoint::activations {

namespace {

// erfc(y) = 2 P(w > √2 y), so the moments of erfc(u + qz) are orthant probabilities of normals with
// threshold h = √2 u/√(1 + 2q²) and common correlation ρ = 2q²/(1 + 2q²). Their derivatives with
// respect to the correlation r are elementary (Plackett 1954, Biometrika 41, 351), and integrating
// the central moments from r = 0, where they vanish, leaves
//
//     v_q = 4 ∫_0^ρ φ₂(h, h; r) dr,   E (f − f_q)³ = −24 ∫_0^ρ φ₂(h, h; r) [Φ(h) − Φ(g(r))] dr,
//
// g(r) = h √((1 − r)/((1 + r)(1 + 2r))), φ₂ the bivariate normal density. With r = (1 − x²)/(1 +
// x²) φ₂ dr = −exp(−h²(1 + x²)/2)/(π(1 + x²)) dx, x from 1/√(1 + 4q²) to 1: the integrand of Owen's
// T, v_q = 8 [T(h, 1) − T(h, 1/√(1 + 4q²))], without the difference. For u ≥ 0.
struct CentralMoments {
  double variance, third;
};

template <unsigned nodes>
CentralMoments correlation_integrals(double h, double x0, double width, double reach) {
  CentralMoments sum{0.0, 0.0};
  for_each_gauss_legendre_node<nodes>(0.0, reach, [&](double y, double weight) {
    const double x = x0 + y, x2 = x * x;
    const double term = weight * std::exp(-0.5 * h * h * y * (x + x0)) / (1.0 + x2);
    const double ratio = std::sqrt(x2 * (1.0 + x2) / (3.0 - x2));  // g/h
    const double gap =                                             // 1 − g/h
        (width - y) * (1.0 + x) * (3.0 + x2) / ((3.0 - x2) * (1.0 + ratio));
    sum.variance += term;
    sum.third += term * normal_interval(h * ratio, h * gap);
  });
  return sum;
}

CentralMoments central_moments(double u, double q) {
  const double root = std::sqrt(1.0 + 4.0 * q * q);
  const double x0 = 1.0 / root;
  const double width = 4.0 * q * q / (root * (1.0 + root));  // 1 − x₀
  const double h = std::numbers::sqrt2 * u / std::sqrt(1.0 + 2.0 * q * q);
  // exp(−h²(1 + x²)/2) falls from x₀ on; where it has lost a factor e²⁸ the rest is dropped.
  const double fall = 2.0 * 28.0 / (h * h);
  const double reach = std::fmin(width, fall / (x0 + std::sqrt(x0 * x0 + fall)));
  const bool steep = h * h * reach * (x0 + 0.5 * reach) > 4.0;
  const auto [variance, third] = steep ? correlation_integrals<25>(h, x0, width, reach)
                                       : correlation_integrals<15>(h, x0, width, reach);
  const double scale = std::exp(-2.0 * u * u / (1.0 + 4.0 * q * q)) / std::numbers::pi;
  return {4.0 * scale * variance, -24.0 * scale * third};
}

}  // namespace

double Erf::derivative(int order, double u) const {
  require_order(order, "erf");
  const double slope = 2.0 * std::numbers::inv_sqrtpi * std::exp(-u * u);
  switch (order) {
    case 1:
      return slope;
    case 2:
      return -2.0 * u * slope;
    case 3:
      return (4.0 * u * u - 2.0) * slope;
    default:
      return u * (12.0 - 8.0 * u * u) * slope;
  }
}

GaussianAverages Erf::averages(double u, double q) const {
  require_width(q, "erf");
  if (q == 0.0) return {(*this)(u), derivative(1, u), 0.0, 0.0};
  const double spread = 1.0 + 2.0 * q * q;
  const auto [variance, third] = central_moments(std::fabs(u), q);
  return {std::erf(u / std::sqrt(spread)),
          2.0 * std::numbers::inv_sqrtpi / std::sqrt(spread) * std::exp(-u * u / spread), variance,
          u < 0.0 ? -third : third};
}

Attenuation Erf::attenuation(double u, double q) const {
  require_width(q, "erf");
  if (q == 0.0) return {0.0, 0.0};
  // By parts T± = q ∫_0^∞ f'(u ± qz) Φ(−z) dz. Its Gaussian factor exp(−(u ± qz)² − z²/2) has its
  // peak at z* and the inverse width √(1 + 2q²); Φ(−z) exp(z²/2) is slow beside it.
  const double spread = 1.0 + 2.0 * q * q, peak = 2.0 * std::fabs(u) * q / spread;
  const double reach = 9.0 / std::sqrt(spread);
  const auto towards = [=](double z) {  // the centre: the peak lies at z* = peak
    const double y = std::fabs(u) - q * z;
    return std::exp(-y * y) * normal_distribution(-z);
  };
  const auto away = [=](double z) {  // it lies at −peak: falls from z = 0 on
    const double y = std::fabs(u) + q * z;
    return std::exp(-y * y) * normal_distribution(-z);
  };
  const double scale = 2.0 * std::numbers::inv_sqrtpi * q;
  const double lower = std::fmax(0.0, peak - reach);
  // exp(−spread((z + z*)² − z*²)/2) < e^{−40} beyond:
  const double fall = 80.0 / spread;
  const double away_end = fall / (peak + std::sqrt(peak * peak + fall));
  const double in = scale * (gauss_legendre<30>(lower, peak - lower, towards) +
                             gauss_legendre<30>(peak, reach, towards));
  const double out = scale * gauss_legendre<30>(0.0, away_end, away);
  return u < 0.0 ? Attenuation{in, out} : Attenuation{out, in};
}

}  // namespace stillpoint::activations
