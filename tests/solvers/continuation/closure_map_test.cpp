// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE closure_map
#include "solvers/continuation/closure_map.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "solvers/algebraic/central_jacobian.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/moments/stationary.hpp"
#include "tests/solvers/continuation/gaussian_average.hpp"
#include "tests/support/chains.hpp"

using namespace stillpoint;
using networks::Equation;

BOOST_AUTO_TEST_CASE(states_and_moments_are_the_same_numbers) {
  const moments::Moments moments{
      .mean = Eigen::Vector3d(1.0, 2.0, 3.0),
      .covariance = (Matrix(3, 3) << 4, 5, 6, 5, 7, 8, 6, 8, 20).finished()};
  const Vector y = continuation::closure_state(moments);
  BOOST_TEST(y.size() == 9);
  const auto back = continuation::closure_moments(3, y);
  BOOST_TEST((back.mean - moments.mean).norm() == 0.0);
  BOOST_TEST((back.covariance - moments.covariance).norm() == 0.0);
  BOOST_TEST(continuation::has_covariance(3, y));
  Vector none = y;
  none(3) = 0.5;  // the minor of the first two is 0.5·7 − 25 < 0
  BOOST_TEST(!continuation::has_covariance(3, none));
  BOOST_CHECK_THROW(continuation::closure_moments(2, y), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_stationary_closure_is_a_fixed_point) {
  for (const auto equation : {Equation::rate, Equation::current}) {
    const auto network = tests::wavy_network(2, 0.3, equation, activations::Tanh{});
    const models::NoisyChain chain(network, tests::every_noise(2));  // two coloured blocks: m = 6
    const Vector input = Vector::Constant(2, 0.2);
    const auto law = moments::solve_closure(chain, input, Vector::Zero(2));
    BOOST_REQUIRE(law.valid);
    const auto map = continuation::closure_map(chain, input);
    BOOST_TEST(map.size == 27);
    // The law knows the network's two units; the rest comes by iterating.
    Vector y = continuation::closure_state(
               {chain.initial_state(Vector::Zero(2)), Matrix::Zero(6, 6)}),
           image;
    for (int t = 0; t < 3000; ++t) {
      map.evaluate(y, image, nullptr);
      y.swap(image);
    }
    const auto moments = continuation::closure_moments(6, y);
    BOOST_TEST(std::abs(moments.mean(1) - law.mean[1].value) < 1e-12);
    BOOST_TEST((moments.covariance.topLeftCorner(2, 2) - law.covariance).norm() < 1e-12);
    const auto point = fixed_points::describe(map, y);
    BOOST_TEST(point.residual < 1e-14);
    BOOST_TEST((point.stability == fixed_points::Stability::stable));
  }
}

BOOST_AUTO_TEST_CASE(the_jacobian_is_the_derivative_of_the_map) {
  // Central differences of the map, whose relative error is about 1e-9 here.
  for (const auto equation : {Equation::rate, Equation::current})
    for (const auto& f : {activations::Activation(activations::Tanh{}),
                          activations::Activation(activations::Softplus(3.0)),
                          activations::Activation(activations::Erf{}),
                          activations::Activation(activations::Relu{})}) {
      const auto network = tests::wavy_network(3, 0.4, equation, f);
      auto noise = tests::every_noise(3);
      noise.pop_back();
      const models::NoisyChain chain(network, noise);  // one coloured block: m = 6
      const Vector input = Vector::Constant(2, 0.3);
      const auto map = continuation::closure_map(chain, input);
      Vector y = continuation::closure_state(
                 {chain.initial_state(Vector::Zero(3)), Matrix::Zero(6, 6)}),
             image;
      for (int t = 0; t < 20; ++t) {
        map.evaluate(y, image, nullptr);
        y.swap(image);
      }
      Matrix jacobian;
      map.evaluate(y, image, &jacobian);
      const Matrix differences = algebraic::central_jacobian(
          [&map](const Vector& x, Vector& value) { map.evaluate(x, value, nullptr); }, y);
      BOOST_TEST((jacobian - differences).cwiseAbs().maxCoeff() < 2e-8,
                 activations::name(f) << ": " << (jacobian - differences).cwiseAbs().maxCoeff());
    }
}

BOOST_AUTO_TEST_CASE(without_noise_the_jacobian_has_products_of_multipliers) {
  // At covariance 0 and no noise: mean multiplier λ, covariance multiplier λ².
  const double w = 1.5, g = 0.2,
               h = tests::bisect([w](double x) { return std::tanh(w * x) - x; }, 0.3, 1.0);
  const models::NoisyChain chain({.W = Matrix::Constant(1, 1, w), .leak = g}, {});
  const auto map = continuation::closure_map(chain, Vector());
  const auto point = fixed_points::describe(map, Eigen::Vector2d(h, 0.0));
  const double multiplier = 1.0 - g + g * w * (1.0 - h * h);
  BOOST_TEST(point.residual < 1e-15);
  BOOST_TEST(std::abs(point.multipliers(0) - multiplier) < 1e-12);
  BOOST_TEST(std::abs(point.multipliers(1) - multiplier * multiplier) < 1e-12);
}

BOOST_AUTO_TEST_CASE(large_networks_are_refused) {
  const models::NoisyChain chain({.W = Matrix::Zero(33, 33), .leak = 0.5}, {});
  BOOST_CHECK_THROW(continuation::closure_map(chain, Vector()), std::invalid_argument);
}
