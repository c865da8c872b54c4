// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE path_integration
#include "lib/tasks/path_integration.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using tasks::PathIntegration;

namespace {

networks::Network network() {
  return networks::make_network({.W = Matrix::Zero(3, 3),
                                 .W_in = Matrix::Zero(3, PathIntegration::inputs),
                                 .W_out = Matrix::Zero(PathIntegration::outputs, 3)});
}

}  // namespace

// The displacements told add up to the position asked for, which stays in the arena.
BOOST_AUTO_TEST_CASE(inputs_determine_the_targets) {
  const PathIntegration task{.steps = 60, .cue = 3, .speed = 0.1};
  const auto trials = task.draw(40, 3, {.seed = tests::seed}, 0);
  tasks::require_fits(trials, network());
  for (Index k = 0; k < 40; ++k) {
    Eigen::Vector2d position = 0.5 * trials.input(1).col(k).segment(2, 2);
    for (Index t = 1; t <= 60; ++t) {
      const Vector u = trials.input(t).col(k);
      BOOST_TEST(u(4) == (t <= 3 ? 1.0 : 0.0));
      if (t > 3) {
        BOOST_TEST(u.segment(2, 2).isZero(0.0));
        BOOST_TEST(u.head(2).norm() <= 1.5 + 1e-12);
      }
      position += 0.1 * u.head(2);
      BOOST_TEST((position - 0.5 * trials.target(t).col(k)).norm() < 1e-13);
      BOOST_TEST(trials.target(t).col(k).cwiseAbs().maxCoeff() <= 1.0);
    }
  }
  BOOST_TEST(trials.weight(2, 5) == 0.0);
  BOOST_TEST(trials.weight(3, 5) == 1.0);
  BOOST_TEST((task.draw(40, 3, {.seed = tests::seed}, 1).target(60) != trials.target(60)));
}

// A billiard with a turning heading fills the square evenly: coordinates have the variance 1/12 at
// every step, mean squares within 5 standard errors of 4000 paths.
BOOST_AUTO_TEST_CASE(paths_fill_the_arena) {
  const PathIntegration task;
  const auto trials = task.draw(4000, 3, {.seed = tests::seed}, 0);
  for (const Index t : {5, 50, 100}) {
    const Matrix x = 0.5 * trials.target(t);
    const double square = x.squaredNorm() / static_cast<double>(x.size());
    const double error = std::sqrt((1.0 / 80 - 1.0 / 144) / static_cast<double>(x.size()));
    BOOST_TEST(std::abs(square - 1.0 / 12) < 5.0 * error, "step " << t << ": " << square);
  }
  BOOST_TEST(task.path_length() >= 5.0);
  const auto stay = task.score(trials, trials.target(5)),
             exact = task.score(trials, trials.target(100));
  BOOST_TEST(stay.error == stay.baseline);
  BOOST_TEST(exact.error == 0.0);
  // Two independent points of the square: mean square distance 4/12; 5 standard errors are 0.017.
  BOOST_TEST(std::abs(stay.baseline - std::sqrt(1.0 / 3)) < 0.02);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  BOOST_CHECK_THROW((PathIntegration{.steps = 5, .cue = 5}.draw(3, 3, {}, 0)),
                    std::invalid_argument);
  BOOST_CHECK_THROW((PathIntegration{.speed = 0.0}.draw(3, 3, {}, 0)), std::invalid_argument);
  BOOST_CHECK_THROW((PathIntegration{.turn = -1.0}.draw(3, 3, {}, 0)), std::invalid_argument);
  BOOST_CHECK_THROW(PathIntegration{}.draw(0, 3, {}, 0), std::invalid_argument);
  const auto trials = PathIntegration{}.draw(4, 3, {}, 0);
  BOOST_CHECK_THROW(PathIntegration{}.score(trials, Matrix::Zero(2, 3)), std::invalid_argument);
}
