// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE transfer_operator_scalar_chain
#include "solvers/transfer_operator/scalar_chain.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/solvers/transfer_operator/one_neuron.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using transfer_operator::invariant_interval;
using transfer_operator::make_scalar_chain;

BOOST_AUTO_TEST_CASE(both_equations_in_one_form) {
  const auto rate = make_scalar_chain(
      tests::one_neuron(activations::Relu{}, NoiseSource::inside, -0.5, 0.4, 0.3, 0.2), Vector());
  BOOST_TEST(rate.next(0.6, 1.5, 0.0) == 0.7 * 0.6 + 0.3 * (-0.5 * 0.6 + 0.4 + 0.2 * 1.5),
             boost::test_tools::tolerance(1e-15));
  BOOST_TEST(rate.state_kinks().empty());  // noise inside smooths the kink
  const auto current =
      make_scalar_chain(tests::one_neuron(activations::Relu{}, NoiseSource::outside, -0.5, 0.4, 0.3,
                                          0.2, Equation::current),
                        Vector());
  BOOST_TEST(current.next(0.6, 0.0, 1.5) == 0.7 * 0.6 + 0.3 * (-0.5 * 0.6 + 0.4) + 0.06 * 1.5,
             boost::test_tools::tolerance(1e-15));
  BOOST_TEST(current.state_kinks().size() == 1U);
  BOOST_TEST(current.state_kinks().at(0) == 0.0);
}

// Linear, noise outside, |z| ≤ b: the interval is c/(1−w) ± b g s/(1 − |1 − g(1−w)|).
BOOST_AUTO_TEST_CASE(interval_of_a_linear_neuron) {
  for (const double w : {-2.0, 0.9}) {
    const double c = 0.3, g = 0.1, s = 0.2, bound = 10;
    const auto interval = invariant_interval(
        make_scalar_chain(
            tests::one_neuron(activations::Identity{}, NoiseSource::outside, w, c, g, s), Vector()),
        bound);
    const double mean = c / (1 - w), half = bound * g * s / (1 - std::abs(1 - g * (1 - w)));
    BOOST_TEST(interval.lower <= mean - 0.99 * half);
    BOOST_TEST(interval.upper >= mean + 0.99 * half);
    BOOST_TEST(interval.upper - interval.lower < 2.2 * half + 2 * std::abs(mean));
  }
}

BOOST_AUTO_TEST_CASE(noise_that_drives_to_infinity) {
  const auto chain = make_scalar_chain(
      tests::one_neuron(activations::Relu{}, NoiseSource::outside, 1.1, 0, 0.5, 0.2), Vector());
  BOOST_TEST(invariant_interval(chain, 10).empty());
}
