// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE stationary
#include "solvers/fokker_planck/stationary.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "solvers/transfer_operator/coloured.hpp"
#include "tests/support/fokker_planck.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;

namespace {

Matrix circulating() {
  Matrix A(2, 2);
  A << -1.0, 0.7, -0.4, -0.5;
  return A;
}

}  // namespace

// A guess far off in place, width and direction: the box finds the law, both methods agree with it.
BOOST_AUTO_TEST_CASE(gaussian_from_a_bad_guess) {
  Matrix G(2, 2);
  G << 1.0, 0.0, 9.5, std::sqrt(1.0 - 0.95 * 0.95) * 10.0;
  const Matrix C = tests::linear_covariance(circulating(), G);
  const auto ou = tests::linear_diffusion(circulating(), G);
  const LawGuess guess{Vector::Constant(2, 3.0), 0.2 * Matrix::Identity(2, 2)};
  for (const auto method : {StationaryMethod::spectral, StationaryMethod::finite_volume}) {
    const auto law = solve_stationary(ou, guess, {.method = method, .tolerance = 0.02});
    BOOST_TEST(law.report.ok(), law.report.message);
    BOOST_TEST_MESSAGE(law.report.message << ", error " << law.error);
    const double scale = std::sqrt(C.trace());
    BOOST_TEST(law.mean.norm() < 0.02 * scale);
    BOOST_TEST((law.covariance - C).norm() < 0.04 * C.norm());
    const Vector x = 0.5 * C.col(0) / std::sqrt(C(0, 0));
    const double exact = std::exp(-0.5 * x.dot(C.inverse() * x)) /
                         (2.0 * std::numbers::pi * std::sqrt(C.determinant()));
    BOOST_TEST(law.density(x) == exact, boost::test_tools::tolerance(0.03));
  }
}

// A kink: automatic takes finite volumes and says so; the exact density of a relu neuron,
// dx = (−x + 2 relu(x) ... ) is p ∝ exp(∫2A/σ²), piecewise Gaussian.
BOOST_AUTO_TEST_CASE(kink) {
  const double w = 0.5, c = 0.1, variance = 0.3;
  const Coefficients relu{
      1, [=](const Vector& x, Vector& drift) { drift = -x.array() + (w * x.array() + c).max(0.0); },
      [=](const Vector&, Matrix& tensor) { tensor.setConstant(1, 1, 0.5 * variance); }};
  const auto law =
      solve_stationary(relu, guess_law(relu, Vector::Constant(1, 0.5), 50.0), {.tolerance = 1e-4});
  BOOST_TEST(law.report.ok(), law.report.message);
  BOOST_TEST_MESSAGE(law.report.message << ", error " << law.error);
  double mass = 0.0, mean = 0.0;
  const double bend = -c / w;
  for (Index k = 0; k < 20000; ++k) {
    const double x = -4.0 + 8.0 * (static_cast<double>(k) + 0.5) / 20000.0;
    const double above = std::max(x - bend, 0.0);
    const double p = std::exp((-x * x + w * above * above) / variance);
    mass += p;
    mean += p * x;
  }
  BOOST_TEST(law.mean(0) == mean / mass, boost::test_tools::tolerance(1e-3));
}

// Noise along (1, 0.3) alone: first order, still a density, moments of the closed form.
BOOST_AUTO_TEST_CASE(rank_one_noise) {
  Matrix G(2, 1);
  G << 1.0, 0.3;
  const auto ou = tests::linear_diffusion(circulating(), G);
  const Matrix C = tests::linear_covariance(circulating(), G);
  const auto law = solve_stationary(ou, {Vector::Zero(2), C}, {.tolerance = 0.03});
  BOOST_TEST_MESSAGE(law.report.message << ", error " << law.error);
  BOOST_TEST((law.method == StationaryMethod::finite_volume));
  BOOST_TEST(law.report.message.find("not reach every direction") != std::string::npos);
  BOOST_TEST(law.grid->order < 1.3);
  BOOST_TEST((law.covariance - C).norm() < 0.05 * C.norm());
}

