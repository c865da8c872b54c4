// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE control_variates
#include "solvers/ensemble/control_variates.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

#include "lib/networks/single_unit.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using namespace stillpoint::activations;
using ensemble::simulate_stationary;
using ensemble::VarianceReduction;
using networks::Equation;
using networks::NoiseSource;
using statistics::Estimate;
using statistics::StationaryLaw;
using tests::check_agrees;

namespace {

models::NoisyChain unit(Activation f, double w, double c, double leak, NoiseSource::Where where,
                        double sigma, Equation equation = Equation::rate) {
  return {networks::single_unit(equation, f, w, c, leak), {{.where = where, .sigma = {sigma}}}};
}

double gain(const Estimate& plain, const Estimate& reduced) {
  return std::pow(plain.standard_error / reduced.standard_error, 2);
}

}  // namespace

// A linear network is its own control: the exact law whatever the noise did, from the first step
// on (transients cancel). Averages over 5e4 numbers of size 1 are rounded to 1e-14 or better.
BOOST_AUTO_TEST_CASE(linear_networks_are_exact) {
  const Index n = 5;
  const Vector u = Vector::LinSpaced(2, 0.5, -1.0);
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const models::NoisyChain chain(tests::wavy_network(n, 0.4, equation, Identity{}),
                                   tests::every_noise(n));
    const auto exact = tests::linear_stationary(chain, u);
    const Matrix C = exact.covariance.topLeftCorner(n, n), W = chain.network().W_out;
    const Matrix C_out = W * C * W.transpose();
    const Vector z = W * exact.mean.head(n) + chain.network().b_out;
    const auto law = simulate_stationary(chain, u, Vector::Ones(n),
                                         {.paths = 512,
                                          .seed = tests::seed,
                                          .steps = 100,
                                          .burn_in = 100,
                                          .variance_reduction = VarianceReduction::control});
    BOOST_TEST(law.valid, law.note);
    BOOST_TEST(law.note.empty(), law.note);
    double worst = 0.0, worst_se = 0.0;
    const auto compare = [&](const Estimate& estimate, double value) {
      worst = std::max(worst, std::abs(estimate.value - value));
      worst_se = std::max(worst_se, estimate.standard_error);
    };
    for (Index i = 0; i < n; ++i) {
      compare(law.mean[i], exact.mean(i));
      compare(law.variance[i], C(i, i));
      for (Index j = 0; j < n; ++j)
        compare({law.covariance(i, j), law.covariance_standard_error(i, j)}, C(i, j));
    }
    for (Index i = 0; i < 2; ++i) {
      compare(law.output_mean[i], z(i));
      compare(law.output_variance[i], C_out(i, i));
    }
    BOOST_TEST_MESSAGE("linear: largest error " << worst << ", standard error " << worst_se);
    BOOST_TEST(worst < 1e-12);
    BOOST_TEST(worst_se < 1e-12);
  }
}

