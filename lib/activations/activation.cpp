// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/activations/activation.hpp"
#include <cmath>
namespace stillpoint::activations {
namespace {
constexpr double pi = 3.14159265358979323846;
GaussianAverages quadrature(const auto& f, double u, double q) {
  if (q == 0.0) return {f(u), f.derivative(1, u), 0.0, 0.0};
  const double step = 0.0625;
  double m = 0, s = 0, v = 0, t = 0;
  for (int k = -160; k <= 160; ++k) m += step * std::exp(-0.5 * step * k * step * k) / std::sqrt(2 * pi) * f(u + q * step * k);
  for (int k = -160; k <= 160; ++k) {
    const double z = step * k, w = step * std::exp(-0.5 * z * z) / std::sqrt(2 * pi), d = f(u + q * z) - m;
    s += w * z * d / q; v += w * d * d; t += w * d * d * d;
  }
  return {m, s, v, t};
}
Attenuation transmitted(const auto& f, double u, double q) {
  const double step = 0.0625;
  Attenuation a{0, 0};
  for (int k = -160; k <= 160; ++k) {
    const double z = step * k, w = step * std::exp(-0.5 * z * z) / std::sqrt(2 * pi), d = f(u + q * z) - f(u);
    (d > 0 ? a.up : a.down) += w * std::abs(d);
  }
  return a;
}
}
GaussianAverages Relu::averages(double u, double q) const {
  if (q == 0) return {(*this)(u), derivative(1, u), 0, 0};
  const double x = u / q, P = 0.5 * std::erfc(-x / std::sqrt(2.0)), p = std::exp(-0.5 * x * x) / std::sqrt(2 * pi);
  const double m1 = u * P + q * p, m2 = (u * u + q * q) * P + u * q * p, m3 = (u * u * u + 3 * u * q * q) * P + (u * u * q + 2 * q * q * q) * p;
  return {m1, P, m2 - m1 * m1, m3 - 3 * m1 * m2 + 2 * m1 * m1 * m1};
}
Attenuation Relu::attenuation(double u, double q) const { return transmitted(*this, u, q); }
double Tanh::derivative(int order, double u) const {
  const double t = std::tanh(u), d = 1 - t * t;
  switch (order) { case 1: return d; case 2: return -2 * t * d; case 3: return d * (6 * t * t - 2); default: return d * t * (16 - 24 * t * t); }
}
GaussianAverages Tanh::averages(double u, double q) const { return quadrature(*this, u, q); }
Attenuation Tanh::attenuation(double u, double q) const { return transmitted(*this, u, q); }
std::string_view name(const Activation& f) { return std::visit([](const auto& g) { return g.name; }, f); }
double value(const Activation& f, double u) { return std::visit([u](const auto& g) { return g(u); }, f); }
double derivative(const Activation& f, int order, double u) { return std::visit([=](const auto& g) { return g.derivative(order, u); }, f); }
std::vector<double> kinks(const Activation& f) { return std::visit([](const auto& g) { return g.kinks(); }, f); }
Range range(const Activation& f) { return std::visit([](const auto& g) { return g.range(); }, f); }
GaussianAverages averages(const Activation& f, double u, double q) { return std::visit([=](const auto& g) { return g.averages(u, q); }, f); }
Attenuation attenuation(const Activation& f, double u, double q) { return std::visit([=](const auto& g) { return g.attenuation(u, q); }, f); }
}  // namespace stillpoint::activations
