// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <algorithm>
#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/log1p.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/eigen.hpp>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "lib/core/types.hpp"

/// The law of one neuron by methods that share nothing with the solver: own activations, grids,
/// quadrature and equations, in extended precision or, where a moment is so small that its relative
/// error would show the rounding of the judge, in quadruple precision.
namespace stillpoint::tests {

using Extended = long double;
using Quadruple =
    boost::multiprecision::number<boost::multiprecision::cpp_bin_float_quad::backend_type,
                                  boost::multiprecision::et_off>;

template <typename Real>
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
template <typename Real>
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

template <typename Real>
const Real pi = boost::math::constants::pi<Real>();

/// y' = λ y + d + G f(β y + c + s z) + ν z'.
template <typename Real>
struct Neuron {
  std::string_view name;
  Real lambda, d, G, beta, c, s, nu;

  Real f(const Real& u) const {
    using std::exp, std::tanh;
    if (name == "relu") return std::max(u, Real(0));
    if (name == "tanh") return tanh(u);
    if (name == "erf") return boost::math::erf(u);
    if (name == "logistic") return (1 + tanh(u / 2)) / 2;
    return u > 0 ? u + boost::math::log1p(exp(-u)) : boost::math::log1p(exp(u));  // softplus
  }
  bool unbounded() const { return name == "relu" || name == "softplus"; }
  /// Of an unbounded f: the smallest u with f(u) ≥ value, −∞ if that is all u.
  Real inverse(const Real& value) const {
    using std::exp;
    if (name == "relu") return std::max(value, Real(0));
    return value > 0 ? value + boost::math::log1p(Real(-exp(-value)))
                     : -std::numeric_limits<Real>::infinity();
  }
  Real largest_slope() const {  // of f; the smallest is 0
    using std::sqrt;
    return name == "erf" ? 2 / sqrt(pi<Real>) : name == "logistic" ? Real(0.25) : Real(1);
  }
  /// Of the map: the larger of its slopes at f' = 0 and at the largest f'.
  Real steepest() const {
    using std::fabs;
    return std::max<Real>(fabs(lambda), fabs(lambda + G * beta * largest_slope()));
  }
  /// Half-width that holds all but e^{-72} of the law, noise inside: the state is a function of all
  /// past normals with Lipschitz constant L, hence P(|y − E y| > t) ≤ 2 exp(−t²/2L²). Infinite
  /// where the map does not contract.
  Real reach() const {
    using std::sqrt;
    const Real a = steepest();
    if (a >= 1) return std::numeric_limits<Real>::infinity();
    return 12 * std::max<Real>(G, -G) * largest_slope() * s / sqrt(1 - a * a);
  }
  /// The y about which the law is symmetric, if it is: f − f(0) must be odd, and the point where
  /// the argument is zero a fixed point.
  bool symmetric_about(double& centre) const {
    using std::fabs;
    if (unbounded() || beta == 0) return false;
    const Real y = -c / beta;
    centre = static_cast<double>(y);
    return fabs(lambda * y + d + G * f(Real(0)) - y) <= 1e-15 * (1 + fabs(y));
  }
};

/// Mean, variance and skewness, and by how much they changed from the resolution before.
struct IndependentLaw {
  Quadruple value[3] = {0, 0, 0};
  double change[3] = {0, 0, 0};

