// SPDX-License-Identifier: GPL-3.0-or-later
// Remainders and verdicts of the noise series against true errors: wherever a verdict says valid
// the remainder bounds the error, for smooth neurons, for kinks from afar, and for the sixth order
// of random networks; a fold within reach is seen.
#define BOOST_TEST_MODULE series_validity
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "lib/networks/single_unit.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/noise_series/noise_series.hpp"
#include "solvers/noise_series/series_validity.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/solvers/noise_series/series_cases.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using noise_series::evaluate;
using tests::NeuronCase;

// Where the verdict says valid, the remainder bounds the true error; the table counts both.
BOOST_AUTO_TEST_CASE(remainder_bounds_the_error_where_valid) {
  int judged = 0, valid = 0, bound = 0;
  double worst = 0.0;
  for (const NeuronCase& neuron : tests::smooth_neurons()) {
    const auto series =
        noise_series::solve_noise_series(neuron.chain(1.0), Vector(), neuron.fixed_point(), 8);
    for (const double s : {0.1, 0.2, 0.4, 0.7, 1.0}) {
      const auto exact = transfer_operator::solve_stationary(neuron.chain(s), Vector());
      if (!exact.report.ok()) continue;
      for (const Index order : {2, 4, 6, 8}) {
        const auto value = evaluate(series, s, order);
        const auto verdict = noise_series::judge_series(series, neuron.activation, s, order);
        ++judged;
        BOOST_TEST(verdict.valid == verdict.note.empty());
        if (!verdict.valid) continue;
        ++valid;
        const auto check = [&](double error, double remainder, const std::string& what) {
          const double excess = std::abs(error) / (remainder + 1e-12);
          worst = std::max(worst, excess);
          BOOST_TEST(excess <= 1.0, neuron.name << " s " << s << " order " << order << ' ' << what
                                                << ": error " << error << ", remainder "
                                                << remainder);
          bound += excess <= 1.0;
        };
        check(exact.mean - value.mean(0), value.mean_remainder(0), "mean");
        check(exact.variance - value.covariance(0, 0), value.covariance_remainder(0, 0),
              "variance");
      }
    }
  }
  BOOST_TEST_MESSAGE("valid in " << valid << " of " << judged << " cases; remainder bounds "
                                 << bound << " of " << 2 * valid
                                 << " errors, largest error/remainder " << worst);
  BOOST_TEST(valid > judged / 3);
  BOOST_TEST(valid < judged);
}

// A piecewise linear f has no Taylor terms beyond the linear law; what its kinks do from afar is in
// the remainder.
BOOST_AUTO_TEST_CASE(remainder_covers_kinks_from_afar) {
  int valid = 0;
  for (const auto where : {NoiseSource::inside, NoiseSource::outside})
    for (const double c : {0.2, 0.4, -0.6})
      for (const double s : {0.03, 0.05, 0.08, 0.1, 0.12, 0.15}) {
        const NeuronCase neuron{"relu", activations::Relu{}, where, 0.5, c, 0.3};
        const auto series =
            noise_series::solve_noise_series(neuron.chain(1.0), Vector(), neuron.fixed_point(), 4);
        if (!noise_series::judge_series(series, neuron.activation, s).valid) continue;
        const auto exact = transfer_operator::solve_stationary(neuron.chain(s), Vector());
        if (!exact.report.ok()) continue;  // hardly ever active
        ++valid;
        const auto value = evaluate(series, s);
        BOOST_TEST(std::abs(exact.mean - value.mean(0)) < value.mean_remainder(0) + 1e-11,
                   to_string(where)
                       << " c " << c << " s " << s << ": error " << exact.mean - value.mean(0)
                       << ", remainder " << value.mean_remainder(0));
        BOOST_TEST(std::abs(exact.variance - value.covariance(0, 0)) <
                       value.covariance_remainder(0, 0) + 1e-12,
                   to_string(where) << " c " << c << " s " << s << ": error of the variance "
                                    << exact.variance - value.covariance(0, 0) << ", remainder "
                                    << value.covariance_remainder(0, 0));
      }
  BOOST_TEST(valid >= 8);
}

