// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE ensemble_stationary
#include "solvers/ensemble/stationary.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using namespace stillpoint::activations;
using ensemble::simulate_stationary;
using networks::Equation;
using networks::NoiseConvention;
using networks::NoiseSource;
using networks::NoiseSpec;
using statistics::Estimate;
using tests::check_agrees;

namespace {

NoiseSpec noise(NoiseSource::Where where, double sigma) {
  return {{.where = where, .sigma = {sigma}}};
}

networks::Network one_unit(double w, double c, double leak, Activation f) {
  return {
      .W = Matrix::Constant(1, 1, w), .b = Vector::Constant(1, c), .activation = f, .leak = leak};
}

bool same_bits(const std::vector<Estimate>& a, const std::vector<Estimate>& b) {
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i)
    same = a[i].value == b[i].value && a[i].standard_error == b[i].standard_error;
  return same;
}

}  // namespace

// theory notes on noisy CTRNNs, section 3: w = 0, noise inside, ReLU, c = 0. Sees 0.3 % of the
// mean.
BOOST_AUTO_TEST_CASE(relu_without_recurrence) {
  const double g = 0.3, s = 0.7;
  const models::NoisyChain chain(one_unit(0.0, 0.0, g, Relu{}), noise(NoiseSource::inside, s));
  const auto law =
      simulate_stationary(chain, Vector(), Vector::Zero(1), {.paths = 4000, .seed = tests::seed});
  BOOST_TEST(law.valid, law.note);
  check_agrees(law.mean[0], s / std::sqrt(2 * std::numbers::pi), "mean");
  check_agrees(law.variance[0], g / (2 - g) * s * s * (0.5 - 0.5 / std::numbers::pi), "variance");
  // h = Σ g (1−g)ᵏ f_k: third cumulants add up, g³/(1 − (1−g)³) of one; the skewness of relu(ξ) is
  // 1.640560926867 (section 5).
  const double ratio = std::pow(g, 3) / (1 - std::pow(1 - g, 3)) / std::pow(g / (2 - g), 1.5);
  check_agrees(law.skewness[0], 1.640560926867 * ratio, "skewness");
}

// theory notes on noisy CTRNNs, section 6, exact means of its table; bistable tanh started in the
// law's middle has to hop, hence the long burn-in.
BOOST_AUTO_TEST_CASE(exact_means_of_one_unit) {
  struct Case {
    Activation f;
    NoiseSource::Where where;
    double w, c, g, s, mean;
  };
  const Case cases[] = {{Relu{}, NoiseSource::inside, .5, .3, .2, .5, .653722468678},
                        {Relu{}, NoiseSource::outside, .5, .05, .2, .5, .116449143143},
                        {Softplus{}, NoiseSource::inside, .5, 0., .5, 1., 1.123552003282},
                        {Tanh{}, NoiseSource::outside, 1.5, .05, .2, .6, .518479680906}};
  for (const Case& k : cases) {
    const models::NoisyChain chain(one_unit(k.w, k.c, k.g, k.f), noise(k.where, k.s));
    const auto law =
        simulate_stationary(chain, Vector(), Vector::Constant(1, k.mean),
                            {.paths = 4096, .seed = tests::seed, .steps = 2000, .burn_in = 2000});
    BOOST_TEST(law.valid, law.note);
    check_agrees(law.mean[0], k.mean, std::string(name(k.f)));
  }
}

