// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE estimate_mean
#include "lib/statistics/estimate_mean.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace stillpoint;
using statistics::estimate_mean;

// 1, 2, 3, 6: mean 3, Σ (x − 3)² = 14, error √(14/12); a row of a matrix is as good as a vector.
BOOST_AUTO_TEST_CASE(four_samples) {
  Matrix rows(2, 4);
  rows << 1.0, 2.0, 3.0, 6.0, 0.0, 0.0, 0.0, 0.0;
  const auto found = estimate_mean(rows.row(0).transpose());
  BOOST_TEST(found.value == 3.0);
  BOOST_TEST(found.standard_error == std::sqrt(14.0 / 12.0), boost::test_tools::tolerance(1e-15));
  BOOST_TEST(estimate_mean(Vector::Constant(5, 2.5)).standard_error == 0.0);
  BOOST_CHECK_THROW(estimate_mean(Vector::Ones(1)), std::invalid_argument);
}
