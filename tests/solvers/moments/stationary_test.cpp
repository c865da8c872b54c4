// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE stationary
#include "solvers/moments/stationary.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <string>

#include "lib/networks/single_unit.hpp"
#include "solvers/moments/window.hpp"
#include "tests/solvers/moments/sample_networks.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseConvention;
using networks::NoiseSource;
namespace tt = boost::test_tools;

namespace {

const Vector no_input(0);

models::NoisyChain unit(Equation equation, const activations::Activation& f, double w, double c,
                        double g, NoiseSource::Where where, double s,
                        NoiseConvention convention = NoiseConvention::per_step) {
  return {networks::single_unit(equation, f, w, c, g), networks::white_noise(where, s, convention)};
}

double closure_mean(const models::NoisyChain& chain) {
  const auto law = moments::solve_closure(chain, no_input, Vector::Zero(1));
  BOOST_TEST(law.valid, law.note);
  return law.mean[0].value;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(closed_forms)

// V = g s²/((1−w)(2−g(1−w))), theory section 3, inside and outside alike for linear f.
BOOST_AUTO_TEST_CASE(linear_unit) {
  const double w = 0.6, c = 0.2, g = 0.3, s = 0.7;
  for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
    const auto law =
        moments::solve_closure(unit(Equation::rate, activations::Identity{}, w, c, g, where, s),
                               no_input, Vector::Zero(1));
    BOOST_TEST(law.valid);
    BOOST_TEST(law.mean[0].value == c / (1.0 - w), tt::tolerance(1e-11));
    BOOST_TEST(law.variance[0].value == g * s * s / ((1.0 - w) * (2.0 - g * (1.0 - w))),
               tt::tolerance(1e-11));
  }
}

// C = M C Mᵀ + Q solved as one linear system, (I − M⊗M) vec C = vec Q.
BOOST_AUTO_TEST_CASE(linear_networks_solve_the_stein_equation) {
  for (const auto equation : {Equation::rate, Equation::current})
    for (const auto& [name, noise] : tests::sample_noises()) {
      const models::NoisyChain chain(tests::sample_network(equation, activations::Identity{}, 0.3),
                                     noise);
      const Index n = chain.units(), m = chain.state_size();
      const Matrix& G = chain.gain();
      const Matrix M = Matrix(chain.retention().asDiagonal()) + G * chain.argument_weights();
      const Matrix Q = G * chain.argument_sd().cwiseAbs2().asDiagonal() * G.transpose() +
                       Matrix(chain.state_sd().cwiseAbs2().asDiagonal());
      Matrix stein = Matrix::Identity(m * m, m * m);
      for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < m; ++j) stein.block(i * m, j * m, m, m) -= M(i, j) * M;
      const Matrix C = stein.partialPivLu().solve(Q.reshaped()).reshaped(m, m).topLeftCorner(n, n);
      const auto law = moments::solve_closure(chain, no_input, Vector::Zero(n));
      BOOST_TEST_CONTEXT(networks::to_string(equation) << ", noise " << name) {
        BOOST_TEST(law.valid);
        BOOST_TEST((law.covariance - C).cwiseAbs().maxCoeff() < 1e-11);
        const Matrix& W_out = chain.network().W_out;
        for (Index k = 0; k < 2; ++k)
          BOOST_TEST(law.output_variance[static_cast<std::size_t>(k)].value ==
                         W_out.row(k).dot(C * W_out.row(k).transpose()),
                     tt::tolerance(1e-10));
      }
    }
}

// w = 0, inside, relu, c = 0: m = s/√(2π), V = g/(2−g) s² (1/2 − 1/(2π)). Exact for every rung 3.
BOOST_AUTO_TEST_CASE(unconnected_relu) {
  const double g = 0.3, s = 0.7, pi = std::numbers::pi;
  const auto chain = unit(Equation::rate, activations::Relu{}, 0.0, 0.0, g, NoiseSource::inside, s);
  for (const auto& law : {moments::solve_closure(chain, no_input, Vector::Zero(1)),
                          moments::solve_smoothed(chain, no_input, Vector::Zero(1))})
    BOOST_TEST(law.mean[0].value == s / std::sqrt(2.0 * pi), tt::tolerance(1e-11));
  const auto law = moments::solve_closure(chain, no_input, Vector::Zero(1));
  BOOST_TEST(law.variance[0].value == g / (2.0 - g) * s * s * (0.5 - 0.5 / pi),
             tt::tolerance(1e-11));
}

