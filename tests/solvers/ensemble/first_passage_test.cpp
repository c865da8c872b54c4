// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE first_passage
#include "solvers/ensemble/first_passage.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "solvers/transfer_operator/first_passage.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using ensemble::ChainProcess;
using ensemble::simulate_first_passage;

namespace {

models::NoisyChain neuron(double w, double g, double s) {
  return {networks::single_unit(networks::Equation::rate, activations::Tanh{}, w, 0.0, g),
          networks::white_noise(networks::NoiseSource::outside, s)};
}

double downwards(const Vector& x) { return -x(0); }

}  // namespace

// A bistable neuron against the exact passage of its chain: 4000 paths, error 1.6 %: 8 % in the
// mean are caught; a count that is off by one step by the next test.
BOOST_AUTO_TEST_CASE(lifetime_of_a_bistable_neuron) {
  const auto chain = neuron(1.5, 0.2, 0.6);
  const double stable = 0.8585595;
  const auto exact = transfer_operator::first_passage(chain, Vector(), stable, 0.0, 5.0);
  BOOST_TEST_REQUIRE(exact.report.ok(), exact.report.message);
  const auto found =
      simulate_first_passage(ChainProcess(chain, Vector()), downwards, Vector::Constant(1, stable),
                             0.0, {.paths = 4000, .stream = {tests::seed, 95}});
  BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
  tests::check_agrees(found.lifetime, exact.mean, "lifetime");
  // The error is the standard deviation of the passage over √paths.
  BOOST_TEST(std::abs(found.lifetime.standard_error * std::sqrt(4000.0) / exact.standard_deviation -
                      1.0) < 0.15);
  BOOST_TEST(found.steps == static_cast<Index>(std::llround(4000.0 * found.lifetime.value)));
}

// g = 1, w = 0: y' = ξ, each step is over with probability ½.
BOOST_AUTO_TEST_CASE(a_coin_takes_two_throws) {
  const auto found = simulate_first_passage(ChainProcess(neuron(0.0, 1.0, 1.0), Vector()),
                                            downwards, Vector::Constant(1, 1.0), 0.0,
                                            {.paths = 20000, .stream = {tests::seed, 96}});
  tests::check_agrees(found.lifetime, 2.0, "throws");
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_does_not_matter) {
  const auto with = [](int threads) {
    return simulate_first_passage(ChainProcess(neuron(1.5, 0.2, 0.8), Vector()), downwards,
                                  Vector::Constant(1, 0.8), 0.0,
                                  {.paths = 100, .stream = {tests::seed, 97}, .threads = threads})
        .lifetime.value;
  };
  BOOST_TEST(with(1) == with(3));
}

BOOST_AUTO_TEST_CASE(what_does_not_arrive_is_said) {
  const ChainProcess silent(neuron(1.5, 0.2, 0.0), Vector());
  const Vector start = Vector::Constant(1, 0.8);
  const auto never =
      simulate_first_passage(silent, downwards, start, 0.0, {.paths = 2, .max_steps = 100});
  BOOST_TEST((never.report.status == Status::step_limit));
  BOOST_TEST(std::isnan(never.lifetime.value));
  BOOST_CHECK_THROW(simulate_first_passage(silent, downwards, start, -2.0), std::invalid_argument);
  BOOST_CHECK_THROW(simulate_first_passage(silent, downwards, Vector::Zero(2), 0.0),
                    std::invalid_argument);
  BOOST_CHECK_THROW(simulate_first_passage(silent, {}, start, 0.0), std::invalid_argument);
  BOOST_CHECK_THROW(simulate_first_passage(silent, downwards, start, 0.0, {.paths = 1}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(simulate_first_passage(silent, downwards, start, 0.0, {.max_steps = 0}),
                    std::invalid_argument);
}
