// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE autocovariance
#include "lib/statistics/autocovariance.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using statistics::autocovariance;

// By hand: x = ±1, m = 0, products of neighbours −1, 1, −1.
BOOST_AUTO_TEST_CASE(two_short_paths) {
  Matrix a(1, 4), b(1, 4);
  a << 9.0, 1.0, -1.0, 1.0;
  b << 9.0, -1.0, 1.0, -1.0;
  const auto found = autocovariance({a, b}, 1, {0, 1, 2});
  BOOST_TEST(std::abs(found.value(0, 0) - 1.0) < 1e-15);
  BOOST_TEST(std::abs(found.value(0, 1) + 1.0) < 1e-15);
  BOOST_TEST(std::abs(found.value(0, 2) - 1.0) < 1e-15);
  BOOST_TEST(found.standard_error.maxCoeff() < 1e-15);
}

// AR(1) x' = a x + ξ from its stationary law: C(k) = aᵏ/(1 − a²). Catches errors above 3 % at lag
// 0. Two rows, the second three times the first and shifted.
BOOST_AUTO_TEST_CASE(an_autoregression_has_its_autocovariance) {
  const double a = 0.8, variance = 1.0 / (1.0 - a * a);
  const Index paths = 400, steps = 1000;
  std::vector<Matrix> x(paths, Matrix(2, steps));
  for (Index path = 0; path < paths; ++path) {
    double now = std::sqrt(variance) *
                 random::normal({tests::seed, 91}, static_cast<std::uint64_t>(path), 0, 1);
    for (Index t = 0; t < steps; ++t) {
      x[path](0, t) = now;
      x[path](1, t) = 3.0 * now + 7.0;
      now = a * now + random::normal({tests::seed, 91}, static_cast<std::uint64_t>(path),
                                     static_cast<std::uint32_t>(t), 0);
    }
  }
  const std::vector<Index> lags = {0, 1, 3, 10, 30};
  const auto found = autocovariance(x, 0, lags);
  for (std::size_t k = 0; k < lags.size(); ++k) {
    const double exact = variance * std::pow(a, static_cast<double>(lags[k]));
    const auto column = static_cast<Index>(k);
    tests::check_agrees({found.value(0, column), found.standard_error(0, column)}, exact, "C(k)");
    BOOST_TEST(std::abs(found.value(1, column) - 9.0 * found.value(0, column)) < 1e-10);
    BOOST_TEST(std::abs(found.standard_error(1, column) - 9.0 * found.standard_error(0, column)) <
               1e-10);
  }
  BOOST_TEST(found.standard_error(0, 0) < 0.006 * variance);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  const Matrix path = Matrix::Zero(1, 5);
  Matrix broken = path;
  broken(0, 2) = std::numeric_limits<double>::quiet_NaN();
  BOOST_CHECK_THROW(autocovariance({path}, 0, {0}), std::invalid_argument);
  BOOST_CHECK_THROW(autocovariance({path, path}, 5, {0}), std::invalid_argument);
  BOOST_CHECK_THROW(autocovariance({path, path}, 1, {4}), std::invalid_argument);
  BOOST_CHECK_THROW(autocovariance({path, path}, 0, {-1}), std::invalid_argument);
  BOOST_CHECK_THROW(autocovariance({path, Matrix::Zero(1, 4)}, 0, {0}), std::invalid_argument);
  BOOST_CHECK_THROW(autocovariance({path, broken}, 0, {0}), std::invalid_argument);
}
