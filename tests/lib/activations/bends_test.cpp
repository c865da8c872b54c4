// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE bends
#include "lib/activations/bends.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

using namespace stillpoint::activations;

// Where f is smooth |f''| is largest where f''' vanishes; elsewhere the bends are the kinks.
BOOST_AUTO_TEST_CASE(curvature_is_largest_at_the_bends) {
  for (const auto name : activation_names()) {
    const auto f = make_activation(name);
    const auto points = bends(f);
    BOOST_TEST((points.empty() == (name == "identity")), std::string(name));
    for (const double b : points) {
      if (!kinks(f).empty()) continue;
      BOOST_TEST(std::abs(derivative(f, 3, b)) < 1e-14, std::string(name));
      BOOST_TEST(std::abs(derivative(f, 2, b)) > std::abs(derivative(f, 2, b + 0.1)));
      BOOST_TEST(std::abs(derivative(f, 2, b)) > std::abs(derivative(f, 2, b - 0.1)));
    }
    if (!kinks(f).empty()) BOOST_TEST((points == kinks(f)), std::string(name));
  }
}

BOOST_AUTO_TEST_CASE(the_nearest_bend_counts_with_its_sign) {
  const auto clip = make_activation("saturating_linear");
  BOOST_TEST(distance_to_bend(clip, 0.75) == -0.25);
  BOOST_TEST(distance_to_bend(clip, -1.5) == -0.5);
  BOOST_TEST(std::isinf(distance_to_bend(make_activation("identity"), 3.0)));
}
