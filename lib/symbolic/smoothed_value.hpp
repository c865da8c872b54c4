// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/activations/activation.hpp"

/// Derivatives of Gaussian averages, f_q⁽ⁿ⁾(u) = E f⁽ⁿ⁾(u + qz), q > 0, of any order in any real
/// type. Included by tape_*.cpp.
///
/// An Arithmetic gives the type T and exponential, square_root, erf, normal_pdf, normal_cdf,
/// softplus, pi() and accuracy(), the natural logarithm of 1/ε.
namespace stillpoint::symbolic {

/// Probabilists' Hermite polynomial, Heₙ₊₁ = x Heₙ − n Heₙ₋₁.
template <typename T>
T hermite(int n, const T& x) {
  T previous = T(0), current = T(1);
  for (int k = 0; k < n; ++k) {
    T next = x * current - T(k) * previous;
    previous = current;
    current = next;
  }
  return current;
}

/// φ⁽ⁿ⁾(x) = (−1)ⁿ Heₙ(x) φ(x).
template <typename A, typename T = typename A::T>
T normal_derivative(int n, const T& x) {
  const T value = hermite(n, x) * A::normal_pdf(x);
  return n % 2 == 0 ? value : T(-value);
}

template <typename T>
T integer_power(const T& x, int n) {
  T result = T(1);
  for (int k = 0; k < n; ++k) result = result * x;
  return result;
}

/// relu: u Φ(x) + q φ(x), Φ(x), φ⁽ⁿ⁻²⁾(x)/qⁿ⁻¹ with x = u/q.
template <typename A, typename T = typename A::T>
T smoothed_relu(int n, const T& u, const T& q) {
  const T x = u / q;
  if (n == 0) return u * A::normal_cdf(x) + q * A::normal_pdf(x);
  if (n == 1) return A::normal_cdf(x);
  return normal_derivative<A>(n - 2, x) / integer_power(q, n - 1);
}

/// Φ(x), φ⁽ⁿ⁻¹⁾(x)/qⁿ.
template <typename A, typename T = typename A::T>
T smoothed_heaviside(int n, const T& u, const T& q) {
  const T x = u / q;
  return n == 0 ? A::normal_cdf(x) : T(normal_derivative<A>(n - 1, x) / integer_power(q, n));
}

/// @brief erf(c u) with c = 1/√(1 + 2q²), which is 2Φ(√2 c u) − 1.
template <typename A, typename T = typename A::T>
T smoothed_erf(int n, const T& u, const T& q) {
  const T c = T(1) / A::square_root(T(1) + T(2) * q * q);
  if (n == 0) return A::erf(c * u);
  const T scale = A::square_root(T(2)) * c;
  return T(2) * integer_power(scale, n) * normal_derivative<A>(n - 1, T(scale * u));
}

/// @brief l⁽ⁿ⁾(v) of the logistic l, n ≥ 1: a polynomial in l, p' = p_l l (1 − l), on the side
/// where l is small (the derivatives are even or odd).
template <typename A, typename T = typename A::T>
class LogisticDerivative {
 public:
  explicit LogisticDerivative(int n) : odd_(n % 2 == 0), coefficients_{T(1)} {
    for (int k = 0; k < n; ++k) {  // coefficients of l¹, l², …
      std::vector<T> next(coefficients_.size() + 1, T(0));
      for (std::size_t j = 0; j < coefficients_.size(); ++j) {
        const T slope = T(static_cast<double>(j + 1)) * coefficients_[j];
        next[j] = next[j] + slope;
        next[j + 1] = next[j + 1] - slope;
      }
      coefficients_ = std::move(next);
    }
  }
  T operator()(const T& v) const {
    const bool negative = v < T(0);
    const T s = A::exponential(negative ? v : T(-v));
    const T l = s / (T(1) + s);
    T sum = T(0);
    for (std::size_t j = coefficients_.size(); j-- > 0;) sum = (sum + coefficients_[j]) * l;
    return odd_ && !negative ? T(-sum) : sum;
  }