// Linear networks: mean, covariance and read-out exactly, both equations, every noise at once.
BOOST_AUTO_TEST_CASE(linear_networks) {
  const Index n = 5;
  const Vector u = Vector::LinSpaced(2, 0.5, -1.0);
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const models::NoisyChain chain(tests::wavy_network(n, 0.4, equation, Identity{}),
                                   tests::every_noise(n));
    const auto exact = tests::linear_stationary(chain, u);
    const auto law = simulate_stationary(chain, u, Vector::Zero(n),
                                         {.paths = 4096, .seed = tests::seed, .steps = 500});
    BOOST_TEST(law.valid, law.note);
    const Matrix& W_out = chain.network().W_out;
    const Matrix C = exact.covariance.topLeftCorner(n, n);
    const Matrix C_out = W_out * C * W_out.transpose();
    const Vector z = W_out * exact.mean.head(n) + chain.network().b_out;
    BOOST_REQUIRE(law.covariance_standard_error.rows() == n);
    for (Index i = 0; i < n; ++i) {
      check_agrees(law.mean[i], exact.mean(i), "mean");
      check_agrees(law.skewness[i], 0.0, "skewness");
      for (Index j = 0; j < n; ++j)
        check_agrees({law.covariance(i, j), law.covariance_standard_error(i, j)}, C(i, j),
                     "covariance");
      BOOST_TEST(law.covariance_standard_error(i, i) < 0.02 * C(i, i));  // the power of the test
    }
    for (Index i = 0; i < 2; ++i) {
      check_agrees(law.output_mean[i], z(i), "output mean");
      check_agrees(law.output_variance[i], C_out(i, i), "output variance");
    }
  }
}

// A dead-beat linear unit and a leak of 1: theory notes on noisy CTRNNs, section 3.
BOOST_AUTO_TEST_CASE(dead_beat_and_no_memory) {
  const double g = 0.25, s = 0.8;
  const models::NoisyChain dead_beat(one_unit(-(1 - g) / g, 0.0, g, Identity{}),
                                     noise(NoiseSource::outside, s));
  const models::NoisyChain memoryless(one_unit(0.0, 0.4, 1.0, Identity{}),
                                      noise(NoiseSource::inside, s));
  const ensemble::StationaryOptions options{.paths = 2000, .seed = tests::seed};
  check_agrees(simulate_stationary(dead_beat, Vector(), Vector::Zero(1), options).variance[0],
               g * g * s * s, "least variance");
  check_agrees(simulate_stationary(memoryless, Vector(), Vector::Zero(1), options).variance[0],
               s * s, "variance at g = 1");
}

// (3): E h = E F(h) holds for any f and g; here f is tanh, and F is averaged by the trapezoid rule
// over a histogram-free route: the odd symmetry makes the shift exactly zero, biased it does not.
BOOST_AUTO_TEST_CASE(odd_symmetry_has_no_shift) {
  const models::NoisyChain chain(one_unit(0.8, 0.0, 0.3, Tanh{}), noise(NoiseSource::inside, 0.9));
  const auto law =
      simulate_stationary(chain, Vector(), Vector::Zero(1), {.paths = 4096, .seed = tests::seed});
  check_agrees(law.mean[0], 0.0, "mean");
  check_agrees(law.skewness[0], 0.0, "skewness");
}

// Identities (3) to (5) of theory notes on noisy CTRNNs, section 3, as one: y' has the moments of
// y. In the current equation with additive noise, E x = W E f(x) + c, and the read-out is that f.
BOOST_AUTO_TEST_CASE(the_current_equation_balances) {
  const Index n = 4;
  auto network = tests::wavy_network(n, 0.2, Equation::current, Tanh{}, 1.2);
  const Vector u = Vector::LinSpaced(2, 0.3, 0.6);
  network.W_out = network.W;  // z = W f(x) + (W_in u + b)
  network.b_out = network.W_in * u + network.b;
  const models::NoisyChain chain(
      network,
      {{.where = NoiseSource::state, .sigma = {0.4}, .convention = NoiseConvention::raw_step}});
  const auto law = simulate_stationary(chain, u, Vector::Zero(n),
                                       {.paths = 4096, .seed = tests::seed, .record_every = 1});
  for (Index i = 0; i < n; ++i)
    check_agrees({law.mean[i].value - law.output_mean[i].value,
                  law.mean[i].standard_error + law.output_mean[i].standard_error},
                 0.0, "E x = W E f + c");
}

