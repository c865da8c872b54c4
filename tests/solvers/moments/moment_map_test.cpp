// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE moment_map
#include "solvers/moments/moment_map.hpp"

#include <Eigen/Eigenvalues>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/solvers/moments/sample_networks.hpp"

using namespace stillpoint;
using moments::MomentMap;
using moments::Moments;
using moments::Rung;

namespace {

constexpr networks::Equation equations[] = {networks::Equation::rate, networks::Equation::current};

/// A law to start a step from: mean and a full covariance of size m.
Moments some_law(Index m) {
  Matrix root(m, m);
  Vector mean(m);
  for (Index i = 0; i < m; ++i) {
    mean(i) = 0.5 * std::sin(3.0 * i);
    for (Index j = 0; j < m; ++j) root(i, j) = 0.3 * std::cos(1.0 + i - 2.0 * j + 0.7 * i * j);
  }
  return {mean, root * root.transpose()};
}

double largest(const Matrix& difference) { return difference.cwiseAbs().maxCoeff(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(one_step)

// Linear f: y' = M y + …, M = Λ + G B, fresh covariance G diag(s²) Gᵀ + diag ν². Rounding only.
BOOST_AUTO_TEST_CASE(linear_networks_are_exact) {
  for (const auto equation : equations)
    for (const auto& [name, noise] : tests::sample_noises()) {
      BOOST_TEST_CONTEXT(networks::to_string(equation) << ", noise " << name) {
        const models::NoisyChain chain(
            tests::sample_network(equation, activations::Identity{}, 0.3), noise);
        const Vector c = chain.argument_offset(Vector(0)), d = chain.state_offset(Vector(0));
        const Moments before = some_law(chain.state_size());
        Moments after = before;
        MomentMap(chain, Rung::closure).step(c, d, after);
        const Matrix& G = chain.gain();
        const Matrix M = Matrix(chain.retention().asDiagonal()) + G * chain.argument_weights();
        const Matrix fresh = G * chain.argument_sd().cwiseAbs2().asDiagonal() * G.transpose() +
                             Matrix(chain.state_sd().cwiseAbs2().asDiagonal());
        BOOST_TEST(largest(after.mean - (M * before.mean + G * c + d)) < 1e-14);
        BOOST_TEST(largest(after.covariance - (M * before.covariance * M.transpose() + fresh)) <
                   1e-14);
      }
    }
}

// The equations as they are written down, with dense matrices and no structure used.
BOOST_AUTO_TEST_CASE(the_closure_is_the_one_of_the_theory) {
  for (const auto equation : equations)
    for (const activations::Activation& activation :
         {activations::Activation(activations::Tanh{}),
          activations::Activation(activations::Relu{}),
          activations::Activation(activations::Logistic{})})
      for (const auto& [name, noise] : tests::sample_noises()) {
        BOOST_TEST_CONTEXT(networks::to_string(equation)
                           << ", " << activations::name(activation) << ", noise " << name) {
          const models::NoisyChain chain(tests::sample_network(equation, activation, 0.3), noise);
          const Index n = chain.units();
          const Vector c = chain.argument_offset(Vector(0)), d = chain.state_offset(Vector(0));
          const Moments before = some_law(chain.state_size());
          Moments after = before;
          MomentMap(chain, Rung::closure).step(c, d, after);

          const Matrix &B = chain.argument_weights(), &G = chain.gain();
          const Matrix& C = before.covariance;
          const Matrix Lambda = chain.retention().asDiagonal();
          const Vector a = B * before.mean + c;
          const Matrix Ca =
              B * C * B.transpose() + Matrix(chain.argument_sd().cwiseAbs2().asDiagonal());
          Vector f(n), D(n), v(n);
          for (Index i = 0; i < n; ++i) {
            const auto average = activations::averages(activation, a(i), std::sqrt(Ca(i, i)));
            f(i) = average.mean;
            D(i) = average.slope;
            v(i) = average.variance;
          }
          const Matrix K = D.asDiagonal() * B * C;
          Matrix S = D.asDiagonal() * Ca * D.asDiagonal();
          S.diagonal() = v;
          const Matrix expected = Lambda * C * Lambda + Lambda * K.transpose() * G.transpose() +
                                  G * K * Lambda + G * S * G.transpose() +
                                  Matrix(chain.state_sd().cwiseAbs2().asDiagonal());
          BOOST_TEST(largest(after.mean - (Lambda * before.mean + G * f + d)) < 1e-14);
          BOOST_TEST(largest(after.covariance - expected) < 1e-14);
        }
      }
}

BOOST_AUTO_TEST_CASE(covariances_stay_symmetric_and_positive) {
  for (const auto equation : equations)
    for (const std::string_view name : activations::activation_names())
      for (const auto& [noise_name, noise] : tests::sample_noises()) {
        const auto activation = activations::make_activation(name, {});
        const models::NoisyChain chain(tests::sample_network(equation, activation, 0.7), noise);
        MomentMap map(chain, Rung::closure);
        Moments law = map.certain(Vector::Constant(3, 0.2));
        const Vector c = chain.argument_offset(Vector(0)), d = chain.state_offset(Vector(0));
        for (int t = 0; t < 20; ++t) map.step(c, d, law);
        BOOST_TEST_CONTEXT(networks::to_string(equation)
                           << ", " << name << ", noise " << noise_name) {
          BOOST_TEST(largest(law.covariance - law.covariance.transpose()) == 0.0);
          const Vector values = Eigen::SelfAdjointEigenSolver<Matrix>(law.covariance).eigenvalues();
          BOOST_TEST(values.minCoeff() >= -1e-14 * values.maxCoeff());
        }
      }
}

BOOST_AUTO_TEST_CASE(the_smoothing_width_is_that_of_noise_that_needs_no_recurrence) {
  using networks::NoiseConvention;
  using networks::NoiseSource;
  const double g = 0.3;
  const networks::NoiseSpec additive{
      {.where = NoiseSource::outside, .sigma = {0.5}, .convention = NoiseConvention::psychrnn}};
  const models::NoisyChain current(
      tests::sample_network(networks::Equation::current, activations::Tanh{}, g), additive);
  BOOST_TEST(moments::smoothing_sd(current)(0) == 0.5 * std::sqrt(2.0 / (2.0 - g)),
             boost::test_tools::tolerance(1e-14));
  BOOST_TEST(moments::smoothing_applies(current));
  const models::NoisyChain rate(
      tests::sample_network(networks::Equation::rate, activations::Tanh{}, g), additive);
  BOOST_TEST(moments::smoothing_sd(rate).isZero(0.0));
  BOOST_TEST(!moments::smoothing_applies(rate));
  const auto mixture = tests::sample_noises().back().noise;
  const models::NoisyChain mixed(
      tests::sample_network(networks::Equation::rate, activations::Tanh{}, g), mixture);
  BOOST_TEST(moments::smoothing_sd(mixed)(0) == std::sqrt(0.4 * 0.4 + 0.3 * 0.3),
             boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_SUITE_END()