 private:
  bool odd_;
  std::vector<T> coefficients_;
};

/// @brief E g(u + qz) by the trapezoid rule, for g analytic but for singularities at ±iπ, …, which
/// sit at the distance p = π/q from the real axis of z: the step η errs by e^{−2πp/η + p²/2}, or by
/// the Gaussian's own e^{−2π²/η²} where they are far. The range grows where the integrand's tail
/// does, with e^{qz}.
template <typename A, typename Function, typename T = typename A::T>
T trapezoid_average(const T& u, const T& q, double margin, Function&& g) {
  using std::sqrt;
  const double accuracy = A::accuracy() + margin;
  const T p = A::pi() / q;
  T step = T(2) * A::pi() / A::square_root(T(2 * accuracy));
  if (p * p < T(2 * accuracy)) step = T(2) * A::pi() * p / (T(accuracy) + p * p / T(2));
  T shift = (u < T(0) ? T(-u) : u) / q;
  if (q < shift) shift = q;
  const T range = A::square_root(T(2 * accuracy)) + shift;
  T sum = A::normal_pdf(T(0)) * g(u);
  for (int k = 1; T(k) * step <= range; ++k) {
    const T z = T(k) * step;
    sum = sum + A::normal_pdf(z) * (g(T(u + q * z)) + g(T(u - q * z)));
  }
  return sum * step;
}

template <typename A, typename T = typename A::T>
T smoothed_logistic(int n, const T& u, const T& q) {
  if (n == 0)  // ½ plus the average of an odd function
    return trapezoid_average<A>(u, q, 2.0, [](const T& v) {
      const T s = A::exponential(v < T(0) ? v : T(-v));
      return v < T(0) ? T(s / (T(1) + s)) : T(T(1) / (T(1) + s));
    });
  // A pole of order n + 1 makes the aliasing error larger by a power.
  return trapezoid_average<A>(u, q, 2.0 + 3.0 * n, LogisticDerivative<A>(n));
}

/// @brief f_q⁽ⁿ⁾(u), n ≥ 0, q > 0.
template <typename A, typename T = typename A::T>
T smoothed_value(const activations::Activation& f, int n, const T& u, const T& q) {
  struct Visitor {
    int n;
    const T &u, &q;
    T operator()(const activations::Identity&) const { return n == 0 ? u : T(n == 1 ? 1 : 0); }
    T operator()(const activations::Relu&) const { return smoothed_relu<A>(n, u, q); }
    T operator()(const activations::LeakyRelu& g) const {
      const T line = n == 0 ? u : T(n == 1 ? 1 : 0);
      return T(g.slope()) * line + (T(1) - T(g.slope())) * smoothed_relu<A>(n, u, q);
    }
    T operator()(const activations::SaturatingLinear&) const {
      const T inner = smoothed_relu<A>(n, T(u + T(1)), q) - smoothed_relu<A>(n, T(u - T(1)), q);
      return n == 0 ? T(inner - T(1)) : inner;
    }
    T operator()(const activations::Softplus& g) const {
      const T k = T(g.sharpness());
      if (n > 0) return integer_power(k, n - 1) * smoothed_logistic<A>(n - 1, T(k * u), T(k * q));
      return trapezoid_average<A>(T(k * u), T(k * q), 2.0,
                                  [](const T& v) { return A::softplus(v); }) /
             k;
    }
    T operator()(const activations::Tanh&) const {
      const T value =
          T(2) * integer_power(T(2), n) * smoothed_logistic<A>(n, T(T(2) * u), T(T(2) * q));
      return n == 0 ? T(value - T(1)) : value;
    }
    T operator()(const activations::Logistic&) const { return smoothed_logistic<A>(n, u, q); }
    T operator()(const activations::Erf&) const { return smoothed_erf<A>(n, u, q); }
    T operator()(const activations::Heaviside&) const { return smoothed_heaviside<A>(n, u, q); }
  };
  return std::visit(Visitor{n, u, q}, f);
}

}  // namespace stillpoint::symbolic
