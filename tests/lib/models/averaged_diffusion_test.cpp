// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE averaged_diffusion
#include "lib/models/averaged_diffusion.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lib/activations/gauss_hermite.hpp"
#include "tests/support/chains.hpp"

using namespace stillpoint;
using networks::Equation;

// Against averages of A, ∂A/∂y and ½ C Cᵀ themselves over a Gaussian law of both units, by a
// product rule of 40 × 40 nodes. The inner rule of 8 nodes for v_s is what limits the tensor.
BOOST_AUTO_TEST_CASE(averages_over_the_state) {
  const Index n = 2;
  const auto rule = activations::gauss_hermite(40);
  Matrix root(2, 2);
  root << 0.4, 0.0, -0.2, 0.3;
  const Vector mean = (Vector(2) << 0.3, -0.5).finished();
  auto noise = tests::every_noise(n);
  noise.resize(3);  // white sources
  for (const auto equation : {Equation::rate, Equation::current}) {
    const models::NoisyDiffusion diffusion(
        {tests::wavy_network(n, 0.2, equation, activations::Tanh{}, 1.5), noise}, Vector::Ones(2));
    Vector drift = Vector::Zero(n), A;
    Matrix jacobian = Matrix::Zero(n, n), tensor = jacobian, J, C;
    for (Index k = 0; k < 40; ++k)
      for (Index l = 0; l < 40; ++l) {
        const Vector y = mean + root * Eigen::Vector2d(rule.nodes(k), rule.nodes(l));
        const double weight = rule.weights(k) * rule.weights(l);
        diffusion.drift(0.0, y, A);
        diffusion.drift_jacobian(0.0, y, J);
        diffusion.diffusion(0.0, y, C);
        drift += weight * A;
        jacobian += weight * J;
        tensor += 0.5 * weight * C * C.transpose();
      }
    const Vector q2 = models::argument_variance(diffusion, root * root.transpose());
    const double drift_error = (models::mean_drift(diffusion, mean, q2) - drift).norm();
    const double jacobian_error = (models::mean_jacobian(diffusion, mean, q2) - jacobian).norm();
    const double tensor_error = (models::mean_tensor(diffusion, mean, q2) - tensor).norm();
    BOOST_TEST_MESSAGE("errors: drift " << drift_error << ", Jacobian " << jacobian_error
                                        << ", tensor " << tensor_error);
    BOOST_TEST(drift_error < 1e-9);
    BOOST_TEST(jacobian_error < 1e-9);
    BOOST_TEST(tensor_error < 1e-6);
    // Without a spread: the coefficients at the mean.
    diffusion.drift(0.0, mean, A);
    diffusion.diffusion(0.0, mean, C);
    BOOST_TEST((models::mean_drift(diffusion, mean, Vector::Zero(n)) - A).norm() < 1e-13);
    BOOST_TEST(
        (models::mean_tensor(diffusion, mean, Vector::Zero(n)) - 0.5 * C * C.transpose()).norm() <
        1e-13);
  }
}
