// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE activation_curve
#include "solvers/certification/activation_curve.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using certification::ActivationCurve;
using intervals::Interval;

namespace {

std::vector<activations::Activation> smooth_activations() {
  return {activations::Tanh{}, activations::Logistic{}, activations::Erf{},
          activations::Softplus(1.0), activations::Softplus(7.0)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(strips_hold_the_graph_and_little_else) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal(0.0, 2.0);
  std::uniform_real_distribution<double> exponent(-12.0, 1.0);
  for (const auto& f : smooth_activations()) {
    const ActivationCurve curve(f);
    for (int k = 0; k < 1000; ++k) {
      const double lower = normal(engine), length = std::pow(10.0, exponent(engine));
      const auto piece = curve.piece(lower, lower + length);
      const auto strip = curve.strip(piece);
      const double scale = 1.0 + std::fabs(lower) + length;  // of what is subtracted
      double lowest = INFINITY, highest = -INFINITY;
      for (int point = 0; point <= 200; ++point) {
        const double a = std::min(lower + length * point / 200.0, piece.upper);
        const double rest = curve.value(a) - strip.slope * a;
        lowest = std::min(lowest, rest);
        highest = std::max(highest, rest);
      }
      // Values in double err by 4 ulp at most.
      BOOST_TEST(strip.remainder.lower <= lowest + 8.0 * epsilon * scale);
      BOOST_TEST(strip.remainder.upper >= highest - 8.0 * epsilon * scale);
      // Tight: the tangent at the point of that slope touches the graph; 200 points miss the
      // extreme by |f''| (length/400)²/2 at most.
      const double missed = 0.5 * curve.largest_curvature() * length * length / 160000.0;
      BOOST_TEST(strip.remainder.lower >= lowest - missed - 32.0 * epsilon * scale);
      BOOST_TEST(strip.remainder.upper <= highest + missed + 32.0 * epsilon * scale);
    }
  }
}

BOOST_AUTO_TEST_CASE(slopes_and_curvature_are_bounds) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal(0.0, 1.5);
  for (const auto& f : smooth_activations()) {
    const ActivationCurve curve(f);
    double steepest = 0.0, most_bent = 0.0;
    for (int k = 0; k < 2000; ++k) {
      double a = normal(engine), b = normal(engine);
      if (a > b) std::swap(a, b);
      const auto piece = curve.piece(a, b);
      const Interval slopes = curve.slope(piece.arguments(), piece.values());
      for (const double u : {a, 0.5 * (a + b), b}) {
        const double slope = curve.slope(u);
        BOOST_TEST(slopes.lower <= slope + 1e-14);
        BOOST_TEST(slopes.upper >= slope - 1e-14);
        steepest = std::max(steepest, slope);
        most_bent = std::max(most_bent, std::fabs(activations::derivative(f, 2, u)));
      }
    }
    BOOST_TEST(steepest <= curve.largest_slope());
    BOOST_TEST(most_bent <= curve.largest_curvature());
    // No idle bounds: 6000 points come within a percent.
    BOOST_TEST(most_bent >= 0.99 * curve.largest_curvature());
  }
}

BOOST_AUTO_TEST_CASE(a_cut_lies_inside) {
  for (const auto& f : smooth_activations()) {
    const ActivationCurve curve(f);
    for (const double lower : {-30.0, -2.0, 0.0, 1.0, 20.0})
      for (const double length : {1e-7, 1.0, 40.0}) {
        const auto piece = curve.piece(lower, lower + length);
        const double at = curve.cut(piece);
        BOOST_TEST(at > piece.lower);
        BOOST_TEST(at < piece.upper);
      }
  }
}
