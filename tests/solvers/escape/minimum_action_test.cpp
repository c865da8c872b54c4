// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE minimum_action
#include "solvers/escape/minimum_action.hpp"

#include <Eigen/Cholesky>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "lib/statistics/regression.hpp"
#include "solvers/algebraic/minimize.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/escape_fields.hpp"

using namespace stillpoint;
using escape::minimum_action;
using escape::Target;
using networks::Equation;

namespace {

Vector at(double x, double y) { return (Vector(2) << x, y).finished(); }

/// Σ |Δ|_a |b|_a − ⟨Δ, b⟩_a of the geometric formulation along a path, a = I, with b in the middle.
double geometric_action(const escape::Fields& fields, const Matrix& states) {
  double action = 0.0;
  Vector b(states.rows());
  for (Index k = 0; k + 1 < states.cols(); ++k) {
    const Vector step = states.col(k + 1) - states.col(k);
    fields.drift(0.5 * (states.col(k + 1) + states.col(k)), b);
    action += step.norm() * b.norm() - step.dot(b);
  }
  return action;
}

}  // namespace

// V = x⁴/4 − x²/2: barrier ¼, action ½, of second order in the number of points.
BOOST_AUTO_TEST_CASE(double_well) {
  const escape::Fields fields{
      .state_size = 1,
      .noise_size = 1,
      .drift = [](const Vector& x, Vector& b) { b = x.array() - x.array().cube(); },
      .diffusion = [](const Vector&, Matrix& sigma) { sigma.setOnes(1, 1); },
      .additive_noise = true};
  const Vector start = -Vector::Ones(1);
  Vector steps(3), errors(3);
  for (Index k = 0; k < 3; ++k) {
    const Index points = Index{100} << k;
    const auto path =
        minimum_action(fields, start, Target::point(Vector::Zero(1)), {.points = points});
    BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
    steps(k) = 1.0 / static_cast<double>(points);
    errors(k) = path.action - 0.5;
    BOOST_TEST_MESSAGE(points << " points: error " << errors(k) << ", " << path.report.iterations
                              << " Newton steps");
  }
  BOOST_TEST(std::abs(errors(2)) < 1e-4);
  BOOST_TEST(statistics::observed_order(steps, errors) > 1.8);
}

BOOST_AUTO_TEST_CASE(curved_valley_with_and_without_state_dependent_noise) {
  for (const bool state_dependent : {false, true}) {
    const auto fields = tests::valley_fields(state_dependent);
    const auto path = minimum_action(fields, at(-1.0, 0.0), Target::point(at(0.0, 1.0)));
    BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
    BOOST_TEST(std::abs(path.action - 0.5) < 5e-4, path.action);
    // Uphill it runs against the drift: the noise undoes it twice, √h u = −2 √h σ⁻¹ b.
    Vector b(2);
    Matrix sigma(2, 2);
    double worst = 0.0;
    for (Index k = 0; k < path.noise.cols(); ++k) {
      const Vector middle = 0.5 * (path.states.col(k) + path.states.col(k + 1));
      fields.drift(middle, b);
      fields.diffusion(middle, sigma);
      const double h = path.times(k + 1) - path.times(k);
      worst = std::max(worst, (sigma * path.noise.col(k) / std::sqrt(h) + 2.0 * b).norm());
    }
    BOOST_TEST(worst < 0.02);
    BOOST_TEST_MESSAGE("action " << path.action << ", exact 0.5; away from the reversed drift "
                                 << worst << "; " << path.report.iterations << " Newton steps");
    // And to a point on the slope.
    const Vector slope = at(-0.4, 0.2);
    const auto side = minimum_action(fields, at(-1.0, 0.0), Target::point(slope));
    BOOST_TEST_REQUIRE(side.report.ok(), side.report.message);
    BOOST_TEST(std::abs(side.action / (2.0 * tests::curved_valley(slope)) - 1.0) < 1e-3);
  }
}

