// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

#include "lib/core/types.hpp"

/// The law of one neuron by methods that share nothing with the solver: own activations, grids,
/// quadrature and equations, in extended precision.
namespace stillpoint::tests {

using Real = long double;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

/// y' = λ y + d + G f(β y + c + s z) + ν z'.
struct Neuron {
  std::string_view name;
  Real lambda, d, G, beta, c, s, nu;

  Real f(Real u) const {
    if (name == "relu") return std::max(u, Real(0));
    if (name == "tanh") return std::tanh(u);
    if (name == "erf") return std::erf(u);
    if (name == "logistic") return Real(0.5) + Real(0.5) * std::tanh(u / 2);
    return u > 0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u));  // softplus
  }
  Real largest_slope() const {  // of f
    return name == "erf" ? 2 / std::sqrt(std::numbers::pi_v<Real>) : name == "logistic" ? 0.25L : 1;
  }
};

struct IndependentLaw {
  Real mean = 0, variance = 0, skewness = 0;
  Real uncertainty = 0;  ///< Largest change of a moment (in its unit) between two resolutions.
};

struct Rule {
  std::vector<Real> x, w;
};

/// Gauss–Legendre by bisection-safe Newton steps from the classical guesses.
inline Rule gauss_legendre(int n) {
  Rule rule{std::vector<Real>(n), std::vector<Real>(n)};
  for (int i = 0; i < n; ++i) {
    Real x = std::cos(std::numbers::pi_v<Real> * (i + 0.75L) / (n + 0.5L)), derivative = 1;
    for (int pass = 0; pass < 20; ++pass) {
      derivative = n * (x * std::legendre(n, x) - std::legendre(n - 1, x)) / (x * x - 1);
      x -= std::legendre(n, x) / derivative;
    }
    rule.x[i] = x;
    rule.w[i] = 2 / ((1 - x * x) * derivative * derivative);
  }
  return rule;
}

/// Solves A x = b in extended precision from a factorisation in double.
inline RealVector solve_refined(const RealMatrix& A, const RealVector& b) {
  const Eigen::PartialPivLU<Matrix> factors(A.cast<double>());
  RealVector x = RealVector::Zero(b.size());
  for (int pass = 0; pass < 6; ++pass) {
    x += factors.solve((b - A * x).cast<double>()).cast<Real>();
  }
  return x;
}

inline IndependentLaw moments(const RealVector& points, const RealVector& mass) {
  IndependentLaw law;
  law.mean = points.dot(mass);
  RealVector t = points.array() - law.mean;
  law.mean += t.dot(mass);
  t = points.array() - law.mean;
  law.variance = t.cwiseAbs2().dot(mass);
  law.skewness = t.cwiseAbs2().cwiseProduct(t).dot(mass) / std::pow(law.variance, 1.5L);
  return law;
}

/// @brief Noise outside: the density p(y) = ∫ N(y; λx + d + G f(βx + c), ν²) p(x) dx by Nyström's
/// method on [lower, upper]: trapezoids for smooth f, Gauss–Legendre pieces split at the kink for
/// relu; both converge exponentially once they resolve ν.
inline IndependentLaw density_law(const Neuron& neuron, Real lower, Real upper) {
  const Real slope =
      std::max(std::fabs(neuron.lambda),
               std::fabs(neuron.lambda + neuron.G * neuron.beta * neuron.largest_slope()));
  const Real scale = neuron.nu / std::sqrt(1 + slope * slope);
  std::vector<Real> x, w;
  if (neuron.name == "relu") {
    static const Rule rule = gauss_legendre(16);
    std::vector<Real> ends{lower, upper};
    const Real kink = -neuron.c / neuron.beta;
    if (kink > lower && kink < upper) ends.insert(ends.begin() + 1, kink);
    for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
      const int pieces = static_cast<int>(std::ceil((ends[k + 1] - ends[k]) / (4 * scale)));
      const Real half = (ends[k + 1] - ends[k]) / (2 * pieces);
      for (int piece = 0; piece < pieces; ++piece) {
        for (int i = 0; i < 16; ++i) {
          x.push_back(ends[k] + half * (2 * piece + 1 + rule.x[i]));
          w.push_back(half * rule.w[i]);
        }
      }
    }
  } else {
    // f is analytic only in a strip of half-width π/2 or more.
    const Real step = std::min(0.7L * scale, 0.15L / std::max(std::fabs(neuron.beta), 0.1L));
    const int n = static_cast<int>(std::ceil((upper - lower) / step));
    for (int i = 0; i <= n; ++i) {
      x.push_back(lower + (upper - lower) * i / n);
      w.push_back((upper - lower) / n);
    }
  }
  const Index n = static_cast<Index>(x.size());
  const RealVector weight = RealVector::Map(w.data(), n), point = RealVector::Map(x.data(), n);
  RealMatrix system(n, n);
  for (Index j = 0; j < n; ++j) {
    const Real target =
        neuron.lambda * x[j] + neuron.d + neuron.G * neuron.f(neuron.beta * x[j] + neuron.c);
    for (Index i = 0; i < n; ++i) {
      const Real t = (x[i] - target) / neuron.nu;
      const Real kernel =
          std::fabs(t) > 14
              ? 0
              : std::exp(-t * t / 2) / (neuron.nu * std::sqrt(2 * std::numbers::pi_v<Real>));
      system(i, j) = (i == j ? 1 : 0) - kernel * w[j] + w[j] / (upper - lower);
    }
  }
  const RealVector density = solve_refined(system, RealVector::Constant(n, 1 / (upper - lower)));
  RealVector mass = density.cwiseProduct(weight);
  mass /= mass.sum();
  return moments(point, mass);
}

