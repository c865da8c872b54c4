// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE gauss_hermite
#include "lib/activations/gauss_hermite.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace stillpoint;

// Exact for zᵏ, k < 2n: E z²ʲ = (2j − 1)!!; relative error from rounding alone. E cos az =
// e^{−a²/2}.
BOOST_AUTO_TEST_CASE(moments) {
  for (const Index n : {1, 2, 5, 16, 64}) {
    const auto rule = activations::gauss_hermite(n);
    double moment = 1.0;
    for (Index k = 0; k < std::min<Index>(n, 12); ++k) {
      const Vector power = rule.nodes.array().pow(static_cast<double>(2 * k));
      BOOST_TEST(rule.weights.dot(power) == moment, boost::test_tools::tolerance(1e-11));
      BOOST_TEST(std::abs(rule.weights.dot(rule.nodes.cwiseProduct(power))) < 1e-11 * moment);
      moment *= static_cast<double>(2 * k + 1);
    }
  }
  const auto rule = activations::gauss_hermite(40);
  BOOST_TEST(std::abs(rule.weights.dot(Vector((2.0 * rule.nodes).array().cos())) - std::exp(-2.0)) <
             1e-13);
  BOOST_CHECK_THROW(activations::gauss_hermite(0), std::invalid_argument);
  BOOST_CHECK_THROW(activations::gauss_hermite(201), std::invalid_argument);
}