// ½ xᵀ C⁻¹ x with C of the Lyapunov equation, for noise of full rank and noise on one component.
// The midpoint rule keeps C exactly, so that only rounding and the time left out (e⁻²⁴) remain.
BOOST_AUTO_TEST_CASE(ornstein_uhlenbeck_of_any_rank) {
  const Matrix A = (Matrix(3, 3) << -1.0, 2.0, 0.3, -0.8, -0.7, 0.5, 0.2, -0.9, -1.5).finished();
  const Matrix full = (Matrix(3, 3) << 1.0, 0.2, 0.0, 0.3, 0.7, 0.0, 0.0, 0.4, 1.2).finished();
  const Matrix one = (Matrix(3, 1) << 1.0, 0.0, 0.0).finished();
  const Vector end = (Vector(3) << 0.5, -0.3, 0.8).finished();
  const Vector e = (Vector(3) << 0.2, 1.0, -0.4).finished();
  for (const Matrix& sigma : {full, one}) {
    const Matrix C = tests::stationary_covariance(A, sigma);
    const auto fields = tests::linear_fields(A, sigma);
    const double exact = 0.5 * end.dot(C.ldlt().solve(end));
    const auto point = minimum_action(fields, Vector::Zero(3), Target::point(end));
    BOOST_TEST_REQUIRE(point.report.ok(), point.report.message);
    BOOST_TEST((point.states.col(400) - end).norm() < 1e-9);
    BOOST_TEST(std::abs(point.action / exact - 1.0) < 1e-8);
    // The plane e·x = 1: 1/(2 eᵀ C e).
    const auto plane = minimum_action(fields, Vector::Zero(3), Target::plane(e, 1.0));
    BOOST_TEST_REQUIRE(plane.report.ok(), plane.report.message);
    BOOST_TEST(std::abs(plane.action * 2.0 * e.dot(C * e) - 1.0) < 1e-8);
    BOOST_TEST_MESSAGE("relative errors " << point.action / exact - 1.0 << " of " << exact << ", "
                                          << plane.action * 2.0 * e.dot(C * e) - 1.0);
  }
}

BOOST_AUTO_TEST_CASE(maier_stein) {
  const Vector well = at(-1.0, 0.0);
  const auto gradient = tests::maier_stein(1.0);
  for (const double u : {-0.7, -0.4, -0.15, 0.0}) {
    const auto path = minimum_action(gradient, well, Target::point(at(u, 0.0)));
    BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
    const double exact = 0.5 * (1.0 - u * u) * (1.0 - u * u);
    BOOST_TEST(std::abs(path.action - exact) < 2e-4, "u = " << u << ": " << path.action);
    BOOST_TEST(path.states.row(1).cwiseAbs().maxCoeff() < 1e-6);
  }
  // Beyond β = 4 the axis is a saddle of the action: a path that starts off it leaves it.
  const auto bent = tests::maier_stein(10.0);
  const Matrix guide = (Matrix(2, 3) << -1.0, -0.5, 0.0, 0.0, 0.3, 0.0).finished();
  const Target saddle = Target::point(Vector::Zero(2));
  const auto axis = minimum_action(bent, well, saddle);
  const auto path = minimum_action(bent, well, saddle, {.guide = guide});
  BOOST_TEST_REQUIRE(axis.report.ok(), axis.report.message);
  BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
  BOOST_TEST(std::abs(axis.action - 0.5) < 2e-4);
  BOOST_TEST(path.action < 0.45);
  BOOST_TEST(path.states.row(1).maxCoeff() > 0.2);
  BOOST_TEST(std::abs(geometric_action(bent, path.states) - path.action) < 3e-4);
  BOOST_TEST_MESSAGE("beta 10: action " << path.action << ", geometric "
                                        << geometric_action(bent, path.states) << ", widest "
                                        << path.states.row(1).maxCoeff());
}

// A linear chain with every kind of noise: ½ dᵀ C⁻¹ d, and 1/(2 eᵀ C e) for a plane, exactly.
BOOST_AUTO_TEST_CASE(linear_chain) {
  for (const auto equation : {Equation::rate, Equation::current}) {
    const models::NoisyChain chain(tests::wavy_network(3, 0.3, equation, activations::Identity{}),
                                   tests::every_noise(3));
    const Vector input = Vector::Constant(2, 0.5);
    const auto law = tests::linear_stationary(chain, input);
    const Vector e = Vector::LinSpaced(chain.state_size(), 1.0, -0.5);
    const auto path =
        minimum_action(chain, input, law.mean, Target::plane(e, e.dot(law.mean) + 1.0));
    BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
    BOOST_TEST(std::abs(path.action * 2.0 * e.dot(law.covariance * e) - 1.0) < 1e-8);
    const Matrix C = law.covariance.topLeftCorner(3, 3);
    const Vector d = (Vector(3) << 0.4, -0.2, 0.1).finished();
    Target units{Matrix::Identity(3, chain.state_size()), law.mean.head(3) + d};
    const auto end = minimum_action(chain, input, law.mean, units);
    BOOST_TEST_REQUIRE(end.report.ok(), end.report.message);
    BOOST_TEST(std::abs(end.action / (0.5 * d.dot(C.ldlt().solve(d))) - 1.0) < 1e-8);
  }
}

