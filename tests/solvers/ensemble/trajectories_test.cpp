// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE ensemble_trajectories
#include "solvers/ensemble/trajectories.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>

#include "lib/core/instruction_set.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::activations;
using ensemble::simulate_trajectories;
using networks::Equation;
using networks::NoiseConvention;
using networks::NoiseSource;

namespace {

Matrix waves(Index steps) {
  Matrix inputs(2, steps);
  for (Index t = 0; t < steps; ++t) {
    inputs(0, t) = std::sin(0.4 * static_cast<double>(t));
    inputs(1, t) = t % 5 == 0 ? 1.0 : 0.0;
  }
  return inputs;
}

const Activation all_activations[] = {Identity{},         Relu{},        LeakyRelu{0.2},
                                      SaturatingLinear{}, Softplus{3.0}, Tanh{},
                                      Logistic{},         Erf{},         Heaviside{}};

}  // namespace

// Every activation, both equations, every kind of noise, time-varying input, at every instruction
// set, against the equation written down slowly. Differences are rounding: 40 contracting steps of
// sums of n terms of size about 1. Heaviside could flip a unit only within 1e-13 of its jump.
BOOST_AUTO_TEST_CASE(a_path_obeys_the_equation_with_the_documented_draws) {
  const Index steps = 40;
  const Matrix inputs = waves(steps);
  for (const char* const level : {"v1", "v3", "v4"}) {
    setenv("STILLPOINT_ISA", level, 1);
    try {
      instruction_set();
    } catch (const std::invalid_argument& error) {
      BOOST_TEST_MESSAGE(error.what());
      continue;
    }
    for (const Activation& f : all_activations)
      for (const Equation equation : {Equation::rate, Equation::current})
        for (const Index n : {1, 4, 13}) {
          const models::NoisyChain chain(tests::wavy_network(n, 0.3, equation, f),
                                         tests::every_noise(n));
          const Vector h0 = Vector::LinSpaced(n, -0.5, 1.0);
          const auto fast = simulate_trajectories(chain, inputs, h0, steps, 35, {tests::seed, 2});
          BOOST_REQUIRE(fast.size() == 35);
          for (const Index path : {0, 9, 34}) {
            const Matrix slow =
                tests::slow_path(chain, inputs, chain.initial_state(h0), steps,
                                 static_cast<std::uint64_t>(path), {tests::seed, 2});
            const double error = (fast[path] - slow.topRows(n)).cwiseAbs().maxCoeff();
            BOOST_TEST(error < 1e-12, level << " " << name(f) << " "
                                            << networks::to_string(equation) << " n = " << n << ": "
                                            << error);
          }
        }
  }
  unsetenv("STILLPOINT_ISA");
}

// theory notes on noisy CTRNNs, section 17: the current equation with additive noise is the rate
// equation with coloured noise inside, x = W h + c̃ + η with c̃' = (1−g) c̃ + g (W_in u + b), path by
// path.
BOOST_AUTO_TEST_CASE(exact_conjugacy_of_the_two_equations) {
  const Index n = 6, steps = 60;
  const double g = 0.25;
  const auto network = tests::wavy_network(n, g, Equation::current, Tanh{});
  const models::NoisyChain chain(
      network,
      {{.where = NoiseSource::outside, .sigma = {0.3}, .convention = NoiseConvention::psychrnn}});
  const Matrix inputs = waves(steps);
  const Vector x0 = Vector::LinSpaced(n, -1.0, 1.0);
  const random::Stream stream{tests::seed, 5};
  const Matrix x = simulate_trajectories(chain, inputs, x0, steps, 4, stream)[3];
  Vector h = Vector::Constant(n, 0.1), c = Vector::Zero(n);
  Vector eta = x0 - network.W * h;  // c̃₀ + η₀ = x₀ − W h₀
  for (Index t = 0; t < steps; ++t) {
    const Vector f = (network.W * h + c + eta).array().tanh();
    h = (1.0 - g) * h + g * f;
    c = (1.0 - g) * c + g * (network.W_in * inputs.col(t) + network.b);
    for (Index i = 0; i < n; ++i)
      eta(i) = (1.0 - g) * eta(i) + std::sqrt(2.0 * g) * 0.3 *
                                        random::normal(stream, 3, static_cast<std::uint32_t>(t),
                                                       (1U << 31) + static_cast<std::uint32_t>(i));
    const double error = (network.W * h + c + eta - x.col(t + 1)).cwiseAbs().maxCoeff();
    BOOST_TEST(error < 1e-13);
  }
}

// Common random numbers: the same address is the same noise, whatever the chain. With the identity
// and W = 0, (h' − (1−g) h − g b)/(g σ) is the draw itself.
BOOST_AUTO_TEST_CASE(two_chains_see_the_same_noise) {
  const Index steps = 20;
  const auto noise_seen = [&](double sigma, Index paths, double leak) {
    const models::NoisyChain chain(
        {.W = Matrix::Zero(2, 2), .activation = Identity{}, .leak = leak}, {{.sigma = {sigma}}});
    const Matrix h =
        simulate_trajectories(chain, Matrix(0, 1), Vector::Zero(2), steps, paths, {3, 1})[2];
    return Matrix((h.rightCols(steps) - (1.0 - leak) * h.leftCols(steps)) / (leak * sigma));
  };
  const Matrix reference = noise_seen(1.0, 3, 0.5);
  BOOST_TEST((noise_seen(0.1, 3, 0.5) - reference).cwiseAbs().maxCoeff() < 1e-13);
  BOOST_TEST((noise_seen(2.0, 100, 0.2) - reference).cwiseAbs().maxCoeff() < 1e-13);
}

BOOST_AUTO_TEST_CASE(seeds_streams_and_paths_differ) {
  const models::NoisyChain chain(tests::wavy_network(3, 0.5, Equation::rate, Tanh{}),
                                 {{.sigma = {0.5}}});
  const Matrix u = Matrix::Zero(2, 1);
  const auto run = [&](std::uint64_t seed, std::uint32_t stream) {
    return simulate_trajectories(chain, u, Vector::Zero(3), 5, 2, {seed, stream});
  };
  const auto base = run(1, 0);
  BOOST_TEST((base[0] == run(1, 0)[0]));
  BOOST_TEST((base[0] != base[1]));
  BOOST_TEST((base[0] != run(2, 0)[0]));
  BOOST_TEST((base[0] != run(1, 1)[0]));
  BOOST_TEST(base[0].cols() == 6);
  BOOST_TEST((base[0].col(0) == Vector::Zero(3)));
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const models::NoisyChain chain(tests::wavy_network(3, 0.5, Equation::rate, Tanh{}), {});
  const Matrix u = Matrix::Zero(2, 1);
  const Vector h0 = Vector::Zero(3);
  const auto refuse = [&](const Matrix& inputs, const Vector& h, Index steps, Index paths) {
    BOOST_CHECK_THROW(simulate_trajectories(chain, inputs, h, steps, paths), std::invalid_argument);
  };
  refuse(Matrix::Zero(3, 1), h0, 5, 1);
  refuse(Matrix::Zero(2, 4), h0, 5, 1);
  refuse(Matrix::Constant(2, 1, NAN), h0, 5, 1);
  refuse(u, Vector::Zero(2), 5, 1);
  refuse(u, Vector::Constant(3, INFINITY), 5, 1);
  refuse(u, h0, -1, 1);
  refuse(u, h0, 5, 0);
  setenv("STILLPOINT_ISA", "v2", 1);
  refuse(u, h0, 5, 1);
  unsetenv("STILLPOINT_ISA");
}
