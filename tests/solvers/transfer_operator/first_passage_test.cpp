// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE first_passage
#include "solvers/transfer_operator/first_passage.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using transfer_operator::first_passage;

namespace {

models::NoisyChain neuron(const activations::Activation& f, double w, double c, double g,
                          double s) {
  return {networks::single_unit(Equation::rate, f, w, c, g),
          networks::white_noise(NoiseSource::outside, s)};
}

}  // namespace

// A threshold so far away that each step is beyond it with the same probability p, wherever it
// starts: leak 1 and w = 0, y' = c + s ξ. Geometric: mean 1/p, sd √(1 − p)/p.
BOOST_AUTO_TEST_CASE(independent_steps_are_geometric) {
  const double c = 0.2, s = 0.5, threshold = -0.6;
  const auto time =
      first_passage(neuron(activations::Identity{}, 0.0, c, 1.0, s), Vector(), 0.3, threshold, 6.0);
  const double p = 0.5 * std::erfc((c - threshold) / s / std::sqrt(2.0));
  BOOST_TEST(time.report.ok(), time.report.message);
  BOOST_TEST(std::abs(time.mean * p - 1.0) < 1e-9);
  BOOST_TEST(std::abs(time.standard_deviation * p / std::sqrt(1.0 - p) - 1.0) < 1e-8);
}

// The mirrored neuron has the mirrored passage.
BOOST_AUTO_TEST_CASE(both_directions) {
  const auto down =
      first_passage(neuron(activations::Tanh{}, 1.5, 0.05, 0.2, 0.6), Vector(), 0.88, 0.0, 4.0);
  const auto up =
      first_passage(neuron(activations::Tanh{}, 1.5, -0.05, 0.2, 0.6), Vector(), -0.88, 0.0, -4.0);
  BOOST_TEST(down.report.ok(), down.report.message);
  BOOST_TEST(std::abs(up.mean / down.mean - 1.0) < 1e-9);
}

// A relu chain, whose map has a kink, and a tanh chain against simulation: 4000 paths know the mean
// to 1.6 % of the standard deviation, five standard errors are 8 %.
BOOST_AUTO_TEST_CASE(simulation_agrees) {
  const auto check = [](const models::NoisyChain& chain, double start, double threshold,
                        double far_end) {
    const auto exact = first_passage(chain, Vector(), start, threshold, far_end);
    BOOST_TEST_REQUIRE(exact.report.ok(), exact.report.message);
    const double g = chain.leak(), w = chain.network().W(0, 0), c = chain.network().b(0),
                 sd = chain.state_sd()(0);
    const Index paths = 4000;
    double sum = 0.0, squares = 0.0;
    for (Index path = 0; path < paths; ++path) {
      double y = start;
      std::uint32_t t = 0;
      while (y > threshold) {
        y = (1.0 - g) * y + g * activations::value(chain.activation(), w * y + c) +
            sd * random::normal({tests::seed, 40}, static_cast<std::uint64_t>(path), t, 0);
        ++t;
      }
      sum += t;
      squares += static_cast<double>(t) * t;
    }
    const double mean = sum / paths, sd_steps = std::sqrt(squares / paths - mean * mean);
    BOOST_TEST_MESSAGE("simulated " << mean << " +- " << sd_steps / std::sqrt(paths) << ", exact "
                                    << exact.mean << "; sd " << sd_steps << ", exact "
                                    << exact.standard_deviation);
    BOOST_TEST(std::abs(mean - exact.mean) < 5.0 * sd_steps / std::sqrt(paths));
    // The standard error of an exponential's sd is √2 sd/√n.
    BOOST_TEST(std::abs(sd_steps - exact.standard_deviation) <
               5.0 * std::sqrt(2.0 / paths) * exact.standard_deviation);
  };
  check(neuron(activations::Tanh{}, 1.5, 0.0, 0.2, 0.7), 0.858, 0.0, 5.0);
  check(neuron(activations::Relu{}, 0.5, 0.1, 0.3, 0.4), 0.2, -0.25, 4.0);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const auto chain = neuron(activations::Tanh{}, 1.5, 0.0, 0.1, 0.02);  // a barrier of 1000 units
  const auto never = first_passage(chain, Vector(), 0.858, 0.0, 1.2);
  BOOST_TEST(!never.report.ok());
  BOOST_TEST(!never.report.message.empty());
  const auto good = neuron(activations::Tanh{}, 1.5, 0.0, 0.2, 0.7);
  BOOST_CHECK_THROW(first_passage(good, Vector(), 0.0, 0.0, 5.0), std::invalid_argument);
  BOOST_CHECK_THROW(first_passage(good, Vector(), 6.0, 0.0, 5.0), std::invalid_argument);
  BOOST_CHECK_THROW(first_passage(good, Vector::Zero(2), 0.5, 0.0, 5.0), std::invalid_argument);
  const models::NoisyChain inside(
      networks::single_unit(Equation::rate, activations::Tanh{}, 1.5, 0.0, 0.2),
      networks::white_noise(NoiseSource::inside, 0.5));
  BOOST_CHECK_THROW(first_passage(inside, Vector(), 0.5, 0.0, 1.0), std::invalid_argument);
}