// Near the fold of tanh, w = 1.5, at h = √(1 − 1/w): the unstable point is where the quadratic part
// says, to the order of the distance.
BOOST_AUTO_TEST_CASE(distance_of_the_unstable_state) {
  const double w = 1.5, fold = std::sqrt(1.0 - 1.0 / w), step = 0.05;
  // Two points h = fold ± step of one bias each: c(h) = atanh(h) − w h is even about the fold.
  const double h = fold + step, c = std::atanh(h) - w * h;
  double other = fold - step;  // Newton on tanh(w h + c) = h
  for (int k = 0; k < 20; ++k) {
    const double t = std::tanh(w * other + c);
    other -= (t - other) / (w * (1.0 - t * t) - 1.0);
  }
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, w, c, 0.2),
      networks::white_noise(NoiseSource::outside, 0.1));
  const auto series = noise_series::solve_noise_series(chain, Vector(), Vector::Constant(1, h), 4);
  BOOST_REQUIRE(series.report.ok());
  const double distance = (h - other) / std::sqrt(series.covariance[1](0, 0));
  BOOST_TEST(std::abs(series.fold_distance / distance - 1.0) < 0.2,
             series.fold_distance << " standard deviations, found at " << distance);
  const auto verdict = noise_series::judge_series(series, chain.activation(), 1.0);
  BOOST_TEST(!verdict.valid);
  BOOST_TEST(verdict.note.find("unstable state") != std::string::npos, verdict.note);
  BOOST_TEST(noise_series::judge_series(series, chain.activation(), 0.05).valid);
}

// A network's remainder covers its sixth order, which uncoupled units know from one neuron's
// series.
BOOST_AUTO_TEST_CASE(remainder_of_networks_covers_the_next_order) {
  std::mt19937 engine(tests::seed);
  const auto uniform = [&](double lower, double upper) {
    return lower + (upper - lower) * static_cast<double>(engine()) / 4294967296.0;
  };
  const std::vector<activations::Activation> smooth = {activations::Tanh{}, activations::Softplus{},
                                                       activations::Logistic{}, activations::Erf{}};
  const int wanted = tests::full_effort() ? 3000 : 400;
  double largest = 0.0;
  for (int judged = 0; judged < wanted;) {
    const auto& f = smooth[engine() % 4];
    const double w = uniform(-2.5, 0.8), c = uniform(-1.0, 1.0), g = uniform(0.05, 1.0);
    const auto equation = engine() % 2 == 0 ? Equation::rate : Equation::current;
    const auto noise =
        networks::white_noise(engine() % 2 == 0 ? NoiseSource::inside : NoiseSource::outside, 1.0);
    const double width = uniform(0.0, 0.5);
    const models::NoisyChain one(networks::single_unit(equation, f, w, c, g), noise);
    const models::NoisyChain pair(networks::Network{.equation = equation,
                                                    .W = w * Matrix::Identity(2, 2),
                                                    .b = Vector::Constant(2, c),
                                                    .activation = f,
                                                    .leak = g},
                                  noise);
    const auto law =
        moments::solve_deterministic(one, Vector(), Vector::Zero(1), {.tolerance = 1e-14});
    if (!law.valid) continue;  // a cycle
    const Vector state = Vector::Constant(1, law.mean[0].value);
    const auto neuron = noise_series::solve_noise_series(one, Vector(), state, 4);
    const auto network = noise_series::solve_noise_series(pair, Vector(), state.replicate(2, 1), 4);
    if (!neuron.report.ok()) continue;
    const double level = width / std::sqrt(neuron.argument_covariance(0, 0));
    if (!noise_series::judge_series(network, f, level).valid) continue;
    ++judged;
    const auto value = evaluate(network, level);
    const double power = std::pow(level, 6);
    largest =
        std::max({largest, power * std::abs(neuron.mean[3](0)) / value.mean_remainder(0),
                  power * std::abs(neuron.covariance[3](0, 0)) / value.covariance_remainder(0, 0)});
  }
  BOOST_TEST_MESSAGE("largest sixth order over remainder " << largest);
  BOOST_TEST(largest < 1.0);
  BOOST_TEST(largest > 0.05);  // the remainder is not idle talk either
}

// Without noise everything holds; a wrong level or order does not pass.
BOOST_AUTO_TEST_CASE(arguments) {
  const NeuronCase neuron = tests::smooth_neurons().front();
  const auto series =
      noise_series::solve_noise_series(neuron.chain(1.0), Vector(), neuron.fixed_point(), 4);
  const auto verdict = noise_series::judge_series(series, neuron.activation, 0.0);
  BOOST_TEST(verdict.valid);
  BOOST_TEST(evaluate(series, 0.0).mean_remainder(0) == 0.0);
  BOOST_CHECK_THROW(noise_series::judge_series(series, neuron.activation, -0.1),
                    std::invalid_argument);
  BOOST_CHECK_THROW(noise_series::judge_series(series, neuron.activation, 0.1, 6),
                    std::invalid_argument);
}