// theory notes on noisy CTRNNs, section 17: shift of the mean of x for ν = √(2g) s and for ν = g s
// (tanh, w = .8, c = .5, s = .3, g = .05), four digits given.
BOOST_AUTO_TEST_CASE(shift_of_the_current_equation) {
  auto network = one_unit(0.8, 0.5, 0.05, Tanh{});
  network.equation = Equation::current;
  double fixed_point = 1.0;
  for (int k = 0; k < 200; ++k) fixed_point = 0.8 * std::tanh(fixed_point) + 0.5;
  for (const auto& [convention, shift] :
       {std::pair{NoiseConvention::psychrnn, -0.0402}, {NoiseConvention::per_step, -0.0009}}) {
    const models::NoisyChain chain(
        network, {{.where = NoiseSource::outside, .sigma = {0.3}, .convention = convention}});
    const auto law = simulate_stationary(chain, Vector(), Vector::Constant(1, fixed_point),
                                         {.paths = 4096, .seed = tests::seed, .steps = 4000});
    check_agrees(law.mean[0], fixed_point + shift, "shift", 0.5e-4);
  }
}

// Coloured noise: with the identity, W = 0 and g = 1 the state is η itself, one step late.
BOOST_AUTO_TEST_CASE(coloured_noise_has_its_variance) {
  const models::NoisyChain chain(
      one_unit(0.0, 0.0, 1.0, Identity{}),
      {{.sigma = {0.7}, .convention = NoiseConvention::stationary_sd, .correlation_time = 4.0}});
  const auto law =
      simulate_stationary(chain, Vector(), Vector::Zero(1), {.paths = 4096, .seed = tests::seed});
  BOOST_TEST(law.valid, law.note);
  check_agrees(law.variance[0], 0.49, "variance");
  check_agrees(law.mean[0], 0.0, "mean");
}

// The standard errors themselves: over many streams, z² averages to 1 (its own standard error is
// √(2/streams) for a Gaussian, 1.5 times that allowed for skewed estimates), for whole paths and
// for paths cut into batches (t with at least 63 degrees of freedom: 1.03, batches of 25
// autocorrelation times and more: 4 % of correlation).
BOOST_AUTO_TEST_CASE(standard_errors_are_the_scatter) {
  const double g = 0.5, s = 0.7;
  const models::NoisyChain chain(one_unit(0.0, 0.0, g, Relu{}), noise(NoiseSource::inside, s));
  const double mean = s / std::sqrt(2 * std::numbers::pi);
  const double variance = g / (2 - g) * s * s * (0.5 - 0.5 / std::numbers::pi);
  const double skewness =
      1.640560926867 * std::pow(g, 3) / (1 - std::pow(1 - g, 3)) / std::pow(g / (2 - g), 1.5);
  const std::uint32_t streams = tests::full_effort() ? 4000 : 600;
  struct Setting {
    ensemble::StationaryOptions options;
    double tolerance;
  };
  const Setting settings[] = {
      {{.paths = 512, .seed = tests::seed, .threads = 1, .steps = 200}, 0.02},
      {{.paths = 8, .seed = tests::seed, .threads = 1, .steps = 12800}, 0.07}};
  for (const Setting& setting : settings) {
    double z2[3] = {};
    for (std::uint32_t stream = 0; stream < streams; ++stream) {
      auto options = setting.options;
      options.stream = stream;
      const auto law = simulate_stationary(chain, Vector(), Vector::Constant(1, mean), options);
      z2[0] += std::pow((law.mean[0].value - mean) / law.mean[0].standard_error, 2);
      z2[1] += std::pow((law.variance[0].value - variance) / law.variance[0].standard_error, 2);
      z2[2] += std::pow((law.skewness[0].value - skewness) / law.skewness[0].standard_error, 2);
    }
    for (const double sum : z2)
      BOOST_TEST(
          std::abs(sum / streams - 1.0) <= 5.0 * 1.5 * std::sqrt(2.0 / streams) + setting.tolerance,
          setting.options.paths << " paths: mean z² = " << sum / streams);
  }
}

