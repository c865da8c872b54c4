// SPDX-License-Identifier: GPL-3.0-or-later
// Padé and Borel–Padé sums of series whose sums are known, and their flags.
#define BOOST_TEST_MODULE resummation
#include <boost/math/special_functions/expint.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "solvers/noise_series/resummation.hpp"

using namespace stillpoint;
using noise_series::borel_pade;
using noise_series::pade;

namespace {

const auto tight = boost::test_tools::tolerance(1e-12);

/// Σ (sign)ᵏ k! xᵏ.
std::vector<double> euler(int terms, double sign) {
  std::vector<double> c = {1.0};
  for (int k = 1; k < terms; ++k) c.push_back(c.back() * sign * k);
  return c;
}

/// ∫ e^{−v}/(1 + x v) dv.
double euler_sum(double x) { return std::exp(1.0 / x) * boost::math::expint(1, 1.0 / x) / x; }

}  // namespace

BOOST_AUTO_TEST_CASE(rational_functions_are_exact) {
  const auto geometric = pade({1.0, -2.0, 4.0}, 3.0);  // 1/(1 + 2x)
  BOOST_TEST(geometric.value == 1.0 / 7.0, tight);
  BOOST_TEST(geometric.reliable);
  BOOST_REQUIRE(geometric.poles.size() == 1);
  BOOST_TEST(geometric.poles[0].real() == -0.5, tight);
  // (1 + x)/(1 + x²) = 1 + x − x² − x³ + x⁴ …
  BOOST_TEST(pade({1.0, 1.0, -1.0, -1.0, 1.0}, 2.0).value == 0.6, tight);
  // More coefficients than the function has degrees: the denominator is lowered.
  BOOST_TEST(pade({1.0, -2.0, 4.0, -8.0, 16.0, -32.0, 64.0}, 3.0).value == 1.0 / 7.0, tight);
  BOOST_TEST(pade({1.0, 3.0, 0.0, 0.0, 0.0}, 2.0).value == 7.0, tight);
  BOOST_TEST(pade({5.0}, 2.0).value == 5.0);
}

// ln(1 + x)/x at x = 1: [n/n] errs by about (√2 + 1)^(−4n−2), here 3e-9.
BOOST_AUTO_TEST_CASE(logarithm) {
  std::vector<double> c;
  for (int k = 0; k <= 10; ++k) c.push_back((k % 2 == 0 ? 1.0 : -1.0) / (k + 1));
  BOOST_TEST(std::abs(pade(c, 1.0).value - std::log(2.0)) < 1e-8);
}

BOOST_AUTO_TEST_CASE(euler_series) {
  for (const double x : {0.1, 0.5, 2.0}) {
    const auto sum = borel_pade(euler(6, -1.0), x);  // B = 1/(1 + y)
    BOOST_TEST(sum.value == euler_sum(x), boost::test_tools::tolerance(1e-10));
    BOOST_TEST(sum.reliable);
  }
  // A Stieltjes series: its Padé approximants converge, slowly at large x.
  BOOST_TEST(std::abs(pade(euler(16, -1.0), 0.5).value - euler_sum(0.5)) < 1e-5);
}

BOOST_AUTO_TEST_CASE(poles_on_the_axis_are_flagged) {
  const auto borel = borel_pade(euler(6, 1.0), 0.5);  // B = 1/(1 − y)
  BOOST_TEST(!borel.reliable);
  BOOST_TEST(!borel.note.empty());
  const auto near = pade({1.0, 2.0, 4.0}, 0.4);  // pole at 0.5
  BOOST_TEST(!near.reliable);
  BOOST_TEST(pade({1.0, 2.0, 4.0}, 0.1).reliable);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  BOOST_CHECK_THROW(pade({}, 1.0), std::invalid_argument);
  BOOST_CHECK_THROW(pade({1.0, std::nan("")}, 1.0), std::invalid_argument);
  BOOST_CHECK_THROW(borel_pade({1.0}, -1.0), std::invalid_argument);
}
