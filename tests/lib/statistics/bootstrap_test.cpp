// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE bootstrap
#include "lib/statistics/bootstrap.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using statistics::bootstrap_interval;

namespace {

double mean(const Vector& x, const std::vector<Index>& members) {
  double sum = 0.0;
  for (const Index k : members) sum += x(k);
  return sum / static_cast<double>(members.size());
}

}  // namespace

// Of the mean of many numbers: ± 1.96 standard errors, within 5 errors of a percentile of 2000
// (sd √(p (1 − p)/2000)/density = 0.06 standard errors at 2.5 %).
BOOST_AUTO_TEST_CASE(mean_of_many) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  const Index n = 400;
  const Vector x = Vector::NullaryExpr(n, [&] { return normal(engine); });
  const auto interval = bootstrap_interval(
      n, [&](const auto& members) { return mean(x, members); }, 5);
  const double se = std::sqrt((x.array() - x.mean()).square().mean() / static_cast<double>(n));
  BOOST_TEST(std::abs((interval.lower - x.mean()) / se + 1.96) < 0.3);
  BOOST_TEST(std::abs((interval.upper - x.mean()) / se - 1.96) < 0.3);
  BOOST_TEST(interval.contains(x.mean()));
}

BOOST_AUTO_TEST_CASE(equal_members_give_a_point) {
  const auto interval = bootstrap_interval(
      3, [](const auto&) { return 2.0; }, 1, 100);
  BOOST_TEST(interval.lower == 2.0);
  BOOST_TEST(interval.upper == 2.0);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const auto one = [](const auto&) { return 1.0; };
  BOOST_CHECK_THROW(bootstrap_interval(1, one, 1), std::invalid_argument);
  BOOST_CHECK_THROW(bootstrap_interval(5, one, 1, 99), std::invalid_argument);
  BOOST_CHECK_THROW(bootstrap_interval(5, one, 1, 100, 1.0), std::invalid_argument);
}