// Antithetic pairs of a linear network: the mean without error, and a variance that is the same
// twice. Its standard error is that of half the paths, √2 times that of independent ones (SE² of
// 4096 and 2048 averages of squares: to 5 %); independent paths assumed, the ratio would be 1.
BOOST_AUTO_TEST_CASE(antithetic_pairs_of_a_linear_network) {
  const Index n = 5;
  const Vector u = Vector::LinSpaced(2, 0.5, -1.0);
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const models::NoisyChain chain(tests::wavy_network(n, 0.4, equation, Identity{}),
                                   tests::every_noise(n));
    const auto exact = tests::linear_stationary(chain, u);
    ensemble::StationaryOptions options{.paths = 4096, .seed = tests::seed, .steps = 100};
    const auto plain = simulate_stationary(chain, u, Vector::Zero(n), options);
    options.variance_reduction = ensemble::VarianceReduction::antithetic;
    const auto law = simulate_stationary(chain, u, Vector::Zero(n), options);
    BOOST_TEST(law.valid, law.note);
    for (Index i = 0; i < n; ++i) {
      BOOST_TEST(std::abs(law.mean[i].value - exact.mean(i)) < 1e-12);
      BOOST_TEST(law.mean[i].standard_error < 1e-14);
      check_agrees(law.variance[i], exact.covariance(i, i), "variance");
      const double ratio =
          std::pow(law.variance[i].standard_error / plain.variance[i].standard_error, 2);
      BOOST_TEST(std::abs(ratio - 2.0) < 0.5, "ratio of the squares of standard errors " << ratio);
      for (Index j = 0; j < i; ++j)
        check_agrees({law.covariance(i, j), law.covariance_standard_error(i, j)},
                     exact.covariance(i, j), "covariance");
    }
  }
}

// The standard errors of pairs against the scatter, as below. Standard errors of independent paths
// would give z² = 2 for the variance of the identity.
BOOST_AUTO_TEST_CASE(standard_errors_of_pairs_are_the_scatter) {
  const double g = 0.5, s = 0.7;
  constexpr std::uint32_t streams = 300;
  for (const Activation f : {Activation(Relu{}), Activation(Identity{})}) {
    const models::NoisyChain chain(one_unit(0.0, 0.0, g, f), noise(NoiseSource::inside, s));
    const bool relu = f.index() == Activation(Relu{}).index();
    const double mean = relu ? s / std::sqrt(2 * std::numbers::pi) : 0.0;
    const double variance = g / (2 - g) * s * s * (relu ? 0.5 - 0.5 / std::numbers::pi : 1.0);
    double z2[2] = {};
    for (std::uint32_t stream = 0; stream < streams; ++stream) {
      const auto law =
          simulate_stationary(chain, Vector(), Vector::Constant(1, mean),
                              {.paths = 512,
                               .seed = tests::seed,
                               .stream = stream,
                               .threads = 1,
                               .steps = 200,
                               .variance_reduction = ensemble::VarianceReduction::antithetic});
      if (relu)
        z2[0] += std::pow((law.mean[0].value - mean) / law.mean[0].standard_error, 2) / streams;
      z2[1] += std::pow((law.variance[0].value - variance) / law.variance[0].standard_error, 2) /
               streams;
    }
    if (!relu) z2[0] = 1.0;  // no error to judge
    for (const double square : z2)
      BOOST_TEST(std::abs(square - 1.0) < 5.0 * 1.5 * std::sqrt(2.0 / streams) + 0.02,
                 name(f) << ": mean z² = " << square);
  }
}

BOOST_AUTO_TEST_CASE(bit_identical_for_any_number_of_threads) {
  for (const Index n : {1, 7, 40}) {
    const models::NoisyChain chain(tests::wavy_network(n, 0.3, Equation::rate, Tanh{}),
                                   tests::every_noise(n));
    const auto run = [&](int threads) {
      return simulate_stationary(chain, Vector::Ones(2), Vector::Zero(n),
                                 {.paths = 1000, .threads = threads, .steps = 50, .burn_in = 20});
    };
    const auto one = run(1);
    for (const int threads : {2, 4}) {
      const auto many = run(threads);
      BOOST_TEST(same_bits(one.mean, many.mean));
      BOOST_TEST(same_bits(one.variance, many.variance));
      BOOST_TEST(same_bits(one.skewness, many.skewness));
      BOOST_TEST(same_bits(one.output_mean, many.output_mean));
      BOOST_TEST(same_bits(one.output_variance, many.output_variance));
      BOOST_TEST((one.covariance == many.covariance));
      BOOST_TEST((one.covariance_standard_error == many.covariance_standard_error));
    }
  }
}

