// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE dwell_time
#include "studies/support/dwell_time.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "solvers/transfer_operator/first_passage.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;

// One neuron with noise outside: the exact first passage of the chain, by simulation and, where
// the times are called too long for that, by splitting. Catches an error of 10 % of the time.
BOOST_AUTO_TEST_CASE(simulation_and_splitting_against_the_exact_chain) {
  const double g = 0.2;
  const models::NoisyChain chain(
      networks::single_unit(networks::Equation::rate, activations::Tanh{}, 1.5, 0.0, g),
      networks::white_noise(networks::NoiseSource::outside, 0.6));
  const double h = 0.8585597;
  const auto exact = transfer_operator::first_passage(chain, Vector(0), h, 0.0, h + 2.0);
  BOOST_REQUIRE(exact.report.ok());
  const Vector state = Vector::Constant(1, h), saddle = Vector::Zero(1);
  const auto simulated = studies::estimate_dwell_time(
      chain, Vector(0), state, saddle, {.paths = 2000, .stream = {tests::seed, 0}, .threads = 1});
  BOOST_TEST(simulated.method == "simulation");
  tests::check_agrees(simulated.time, g * exact.mean, "simulation");
  BOOST_TEST(simulated.time.standard_error < 0.03 * simulated.time.value);
  const auto split = studies::estimate_dwell_time(
      chain, Vector(0), state, saddle,
      {.longest = 1.0, .replicas = 24, .stream = {tests::seed, 2}, .threads = 1});
  BOOST_TEST(split.method == "splitting");
  tests::check_agrees(split.time, g * exact.mean, "splitting",
                      std::pow(split.time.standard_error, 2) / split.time.value);
  BOOST_TEST(split.time.standard_error < 0.1 * split.time.value);
}

BOOST_AUTO_TEST_CASE(a_drop_is_a_tenfold_fall_beyond_its_error) {
  using studies::Drop;
  const auto fall = studies::fall({300.0, 9.0}, {20.0, 0.8});
  BOOST_TEST(fall.value == 15.0);
  BOOST_TEST(fall.standard_error == 0.75, boost::test_tools::tolerance(1e-14));  // 3 % and 4 %
  BOOST_TEST((studies::judge_fall(fall) == Drop::drops));
  BOOST_TEST((studies::judge_fall({11.0, 0.6}) == Drop::undecided));
  BOOST_TEST((studies::judge_fall({9.0, 0.6}) == Drop::undecided));
  BOOST_TEST((studies::judge_fall({8.0, 0.6}) == Drop::gradual));
  const double nan = std::nan("");
  BOOST_TEST((studies::judge_fall(studies::fall({nan, nan}, {20.0, 0.8})) == Drop::undecided));
  BOOST_TEST(
      studies::list_drops({{0.02, Drop::drops}, {0.1, Drop::gradual}, {0.5, Drop::gradual}}) ==
      "marks the drop at leak 0.02, marks none at leak 0.1, 0.5");
  BOOST_TEST(studies::list_drops({{0.2, Drop::undecided}}) == "is undecided at leak 0.2");
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const models::NoisyChain chain({.W = Matrix::Identity(2, 2)}, {});
  BOOST_CHECK_THROW(
      studies::estimate_dwell_time(chain, Vector(0), Vector::Zero(2), Vector::Zero(2), {}),
      std::invalid_argument);
  BOOST_CHECK_THROW(
      studies::estimate_dwell_time(chain, Vector(0), Vector::Zero(1), Vector::Ones(2), {}),
      std::invalid_argument);
}
