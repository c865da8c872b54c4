// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE splitting
#include "solvers/escape/splitting.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "solvers/ensemble/first_passage.hpp"
#include "solvers/sde/euler_maruyama.hpp"
#include "solvers/sde/sra1.hpp"
#include "solvers/transfer_operator/first_passage.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/diffusions.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using ensemble::ChainProcess;
using networks::Equation;
using networks::NoiseSource;
using statistics::Estimate;

namespace {

models::NoisyChain neuron(const activations::Activation& f, double w, double c, double g,
                          double s) {
  return {networks::single_unit(Equation::rate, f, w, c, g),
          networks::white_noise(NoiseSource::outside, s)};
}

double downwards(const Vector& x) { return -x(0); }
double upwards(const Vector& x) { return x(0); }

/// Mean number of steps from the start to ξ ≥ target by plain simulation.
template <typename Process>
Estimate brute_force(const Process& process, const escape::Coordinate& xi, const Vector& start,
                     double target, Index paths) {
  return ensemble::simulate_first_passage(process, xi, start, target,
                                          {.paths = paths, .stream = {tests::seed, 71}})
      .lifetime;
}

}  // namespace

// The bistable neuron of the study memory_lifetime: lifetimes from 10² to 10⁸ steps against the
// exact first passage of the chain. Standard errors are 2 to 4 %.
BOOST_AUTO_TEST_CASE(lifetime_of_a_memory_over_more_than_four_decades) {
  const double g = 0.1, w = 1.5, stable = 0.8585595;
  double shortest = 1e300, longest = 0.0;
  for (const double s : {0.9, 0.6, 0.45, 0.36, 0.3}) {
    const auto chain = neuron(activations::Tanh{}, w, 0.0, g, s);
    const auto exact = transfer_operator::first_passage(chain, Vector(), stable, 0.0,
                                                        stable + 10.0 * std::sqrt(g) * s);
    BOOST_TEST_REQUIRE(exact.report.ok(), exact.report.message);
    const auto found =
        escape::splitting(ChainProcess(chain, Vector()), downwards, Vector::Constant(1, stable),
                          0.0, {.replicas = 24, .stream = {tests::seed, 70}});
    BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
    tests::check_agrees(found.rate, 1.0 / exact.mean, "rate");
    BOOST_TEST(found.rate.standard_error < 0.1 * found.rate.value);
    BOOST_TEST_MESSAGE("s = " << s << ": lifetime " << found.lifetime.value << " +- "
                              << found.lifetime.standard_error << " steps, exact " << exact.mean
                              << ", z = "
                              << (found.rate.value - 1.0 / exact.mean) / found.rate.standard_error
                              << ", " << found.levels.size() << " levels, " << found.steps
                              << " steps, gain " << found.gain);
    shortest = std::min(shortest, exact.mean);
    longest = std::max(longest, exact.mean);
    if (exact.mean > 1e6) BOOST_TEST(found.gain > 10.0);
  }
  BOOST_TEST(longest > 1e4 * shortest);
}

// Euler–Maruyama of dX = −X dt + σ dW is the chain y' = (1 − h) y + σ √h ξ, whose passage is exact.
BOOST_AUTO_TEST_CASE(level_crossing_of_an_ornstein_uhlenbeck_process) {
  const double h = 0.05, sigma = 0.7, target = 4.0 * sigma / std::sqrt(2.0);
  const tests::OrnsteinUhlenbeck model{Vector::Ones(1), Vector::Constant(1, sigma)};
  const auto chain = neuron(activations::Identity{}, 0.0, 0.0, h, sigma / std::sqrt(h));
  const auto exact = transfer_operator::first_passage(chain, Vector(), 0.0, target, -5.0);
  BOOST_TEST_REQUIRE(exact.report.ok(), exact.report.message);
  const ensemble::SchemeProcess process(sde::EulerMaruyama<tests::OrnsteinUhlenbeck>(model), h);
  const auto found =
      escape::splitting(process, upwards, Vector::Zero(1), target, {.stream = {tests::seed, 72}});
  BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
  tests::check_agrees(found.rate, 1.0 / exact.mean, "rate");
  BOOST_TEST_MESSAGE("lifetime " << found.lifetime.value << " +- " << found.lifetime.standard_error
                                 << ", exact " << exact.mean << ", gain " << found.gain);
}

