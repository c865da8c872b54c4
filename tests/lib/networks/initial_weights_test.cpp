// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE initial_weights
#include "lib/networks/initial_weights.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using networks::draw_network;

namespace {

networks::Network shape(Index units) {
  return {.W = Matrix::Zero(units, units),
          .W_in = Matrix::Zero(units, 40),
          .W_out = Matrix::Zero(40, units),
          .leak = 0.3};
}

}  // namespace

// The mean square of k normal numbers of variance v is v ± v √(2/k).
BOOST_AUTO_TEST_CASE(variances) {
  const Index n = 60;
  const auto network =
      draw_network(shape(n), {.recurrent = 0.8, .input = 2.0, .bias = 0.5, .output = 1.5},
                   {.seed = tests::seed});
  const auto check = [](const Matrix& values, double variance) {
    const double k = static_cast<double>(values.size());
    BOOST_TEST(std::abs(values.squaredNorm() / k - variance) < 5 * variance * std::sqrt(2 / k));
    BOOST_TEST(std::abs(values.mean()) < 5 * std::sqrt(variance / k));
  };
  check(network.W, 0.64 / n);
  check(network.W_in, 4.0);
  check(network.b, 0.25);
  check(network.W_out, 2.25 / n);
  BOOST_TEST(network.b_out.isZero(0.0));
  BOOST_TEST(network.leak == 0.3);
}

BOOST_AUTO_TEST_CASE(streams_and_shapes) {
  const auto a = draw_network(shape(8), {}, {.seed = 1}),
             b = draw_network(shape(8), {}, {.seed = 2});
  BOOST_TEST((a.W - b.W).norm() > 0.1);
  const auto larger = draw_network(shape(32), {}, {.seed = 1});
  BOOST_TEST((larger.W.topLeftCorner(8, 8) * 2.0 - a.W).norm() < 1e-15);
  BOOST_CHECK_THROW(draw_network(shape(8), {.recurrent = -1.0}, {}), std::invalid_argument);
}