// A mean of 1e7 beside a standard deviation of 1e-3: 20 digits apart in the squares.
BOOST_AUTO_TEST_CASE(moments_are_safe_far_from_zero) {
  const double g = 0.5, s = 1e-3;
  const models::NoisyChain chain(one_unit(0.0, 1e7, g, Identity{}), noise(NoiseSource::outside, s));
  const auto law = simulate_stationary(chain, Vector(), Vector::Constant(1, 1e7),
                                       {.paths = 2000, .seed = tests::seed});
  // States are rounded to 2e-9: relative 1e-11 of the variance.
  check_agrees(law.variance[0], g / (2 - g) * s * s, "variance", 1e-14);
  BOOST_TEST(law.variance[0].value > 0.0);
}

BOOST_AUTO_TEST_CASE(histograms_of_a_gaussian) {
  const double s = 0.5;
  const models::NoisyChain chain(one_unit(0.0, 0.0, 1.0, Identity{}),
                                 noise(NoiseSource::inside, s));
  std::vector<ensemble::Histogram> histograms(1);
  histograms[0].edges = Vector::LinSpaced(9, -1.0, 1.0);
  simulate_stationary(chain, Vector(), Vector::Zero(1), {.paths = 2000, .seed = tests::seed},
                      histograms);
  const auto cdf = [s](double x) { return 0.5 * std::erfc(-x / s / std::sqrt(2.0)); };
  BOOST_REQUIRE(histograms[0].fraction.size() == 8);
  for (Index k = 0; k < 8; ++k)
    check_agrees({histograms[0].fraction(k), histograms[0].standard_error(k)},
                 cdf(histograms[0].edges(k + 1)) - cdf(histograms[0].edges(k)), "cell");
  histograms[0].edges = Vector::LinSpaced(3, 1.0, -1.0);
  BOOST_CHECK_THROW(simulate_stationary(chain, Vector(), Vector::Zero(1), {}, histograms),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(without_noise_there_is_no_error) {
  const models::NoisyChain chain(one_unit(0.5, 1.0, 0.5, Identity{}), {});
  const auto law = simulate_stationary(chain, Vector(), Vector::Constant(1, 2.0));
  BOOST_TEST(law.mean[0].value == 2.0);
  BOOST_TEST(law.mean[0].standard_error == 0.0);
  BOOST_TEST(law.variance[0].value == 0.0);
  BOOST_TEST(law.variance[0].standard_error == 0.0);
  BOOST_TEST(std::isnan(law.skewness[0].value));
  BOOST_TEST(law.valid);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const models::NoisyChain unstable(one_unit(40.0, 0.0, 0.5, Identity{}),
                                    noise(NoiseSource::inside, 1.0));
  const auto diverged = simulate_stationary(unstable, Vector(), Vector::Zero(1), {.paths = 64});
  BOOST_TEST(!diverged.valid);
  BOOST_TEST(diverged.note.find("finite") != std::string::npos);

  const models::NoisyChain slow(one_unit(0.0, 0.0, 0.01, Identity{}),
                                noise(NoiseSource::inside, 1.0));
  const auto drifting =
      simulate_stationary(slow, Vector(), Vector::Constant(1, 5.0), {.paths = 64, .burn_in = 1});
  BOOST_TEST(!drifting.valid);
  BOOST_TEST(drifting.note.find("burn-in") != std::string::npos);
  BOOST_TEST(simulate_stationary(slow, Vector(), Vector::Constant(1, 5.0), {.paths = 64}).valid);

  const auto few = simulate_stationary(slow, Vector(), Vector::Zero(1), {.paths = 4});
  BOOST_TEST(few.note.find("batches") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_the_run) {
  const models::NoisyChain chain(one_unit(0.5, 0.0, 0.5, Tanh{}), noise(NoiseSource::inside, 1.0));
  request_interrupt();
  BOOST_CHECK_THROW(simulate_stationary(chain, Vector(), Vector::Zero(1)), Interrupted);
  request_interrupt(false);
}

BOOST_AUTO_TEST_CASE(bad_options_are_named) {
  const models::NoisyChain chain(one_unit(0.5, 0.0, 0.5, Tanh{}), noise(NoiseSource::inside, 1.0));
  const auto refuse = [&](const ensemble::StationaryOptions& options) {
    BOOST_CHECK_THROW(simulate_stationary(chain, Vector(), Vector::Zero(1), options),
                      std::invalid_argument);
  };
  refuse({.paths = 0});
  refuse({.steps = 0});
  refuse({.burn_in = -1});
  refuse({.record_every = -1});
  refuse({.threads = -1});
  BOOST_CHECK_THROW(simulate_stationary(chain, Vector::Zero(1), Vector::Zero(1)),
                    std::invalid_argument);
}

// A mean that starts where it belongs hides a variance that does not: h' = (1 − g) h + g (w h + s
// ξ) with w = 0.99 forgets over 1/(g (1 − w)) = 500 steps, the automatic burn-in is 150.
BOOST_AUTO_TEST_CASE(a_variance_that_still_grows_is_told) {
  networks::Network network{.activation = Identity{}, .leak = 0.2};
  network.W = Matrix::Constant(1, 1, 0.99);
  network.b = Vector::Zero(1);
  const models::NoisyChain chain(network, {{.sigma = {0.5}}});
  const auto hasty = ensemble::simulate_stationary(chain, Vector(), Vector::Zero(1),
                                                   {.paths = 4096, .seed = tests::seed});
  BOOST_TEST(!hasty.valid);
  BOOST_TEST(hasty.note.find("mean square") != std::string::npos, hasty.note);
  const auto patient = ensemble::simulate_stationary(
      chain, Vector(), Vector::Zero(1), {.paths = 4096, .seed = tests::seed, .burn_in = 10000});
  BOOST_TEST(patient.valid, patient.note);
  // Var = g² s²/(1 − a²), a = 1 − g (1 − w).
  const double a = 1.0 - 0.2 * 0.01, exact = 0.01 / (1.0 - a * a);
  BOOST_TEST(std::abs(patient.variance[0].value - exact) <
             5.0 * patient.variance[0].standard_error);
}

// h' = tanh(−8 h + ξ) flips between ±1: every path holds nearly the same second moment, whose
// scatter is 1e-8 of it and must not drown in rounding.
BOOST_AUTO_TEST_CASE(a_scatter_that_is_small_beside_its_mean_keeps_its_digits) {
  networks::Network network{.activation = activations::Tanh{}, .leak = 1.0};
  network.W = Matrix::Constant(1, 1, -8.0);
  network.b = Vector::Constant(1, 0.3);
  const models::NoisyChain chain(network, {{.sigma = {0.5}}});
  const auto law = ensemble::simulate_stationary(chain, Vector(), Vector::Zero(1),
                                                 {.paths = 4096, .seed = tests::seed});
  const auto other = ensemble::simulate_stationary(chain, Vector(), Vector::Zero(1),
                                                   {.paths = 4096, .seed = tests::seed + 1});
  const auto& a = law.variance[0];
  BOOST_TEST(a.standard_error > 0.0);
  BOOST_TEST(std::abs(z_score(a, other.variance[0])) < 5.0);
  const auto exact = transfer_operator::solve_stationary(chain, Vector());
  BOOST_REQUIRE(exact.report.ok());
  BOOST_TEST(std::abs(a.value - exact.variance) < 5.0 * a.standard_error + 1e-12);
}

// Numbers beyond all numbers are no variance: a chain that explodes is not valid before it is
// infinite.
BOOST_AUTO_TEST_CASE(a_variance_that_overflows_is_told) {
  networks::Network network{.activation = activations::Relu{}, .leak = 0.2};
  network.W = Matrix::Constant(1, 1, 3.0);
  network.b = Vector::Constant(1, 0.3);
  const models::NoisyChain chain(network, {{.sigma = {0.5}}});
  const auto law = ensemble::simulate_stationary(chain, Vector(), Vector::Zero(1),
                                                 {.paths = 64, .seed = tests::seed});
  BOOST_TEST(!law.valid);
  BOOST_TEST(law.note.find("diverges") != std::string::npos, law.note);
}