// Four trajectories a stage and a run of a few hundred steps: replicas mostly die out, and yet
// their mean over 20 000 is right to 1.5 %: the estimator is unbiased, not merely consistent.
BOOST_AUTO_TEST_CASE(unbiased_with_next_to_no_trajectories) {
  const double g = 0.2, stable = 0.8585595;
  const auto chain = neuron(activations::Tanh{}, 1.5, 0.0, g, 0.5);
  const auto exact = transfer_operator::first_passage(chain, Vector(), stable, 0.0, 4.0);
  const Vector levels = (Vector(6) << -stable, -0.6, -0.45, -0.3, -0.15, 0.0).finished();
  const auto found =
      escape::splitting(ChainProcess(chain, Vector()), downwards, Vector::Constant(1, stable), 0.0,
                        {.trajectories = 4,
                         .replicas = 20000,
                         .levels = levels,
                         .run_steps = 100,
                         .burn_in = 100,
                         .stream = {tests::seed, 73}});
  BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
  BOOST_TEST(found.rate.standard_error < 0.03 * found.rate.value);
  tests::check_agrees(found.rate, 1.0 / exact.mean, "rate");
  BOOST_TEST_MESSAGE("rate " << found.rate.value << " +- " << found.rate.standard_error
                             << ", exact " << 1.0 / exact.mean << ", extinct " << found.extinct
                             << " of 20000");
}

// Three units with noise of every kind, coloured too, against plain simulation.
BOOST_AUTO_TEST_CASE(a_network_with_noise_of_every_kind) {
  const models::NoisyChain chain(
      tests::wavy_network(3, 0.3, Equation::current, activations::Tanh{}, 1.2),
      tests::every_noise(3));
  const ChainProcess process(chain, Vector::Zero(2));
  const Vector start = Vector::Zero(chain.state_size());
  const escape::Coordinate xi = [](const Vector& y) { return y(0) + y(1) - 0.5 * y(2); };
  const double target = 3.0;
  const auto slow = brute_force(process, xi, start, target, 400);
  const auto found = escape::splitting(process, xi, start, target, {.stream = {tests::seed, 74}});
  BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
  BOOST_TEST(std::abs(z_score(found.lifetime, slow)) < tests::z_limit);
  BOOST_TEST_MESSAGE("lifetime " << found.lifetime.value << " +- " << found.lifetime.standard_error
                                 << ", simulated " << slow.value << " +- " << slow.standard_error
                                 << ", gain " << found.gain);
}

// One step of the process is one step of the documented chain and of the scheme, draw by draw.
BOOST_AUTO_TEST_CASE(a_step_is_that_of_the_chain) {
  const models::NoisyChain chain(tests::wavy_network(3, 0.3, Equation::rate, activations::Tanh{}),
                                 tests::every_noise(3));
  ChainProcess process(chain, Vector::Constant(2, 0.4));
  const random::Stream stream{tests::seed, 75};
  Vector y = Vector::LinSpaced(chain.state_size(), -1.0, 1.0);
  const Matrix slow = tests::slow_path(chain, Matrix::Constant(2, 1, 0.4), y, 20, 5, stream);
  for (std::uint32_t t = 0; t < 20; ++t) process.step({stream, 5, t}, y);
  BOOST_TEST((y - slow.col(20)).cwiseAbs().maxCoeff() < 1e-14);
}