/// @brief Noise inside: plain collocation of E[v(y') | y] at Chebyshev nodes on one panel
/// [lower, upper] (the recipe of theory, section 4), n doubled until the moments settle.
inline IndependentLaw one_panel_law(const Neuron& neuron, Real lower, Real upper) {
  const auto at = [&](int n) {
    const Real pi = std::numbers::pi_v<Real>;
    RealVector x(n), b(n);
    for (int k = 0; k < n; ++k) {
      x(k) = (lower + upper) / 2 - (upper - lower) / 2 * std::cos((2 * k + 1) * pi / (2 * n));
      b(k) = (k % 2 ? -1 : 1) * std::sin((2 * k + 1) * pi / (2 * n));
    }
    RealMatrix system = -RealMatrix::Identity(n, n);  // columns are rows of P − 1
    const auto add = [&](int row, Real y, Real weight) {
      y = std::clamp(y, lower, upper);
      RealVector basis(n);
      for (int k = 0; k < n; ++k) {
        if (y == x(k)) {
          system(k, row) += weight;
          return;
        }
        basis(k) = b(k) / (y - x(k));
      }
      system.col(row) += basis * (weight / basis.sum());
    };
    static const Rule rule = gauss_legendre(48);
    const Real norm = 1 / std::sqrt(2 * pi);
    for (int i = 0; i < n; ++i) {
      const Real u = neuron.beta * x(i) + neuron.c, kept = neuron.lambda * x(i) + neuron.d;
      if (neuron.name == "relu") {
        const Real kink = -u / neuron.s;
        add(i, kept, std::erfc(-kink / std::sqrt(Real(2))) / 2);
        const Real first = std::max(kink, Real(-10));
        const int pieces = 3;
        for (int piece = 0; piece < pieces && first < 10; ++piece) {
          const Real half = (10 - first) / (2 * pieces);
          for (std::size_t q = 0; q < rule.x.size(); ++q) {
            const Real z = first + half * (2 * piece + 1 + rule.x[q]);
            add(i, kept + neuron.G * (u + neuron.s * z),
                half * rule.w[q] * norm * std::exp(-z * z / 2));
          }
        }
      } else {
        const Real step = 0.125L;
        for (int q = -80; q <= 80; ++q) {
          const Real z = step * q;
          add(i, kept + neuron.G * neuron.f(u + neuron.s * z), step * norm * std::exp(-z * z / 2));
        }
      }
    }
    system.array() += Real(1) / n;
    RealVector mass = solve_refined(system, RealVector::Constant(n, Real(1) / n));
    mass /= mass.sum();
    return moments(x, mass);
  };
  IndependentLaw last = at(40);
  for (int n = 80; n <= 320; n *= 2) {
    IndependentLaw law = at(n);
    const Real sd = std::sqrt(law.variance);
    law.uncertainty =
        std::max({std::fabs(law.mean - last.mean) / sd, std::fabs(law.variance / last.variance - 1),
                  std::fabs(law.skewness - last.skewness)});
    last = law;
    if (law.uncertainty < 1e-13L) break;
  }
  return last;
}

}  // namespace stillpoint::tests