// One unit with additive noise ν a step, F(h) = f(wh + c), λ = 1 − g (1 − F'). To leading order the
// mean of y − μ − e over T steps is that of F''(e² − V)/2 over 1 − F', so that
//
//     1/gain = F''² g² ν² (1 + λ²)/(2 (1 − λ²)³)
//
// of the variance of a mean. The standard error of 64 groups has its square to 18 %: at 5 of these
// it is 1.9 times too large at most. What it predicts is judged by, 4000, is far above any
// accident.
BOOST_AUTO_TEST_CASE(the_gain_is_that_of_theory) {
  const double w = 0.6, c = 0.4, g = 0.2, sigma = 0.2;
  const auto chain = unit(Tanh{}, w, c, g, NoiseSource::outside, sigma);
  const auto exact = transfer_operator::solve_stationary(chain, Vector());
  ensemble::StationaryOptions options{
      .paths = 4096, .seed = tests::seed, .steps = 400, .record_every = 1};
  const auto plain = simulate_stationary(chain, Vector(), Vector::Zero(1), options);
  options.variance_reduction = VarianceReduction::control;
  const auto law = simulate_stationary(chain, Vector(), Vector::Zero(1), options);
  BOOST_TEST(law.valid, law.note);
  check_agrees(law.mean[0], exact.mean, "mean");
  check_agrees(law.variance[0], exact.variance, "variance");

  const double u = w * exact.mean + c, slope = w * derivative(Tanh{}, 1, u);
  const double curvature = w * w * derivative(Tanh{}, 2, u), lambda = 1.0 - g * (1.0 - slope);
  const double nu = g * sigma;
  const double predicted = 2.0 * std::pow(1.0 - lambda * lambda, 3) /
                           (std::pow(curvature * g * nu, 2) * (1.0 + lambda * lambda));
  const double mean_gain = gain(plain.mean[0], law.mean[0]);
  BOOST_TEST_MESSAGE("gain of the mean " << mean_gain << ", theory " << predicted
                                         << "; of the variance "
                                         << gain(plain.variance[0], law.variance[0]) << "; time "
                                         << law.seconds / plain.seconds);
  BOOST_TEST(mean_gain > predicted / 2.0);
  BOOST_TEST(mean_gain < predicted * 3.0);

  // Antithetic pairs keep the even part too, and have half the samples.
  options.variance_reduction = VarianceReduction::antithetic;
  const auto pairs = simulate_stationary(chain, Vector(), Vector::Zero(1), options);
  check_agrees(pairs.mean[0], exact.mean, "mean of pairs");
  check_agrees(pairs.variance[0], exact.variance, "variance of pairs");
  const double pair_gain = gain(plain.mean[0], pairs.mean[0]);
  BOOST_TEST_MESSAGE("gain of antithetic pairs " << pair_gain << ", theory " << predicted / 2.0);
  BOOST_TEST(pair_gain > predicted / 4.0);
  BOOST_TEST(pair_gain < predicted);
}

// Against the exact law of one unit where the noise is not small and the line fits badly; the
// standard errors stay honest, so 5 of them are the test. Sees the last digits printed.
BOOST_AUTO_TEST_CASE(agrees_with_the_transfer_operator) {
  struct Case {
    Activation f;
    double w, c, g, sigma;
    NoiseSource::Where where;
  };
  const Case cases[] = {{Relu{}, 0.5, 0.3, 0.2, 0.5, NoiseSource::inside},
                        {Relu{}, 0.5, 0.05, 0.2, 0.5, NoiseSource::outside},
                        {Tanh{}, 0.8, 0.3, 0.3, 0.3, NoiseSource::outside},
                        {Softplus{}, 0.5, 0.0, 0.5, 1.0, NoiseSource::inside}};
  for (const Equation equation : {Equation::rate, Equation::current})
    for (const Case& k : cases) {
      const auto chain = unit(k.f, k.w, k.c, k.g, k.where, k.sigma, equation);
      const auto exact = transfer_operator::solve_stationary(chain, Vector());
      BOOST_REQUIRE(exact.report.ok());
      ensemble::StationaryOptions options{.paths = 4096, .seed = tests::seed, .steps = 500};
      const auto plain = simulate_stationary(chain, Vector(), Vector::Zero(1), options);
      options.variance_reduction = VarianceReduction::control;
      const auto law = simulate_stationary(chain, Vector(), Vector::Zero(1), options);
      BOOST_TEST(law.valid, law.note);
      const std::string name(activations::name(k.f));
      check_agrees(law.mean[0], exact.mean, name + " mean");
      check_agrees(law.variance[0], exact.variance, name + " variance");
      const double mean_gain = gain(plain.mean[0], law.mean[0]);
      BOOST_TEST_MESSAGE(name << ": gain of the mean " << mean_gain << ", of the variance "
                              << gain(plain.variance[0], law.variance[0]));
      // Regression explains what it can: worse than nothing only by the scatter of 64 groups.
      BOOST_TEST(mean_gain > 0.5);
    }
}