// Trajectories of a bistable network end in both wells; the covariance spans them.
BOOST_AUTO_TEST_CASE(guess_spans_the_wells) {
  Matrix W(2, 2), starts(2, 2);
  W << 1.5, 0.2, 0.2, 1.5;
  starts << 1.0, -1.0, 1.0, -1.0;
  const auto network = tests::tanh_network(W, 0.35);
  const LawGuess guess = guess_law(network, starts, 100.0);
  BOOST_TEST(guess.mean.norm() < 1e-6);
  BOOST_TEST(guess.covariance(0, 0) > 1.0);
  const auto law = solve_stationary(network, guess, {.method = StationaryMethod::finite_volume});
  BOOST_TEST(law.report.ok(), law.report.message);
  BOOST_TEST(law.mean.norm() < 1e-3);
  // All four wells, by symmetry two weights.
  BOOST_TEST(law.density(Vector::Constant(2, 1.4)) == law.density(Vector::Constant(2, -1.4)),
             boost::test_tools::tolerance(1e-3));
}

// Coloured noise inside the activation as a second dimension, of which the noise reaches one: the
// joint law of neuron and noise against its exact chain, which differs by its leak g = 0.01.
BOOST_AUTO_TEST_CASE(coloured_noise_as_one_more_dimension) {
  const models::NoisyChain chain(
      networks::single_unit(networks::Equation::rate, activations::Tanh{}, 0.8, 0.5, 0.01),
      {{.where = networks::NoiseSource::inside,
        .sigma = {0.5},
        .convention = networks::NoiseConvention::stationary_sd,
        .correlation_time = 1.0}});
  const auto exact = transfer_operator::solve_coloured(chain, Vector(0), {.tolerance = 1e-6});
  BOOST_REQUIRE(exact.report.ok());
  const models::NoisyDiffusion diffusion(chain, Vector(0));
  const auto coefficients = coefficients_of(diffusion);
  Vector last(2);
  for (const double tolerance : {0.1, 0.04}) {
    const auto law = solve_stationary(
        coefficients, guess_law(coefficients, Vector{{0.6, 0.0}}, 100.0), {.tolerance = tolerance});
    BOOST_REQUIRE_MESSAGE(law.report.ok(), law.report.message);
    const double sd = std::sqrt(exact.variance);
    const Vector off{{std::abs(law.mean(0) - exact.mean) / sd,
                         std::abs(law.covariance(0, 0) / exact.variance - 1.0)}};
    BOOST_TEST_MESSAGE(law.report.message << ": mean off by " << off(0) << " sd, variance by "
                                          << off(1));
    // ∫ |p − exact| bounds a mean by its reach, here 4 standard deviations.
    BOOST_TEST(off(0) < 4.0 * law.error + 0.01);
    BOOST_TEST(off(1) < 16.0 * law.error + 0.01);
    if (tolerance < 0.1) BOOST_TEST((off.array() < 0.6 * last.array()).all());
    last = off;
  }
}

BOOST_AUTO_TEST_CASE(a_drift_that_does_not_hold_the_state) {
  const Coefficients outward{1, [](const Vector& x, Vector& drift) { drift = 0.1 * x; },
                             [](const Vector&, Matrix& tensor) { tensor.setOnes(1, 1); }};
  const auto law = solve_stationary(outward, {Vector::Zero(1), Matrix::Identity(1, 1)},
                                    {.method = StationaryMethod::finite_volume});
  BOOST_TEST(!law.report.ok());
  BOOST_TEST(law.report.message.find("left at a side") != std::string::npos, law.report.message);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const auto well = tests::double_well(0.5);
  const LawGuess guess{Vector::Zero(1), Matrix::Identity(1, 1)};
  BOOST_CHECK_THROW(solve_stationary(well, {Vector::Zero(2), Matrix::Identity(2, 2)}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(solve_stationary(well, guess, {.tolerance = 0.0}), std::invalid_argument);
  BOOST_CHECK_THROW(solve_stationary(well, guess, {.max_cells = 1}), std::invalid_argument);
  BOOST_CHECK_THROW(find_domain(well, guess, {.tail_mass = 1.0}), std::invalid_argument);
  BOOST_CHECK_THROW(find_domain(well, {Vector::Zero(1), Matrix::Zero(1, 1)}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(guess_law(well, Matrix::Zero(2, 1), 1.0), std::invalid_argument);
  BOOST_CHECK_THROW(guess_law(well, Matrix::Zero(1, 1), 0.0), std::invalid_argument);
}
