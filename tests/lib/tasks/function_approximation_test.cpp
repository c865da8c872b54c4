// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE function_approximation
#include "lib/tasks/function_approximation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>

using namespace stillpoint;
using tasks::FunctionApproximation;
using tasks::Target;

BOOST_AUTO_TEST_CASE(one_trial_in_each_stratum) {
  const FunctionApproximation task{.target = Target::cubic, .steps = 10, .window = 4};
  const auto trials = task.draw(8, 5, {.seed = 1}, 3);
  tasks::require_fits(trials, networks::make_network({.W = Matrix::Zero(5, 5),
                                                      .W_in = Matrix::Zero(5, 1),
                                                      .W_out = Matrix::Zero(1, 5)}));
  for (Index k = 0; k < 8; ++k) {
    const double u = trials.input(7)(0, k);
    BOOST_TEST(u > -1.0 + 0.25 * static_cast<double>(k));
    BOOST_TEST(u < -0.75 + 0.25 * static_cast<double>(k));
    BOOST_TEST(trials.target(7)(0, k) == 2 * u * u * u - u);
  }
  BOOST_TEST(trials.weight(6, 3) == 0.0);
  BOOST_TEST(trials.weight(7, 3) == 1.0);
  BOOST_TEST(trials.total_weight() == 32.0);
  BOOST_TEST((task.draw(8, 5, {.seed = 1}, 3).input(1) == trials.input(1)));
  BOOST_TEST((task.draw(8, 5, {.seed = 1}, 4).input(1) - trials.input(1)).norm() > 1e-3);
}

BOOST_AUTO_TEST_CASE(conditions) {
  const auto tasks = FunctionApproximation{}.conditions(5, 3);
  BOOST_REQUIRE(tasks.size() == 5u);
  for (std::size_t k = 0; k < 5; ++k) {
    const double u = -1.0 + 0.5 * static_cast<double>(k);
    BOOST_TEST(tasks[k].inputs(0, 0) == u);
    BOOST_TEST(std::abs(tasks[k].targets(0, 0) - std::sin(std::numbers::pi * u)) < 1e-15);
    BOOST_TEST(tasks[k].window == 6);
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  BOOST_CHECK_THROW((FunctionApproximation{.steps = 3, .window = 4}.conditions(5, 3)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(FunctionApproximation{}.conditions(1, 3), std::invalid_argument);
  BOOST_CHECK_THROW(FunctionApproximation{}.draw(0, 3, {}, 0), std::invalid_argument);
  BOOST_CHECK_THROW(FunctionApproximation{}.draw(4, 0, {}, 0), std::invalid_argument);
}
