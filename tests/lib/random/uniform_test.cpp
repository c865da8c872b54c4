// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE uniform
#include "lib/random/uniform.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lib/random/philox.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint::random;

// By hand from the words, and in every direction of the address another number.
BOOST_AUTO_TEST_CASE(is_made_of_the_words_at_its_address) {
  const Stream stream{.seed = 5'000'000'007, .stream = 9};
  const auto word = philox4x32({3, 2, 1, 9}, {705'032'711, 1});
  const double high = static_cast<double>(word[1]) * 0x1p-32;
  const double low = static_cast<double>(word[0] >> 12) * 0x1p-52;
  BOOST_TEST(uniform(stream, 1, 2, 3) == high + low + 0x1p-53);
  BOOST_TEST(uniform(stream, 2, 1, 3) != uniform(stream, 1, 2, 3));
}

// Mean ½, variance 1/12, fourth moment 1/80 about ½, neighbours uncorrelated: within 5 standard
// errors of 40000 numbers.
BOOST_AUTO_TEST_CASE(moments) {
  const Stream stream{.seed = stillpoint::tests::seed};
  const int n = 40000;
  double mean = 0, square = 0, fourth = 0, product = 0, before = 0;
  for (int k = 0; k < n; ++k) {
    const double x = uniform(stream, static_cast<std::uint32_t>(k % 200),
                             static_cast<std::uint32_t>(k / 200), 0) -
                     0.5;
    BOOST_TEST(std::abs(x) < 0.5);
    mean += x;
    square += x * x;
    fourth += x * x * x * x;
    product += x * before;
    before = x;
  }
  const double root = std::sqrt(static_cast<double>(n));
  BOOST_TEST(std::abs(mean / n) < 5 * std::sqrt(1.0 / 12) / root);
  BOOST_TEST(std::abs(square / n - 1.0 / 12) < 5 * std::sqrt(1.0 / 80 - 1.0 / 144) / root);
  BOOST_TEST(std::abs(fourth / n - 1.0 / 80) < 5 * std::sqrt(1.0 / 2304 - 1.0 / 6400) / root);
  BOOST_TEST(std::abs(product / n) < 5 * (1.0 / 12) / root);
}