  double largest_change() const {  // in units: standard deviation, variance, 1
    const double variance = static_cast<double>(value[1]);
    return std::max({change[0] / std::sqrt(variance), change[1] / variance, change[2]});
  }
  void compare(const IndependentLaw& coarse) {
    for (int k = 0; k < 3; ++k) change[k] = static_cast<double>(fabs(value[k] - coarse.value[k]));
  }
};

template <typename Real>
struct Rule {
  std::vector<Real> x, w;
};

/// Gauss–Legendre by Newton steps from the classical guesses.
template <typename Real>
Rule<Real> gauss_legendre(int n) {
  Rule<Real> rule{std::vector<Real>(n), std::vector<Real>(n)};
  for (int i = 0; i < n; ++i) {
    Real x = std::cos(pi<double> * (i + 0.75) / (n + 0.5)), derivative = 1;
    for (int pass = 0; pass < 12; ++pass) {
      Real before = 1, value = x;  // P_{k-1}, P_k
      for (int k = 1; k < n; ++k) {
        const Real next = ((2 * k + 1) * x * value - k * before) / (k + 1);
        before = value;
        value = next;
      }
      derivative = n * (x * value - before) / (x * x - 1);
      x -= value / derivative;
    }
    rule.x[i] = x;
    rule.w[i] = 2 / ((1 - x * x) * derivative * derivative);
  }
  return rule;
}

/// Solves A x = b from a factorisation in double, refined with residuals in Real.
template <typename Real>
RealVector<Real> solve_refined(const RealMatrix<Real>& A, const RealVector<Real>& b) {
  const Eigen::PartialPivLU<Matrix> factors(A.template cast<double>());
  RealVector<Real> x = RealVector<Real>::Zero(b.size());
  for (int pass = 0; pass < 8; ++pass) {
    const RealVector<Real> residual = b - A * x;
    x += factors.solve(residual.template cast<double>()).template cast<Real>();
  }
  return x;
}

template <typename Real>
IndependentLaw moments(const RealVector<Real>& points, const RealVector<Real>& mass) {
  using std::sqrt;
  Real mean = points.dot(mass);
  RealVector<Real> t = points.array() - mean;
  mean += t.dot(mass);
  t = points.array() - mean;
  const Real variance = t.cwiseAbs2().dot(mass);
  const Real third = t.cwiseAbs2().cwiseProduct(t).dot(mass);
  return {.value = {Quadruple(mean), Quadruple(variance),
                    Quadruple(third / (variance * sqrt(variance)))}};
}

/// @brief Noise outside: the density p(y) = ∫ N(y; λx + d + G f(βx + c), ν²) p(x) dx by Nyström's
/// method on [lower, upper]: trapezoids for smooth f, Gauss–Legendre pieces split at the kink for
/// relu; both converge exponentially once they resolve ν. The changes are those from steps a
/// quarter wider.
template <typename Real>
IndependentLaw density_law(const Neuron<Real>& neuron, const Real& lower, const Real& upper) {
  using std::exp, std::fabs, std::sqrt;
  const Real a = neuron.steepest();
  const auto with = [&](const Real& scale) {
    std::vector<Real> x, w;
    if (neuron.name == "relu") {
      static const Rule<Real> rule = gauss_legendre<Real>(16);
      std::vector<Real> ends{lower, upper};
      const Real kink = -neuron.c / neuron.beta;
      if (kink > lower && kink < upper) ends.insert(ends.begin() + 1, kink);
      for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
        const int pieces =
            static_cast<int>(std::ceil(static_cast<double>((ends[k + 1] - ends[k]) / (4 * scale))));
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
      const Real step =
          std::min<Real>(0.7 * scale, 0.15 / std::max<Real>(fabs(neuron.beta), Real(0.1)));
      const int n = static_cast<int>(std::ceil(static_cast<double>((upper - lower) / step)));
      for (int i = 0; i <= n; ++i) {
        x.push_back(lower + (upper - lower) * i / n);
        w.push_back((upper - lower) / n);
      }
    }
    const Index n = static_cast<Index>(x.size());
    const RealVector<Real> weight = RealVector<Real>::Map(w.data(), n);
    const RealVector<Real> point = RealVector<Real>::Map(x.data(), n);
    const Real norm = 1 / (neuron.nu * sqrt(2 * pi<Real>));
    RealMatrix<Real> system(n, n);
    for (Index j = 0; j < n; ++j) {
      const Real target =
          neuron.lambda * x[j] + neuron.d + neuron.G * neuron.f(neuron.beta * x[j] + neuron.c);
      for (Index i = 0; i < n; ++i) {
        const Real t = (x[i] - target) / neuron.nu;
        const Real kernel = fabs(t) > 14 ? Real(0) : Real(norm * exp(-t * t / 2));
        system(i, j) = (i == j ? 1 : 0) - kernel * w[j] + w[j] / (upper - lower);
      }
    }
    const RealVector<Real> density =
        solve_refined<Real>(system, RealVector<Real>::Constant(n, 1 / (upper - lower)));
    RealVector<Real> mass = density.cwiseProduct(weight);
    mass /= mass.sum();
    return moments<Real>(point, mass);
  };
  const Real scale = neuron.nu / sqrt(1 + a * a);
  IndependentLaw law = with(scale);
  law.compare(with(1.25 * scale));
  return law;
}

/// @brief Noise inside: plain collocation of E[v(y') | y] at Chebyshev nodes on one panel
/// [lower, upper] (the recipe of theory, section 4), n doubled until the moments settle.
template <typename Real>
IndependentLaw one_panel_law(const Neuron<Real>& neuron, const Real& lower, const Real& upper,
                             int most_nodes) {
  using std::cos, std::exp, std::sin, std::sqrt;
  const auto at = [&](int n) {
    RealVector<Real> x(n), b(n);
    for (int k = 0; k < n; ++k) {
      const Real angle = (2 * k + 1) * pi<Real> / (2 * n);
      x(k) = (lower + upper) / 2 - (upper - lower) / 2 * cos(angle);
      b(k) = (k % 2 ? -1 : 1) * sin(angle);
    }
    RealMatrix<Real> system = -RealMatrix<Real>::Identity(n, n);  // columns are rows of P − 1
    RealVector<Real> basis(n);
    const auto add = [&](int row, Real y, const Real& weight) {
      y = std::clamp(y, lower, upper);
      for (int k = 0; k < n; ++k) {
        if (y == x(k)) {
          system(k, row) += weight;
          return;
        }
        basis(k) = b(k) / (y - x(k));
      }
      const Real share = weight / basis.sum();
      system.col(row) += basis * share;
    };
    static const Rule<Real> rule = gauss_legendre<Real>(40);
    const Real norm = 1 / sqrt(2 * pi<Real>);
    const auto below = [](const Real& z) {
      return boost::math::erfc(Real(-z / sqrt(Real(2)))) / 2;
    };
    const Real near = neuron.G > 0 ? lower : upper, far = neuron.G > 0 ? upper : lower;
    for (int i = 0; i < n; ++i) {
      const Real u = neuron.beta * x(i) + neuron.c, kept = neuron.lambda * x(i) + neuron.d;
      if (neuron.unbounded()) {
        // Noise that leaves the panel or the active branch of the relu stops there, with its mass:
        // the integrand between is smooth.
        const auto crosses = [&](const Real& y) {
          return (neuron.inverse((y - kept) / neuron.G) - u) / neuron.s;
        };
        const Real first = std::clamp<Real>(crosses(near), -10, 10);
        const Real last = std::clamp<Real>(crosses(far), first, 10);
        add(i, kept, below(first));
        add(i, far, below(-last));
        const int pieces = static_cast<int>(std::ceil(static_cast<double>((last - first) / 4)));
        for (int piece = 0; piece < pieces; ++piece) {
          const Real half = (last - first) / (2 * pieces);
          for (std::size_t q = 0; q < rule.x.size(); ++q) {
            const Real z = first + half * (2 * piece + 1 + rule.x[q]);
            add(i, kept + neuron.G * neuron.f(u + neuron.s * z),
                half * rule.w[q] * norm * exp(-z * z / 2));
          }
        }
      } else {
        const Real step = 0.125;
        for (int q = -80; q <= 80; ++q) {
          const Real z = step * q;
          add(i, kept + neuron.G * neuron.f(u + neuron.s * z), step * norm * exp(-z * z / 2));
        }
      }
    }
    system.array() += Real(1) / n;
    RealVector<Real> mass = solve_refined<Real>(system, RealVector<Real>::Constant(n, Real(1) / n));
    mass /= mass.sum();
    return moments<Real>(x, mass);
  };
  IndependentLaw last = at(40);
  for (int n = 80; n <= most_nodes; n *= 2) {
    IndependentLaw law = at(n);
    law.compare(last);
    last = law;
    if (law.largest_change() < 1e-16) break;
  }
  return last;
}

}  // namespace stillpoint::tests
