// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE activation
#include "lib/intervals/activation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using intervals::Interval;

BOOST_AUTO_TEST_CASE(ranges_hold_values_and_slopes_of_every_activation) {
  // Values in double err by 4 units in the last place at most.
  constexpr double rounding = 8.0 * std::numeric_limits<double>::epsilon();
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal(0.0, 2.0);
  std::uniform_real_distribution<double> share;
  for (const auto name : activations::activation_names()) {
    const auto f = activations::make_activation(name);
    for (int k = 0; k < 300; ++k) {
      double a = normal(engine), b = k % 3 == 0 ? a : normal(engine);
      if (a > b) std::swap(a, b);
      const Interval value = intervals::value(f, {a, b}), slope = intervals::slope(f, {a, b});
      for (const double s : {0.0, share(engine), 1.0}) {
        const double u = std::clamp(a + s * (b - a), a, b);
        const double y = activations::value(f, u), dy = activations::derivative(f, 1, u);
        BOOST_TEST(value.lower <= y + rounding * std::fabs(y), name);
        BOOST_TEST(value.upper >= y - rounding * std::fabs(y), name);
        BOOST_TEST(slope.lower <= dy + rounding * std::fabs(dy), name);
        BOOST_TEST(slope.upper >= dy - rounding * std::fabs(dy), name);
      }
      // All activations rise: the range is that of the ends.
      const double below = name == "heaviside" ? 0.0 : activations::value(f, a);
      BOOST_TEST(value.lower >= below - rounding * (1.0 + std::fabs(a)), name);
      const double above = name == "heaviside" ? 1.0 : activations::value(f, b);
      BOOST_TEST(value.upper <= above + rounding * (1.0 + std::fabs(b)), name);
      // Between two members the mean slope lies in the range.
      if (b - a > 1e-3) {
        const double mean = (activations::value(f, b) - activations::value(f, a)) / (b - a);
        BOOST_TEST(slope.lower <= mean + 1e-11, name);
        BOOST_TEST(slope.upper >= mean - 1e-11, name);
      }
    }
    BOOST_TEST(intervals::value(f, Interval::empty_set()).is_empty());
    const auto range = activations::range(f);
    BOOST_TEST((intervals::value(f, Interval::whole_line()) == Interval(range.lower, range.upper)),
               name);
  }
}

BOOST_AUTO_TEST_CASE(kinks_hold_both_slopes) {
  const activations::Activation relu = activations::Relu{}, leaky = activations::LeakyRelu(0.25),
                                clipped = activations::SaturatingLinear{};
  BOOST_TEST((intervals::slope(relu, {-1.0, 1.0}) == Interval(0.0, 1.0)));
  BOOST_TEST((intervals::slope(relu, 0.0) == Interval(0.0, 1.0)));
  BOOST_TEST((intervals::slope(relu, {0.5, 1.0}) == Interval(1.0)));
  BOOST_TEST((intervals::slope(leaky, {-1.0, 1.0}) == Interval(0.25, 1.0)));
  BOOST_TEST((intervals::slope(clipped, {-0.5, 0.5}) == Interval(1.0)));
  BOOST_TEST((intervals::slope(clipped, {0.5, 1.0}) == Interval(0.0, 1.0)));
  BOOST_TEST((intervals::slope(clipped, {1.5, 2.0}) == Interval(0.0)));
  BOOST_TEST((intervals::value(leaky, {-2.0, 3.0}) == Interval(-0.5, 3.0)));
  BOOST_TEST((intervals::value(leaky, {1.0, 3.0}) == Interval(1.0, 3.0)));
}
