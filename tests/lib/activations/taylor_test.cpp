// SPDX-License-Identifier: GPL-3.0-or-later
// Taylor coefficients against the analytic derivatives to order 4, against the function itself
// inside the radius of convergence, and against known Maclaurin series.
#define BOOST_TEST_MODULE taylor
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "lib/activations/taylor.hpp"

using namespace stillpoint;
using namespace stillpoint::activations;

BOOST_AUTO_TEST_CASE(low_orders_are_the_derivatives) {
  for (const auto name : activation_names()) {
    const Activation f = make_activation(name);
    for (const double u : {-9.0, -1.3, -0.2, 0.4, 2.1, 12.0}) {
      const auto c = taylor_coefficients(f, u, 4);
      double factorial = 1.0;
      BOOST_TEST(c[0] == value(f, u));
      for (int k = 1; k <= 4; ++k) {
        factorial *= k;
        const double expected = derivative(f, k, u);
        // Sums of up to four terms that may cancel, each of the size of the slope.
        BOOST_TEST(
            std::abs(factorial * c[k] - expected) <=
                1e-13 * (std::abs(expected) + derivative(f, 1, u)),
            name << " at " << u << ", order " << k << ": " << factorial * c[k] << ", " << expected);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(series_sums_to_the_function) {
  for (const Activation& f : {Activation(Tanh{}), Activation(Logistic{}), Activation(Erf{}),
                              Activation(Softplus{3.0}), Activation(Relu{})}) {
    for (const double u : {-2.0, -0.5, 0.3, 1.7}) {
      const double x = 0.25 * std::min(1.0, taylor_radius(f, u));  // 4⁻⁴⁰ is below rounding
      const auto c = taylor_coefficients(f, u, 40);
      double sum = 0.0;
      for (auto k = c.rbegin(); k != c.rend(); ++k) sum = sum * x + *k;
      BOOST_TEST(std::abs(sum - value(f, u + x)) < 1e-14 * (1.0 + std::abs(sum)),
                 name(f) << " at " << u);
    }
  }
}

BOOST_AUTO_TEST_CASE(known_series) {
  const auto t = taylor_coefficients(Tanh{}, 0.0, 9);
  BOOST_TEST(t[3] == -1.0 / 3.0, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(t[5] == 2.0 / 15.0, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(t[7] == -17.0 / 315.0, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(t[9] == 62.0 / 2835.0, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(t[8] == 0.0);
}

BOOST_AUTO_TEST_CASE(radius) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  BOOST_TEST(taylor_radius(Tanh{}, 0.0) == 0.5 * std::numbers::pi);
  BOOST_TEST(taylor_radius(Relu{}, -0.7) == 0.7);
  BOOST_TEST(taylor_radius(Erf{}, 1.0) == infinity);
  // Coefficients grow like radius⁻ᵏ.
  const auto c = taylor_coefficients(Logistic{}, 0.5, 60);
  const double r = taylor_radius(Logistic{}, 0.5);
  double largest = 0.0;
  for (int k = 50; k <= 60; ++k) largest = std::max(largest, std::abs(c[k]) * std::pow(r, k));
  BOOST_TEST(largest > 0.1);
  BOOST_TEST(largest < 10.0);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  BOOST_CHECK_THROW(taylor_coefficients(Tanh{}, 0.0, -1), std::invalid_argument);
  BOOST_CHECK_THROW(taylor_coefficients(Tanh{}, std::nan(""), 2), std::invalid_argument);
}
