// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE neuron_folds
#include "studies/support/neuron_folds.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "solvers/moments/stationary.hpp"

using namespace stillpoint;
using moments::Rung;

namespace {

models::NoisyChain neuron(const activations::Activation& f, double w, double c, double leak,
                          double sigma) {
  return {networks::single_unit(networks::Equation::rate, f, w, c, leak),
          networks::white_noise(networks::NoiseSource::inside, sigma)};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_smoothed_fold_of_erf_is_the_closed_form) {
  // erf(u/k) = (u − c)/w, 1 = 2w/(√π k) exp(−u²/k²), k = √(1 + 2s²).
  const double w = 1.5, c = 0.05;
  const double s = studies::direct_fold(neuron(activations::Erf{}, w, c, 0.2, 1.0), Rung::smoothed,
                                        Eigen::Vector2d(-0.4, 0.8));
  const double k = std::sqrt(1.0 + 2.0 * s * s);
  const double u = -k * std::sqrt(std::log(2.0 * w / (std::sqrt(std::numbers::pi) * k)));
  BOOST_TEST(std::abs(std::erf(u / k) - (u - c) / w) < 1e-11);
  // Twice the noise at level 1, half the level.
  const double half = studies::direct_fold(neuron(activations::Erf{}, w, c, 0.2, 2.0),
                                           Rung::smoothed, Eigen::Vector2d(-0.4, 0.4));
  BOOST_TEST(2.0 * half == s, boost::test_tools::tolerance(1e-11));
}

BOOST_AUTO_TEST_CASE(the_closure_is_there_below_its_fold_and_gone_above) {
  const double w = 1.5, c = 0.05, g = 0.1;
  const double s = studies::direct_fold(neuron(activations::Tanh{}, w, c, g, 1.0), Rung::closure,
                                        Eigen::Vector3d(-0.56, 0.03, 0.51));
  for (const double factor : {0.9999, 1.0001}) {
    const auto law = moments::solve_closure(neuron(activations::Tanh{}, w, c, g, factor * s),
                                            Vector(), Vector::Constant(1, -0.8));
    BOOST_TEST((law.mean[0].value < 0.0) == (factor < 1.0), factor << ": " << law.mean[0].value);
  }
}

BOOST_AUTO_TEST_CASE(the_noise_free_fold_of_tanh_is_the_closed_form) {
  // h = √(1 − 1/w), c = artanh h − w h.
  const double w = 1.7, h = -std::sqrt(1.0 - 1.0 / w), c = std::atanh(h) - w * h;
  BOOST_TEST(studies::noise_free_fold(activations::Tanh{}, c,
                                      Eigen::Vector2d(std::atanh(h) + 0.02, 1.65)) == w,
             boost::test_tools::tolerance(1e-10));
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const auto chain = neuron(activations::Tanh{}, 1.5, 0.0, 0.1, 1.0);
  BOOST_CHECK_THROW(studies::direct_fold(chain, Rung::smoothed, Vector::Zero(3)),
                    std::invalid_argument);
  const models::NoisyChain pair({.W = Matrix::Identity(2, 2)}, {});
  BOOST_CHECK_THROW(studies::direct_fold(pair, Rung::smoothed, Vector::Zero(2)),
                    std::invalid_argument);
}