BOOST_AUTO_TEST_CASE(odd_symmetry_leaves_the_mean_at_zero) {
  for (const auto where : {NoiseSource::inside, NoiseSource::outside})
    BOOST_TEST(std::abs(closure_mean(
                   unit(Equation::rate, activations::Tanh{}, 0.8, 0.0, 0.2, where, 0.5))) < 1e-15);
}

BOOST_AUTO_TEST_SUITE_END()

// Theory, section 6: exact means from its independent exact solver and the errors (rung − exact)
// it states to two digits; the tolerance is half a unit of the last digit.
BOOST_AUTO_TEST_SUITE(table_of_errors)

BOOST_AUTO_TEST_CASE(relu_inside) {
  const auto chain =
      unit(Equation::rate, activations::Relu{}, 0.5, 0.3, 0.2, NoiseSource::inside, 0.5);
  const double exact = 0.653722468678;
  BOOST_TEST(std::abs(exact - closure_mean(chain) + 6.0e-5) < 0.05e-5);
  const auto smoothed = moments::solve_smoothed(chain, no_input, Vector::Zero(1));
  BOOST_TEST(std::abs(exact - smoothed.mean[0].value - 3.2e-3) < 0.05e-3);
  BOOST_TEST(std::isnan(smoothed.variance[0].value));
  const auto certain = moments::solve_deterministic(chain, no_input, Vector::Zero(1));
  BOOST_TEST(certain.mean[0].value == 0.6, tt::tolerance(1e-11));
  BOOST_TEST(certain.variance[0].value == 0.0);
}

BOOST_AUTO_TEST_CASE(softplus_inside) {
  const auto chain =
      unit(Equation::rate, activations::Softplus{}, 0.5, 0.0, 0.5, NoiseSource::inside, 1.0);
  const double exact = 1.123552003282;
  BOOST_TEST(std::abs(exact - closure_mean(chain) + 5.0e-6) < 0.05e-6);
  BOOST_TEST(std::abs(exact -
                      moments::solve_smoothed(chain, no_input, Vector::Zero(1)).mean[0].value -
                      6.1e-3) < 0.05e-3);
  BOOST_TEST(std::abs(moments::solve_deterministic(chain, no_input, Vector::Zero(1)).mean[0].value -
                      0.962424) < 5e-7);
}

BOOST_AUTO_TEST_CASE(relu_outside_at_the_kink) {
  const auto chain =
      unit(Equation::rate, activations::Relu{}, 0.5, 0.05, 0.2, NoiseSource::outside, 0.5);
  BOOST_TEST(std::abs(0.116449143143 - closure_mean(chain) + 9.7e-4) < 0.05e-4);
  // Rung 2 is not offered: nothing to smooth.
  const auto smoothed = moments::solve_smoothed(chain, no_input, Vector::Zero(1));
  BOOST_TEST(!smoothed.valid);
  BOOST_TEST(smoothed.note.find("not offered") != std::string::npos);
}

