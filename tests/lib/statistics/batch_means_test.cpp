// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE batch_means
#include "lib/statistics/batch_means.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using statistics::autocorrelation_time;
using statistics::batch_means;

namespace {

/// Stationary AR(1): x' = a x + √(1−a²) ξ, variance 1, τ = (1+a)/(1−a).
Vector ar1(double a, Index length, std::uint32_t stream) {
  Vector x(length);
  const random::Stream draws{tests::seed, stream};
  x(0) = random::normal(draws, 0, 0, 0);
  for (Index t = 1; t < length; ++t)
    x(t) = a * x(t - 1) +
           std::sqrt(1.0 - a * a) * random::normal(draws, 0, static_cast<std::uint32_t>(t), 0);
  return x;
}

}  // namespace

// Sokal's formula for the standard error of τ, 5 of them, and the part that is cut off.
BOOST_AUTO_TEST_CASE(autocorrelation_time_of_ar1) {
  for (const double a : {-0.5, 0.0, 0.5, 0.9}) {
    const Index length = 200000;
    const double exact = (1.0 + a) / (1.0 - a), cut = std::ceil(6.0 * std::max(exact, 1.0));
    const double se = exact * std::sqrt(2.0 * (2.0 * cut + 1.0) / static_cast<double>(length));
    const double bias = 2.0 * std::pow(std::abs(a), 0.9 * cut) / (1.0 - a);
    BOOST_TEST(std::abs(autocorrelation_time(ar1(a, length, 0)) - exact) <= 5.0 * se + bias);
  }
}

// z² of 400 series averages to 1: its mean is 31/29 for Student's t with 31 degrees of freedom, its
// standard error √(2.4/400). Batches of 30 autocorrelation times are 1/30 of correlation apart.
BOOST_AUTO_TEST_CASE(the_standard_error_is_the_scatter) {
  const double a = 0.8, time = (1.0 + a) / (1.0 - a);
  const int series = 400;
  double sum = 0.0;
  for (int k = 0; k < series; ++k) {
    const auto result = batch_means(ar1(a, static_cast<Index>(32 * 30 * time), 100 + k));
    sum += std::pow(result.mean.value / result.mean.standard_error, 2);
    BOOST_TEST(result.times_per_batch > 10.0);
  }
  BOOST_TEST(std::abs(sum / series - 31.0 / 29.0) <= 5.0 * std::sqrt(2.4 / series) + 2.0 / 30.0);
}

BOOST_AUTO_TEST_CASE(simple_series) {
  const auto constant = batch_means(Vector::Constant(64, 2.5), 4);
  BOOST_TEST(constant.mean.value == 2.5);
  BOOST_TEST(constant.mean.standard_error == 0.0);
  BOOST_TEST(constant.autocorrelation_time == 1.0);
  Vector ramp(5);  // the first value does not fill a batch
  ramp << 100.0, 1.0, 3.0, 5.0, 7.0;
  const auto two = batch_means(ramp, 2);
  BOOST_TEST(two.mean.value == 4.0);
  BOOST_TEST(two.mean.standard_error == 2.0, boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  BOOST_CHECK_THROW(batch_means(Vector::Zero(3), 4), std::invalid_argument);
  BOOST_CHECK_THROW(batch_means(Vector::Zero(3), 1), std::invalid_argument);
  BOOST_CHECK_THROW(autocorrelation_time(Vector::Zero(1)), std::invalid_argument);
  BOOST_CHECK_THROW(batch_means(Vector::Constant(8, std::numeric_limits<double>::quiet_NaN()), 2),
                    std::invalid_argument);
}
