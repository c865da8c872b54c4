// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE moment_series
#include "lib/statistics/moment_series.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace stillpoint;
using statistics::MultiIndex;
using statistics::MultiIndices;
using statistics::Series;

namespace {

/// A series with every cumulant or moment of one variable.
template <typename Value>
Series<double> of_one_variable(const MultiIndices& indices, Value&& value) {
  Series<double> result;
  for (Index n = 0; n < indices.size(); ++n) result.push_back(value(static_cast<int>(n)));
  return result;
}

Series<double> some_cumulants(const MultiIndices& indices) {
  Series<double> result(static_cast<std::size_t>(indices.size()), 0.0);
  for (Index p = 1; p < indices.size(); ++p) result[p] = std::sin(1.0 + 1.7 * p);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(indices)

BOOST_AUTO_TEST_CASE(they_are_numbered_by_order) {
  const MultiIndices indices(3, 4);
  BOOST_TEST(indices.size() == 35);  // C(7, 4)
  BOOST_TEST(indices.size_to(0) == 1);
  BOOST_TEST(indices.size_to(1) == 4);
  BOOST_TEST(indices.size_to(2) == 10);
  BOOST_TEST((indices[1] == MultiIndex{1, 0, 0}));
  BOOST_TEST((indices[3] == MultiIndex{0, 0, 1}));
  for (Index p = 0; p < indices.size(); ++p) {
    BOOST_TEST(indices.find(indices[p]) == p);
    if (p > 0) BOOST_TEST(statistics::order(indices[p]) >= statistics::order(indices[p - 1]));
  }
  BOOST_TEST(indices.find({5, 0, 0}) == -1);
  BOOST_TEST(indices.factorial(indices.find({2, 1, 1})) == 2.0);
}

BOOST_AUTO_TEST_CASE(parts_are_all_ways_to_write_a_sum_of_two) {
  const MultiIndices indices(2, 5);
  for (Index p = 0; p < indices.size(); ++p) {
    const MultiIndex& alpha = indices[p];
    BOOST_TEST(indices.parts(p).size() ==
               static_cast<std::size_t>((alpha[0] + 1) * (alpha[1] + 1)));
    for (const auto& [part, rest] : indices.parts(p))
      for (std::size_t i = 0; i < 2; ++i)
        BOOST_TEST(indices[part][i] + indices[rest][i] == alpha[i]);
  }
}

BOOST_AUTO_TEST_CASE(too_many_are_refused) {
  BOOST_CHECK_THROW(MultiIndices(0, 2), std::invalid_argument);
  BOOST_CHECK_THROW(MultiIndices(2, -1), std::invalid_argument);
  BOOST_CHECK_THROW(MultiIndices(1000, 4), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(moments_and_cumulants)

// Poisson with mean 1: every cumulant 1, moments the Bell numbers. Exponential: κ_n = (n − 1)!,
// m_n = n!. All integers, exact in double.
BOOST_AUTO_TEST_CASE(of_known_laws) {
  const MultiIndices indices(1, 8);
  const double bell[] = {1, 1, 2, 5, 15, 52, 203, 877, 4140};
  const auto poisson = statistics::moments_of_cumulants(
      indices, of_one_variable(indices, [](int n) { return n > 0 ? 1.0 : 0.0; }));
  const auto exponential = statistics::cumulants_of_moments(
      indices, of_one_variable(indices, [](int n) { return std::tgamma(n + 1.0); }));
  for (int n = 0; n <= 8; ++n) BOOST_TEST(std::abs(poisson[n] - bell[n]) < 1e-12 * bell[n]);
  for (int n = 1; n <= 8; ++n)
    BOOST_TEST(std::abs(exponential[n] - std::tgamma(n)) < 1e-10 * std::tgamma(n));
}

// Isserlis: E x₁²x₂² = C₁₁C₂₂ + 2 C₁₂², E x₁³x₂ = 3 C₁₁ C₁₂, E x₁²x₂x₃ = C₁₁C₂₃ + 2 C₁₂ C₁₃.
BOOST_AUTO_TEST_CASE(of_a_gaussian_are_those_of_isserlis) {
  const MultiIndices indices(3, 4);
  Series<double> cumulants(static_cast<std::size_t>(indices.size()), 0.0);
  const auto set = [&](const MultiIndex& alpha, double value) {
    cumulants[indices.find(alpha)] = value;
  };
  set({2, 0, 0}, 1.3);
  set({0, 2, 0}, 0.7);
  set({0, 0, 2}, 2.0);
  set({1, 1, 0}, 0.4);
  set({1, 0, 1}, -0.5);
  set({0, 1, 1}, 0.2);
  const auto moments = statistics::moments_of_cumulants(indices, cumulants);
  const auto moment = [&](const MultiIndex& alpha) { return moments[indices.find(alpha)]; };
  BOOST_TEST(std::abs(moment({2, 2, 0}) - (1.3 * 0.7 + 2 * 0.4 * 0.4)) < 1e-15);
  BOOST_TEST(std::abs(moment({3, 1, 0}) - 3 * 1.3 * 0.4) < 1e-15);
  BOOST_TEST(std::abs(moment({2, 1, 1}) - (1.3 * 0.2 + 2 * 0.4 * -0.5)) < 1e-15);
  BOOST_TEST(std::abs(moment({0, 0, 4}) - 3 * 4.0) < 1e-14);
  BOOST_TEST(moment({1, 1, 1}) == 0.0);
}

BOOST_AUTO_TEST_CASE(go_there_and_back) {
  const MultiIndices indices(3, 5);
  const auto cumulants = some_cumulants(indices);
  const auto back = statistics::cumulants_of_moments(
      indices, statistics::moments_of_cumulants(indices, cumulants));
  for (Index p = 1; p < indices.size(); ++p) BOOST_TEST(std::abs(back[p] - cumulants[p]) < 1e-10);
}

// The moment generating function of a sum of independent variables is the product.
BOOST_AUTO_TEST_CASE(cumulants_of_independent_variables_add) {
  const MultiIndices indices(2, 4);
  const auto a = some_cumulants(indices);
  auto b = a;
  for (double& value : b) value = 0.3 * value * value;
  auto sum = a;
  for (std::size_t p = 0; p < sum.size(); ++p) sum[p] += b[p];
  const auto over = [&](const Series<double>& cumulants) {
    return statistics::exponential(indices, statistics::over_factorials(indices, cumulants));
  };
  const auto product = statistics::product(indices, over(a), over(b)), expected = over(sum);
  for (Index p = 0; p < indices.size(); ++p) BOOST_TEST(std::abs(product[p] - expected[p]) < 1e-13);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(change_of_variables)

// c(s) = Σ c_α s^α evaluated at s = M t, and the substituted series at t: numbers, no algebra.
BOOST_AUTO_TEST_CASE(gives_the_same_polynomial) {
  const MultiIndices from(3, 4), to(2, 4);
  Matrix M(3, 2);
  M << 0.3, -1.2, 0.7, 0.4, -0.5, 0.9;
  const auto c = some_cumulants(from);
  const auto substituted = statistics::substitute(from, c, to, M);
  const Vector t{{0.37, -0.81}}, s = M * t;
  const auto value = [](const MultiIndices& indices, const Series<double>& series,
                        const Vector& at) {
    double sum = 0.0;
    for (Index p = 0; p < indices.size(); ++p) {
      double term = series[p];
      for (Index i = 0; i < at.size(); ++i)
        term *= std::pow(at(i), indices[p][static_cast<std::size_t>(i)]);
      sum += term;
    }
    return sum;
  };
  BOOST_TEST(std::abs(value(from, c, s) - value(to, substituted, t)) < 1e-13);
}

BOOST_AUTO_TEST_CASE(refuses_a_matrix_of_another_shape) {
  BOOST_CHECK_THROW(
      statistics::linear_substitution(MultiIndices(3, 2), MultiIndices(2, 2), Matrix::Zero(2, 2)),
      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
