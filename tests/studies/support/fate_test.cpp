// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE fate
#include "studies/support/fate.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "lib/networks/single_unit.hpp"
#include "solvers/moments/stationary.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using studies::Fate;

namespace {

studies::NoiseQuestion question_of(activations::Activation f, double weight, double bias,
                                   double sigma) {
  ensemble::StationaryOptions sampling;
  sampling.paths = 2048;
  sampling.steps = 400;
  sampling.seed = tests::seed;
  return {.network = networks::single_unit(networks::Equation::rate, f, weight, bias, 0.2),
          .noise = networks::white_noise(networks::NoiseSource::inside, sigma,
                                         networks::NoiseConvention::per_step),
          .input = Vector(0),
          .sampling = sampling};
}

/// The fates of all fixed points, by rising number of unstable directions, then by state.
std::vector<Fate> fates_of(const studies::NoiseQuestion& question, bool follow,
                           std::vector<fixed_points::FixedPoint>* points = nullptr) {
  const auto chain = question.chain();
  const auto found = fixed_points::find(chain, question.input, {}, {}, {.starts = 64}).points;
  const auto moved =
      continuation::shift(chain, question.input, moments::smoothing_sd(chain), found);
  std::vector<Fate> fates;
  for (std::size_t k = 0; k < found.size(); ++k)
    fates.push_back(studies::fate_of(question, found[k], moved[k], follow, 0));
  if (points) *points = found;
  return fates;
}

}  // namespace

// h' = h + g (w h + c + s xi − h) far above the kink: mean c/(1−w), variance
// (g s)²/(1 − a²), a = 1 − g (1 − w).
BOOST_AUTO_TEST_CASE(a_linear_unit_is_not_moved_and_has_its_variance) {
  const double weight = 0.5, bias = 2.0, sigma = 0.1;
  std::vector<fixed_points::FixedPoint> points;
  const auto fates =
      fates_of(question_of(activations::Identity{}, weight, bias, sigma), true, &points);
  BOOST_REQUIRE(fates.size() == 1u);
  const Fate& fate = fates[0];
  const double a = 1.0 - 0.2 * (1.0 - weight), sd = 0.2 * sigma / std::sqrt(1.0 - a * a);
  BOOST_TEST(std::abs(fate.smoothed(0) - 4.0) < 1e-12);
  BOOST_TEST(std::abs(fate.closure(0) - 4.0) < 1e-12);
  BOOST_TEST(std::abs(fate.closure_sd(0) - sd) < 1e-12);
  BOOST_TEST(fate.closure_valid);
  BOOST_TEST(fate.end_closure == "survives");
  BOOST_TEST(std::isnan(fate.ends_closure));
  BOOST_REQUIRE(fate.simulated);
  BOOST_TEST(std::abs(fate.monte_carlo(0) - 4.0) < 5.0 * fate.standard_error(0));
  BOOST_TEST(std::abs(fate.simulated_sd(0) / sd - 1.0) < 0.05);
  BOOST_TEST(fate.closure_gap() < 1.0);
  // One unit: its shift is |mean − state|, with the mean's error.
  const Vector& state = points[0].state;
  BOOST_TEST(std::abs(fate.monte_carlo_shift(state) - std::abs(fate.monte_carlo(0) - state(0))) <
             1e-15);
  BOOST_TEST(std::abs(fate.monte_carlo_shift_error(state) / fate.standard_error(0) - 1.0) < 1e-9);
}

// The formula of the gap by hand: units of sd 3 and 4 have the rms sd √12.5.
BOOST_AUTO_TEST_CASE(the_gap_is_relative_to_what_is_allowed) {
  Fate fate(2);
  BOOST_TEST(std::isnan(fate.closure_gap()));
  fate.closure = Vector{{1.0, 2.0}};
  fate.monte_carlo = Vector{{1.0, 1.0}};
  fate.standard_error = Vector{{0.01, 0.02}};
  fate.simulated_sd = Vector{{3.0, 4.0}};
  const double allowed = 0.1 + 0.1 * std::sqrt(12.5) + 2e-6;
  BOOST_TEST(std::abs(fate.closure_gap() - 1.0 / allowed) < 1e-12);
  BOOST_TEST(std::abs(fate.closure_shift(Vector{{1.0, 1.0}}) - std::sqrt(0.5)) < 1e-15);
  BOOST_TEST(fate.monte_carlo_shift_error(fate.monte_carlo) == studies::rms(fate.standard_error));
}

// The memory at the weaker of two states of tanh(1.5 h + 0.05 + noise) ends before a noise of 1.5:
// what the closure finds at 2 belongs to no such state, and its saddle has no closure at all.
BOOST_AUTO_TEST_CASE(a_point_that_has_ended_is_not_valid) {
  auto question = question_of(activations::Tanh{}, 1.5, 0.05, 2.0);
  question.largest_ratio = 2.0;
  std::vector<fixed_points::FixedPoint> points;
  const auto fates = fates_of(question, true, &points);
  BOOST_REQUIRE(fates.size() == 3u);
  BOOST_REQUIRE(points[0].state(0) < 0.0);
  BOOST_TEST(fates[0].end_smoothed == "fold");
  BOOST_TEST(fates[0].ends_smoothed < 1.0);
  BOOST_TEST(std::isnan(fates[0].smoothed(0)));
  BOOST_TEST(!fates[0].note.empty());
  BOOST_TEST(fates[0].ends_closure < 1.0);
  BOOST_TEST(!fates[0].closure_valid);
  BOOST_TEST(fates[2].closure.array().isNaN().all());
  BOOST_TEST(fates[2].end_smoothed.empty());
  BOOST_TEST(!fates[2].simulated);
}

BOOST_AUTO_TEST_CASE(a_point_that_is_not_followed_has_theory_only) {
  const auto fates = fates_of(question_of(activations::Tanh{}, 0.5, 0.3, 0.2), false);
  BOOST_REQUIRE(fates.size() == 1u);
  BOOST_TEST(std::isfinite(fates[0].closure(0)));
  BOOST_TEST(fates[0].end_closure.empty());
  BOOST_TEST(!fates[0].simulated);
  BOOST_TEST(fates[0].rejected.empty());
}
