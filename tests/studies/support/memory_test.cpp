// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE memory
#include "studies/support/memory.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lib/networks/single_unit.hpp"
#include "solvers/moments/stationary.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using moments::Rung;

namespace {

continuation::Subject neurons(const Vector& weights, const Vector& biases) {
  return {.network = networks::make_network({.W = Matrix(weights.asDiagonal()),
                                             .b = biases,
                                             .activation = activations::Tanh{},
                                             .leak = 0.1}),
          .noise = networks::white_noise(networks::NoiseSource::inside, 1.0)};
}

std::vector<fixed_points::FixedPoint> points_of(const continuation::Subject& subject) {
  return fixed_points::find(models::NoisyChain(subject.network, {}), {}, {}, {}, {.threads = 1})
      .points;
}

/// The point nearest to a guess.
Vector point_near(const std::vector<fixed_points::FixedPoint>& points, const Vector& where) {
  Vector best = points.front().state;
  for (const auto& point : points)
    if ((point.state - where).norm() < (best - where).norm()) best = point.state;
  return best;
}

}  // namespace

// Two uncoupled neurons. The first one's lower state ends at its own fold, so the saddle is where
// the first is at its middle point; the second's, which never ends there, is nearer.
BOOST_AUTO_TEST_CASE(a_memory_is_lost_over_the_saddle_its_branch_meets) {
  const auto subject = neurons(Eigen::Vector2d(1.5, 1.1), Eigen::Vector2d(0.05, -0.005));
  const auto points = points_of(subject);
  BOOST_REQUIRE(points.size() == 9u);
  const Vector state = point_near(points, Eigen::Vector2d(-0.83, -0.52));
  const Vector expected = point_near(points, Eigen::Vector2d(-0.1, -0.52));
  const auto survival =
      continuation::survival_noise(subject, state, Rung::smoothed, {.upper = 3.0});
  BOOST_REQUIRE((survival.end == continuation::SurvivalEnd::fold));
  const Vector saddle = studies::saddle_of(subject, points, state, Rung::smoothed, survival, 3.0);
  BOOST_REQUIRE(saddle.size() == 2);
  BOOST_TEST((saddle - expected).norm() < 1e-9);
  const Vector nearest = studies::nearest_saddle(points, state);
  BOOST_TEST(std::abs(nearest(0) - state(0)) < 1e-9);
  BOOST_TEST((nearest - state).norm() < (saddle - state).norm());
  BOOST_TEST(studies::saddle_of(subject, points, state, Rung::closure, survival, 3.0) == nearest);
  BOOST_TEST(studies::nearest_saddle({}, state).size() == 0);
}

// Small noise: all paths are kept and their mean is the closure's, whose error in it, of order
// sigma^4, is below 1e-6 here. Large noise at bias 0: by symmetry half of the paths are on either
// side. Catches 1 % of the share.
BOOST_AUTO_TEST_CASE(paths_are_held_by_little_noise_and_shared_out_by_much) {
  const auto subject = neurons(Vector::Constant(1, 1.5), Vector::Zero(1));
  const auto points = points_of(subject);
  BOOST_REQUIRE(points.size() == 3u);
  const Vector state = point_near(points, Vector::Constant(1, 0.86));
  const auto at = [&](double sigma, double settled) {
    const models::NoisyChain chain(subject.network,
                                   networks::white_noise(networks::NoiseSource::inside, sigma));
    return studies::hold(chain, {}, points, state,
                         {.settled = settled, .stream = {tests::seed, 0}, .threads = 1});
  };
  const auto held = at(0.05, 30.0);
  BOOST_TEST(held.share == 1.0);
  const models::NoisyChain quiet(subject.network,
                                 networks::white_noise(networks::NoiseSource::inside, 0.05));
  const double closure = moments::solve_closure(quiet, {}, state).mean[0].value;
  BOOST_TEST(held.mean.standard_error < 1e-3);
  BOOST_TEST(std::abs(held.mean.value - closure) < 5.0 * held.mean.standard_error + 1e-6);
  BOOST_TEST(std::abs(closure - state(0)) > 10.0 * held.mean.standard_error);  // it has moved
  const auto lost = at(4.0, 100.0);
  BOOST_TEST(std::abs(lost.share - 0.5) < 5.0 * std::sqrt(0.25 / 20000.0));
  BOOST_TEST(std::isnan(lost.mean.value));
}