// Noise inside tanh, two steps from rest to y = L: ξ₁ follows from ξ₀, a minimum in one variable.
BOOST_AUTO_TEST_CASE(noise_inside_the_activation) {
  const double w = 0.8, s = 0.4, g = 0.6, end = 0.75;
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, w, 0.0, g),
      networks::white_noise(networks::NoiseSource::inside, s));
  const auto action = [&](double first) {
    const double y = g * std::tanh(s * first);
    const double needed = (end - (1.0 - g) * y) / g;
    if (needed >= 1.0) return 1e6;
    const double second = (std::atanh(needed) - w * y) / s;
    return 0.5 * (first * first + second * second);
  };
  const auto least = algebraic::minimize(action, 0.0, 12.0, {.scan = 400});
  const auto path = minimum_action(chain, Vector(), Vector::Zero(1),
                                   Target::point(Vector::Constant(1, end)), {.duration = 2.0});
  BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
  BOOST_TEST(std::abs(path.action / least.value - 1.0) < 1e-8);
  BOOST_TEST(std::abs(path.noise(0, 0) - least.argument) < 1e-5);
  BOOST_TEST_MESSAGE("action " << path.action << ", in one variable " << least.value);
}

// A bistable neuron, noise outside: g times its action tends to that of its diffusion limit,
// 2 ΔV/s². The first-order term of the quasi-potential is a multiple of the squared drift (a linear
// chain: variance g s²/(2 − g)), nothing at a fixed point: at the saddle the error is O(g²).
BOOST_AUTO_TEST_CASE(leaky_chain_tends_to_the_diffusion) {
  const double w = 1.5, stable = 0.8585595, s = 0.5;
  const auto action = [&](double g) {
    const models::NoisyChain chain(
        networks::single_unit(Equation::rate, activations::Tanh{}, w, 0.0, g),
        networks::white_noise(networks::NoiseSource::outside, s));
    const auto path = minimum_action(chain, Vector(), Vector::Constant(1, stable),
                                     Target::point(Vector::Zero(1)));
    BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
    return g * path.action;
  };
  const double barrier = std::log(std::cosh(w * stable)) / w - 0.5 * stable * stable;
  const double limit = 2.0 * barrier / (s * s);
  const double coarse = action(0.1) - limit, fine = action(0.05) - limit;
  BOOST_TEST_MESSAGE("limit " << limit << ", errors " << coarse << " " << fine);
  BOOST_TEST(std::abs(fine) < 1e-4 * limit);
  BOOST_TEST(std::abs(coarse / fine - 4.0) < 0.2);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const Matrix A = (Matrix(2, 2) << -1.0, 0.0, 0.0, -2.0).finished();
  const auto fields = tests::linear_fields(A, (Matrix(2, 1) << 1.0, 0.0).finished());
  const Vector origin = Vector::Zero(2);
  // Noise on the first component never moves the second.
  const auto never = minimum_action(fields, origin, Target::plane(at(0.0, 1.0), 1.0));
  BOOST_TEST((never.report.status == Status::outside_validity), never.report.message);
  BOOST_TEST(std::isnan(never.action));
  const auto point = minimum_action(fields, origin, Target::point(at(0.5, 1.0)),
                                    {.points = 50, .max_iterations = 200});
  BOOST_TEST(!point.report.ok());
  BOOST_TEST(std::isnan(point.action));
  auto broken = fields;
  broken.drift = [](const Vector&, Vector& b) {
    b.setConstant(2, std::numeric_limits<double>::quiet_NaN());
  };
  const auto lost = minimum_action(broken, origin, Target::point(at(0.5, 0.0)), {.duration = 3.0});
  BOOST_TEST((lost.report.status == Status::non_finite_state));
  BOOST_CHECK_THROW(minimum_action(fields, Vector::Zero(3), Target::point(origin)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(minimum_action(fields, origin, Target::point(origin)), std::invalid_argument);
  BOOST_CHECK_THROW(minimum_action(fields, origin, Target::point(at(1.0, 0.0)), {.points = 2}),
                    std::invalid_argument);
  const auto unstable = tests::linear_fields(-A, Matrix::Identity(2, 2));
  BOOST_CHECK_THROW(minimum_action(unstable, origin, Target::point(at(1.0, 0.0))),
                    std::invalid_argument);
  const models::NoisyChain silent(tests::wavy_network(2, 0.3, Equation::rate, activations::Tanh{}),
                                  {});
  BOOST_CHECK_THROW(minimum_action(silent, Vector::Zero(2), origin, Target::point(at(1.0, 0.0))),
                    std::invalid_argument);
}
