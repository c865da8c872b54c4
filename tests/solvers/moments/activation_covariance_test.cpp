// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE activation_covariance
#include "solvers/moments/activation_covariance.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "lib/activations/gauss_hermite.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/transfer_operator/plane.hpp"
#include "tests/solvers/moments/sample_networks.hpp"

using namespace stillpoint;
using moments::activation_covariance;

namespace {

constexpr double correlations[] = {-0.999, -0.9, -0.3, 1e-3, 0.5, 0.95, 0.99999};

Matrix pair(double q1, double q2, double R) {
  Matrix C(2, 2);
  C << q1 * q1, R * q1 * q2, R * q1 * q2, q2 * q2;
  return C;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(closed_forms)

// Price (1958): at mean zero Cov(H, H) = arcsin R/(2π).
BOOST_AUTO_TEST_CASE(heaviside_is_the_arcsine_law) {
  for (const double R : correlations) {
    const Matrix S =
        activation_covariance(activations::Heaviside{}, Vector::Zero(2), pair(0.7, 2.0, R));
    BOOST_TEST(std::abs(S(0, 1) - std::asin(R) / (2.0 * std::numbers::pi)) < 1e-9);
  }
}

// Williams (1997): at mean zero E erf erf = (2/π) arcsin(2 C₁₂/√((1 + 2 C₁₁)(1 + 2 C₂₂))).
BOOST_AUTO_TEST_CASE(erf) {
  for (const double R : correlations) {
    const Matrix C = pair(0.7, 2.0, R);
    const double exact =
        2.0 / std::numbers::pi *
        std::asin(2.0 * C(0, 1) / std::sqrt((1.0 + 2.0 * C(0, 0)) * (1.0 + 2.0 * C(1, 1))));
    const Matrix S = activation_covariance(activations::Erf{}, Vector::Zero(2), C);
    BOOST_TEST(std::abs(S(0, 1) - exact) < 1e-9);
  }
}

// Cho & Saul (2009): at mean zero E relu relu = q₁q₂ (√(1 − R²) + R (π − arccos R))/(2π).
BOOST_AUTO_TEST_CASE(relu_is_the_arc_cosine_kernel) {
  for (const double R : correlations) {
    const double exact = 0.7 * 2.0 *
                         (std::sqrt(1.0 - R * R) + R * (std::numbers::pi - std::acos(R)) - 1.0) /
                         (2.0 * std::numbers::pi);
    const Matrix S = activation_covariance(activations::Relu{}, Vector::Zero(2), pair(0.7, 2.0, R));
    BOOST_TEST(std::abs(S(0, 1) - exact) < 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(linear_activations_pass_the_covariance) {
  const Matrix S =
      activation_covariance(activations::Identity{}, Vector{{1.0, -2.0}}, pair(0.5, 1.5, 0.8));
  BOOST_TEST((S - pair(0.5, 1.5, 0.8)).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()

// Smooth f off zero by tensor Gauss–Hermite, 60 nodes a direction: geometric, below 1e-9 at q =
// 0.8.
BOOST_AUTO_TEST_CASE(smooth_activations_by_quadrature) {
  const auto rule = activations::gauss_hermite(60);
  for (const std::string_view name : {"tanh", "softplus", "logistic"}) {
    const auto f = activations::make_activation(name);
    for (const double R : {-0.7, 0.2, 0.98}) {
      const Vector a{{0.4, -0.9}};
      const Matrix C = pair(0.6, 0.8, R);
      double sum = 0.0;
      for (Index i = 0; i < 60; ++i)
        for (Index j = 0; j < 60; ++j)
          sum += rule.weights(i) * rule.weights(j) *
                 activations::value(f, a(0) + 0.6 * rule.nodes(i)) *
                 activations::value(
                     f, a(1) + 0.8 * (R * rule.nodes(i) + std::sqrt(1.0 - R * R) * rule.nodes(j)));
      sum -= activations::averages(f, a(0), 0.6).mean * activations::averages(f, a(1), 0.8).mean;
      BOOST_TEST_CONTEXT(name << ", R " << R)
      BOOST_TEST(std::abs(activation_covariance(f, a, C)(0, 1) - sum) < 1e-9);
    }
  }
}

// R = ±1 with the same argument twice: the variance; a certain argument has none.
BOOST_AUTO_TEST_CASE(limits) {
  for (const std::string_view name : {"relu", "tanh", "heaviside"}) {
    const auto f = activations::make_activation(name);
    const Vector a = Vector::Constant(2, 0.3);
    const Matrix S = activation_covariance(f, a, pair(0.9, 0.9, 1.0));
    BOOST_TEST(std::abs(S(0, 1) - S(0, 0)) < 1e-9 * S(0, 0));
    const Matrix certain = activation_covariance(f, a, pair(0.9, 0.0, 0.0));
    BOOST_TEST(certain(0, 1) == 0.0);
    BOOST_TEST(certain(1, 1) == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const Vector two = Vector::Zero(2);
  BOOST_CHECK_THROW(activation_covariance(activations::Relu{}, two, Matrix::Zero(3, 3)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(activation_covariance(activations::Relu{}, two, -Matrix::Identity(2, 2)),
                    std::invalid_argument);
}

// Two relu units with much common input: the covariance between them, against the transfer
// operator, is off by less than with its first order.
BOOST_AUTO_TEST_CASE(the_full_closure_has_the_better_covariance) {
  networks::Network network{.activation = activations::Relu{}, .leak = 0.5};
  network.W = Matrix{{0.3, 0.4}, {0.6, -0.2}};
  network.b = Vector{{0.05, 0.1}};
  const models::NoisyChain chain(networks::make_network(network),
                                 {{.where = networks::NoiseSource::outside, .sigma = {0.5}}});
  const Vector none, h0 = Vector::Zero(2);
  const auto exact = transfer_operator::solve_plane(chain, none, {.tolerance = 1e-6});
  BOOST_REQUIRE(exact.report.ok());
  const auto diag = moments::solve_closure(chain, none, h0);
  const auto full = moments::solve_full_closure(chain, none, h0);
  const double diag_error = std::abs(diag.covariance(0, 1) - exact.covariance(0, 1));
  const double full_error = std::abs(full.covariance(0, 1) - exact.covariance(0, 1));
  BOOST_TEST_MESSAGE("error of the covariance, first order " << diag_error << ", exact "
                                                             << full_error);
  BOOST_TEST(full_error < diag_error);
}