// Increment and area of a scheme of order 1.5 have the variances h, h³/3 and covariance h²/2: the
// linear equation's variance after one step of SRA1, σ²h(1 − θh + θ²h²/3), holds to 5 z.
BOOST_AUTO_TEST_CASE(the_area_of_a_scheme_of_high_order) {
  const double h = 0.8;
  const tests::OrnsteinUhlenbeck model{Vector::Ones(1), Vector::Ones(1)};
  ensemble::SchemeProcess process(sde::Sra1<tests::OrnsteinUhlenbeck>(model), h);
  const Index paths = 40000;
  double squares = 0.0;
  for (Index path = 0; path < paths; ++path) {
    Vector x = Vector::Zero(1);
    process.step({{tests::seed, 76}, static_cast<std::uint64_t>(path), 0}, x);
    squares += x(0) * x(0) / static_cast<double>(paths);
  }
  const double exact = h * (1.0 - h + h * h / 3.0);
  tests::check_agrees({squares, exact * std::sqrt(2.0 / static_cast<double>(paths))}, exact,
                      "variance after a step");
}

BOOST_AUTO_TEST_CASE(same_bits_for_any_number_of_threads) {
  const ChainProcess process(neuron(activations::Tanh{}, 1.5, 0.0, 0.2, 0.5), Vector());
  const auto with = [&](int threads) {
    return escape::splitting(
        process, downwards, Vector::Constant(1, 0.8585595), 0.0,
        {.trajectories = 64, .replicas = 7, .stream = {tests::seed, 77}, .threads = threads});
  };
  const auto one = with(1), three = with(3);
  BOOST_TEST(one.rate.value == three.rate.value);
  BOOST_TEST(one.rate.standard_error == three.rate.standard_error);
  BOOST_TEST(one.steps == three.steps);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const ChainProcess process(neuron(activations::Tanh{}, 1.5, 0.0, 0.2, 0.5), Vector());
  const Vector start = Vector::Constant(1, 0.8585595);
  // Every step of a nearly silent neuron on its way up is beyond such a target.
  const ChainProcess rising(neuron(activations::Tanh{}, 1.5, 0.0, 0.2, 0.02), Vector());
  const auto near = escape::splitting(rising, upwards, Vector::Constant(1, 0.5), 0.505);
  BOOST_TEST((near.report.status == Status::outside_validity));
  BOOST_TEST(std::isnan(near.rate.value));
  // Without noise nothing ever moves.
  const ChainProcess silent(neuron(activations::Tanh{}, 1.5, 0.0, 0.2, 0.0), Vector());
  BOOST_TEST(!escape::splitting(silent, downwards, start, 0.0).report.ok());
  // An unstable chain leaves the numbers downwards, and never arrives upwards.
  const ChainProcess unstable(neuron(activations::Identity{}, 200.0, 0.0, 0.2, 0.5), Vector());
  const auto lost = escape::splitting(unstable, upwards, Vector::Constant(1, -1.0), 1e308);
  BOOST_TEST((lost.report.status == Status::non_finite_state));
  // The home set is left for good towards the other memory.
  const auto stuck =
      escape::splitting(ChainProcess(neuron(activations::Tanh{}, 4.0, 0.0, 0.9, 0.05), Vector()),
                        upwards, Vector::Constant(1, 0.1), 3.0, {.max_steps = 20000});
  BOOST_TEST(!stuck.report.ok());
  BOOST_TEST(!stuck.report.message.empty());
  // A share below rounding: the pilot's next level is the highest point of all.
  const auto steep =
      escape::splitting(process, downwards, start, 0.0,
                        {.trajectories = 8, .replicas = 2, .passing = 1e-17, .pilot_steps = 1024});
  BOOST_TEST((steep.report.ok() || steep.report.status == Status::no_convergence));
  BOOST_CHECK_THROW(escape::splitting(process, downwards, Vector::Zero(2), 0.0),
                    std::invalid_argument);
  BOOST_CHECK_THROW(escape::splitting(process, downwards, start, -1.0), std::invalid_argument);
  BOOST_CHECK_THROW(escape::splitting(process, downwards, start, 0.0, {.trajectories = 1}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(escape::splitting(process, downwards, start, 0.0,
                                      {.levels = (Vector(3) << -0.8, -0.9, 0.0).finished()}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(escape::splitting(process, downwards, start, 0.0,
                                      {.levels = (Vector(2) << -0.9, 0.0).finished()}),
                    std::invalid_argument);
}
