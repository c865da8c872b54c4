// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/noise_series/resummation.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <boost/math/quadrature/exp_sinh.hpp>
#include <cmath>
#include <string_view>

#include "lib/core/require.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::noise_series {
namespace {

struct Rational {
  Vector numerator, denominator;  // rising powers; denominator(0) = 1

  static double polynomial(const Vector& c, double x) {
    double sum = 0.0;
    for (Index k = c.size() - 1; k >= 0; --k) sum = sum * x + c(k);
    return sum;
  }
  double operator()(double x) const {
    return polynomial(numerator, x) / polynomial(denominator, x);
  }

  std::vector<std::complex<double>> poles() const {
    Index degree = denominator.size() - 1;
    while (degree > 0 && denominator(degree) == 0.0) --degree;
    if (degree == 0) return {};
    Matrix companion = Matrix::Zero(degree, degree);
    for (Index k = 0; k + 1 < degree; ++k) companion(k + 1, k) = 1.0;
    companion.col(degree - 1) = -denominator.head(degree) / denominator(degree);
    const Eigen::VectorXcd roots = companion.eigenvalues();
    std::vector<std::complex<double>> result(roots.begin(), roots.end());
    std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
      return a.real() != b.real() ? a.real() < b.real() : a.imag() < b.imag();
    });
    return result;
  }
};

/// Lowers the degree of the denominator until its equations have one solution.
Rational approximant(const std::vector<double>& c) {
  const auto n = static_cast<Index>(c.size()) - 1;
  const auto at = [&](Index k) { return k < 0 ? 0.0 : c[static_cast<std::size_t>(k)]; };
  for (Index M = n / 2; M >= 0; --M) {
    const Index L = n - M;
    Rational result{.numerator = Vector::Zero(L + 1), .denominator = Vector::Zero(M + 1)};
    result.denominator(0) = 1.0;
    if (M > 0) {
      Matrix system(M, M);
      Vector right(M);
      for (Index i = 0; i < M; ++i) {
        right(i) = -at(L + 1 + i);
        for (Index j = 0; j < M; ++j) system(i, j) = at(L + i - j);
      }
      const Eigen::FullPivLU<Matrix> factor(system);
      if (!factor.isInvertible()) continue;
      result.denominator.tail(M) = factor.solve(right);
    }
    for (Index k = 0; k <= L; ++k)
      for (Index j = 0; j <= std::min(k, M); ++j)
        result.numerator(k) += result.denominator(j) * at(k - j);
    return result;
  }
  return {};  // not reached: M = 0 is the sum itself
}

void require_series(const std::vector<double>& c, double x, std::string_view where) {
  require(!c.empty(), where, "no coefficients, expected at least one");
  require(std::all_of(c.begin(), c.end(), [](double v) { return std::isfinite(v); }), where,
          "a coefficient is not finite");
  require(std::isfinite(x) && x >= 0.0, where, "x = ", x, ", expected >= 0");
}

void flag_poles(Resummation& result, double reach, std::string_view what) {
  for (const auto& pole : result.poles) {
    if (pole.real() <= 0.0 || std::abs(pole.imag()) > 0.25 * pole.real() || pole.real() > reach)
      continue;
    result.reliable = false;
    result.note = std::string("a pole of the ") + std::string(what) +
                  " lies near the positive axis within reach";
  }
  if (!std::isfinite(result.value)) {
    result.reliable = false;
    if (result.note.empty()) result.note = "the approximant has no finite value";
  }
}

}  // namespace

Resummation pade(const std::vector<double>& c, double x) {
  require_series(c, x, "noise_series::pade");
  const Rational rational = approximant(c);
  Resummation result{.value = rational(x), .poles = rational.poles()};
  flag_poles(result, 2.0 * x, "Padé approximant");
  return result;
}

Resummation borel_pade(const std::vector<double>& c, double x) {
  require_series(c, x, "noise_series::borel_pade");
  std::vector<double> transform = c;
  double factorial = 1.0;
  for (std::size_t k = 1; k < c.size(); ++k) {
    factorial *= static_cast<double>(k);
    transform[k] /= factorial;
  }
  const Rational rational = approximant(transform);
  Resummation result{.poles = rational.poles()};
  try {
    boost::math::quadrature::exp_sinh<double> rule;
    result.value = rule.integrate([&](double v) { return std::exp(-v) * rational(x * v); }, 1e-12);
  } catch (const std::exception&) {  // the rule met the pole itself
    result.value = std::numeric_limits<double>::quiet_NaN();
  }
  flag_poles(result, x * std::log(1e9), "Borel transform");
  return result;
}

}  // namespace stillpoint::noise_series