// A network against plain Monte Carlo with independent noise; every kind of noise, read-out too.
BOOST_AUTO_TEST_CASE(agrees_with_plain_monte_carlo) {
  const Index n = 8;
  const Vector u = Vector::LinSpaced(2, 0.4, -0.3);
  for (const Activation f : {Activation(Tanh{}), Activation(Relu{})})
    for (const Equation equation : {Equation::rate, Equation::current}) {
      const models::NoisyChain chain(tests::wavy_network(n, 0.3, equation, f),
                                     networks::scaled(tests::every_noise(n), 0.5));
      ensemble::StationaryOptions options{.paths = 4096, .seed = tests::seed, .steps = 300};
      const auto plain = simulate_stationary(chain, u, Vector::Zero(n), options);
      options.stream = 1;
      options.variance_reduction = VarianceReduction::control;
      const auto law = simulate_stationary(chain, u, Vector::Zero(n), options);
      BOOST_TEST(law.valid, law.note);
      double least = 1e300, least_variance = 1e300;
      const auto compare = [](const Estimate& a, const Estimate& b, const char* what) {
        check_agrees({a.value - b.value, std::hypot(a.standard_error, b.standard_error)}, 0.0,
                     what);
      };
      for (Index i = 0; i < n; ++i) {
        compare(law.mean[i], plain.mean[i], "mean");
        least = std::min(least, gain(plain.mean[i], law.mean[i]));
        least_variance = std::min(least_variance, gain(plain.variance[i], law.variance[i]));
        for (Index j = 0; j <= i; ++j)
          compare({law.covariance(i, j), law.covariance_standard_error(i, j)},
                  {plain.covariance(i, j), plain.covariance_standard_error(i, j)}, "covariance");
      }
      for (Index i = 0; i < 2; ++i) {
        compare(law.output_mean[i], plain.output_mean[i], "output mean");
        compare(law.output_variance[i], plain.output_variance[i], "output variance");
        BOOST_TEST(gain(plain.output_mean[i], law.output_mean[i]) > 1.0);
      }
      BOOST_TEST_MESSAGE(name(f) << ": least gain of a mean " << least << ", of a variance "
                                 << least_variance << "; time " << law.seconds / plain.seconds);
      BOOST_TEST(least > 2.0);
    }
}

// Over independent runs z² averages to 62/60, that of t with 64 − 2 degrees of freedom, with
// standard error √(2/200), 1.2 times that for the tails. The standard errors of independent paths
// would give 1/gain, those without the error of β or the freedom spent on it 3 % less.
BOOST_AUTO_TEST_CASE(standard_errors_are_the_scatter) {
  const auto chain = unit(Tanh{}, 0.8, 0.3, 0.3, NoiseSource::outside, 0.5);
  const auto exact = transfer_operator::solve_stationary(chain, Vector());
  constexpr std::uint32_t runs = 200;
  double mean = 0.0, variance = 0.0;
  for (std::uint32_t run = 0; run < runs; ++run) {
    const auto law = simulate_stationary(chain, Vector(), Vector::Zero(1),
                                         {.paths = 2048,
                                          .seed = tests::seed,
                                          .stream = run,
                                          .threads = 1,
                                          .steps = 60,
                                          .variance_reduction = VarianceReduction::control});
    const auto square = [](const Estimate& estimate, double value) {
      return std::pow((estimate.value - value) / estimate.standard_error, 2) / runs;
    };
    mean += square(law.mean[0], exact.mean);
    variance += square(law.variance[0], exact.variance);
  }
  BOOST_TEST_MESSAGE("mean z² " << mean << " of means, " << variance << " of variances");
  for (const double square : {mean, variance})
    BOOST_TEST(std::abs(square - 62.0 / 60.0) < 5.0 * 1.2 * std::sqrt(2.0 / runs));
}

