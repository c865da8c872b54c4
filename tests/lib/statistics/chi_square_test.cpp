// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE chi_square
#include "lib/statistics/chi_square.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using statistics::chi_square_deviation;

// By hand: counts 12, 8, 20 of 40 in bins of ¼, ¼, ½: χ² = 4/10 + 4/10 + 0, ν = 2.
BOOST_AUTO_TEST_CASE(three_bins) {
  BOOST_TEST(chi_square_deviation(Vector{{12.0, 8.0, 20.0}}, Vector{{0.25, 0.25, 0.5}}) ==
                 (0.8 - 2.0) / 2.0,
             boost::test_tools::tolerance(1e-14));
}

// Two bins that expect three each count as one of six; one that expects two is left out.
BOOST_AUTO_TEST_CASE(bins_with_few_samples) {
  const Vector counts{{50.0, 40.0, 6.0, 4.0}};
  BOOST_TEST(chi_square_deviation(counts, Vector{{0.47, 0.47, 0.03, 0.03}}) ==
                 (9.0 / 47.0 + 49.0 / 47.0 + 16.0 / 6.0 - 2.0) / 2.0,
             boost::test_tools::tolerance(1e-13));
  BOOST_TEST(chi_square_deviation(counts, Vector{{0.49, 0.49, 0.01, 0.01}}) ==
                 (1.0 / 49.0 + 81.0 / 49.0 - 1.0) / std::sqrt(2.0),
             boost::test_tools::tolerance(1e-13));
}

// Samples of the law fit it, with mean 0 and variance 1 over 400 repetitions (5 standard errors:
// 0.25 and 0.35, and the skewness of chi-square with ν = 19 adds to the latter); samples of a law
// that is 20 % off in one bin of twenty do not.
BOOST_AUTO_TEST_CASE(samples) {
  constexpr Index bins = 20, draws = 2000, repetitions = 400;
  const Vector uniform = Vector::Constant(bins, 1.0 / bins);
  Vector found(repetitions);
  for (Index repetition = 0; repetition < repetitions; ++repetition) {
    Vector counts = Vector::Zero(bins);
    for (Index k = 0; k < draws; ++k) {
      const double z = random::normal({tests::seed, 44}, static_cast<std::uint64_t>(repetition),
                                      static_cast<std::uint32_t>(k), 0);
      const double u = 0.5 * std::erfc(-z / std::sqrt(2.0));
      counts(std::min<Index>(bins - 1, static_cast<Index>(u * bins))) += 1.0;
    }
    found(repetition) = chi_square_deviation(counts, uniform);
  }
  BOOST_TEST(std::abs(found.mean()) < 0.25);
  BOOST_TEST(std::abs((found.array() - found.mean()).square().mean() - 1.0) < 0.45);
  Vector wrong = Vector::Constant(bins, 5000.0);
  wrong(3) = 6000.0;
  BOOST_TEST(chi_square_deviation(wrong, uniform) > 20.0);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const Vector two = Vector::Constant(2, 0.5);
  BOOST_CHECK_THROW(chi_square_deviation(Vector::Ones(3), two), std::invalid_argument);
  BOOST_CHECK_THROW(chi_square_deviation(-Vector::Ones(2), two), std::invalid_argument);
  BOOST_CHECK_THROW(chi_square_deviation(Vector::Zero(2), two), std::invalid_argument);
  BOOST_CHECK_THROW(chi_square_deviation(Vector::Ones(2), -two), std::invalid_argument);
  BOOST_CHECK_THROW(chi_square_deviation(Vector::Ones(2), two), std::invalid_argument);
}
