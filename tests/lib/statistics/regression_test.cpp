// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE regression
#include "lib/statistics/regression.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using statistics::observed_order;
using statistics::slope;

BOOST_AUTO_TEST_CASE(a_line_has_its_slope) {
  const Vector x = Vector::LinSpaced(7, -1.0, 5.0);
  BOOST_TEST(std::abs(slope(x, 3.0 - 0.7 * x.array()) + 0.7) < 1e-14);
  // By hand: x = 0, 1, 2, y = 0, 2, 1.
  Vector three(3), y(3);
  three << 0.0, 1.0, 2.0;
  y << 0.0, 2.0, 1.0;
  BOOST_TEST(std::abs(slope(three, y) - 0.5) < 1e-15);
}

BOOST_AUTO_TEST_CASE(a_power_has_its_order) {
  Vector h(4);
  h << 0.4, 0.2, 0.1, 0.05;
  BOOST_TEST(std::abs(observed_order(h, -3.0 * h.array().pow(1.5)) - 1.5) < 1e-13);
  Vector zero = h;
  zero(2) = 0.0;
  BOOST_TEST(std::isnan(observed_order(h, zero)));
}

// Errors h (1 + 0.2 ξ/4), 16 batches: the jackknife's standard error against the scatter of the
// order over 400 repetitions, which is known to 3.5 %; the jackknife's own mean to about 1 %.
BOOST_AUTO_TEST_CASE(the_standard_error_is_the_scatter) {
  Vector h(4);
  h << 0.4, 0.2, 0.1, 0.05;
  const Index batches = 16, repetitions = 400;
  double sum = 0.0, squares = 0.0, variance = 0.0;
  for (Index r = 0; r < repetitions; ++r) {
    Matrix errors(4, batches);
    for (Index level = 0; level < 4; ++level)
      for (Index k = 0; k < batches; ++k)
        errors(level, k) =
            h(level) * (1.0 + 0.2 * random::normal({tests::seed, 50}, static_cast<std::uint64_t>(r),
                                                   static_cast<std::uint32_t>(level),
                                                   static_cast<std::uint32_t>(k)));
    const auto order = statistics::estimate_order(h, errors);
    sum += order.value / repetitions;
    squares += order.value * order.value / repetitions;
    variance += order.standard_error * order.standard_error / repetitions;
  }
  const double scatter = squares - sum * sum;
  BOOST_TEST(std::abs(sum - 1.0) < 5.0 * std::sqrt(scatter / repetitions) + 0.002);
  BOOST_TEST(std::abs(variance / scatter - 1.0) < 5.0 * std::sqrt(2.0 / repetitions));
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Vector one = Vector::Ones(1), two = Vector::Ones(2), three = Vector::Ones(3);
  BOOST_CHECK_THROW(slope(one, one), std::invalid_argument);
  BOOST_CHECK_THROW(slope(two, three), std::invalid_argument);
  BOOST_CHECK_THROW(statistics::estimate_order(two, Matrix::Ones(2, 1)), std::invalid_argument);
}