// Section 17: shift of the mean of x by additive noise in the current equation, to its digits.
BOOST_AUTO_TEST_CASE(current_equation) {
  const double g = 0.05;
  const auto shift = [&](NoiseConvention convention) {
    const auto chain = unit(Equation::current, activations::Tanh{}, 0.8, 0.5, g,
                            NoiseSource::outside, 0.3, convention);
    return closure_mean(chain) -
           moments::solve_deterministic(chain, no_input, Vector::Zero(1)).mean[0].value;
  };
  BOOST_TEST(std::abs(shift(NoiseConvention::psychrnn) + 0.0402) < 1e-4);
  BOOST_TEST(std::abs(shift(NoiseConvention::per_step) + 0.0009) < 1e-4);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(identities)

// E h = E F (rate) and E x = W E f + c (current): theory (3) and section 17. Exact for the closure.
BOOST_AUTO_TEST_CASE(the_mean_balances) {
  for (const auto equation : {Equation::rate, Equation::current}) {
    const auto network = tests::sample_network(equation, activations::Tanh{}, 0.3);
    const models::NoisyChain chain(network, networks::white_noise(NoiseSource::inside, 0.6));
    const auto law = moments::solve_closure(chain, no_input, Vector::Zero(3));
    Vector f(3);
    for (Index i = 0; i < 3; ++i)
      f(i) =
          activations::averages(network.activation, law.argument_mean(i), law.argument_sd(i)).mean;
    for (Index i = 0; i < 3; ++i) {
      const double expected =
          equation == Equation::rate ? f(i) : network.W.row(i).dot(f) + network.b(i);
      BOOST_TEST(std::abs(law.mean[static_cast<std::size_t>(i)].value - expected) < 1e-11);
    }
  }
}

// Section 17: if h obeys the rate equation with noise inside of retention 1 − g, then
// x = W h + c + η obeys the current equation with additive noise. The closures are conjugate too.
BOOST_AUTO_TEST_CASE(coloured_noise_in_a_rate_network_is_additive_noise_in_a_current_network) {
  const double g = 0.3, sd = 0.4;
  const auto rate = tests::sample_network(Equation::rate, activations::Tanh{}, g);
  const auto current = tests::sample_network(Equation::current, activations::Tanh{}, g);
  const models::NoisyChain h(rate, {{.where = NoiseSource::inside,
                                     .sigma = {sd},
                                     .convention = NoiseConvention::stationary_sd,
                                     .correlation_time = -g / std::log1p(-g)}});
  const models::NoisyChain x(
      current,
      {{.where = NoiseSource::state, .sigma = {sd}, .convention = NoiseConvention::stationary_sd}});
  const auto h_law = moments::solve_closure(h, no_input, Vector::Zero(3));
  const auto x_law = moments::solve_closure(x, no_input, Vector::Zero(3));
  for (Index i = 0; i < 3; ++i) {
    const auto k = static_cast<std::size_t>(i);
    BOOST_TEST(x_law.mean[k].value == h_law.argument_mean(i), tt::tolerance(1e-10));
    BOOST_TEST(std::sqrt(x_law.variance[k].value) == h_law.argument_sd(i), tt::tolerance(1e-10));
  }
}

BOOST_AUTO_TEST_CASE(a_long_task_ends_in_the_stationary_law) {
  for (const auto equation : {Equation::rate, Equation::current})
    for (const auto& [name, noise] : tests::sample_noises()) {
      const models::NoisyChain chain(tests::sample_network(equation, activations::Tanh{}, 0.3),
                                     noise);
      const auto law = moments::solve_closure(chain, no_input, Vector::Zero(3));
      const auto window = moments::evolve_closure(
          chain,
          {.inputs = Matrix(0, 1), .h0 = Vector::Constant(3, 0.5), .steps = 400, .window = 2});
      for (Index k = 0; k < 2; ++k) {
        const auto o = static_cast<std::size_t>(k);
        BOOST_TEST(window.output_mean(k, 1) == law.output_mean[o].value, tt::tolerance(1e-10));
        BOOST_TEST(window.output_variance(k, 1) == law.output_variance[o].value,
                   tt::tolerance(1e-10));
      }
      BOOST_TEST(std::isnan(window.loss.value));
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(honesty)

BOOST_AUTO_TEST_CASE(a_cycle_is_no_fixed_point) {
  const auto chain =
      unit(Equation::rate, activations::Tanh{}, -3.0, 0.1, 1.0, NoiseSource::inside, 0.1);
  const auto law = moments::solve_deterministic(chain, no_input, Vector::Constant(1, 0.5),
                                                {.max_iterations = 1000});
  BOOST_TEST(!law.valid);
  BOOST_TEST(law.note.find("period two") != std::string::npos, law.note);
}

BOOST_AUTO_TEST_CASE(an_unstable_recursion_is_reported) {
  const auto chain =
      unit(Equation::rate, activations::Identity{}, 3.0, 0.1, 1.0, NoiseSource::inside, 0.1);
  const auto law = moments::solve_closure(chain, no_input, Vector::Zero(1));
  BOOST_TEST(!law.valid);
  BOOST_TEST(law.note.find("unstable") != std::string::npos, law.note);
}

// An sd that overflows is an unstable recursion, not a bad argument of the activation.
BOOST_AUTO_TEST_CASE(a_covariance_that_overflows_is_reported) {
  for (const double weight : {3.0, 30.0}) {
    const auto chain =
        unit(Equation::rate, activations::Relu{}, weight, 0.3, 0.2, NoiseSource::inside, 0.5);
    for (const auto& law : {moments::solve_deterministic(chain, no_input, Vector::Zero(1)),
                            moments::solve_smoothed(chain, no_input, Vector::Zero(1)),
                            moments::solve_closure(chain, no_input, Vector::Zero(1))}) {
      BOOST_TEST(!law.valid);
      BOOST_TEST(law.note.find("unstable") != std::string::npos, law.note);
    }
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const auto chain =
      unit(Equation::rate, activations::Tanh{}, 0.5, 0.1, 0.5, NoiseSource::inside, 0.1);
  BOOST_CHECK_THROW(moments::solve_closure(chain, Vector::Zero(1), Vector::Zero(1)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(moments::solve_closure(chain, no_input, Vector::Zero(2)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(moments::solve_closure(chain, no_input, Vector::Constant(1, NAN)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(moments::solve_closure(chain, no_input, Vector::Zero(1), {.tolerance = 0.0}),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
