// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE coloured
#include "solvers/transfer_operator/coloured.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using networks::Equation;
using transfer_operator::solve_coloured;

namespace {

models::NoisyChain coloured(const activations::Activation& f, double w, double c, double g,
                            double sd, double correlation_time) {
  return {networks::single_unit(Equation::rate, f, w, c, g),
          {{.where = networks::NoiseSource::inside,
            .sigma = {sd},
            .convention = networks::NoiseConvention::stationary_sd,
            .correlation_time = correlation_time}}};
}

}  // namespace

// A linear neuron: h' = a h + g(c + η), a = 1 − g(1 − w). Stationary: Cov(h, η) = g ρ... the moment
// equations in closed form.
BOOST_AUTO_TEST_CASE(a_linear_neuron_is_exact) {
  const double w = 0.4, c = 0.3, g = 0.2, sd = 0.5, tc = 0.7;
  const auto solution =
      solve_coloured(coloured(activations::Identity{}, w, c, g, sd, tc), Vector());
  BOOST_TEST_REQUIRE(solution.report.ok(), solution.report.message);
  const double a = 1.0 - g * (1.0 - w), rho = std::exp(-g / tc);
  // Cov(h', η') = ρ (a Cov(h, η) + g sd²);  Var h' = a² Var h + 2 a g Cov(h, η) + g² sd².
  const double covariance = rho * g * sd * sd / (1.0 - rho * a);
  const double variance = (2.0 * a * g * covariance + g * g * sd * sd) / (1.0 - a * a);
  BOOST_TEST(std::abs(solution.mean - c / (1.0 - w)) < 1e-10);
  BOOST_TEST(std::abs(solution.covariance / covariance - 1.0) < 1e-9);
  BOOST_TEST(std::abs(solution.variance / variance - 1.0) < 1e-9);
  BOOST_TEST(std::abs(solution.skewness) < 1e-8);
}

// Noise that forgets within a step is noise that is fresh every step: the one-dimensional solver.
BOOST_AUTO_TEST_CASE(fast_noise_is_white) {
  const double w = 0.8, c = 0.5, g = 0.5, s = 0.5;
  const auto solution =
      solve_coloured(coloured(activations::Tanh{}, w, c, g, s, g / 50.0), Vector());  // ρ = e⁻⁵⁰
  const models::NoisyChain white(
      networks::single_unit(Equation::rate, activations::Tanh{}, w, c, g),
      networks::white_noise(networks::NoiseSource::inside, s));
  const auto exact = transfer_operator::solve_stationary(white, Vector());
  BOOST_TEST_REQUIRE(solution.report.ok(), solution.report.message);
  BOOST_TEST(std::abs(solution.mean - exact.mean) < 1e-9);
  BOOST_TEST(std::abs(solution.variance / exact.variance - 1.0) < 1e-7);
  BOOST_TEST(std::abs(solution.skewness - exact.skewness) < 1e-6);
}

// Theory, section 8: tanh (w .8, c .5, s .5), in continuous time .666002 at t_c = 1, quenched
// .576455036. The chain tends to the first as g → 0, with first order.
BOOST_AUTO_TEST_CASE(numbers_of_the_theory) {
  double gap[2];
  int k = 0;
  for (const double g : {0.02, 0.01}) {
    const auto solution =
        solve_coloured(coloured(activations::Tanh{}, 0.8, 0.5, g, 0.5, 1.0), Vector());
    BOOST_TEST(solution.report.ok(), solution.report.message);
    gap[k++] = solution.mean;
  }
  const double limit = 2.0 * gap[1] - gap[0];
  BOOST_TEST_MESSAGE("g .02: " << gap[0] << ", .01: " << gap[1] << ", limit " << limit);
  BOOST_TEST(std::abs(limit - 0.666002) < 2e-6);
  const auto slow = coloured(activations::Tanh{}, 0.8, 0.5, 0.1, 0.5, 1.0);
  BOOST_TEST(std::abs(transfer_operator::quenched_mean(slow, Vector()) - 0.576455036) < 1e-9);
}

BOOST_AUTO_TEST_CASE(monte_carlo_agrees) {
  for (const double tc : {0.3, 2.0}) {
    const auto chain = coloured(activations::Softplus{}, 0.5, -0.2, 0.2, 1.0, tc);
    const auto solution = solve_coloured(chain, Vector(), {.tolerance = 1e-6});
    BOOST_TEST(solution.report.ok(), solution.report.message);
    const auto sampled = ensemble::simulate_stationary(chain, Vector(), Vector::Zero(1),
                                                       {.paths = 4096, .seed = tests::seed});
    const auto check = [](const statistics::Estimate& estimate, double exact, const char* what) {
      BOOST_TEST(std::abs(estimate.value - exact) <= 5.0 * estimate.standard_error,
                 what << ": " << estimate.value << " +- " << estimate.standard_error << ", exact "
                      << exact);
    };
    BOOST_TEST(sampled.mean[0].standard_error < 0.02 * std::sqrt(solution.variance));
    check(sampled.mean[0], solution.mean, "mean");
    check(sampled.variance[0], solution.variance, "variance");
    check(sampled.skewness[0], solution.skewness, "skewness");
  }
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const auto kink = solve_coloured(coloured(activations::Relu{}, 0.5, 0.0, 0.2, 0.5, 1.0), Vector(),
                                   {.tolerance = 1e-12});
  BOOST_TEST(!kink.report.ok());
  BOOST_TEST(kink.report.message.find("kink") != std::string::npos);
  const auto growing =
      solve_coloured(coloured(activations::Relu{}, 1.5, 0.1, 0.2, 0.5, 1.0), Vector());
  BOOST_TEST(static_cast<int>(growing.report.status) == static_cast<int>(Status::outside_validity));
  const models::NoisyChain white(
      networks::single_unit(Equation::rate, activations::Tanh{}, 0.5, 0.0, 0.5),
      networks::white_noise(networks::NoiseSource::inside, 0.5));
  BOOST_CHECK_THROW(solve_coloured(white, Vector()), std::invalid_argument);
  const auto good = coloured(activations::Tanh{}, 0.5, 0.0, 0.5, 0.5, 1.0);
  BOOST_CHECK_THROW(solve_coloured(good, Vector::Zero(1)), std::invalid_argument);
  BOOST_CHECK_THROW(solve_coloured(good, Vector(), {.tolerance = 0.0}), std::invalid_argument);
  BOOST_CHECK_THROW(transfer_operator::quenched_mean(
                        coloured(activations::Tanh{}, 1.5, 0.0, 0.5, 0.5, 1.0), Vector()),
                    std::invalid_argument);
}
