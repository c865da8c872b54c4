// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE transfer_operator_distribution
#include "solvers/transfer_operator/distribution.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "tests/solvers/transfer_operator/one_neuron.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using tests::one_neuron;
using transfer_operator::Distribution;

namespace {

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

Distribution distribution(const models::NoisyChain& chain) {
  const auto solution = transfer_operator::solve_stationary(chain, Vector());
  BOOST_TEST_REQUIRE(solution.report.ok(), solution.report.message);
  auto law = transfer_operator::solve_distribution(chain, Vector(), solution);
  BOOST_TEST(law.report.ok(), law.report.message);
  return law;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_linear_neuron_is_gaussian) {
  const double w = 0.5, c = 0.2, g = 0.3, s = 0.4;
  const auto law =
      distribution(one_neuron(activations::Identity{}, NoiseSource::outside, w, c, g, s));
  const double mean = c / (1 - w), sd = s * std::sqrt(g / ((1 - w) * (2 - g * (1 - w))));
  for (double t = -5.0; t <= 5.0; t += 0.37) {
    const double y = mean + sd * t;
    BOOST_TEST(std::abs(law.cumulative(y) - normal_below(t)) < 1e-7);
    const double density = std::exp(-0.5 * t * t) / (sd * std::sqrt(2 * std::numbers::pi));
    BOOST_TEST(std::abs(law.density(y) - density) < 1e-5 / sd);
  }
}

// g = 1, w = 0: y = f(c + sξ), P(y ≤ t) = Φ((f⁻¹(t) − c)/s). ReLU has an atom at 0.
BOOST_AUTO_TEST_CASE(one_step_without_recurrence) {
  const double c = -0.2, s = 0.7;
  const auto curved =
      distribution(one_neuron(activations::Tanh{}, NoiseSource::inside, 0, c, 1, s));
  const auto rectified =
      distribution(one_neuron(activations::Relu{}, NoiseSource::inside, 0, c, 1, s));
  for (double u = -1.5; u < 1.6; u += 0.17) {
    const double exact = normal_below((u - c) / s);
    BOOST_TEST(std::abs(curved.cumulative(std::tanh(u)) - exact) < 1e-7);
    BOOST_TEST(std::abs(rectified.cumulative(u) - (u < 0 ? 0.0 : exact)) < 1e-7);
  }
  const Vector bins = rectified.bin_probabilities({-1.0, 0.0, 0.5, 10.0});
  BOOST_TEST(bins(0) == 0.0);  // the atom belongs to the bin that begins with it
  BOOST_TEST(std::abs(bins(1) - normal_below((0.5 - c) / s)) < 1e-7);
  BOOST_TEST(std::abs(bins.sum() - 1.0) < 1e-12);
}

// g = 1: P(off) = E Φ(−(w y + c)/s) by the backward solution, the atom by the forward one.
BOOST_AUTO_TEST_CASE(atom_of_a_recurrent_relu) {
  const double w = 0.8, c = -0.1, s = 0.5;
  const auto chain = one_neuron(activations::Relu{}, NoiseSource::inside, w, c, 1, s);
  const auto solution = transfer_operator::solve_stationary(chain, Vector());
  const auto law = transfer_operator::solve_distribution(chain, Vector(), solution);
  BOOST_TEST(std::abs(law.cumulative(0.0) - (1 - solution.activity)) < 1e-7);
}

// The forward distribution and the backward functional know nothing of each other; their moments
// agree. Monotone and folded maps, both placements and both at once, a diverging density.
BOOST_AUTO_TEST_CASE(forward_and_backward_agree) {
  struct Case {
    activations::Activation f;
    networks::NoiseSpec noise;
    double w, c, g;
  };
  const networks::NoiseSource in{.where = NoiseSource::inside, .sigma = {0.5}},
      out{.where = NoiseSource::outside, .sigma = {0.5}},
      weak{.where = NoiseSource::outside, .sigma = {0.1}};
  const activations::Activation relu = activations::Relu{}, curve = activations::Tanh{},
                                soft = activations::Softplus{};
  for (const auto& k : {Case{relu, {in}, 0.5, 0.3, 0.2}, Case{relu, {out}, 0.5, 0.05, 0.2},
                        Case{relu, {in}, -2.0, 0.5, 0.9}, Case{relu, {out}, -2.0, 0.5, 0.9},
                        Case{relu, {in}, 0.5, -0.9, 0.3}, Case{curve, {in}, -2.0, 0.3, 1.0},
                        Case{curve, {weak}, -2.0, 0.3, 1.0}, Case{curve, {in, out}, -1.0, 0.3, 0.6},
                        Case{soft, {in}, 0.8, 0.0, 0.1}, Case{soft, {out}, -1.5, 0.4, 0.7},
                        Case{curve, {out}, 1.5, 0.05, 0.2}}) {
    const auto chain = one_neuron(k.f, k.noise, k.w, k.c, k.g);
    const auto solution = transfer_operator::solve_stationary(chain, Vector());
    const auto law = transfer_operator::solve_distribution(chain, Vector(), solution);
    const double m = solution.mean, sd = std::sqrt(solution.variance);
    const double mean = law.expectation([](double y) { return y; }, [](double) { return 1.0; }, {});
    const double variance = law.expectation([m](double y) { return (y - m) * (y - m); },
                                            [m](double y) { return 2 * (y - m); }, {});
    BOOST_TEST_MESSAGE(activations::name(k.f)
                       << " " << to_string(k.noise[0].where) << " w " << k.w << ": mean "
                       << (mean - m) / sd << " sd, variance " << variance / solution.variance - 1
                       << ", nodes " << law.report.evaluations);
    BOOST_TEST(law.report.ok(), law.report.message);
    BOOST_TEST(std::abs(mean - m) < 1e-6 * sd);
    BOOST_TEST(std::abs(variance / solution.variance - 1) < 1e-5);
    double last = 0.0;
    for (int i = 0; i <= 100; ++i) {
      const double y = law.lower() + (law.upper() - law.lower()) * i / 100;
      BOOST_TEST(law.cumulative(y) >= last - 1e-7);
      last = law.cumulative(y);
    }
  }
}

BOOST_AUTO_TEST_CASE(misuse_and_limits) {
  const auto chain =
      one_neuron(activations::Relu{}, NoiseSource::inside, 0, 0.4, 0.3, 0.1, Equation::current);
  const auto point = distribution(chain);
  BOOST_TEST(point.cumulative(0.3999) == 0.0);
  BOOST_TEST(point.cumulative(0.4001) == 1.0);
  BOOST_CHECK_THROW(point.bin_probabilities({1.0}), std::invalid_argument);
  BOOST_CHECK_THROW(point.bin_probabilities({1.0, 0.0}), std::invalid_argument);
  const auto silent = one_neuron(activations::Tanh{}, NoiseSource::outside, 0.5, 0, 0.2, 0.0);
  BOOST_CHECK_THROW(transfer_operator::solve_distribution(
                        silent, Vector(), transfer_operator::solve_stationary(silent, Vector())),
                    std::invalid_argument);
  // A threshold neuron with memory has a law like a devil's staircase: it is said.
  const auto stairs = one_neuron(activations::Heaviside{}, NoiseSource::inside, 0.2, 0, 0.7, 0.5);
  const auto solution = transfer_operator::solve_stationary(stairs, Vector());
  BOOST_TEST(solution.report.ok());
  const auto law = transfer_operator::solve_distribution(stairs, Vector(), solution);
  BOOST_CHECK(law.report.status == Status::no_convergence);
}