BOOST_AUTO_TEST_CASE(bit_identical_for_any_number_of_threads) {
  const Index n = 7;
  const models::NoisyChain chain(tests::wavy_network(n, 0.3, Equation::rate, Tanh{}),
                                 tests::every_noise(n));
  for (const auto reduction : {VarianceReduction::antithetic, VarianceReduction::control}) {
    const auto run = [&](int threads) {
      return simulate_stationary(chain, Vector::Ones(2), Vector::Zero(n),
                                 {.paths = 1000,
                                  .threads = threads,
                                  .steps = 50,
                                  .burn_in = 20,
                                  .variance_reduction = reduction});
    };
    const auto one = run(1);
    for (const int threads : {2, 4}) {
      const auto many = run(threads);
      for (Index i = 0; i < n; ++i) {
        BOOST_TEST(one.mean[i].value == many.mean[i].value);
        BOOST_TEST(one.mean[i].standard_error == many.mean[i].standard_error);
        BOOST_TEST(one.skewness[i].value == many.skewness[i].value);
      }
      BOOST_TEST((one.covariance == many.covariance));
      BOOST_TEST((one.covariance_standard_error == many.covariance_standard_error));
    }
  }
}

// A cycle of period two has no closure, and no control: the plain law, and a sentence.
BOOST_AUTO_TEST_CASE(without_a_control_the_note_says_so) {
  const auto chain = unit(Tanh{}, -3.0, 0.0, 1.0, NoiseSource::inside, 0.01);
  ensemble::StationaryOptions options{.paths = 512, .seed = tests::seed};
  const Vector start = Vector::Constant(1, 0.9);
  const auto plain = simulate_stationary(chain, Vector(), start, options);
  options.variance_reduction = VarianceReduction::control;
  const auto law = simulate_stationary(chain, Vector(), start, options);
  BOOST_TEST(law.note.find("no control variates") != std::string::npos, law.note);
  BOOST_TEST(law.valid == plain.valid);
  BOOST_TEST(law.mean[0].value == plain.mean[0].value);
  BOOST_TEST(law.variance[0].standard_error == plain.variance[0].standard_error);

  const auto unstable = unit(Identity{}, 1.5, 0.0, 0.5, NoiseSource::inside, 0.1);
  const auto control = ensemble::make_linear_control(unstable, Vector(), Vector::Zero(1));
  BOOST_TEST(static_cast<int>(control.report.status) == static_cast<int>(Status::outside_validity));
}

BOOST_AUTO_TEST_CASE(without_noise_there_is_nothing_to_reduce) {
  const models::NoisyChain chain(tests::wavy_network(3, 0.3, Equation::rate, Tanh{}), {});
  for (const auto reduction : {VarianceReduction::antithetic, VarianceReduction::control}) {
    const auto law = simulate_stationary(chain, Vector::Ones(2), Vector::Zero(3),
                                         {.paths = 512, .variance_reduction = reduction});
    BOOST_TEST(law.valid, law.note);
    BOOST_TEST(law.mean[0].standard_error == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const auto chain = unit(Tanh{}, 0.5, 0.0, 0.5, NoiseSource::inside, 0.1);
  const auto refuse = [&](Index paths, VarianceReduction reduction) {
    BOOST_CHECK_THROW(simulate_stationary(chain, Vector(), Vector::Zero(1),
                                          {.paths = paths, .variance_reduction = reduction}),
                      std::invalid_argument);
  };
  refuse(511, VarianceReduction::control);
  refuse(513, VarianceReduction::antithetic);
  BOOST_CHECK_THROW(ensemble::make_linear_control(chain, Vector(), Vector::Zero(2)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(ensemble::make_linear_control(chain, Vector::Zero(1), Vector::Zero(1)),
                    std::invalid_argument);
}
