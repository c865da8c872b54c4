// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE sensitivities
#include "solvers/ode/sensitivities.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

#include "lib/core/recoverable_error.hpp"

using namespace stillpoint;
using ode::adjoint_gradient;
using ode::AdjointOptions;
using ode::Corrector;
using ode::forward_sensitivities;
using ode::ForwardOptions;
using ode::Method;
using ode::Objective;
using ode::ParametricField;
using In = const Eigen::Ref<const Vector>&;
using Out = Eigen::Ref<Vector>;
using OutMatrix = Eigen::Ref<Matrix>;

namespace {

/// x' = (−a, −w; w, −a) x, p = (a, w): x = exp(−a t) R(w t) x₀ with the rotation R, so that
/// ∂x/∂a = −t x, ∂x/∂w = t R(π/2) x, ∂x/∂x₀ = exp(−a t) R(w t).
const ParametricField spiral{
    .field = [](double, In x, In p,
                Out dxdt) { dxdt << -p(0) * x(0) - p(1) * x(1), p(1) * x(0) - p(0) * x(1); },
    .by_state = [](double, In, In p, OutMatrix J) { J << -p(0), -p(1), p(1), -p(0); },
    .by_parameters = [](double, In x, In, OutMatrix J) { J << -x(0), -x(1), -x(1), x(0); }};

Matrix rotation(double angle) {
  Matrix R(2, 2);
  R << std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle);
  return R;
}

/// n neurons, x' = −x + tanh(W x + b + sin t), p = (W by columns, b).
ParametricField network(Index n) {
  const auto argument = [n](double t, In x, In p) -> Vector {
    return Eigen::Map<const Matrix>(p.data(), n, n) * x + p.tail(n) +
           Vector::Constant(n, std::sin(t));
  };
  const auto slope = [argument](double t, In x, In p) -> Vector {
    return 1.0 - argument(t, x, p).array().tanh().square();
  };
  return {.field = [argument](double t, In x, In p,
                              Out dxdt) { dxdt = argument(t, x, p).array().tanh().matrix() - x; },
          .by_state =
              [n, slope](double t, In x, In p, OutMatrix J) {
                J = slope(t, x, p).asDiagonal() * Eigen::Map<const Matrix>(p.data(), n, n);
                J.diagonal().array() -= 1.0;
              },
          .by_parameters =
              [n, slope](double t, In x, In p, OutMatrix J) {
                const Vector s = slope(t, x, p);
                for (Index j = 0; j < n; ++j) J.middleCols(n * j, n) = (x(j) * s).asDiagonal();
                J.rightCols(n) = s.asDiagonal();
              }};
}

constexpr Index neurons = 3;
const Vector weights = [] {
  Vector p(neurons * neurons + neurons);
  p << 0.5, -1.2, 0.3, 1.4, 0.2, -0.7, -0.4, 0.9, 1.1, 0.1, -0.2, 0.0;
  return p;
}();
const Vector start = Eigen::Vector3d(0.3, -0.5, 0.8);

ParametricField without_derivatives(ParametricField equation) {
  equation.by_state = {};
  equation.by_parameters = {};
  return equation;
}

Vector uniform(double first, double last, Index count) {
  return Vector::LinSpaced(count, first, last);
}

/// x(T) of an equation, to rounding almost.
Vector end_state(const ParametricField& equation, const Vector& x0, const Vector& p, double T) {
  const ode::Field field = [&](double t, In x, Out dxdt) { equation.field(t, x, p, dxdt); };
  const auto answer = ode::integrate(
      field, x0, uniform(0.0, T, 2),
      {.method = Method::adams, .relative_tolerance = 1e-12, .absolute_tolerance = 1e-13});
  BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
  return answer.states.col(1);
}

/// Central differences of value at v with step 1e-4: an error of 1e-8 of the third derivative, and
/// 1e-12/1e-4 of what the integration leaves.
template <typename Value>
Matrix differences(const Value& value, const Vector& v) {
  Matrix answer(value(v).size(), v.size());
  for (Index j = 0; j < v.size(); ++j) {
    const Vector step = 1e-4 * Vector::Unit(v.size(), j);
    answer.col(j) = (value(v + step) - value(v - step)) / 2e-4;
  }
  return answer;
}

/// G = ½ |x(T)|² + ∫ Σ x² p₀ + p₁ x₀ dt.
const Objective objective{
    .end = [](In x) { return 0.5 * x.squaredNorm(); },
    .end_gradient = [](In x, Out gradient) { gradient = x; },
    .running = [](double, In x, In p) { return p(0) * x.squaredNorm() + p(1) * x(0); },
    .running_gradient =
        [](double, In x, In p, Out by_state, Out by_parameters) {
          by_state = 2.0 * p(0) * x;
          by_state(0) += p(1);
          by_parameters(0) = x.squaredNorm();
          by_parameters(1) = x(0);
        }};

int number(Status status) { return static_cast<int>(status); }

}  // namespace

BOOST_AUTO_TEST_SUITE(closed_forms)

BOOST_AUTO_TEST_CASE(forward_sensitivities_of_a_spiral) {
  const Vector x0 = Eigen::Vector2d(1.0, -0.4), p = Eigen::Vector2d(0.3, 1.7);
  const Vector times = uniform(0.5, 4.5, 9);
  for (const auto method : {Method::adams, Method::bdf})
    for (const auto corrector : {Corrector::simultaneous, Corrector::staggered})
      for (const bool differences : {false, true}) {
        const auto equation = differences ? without_derivatives(spiral) : spiral;
        const auto answer = forward_sensitivities(equation, x0, p, times,
                                                  {.method = method,
                                                   .relative_tolerance = 1e-10,
                                                   .absolute_tolerance = 1e-11,
                                                   .corrector = corrector});
        BOOST_TEST_REQUIRE(answer.trajectory.report.ok(), answer.trajectory.report.message);
        BOOST_TEST_REQUIRE(answer.to_parameters.size() == 9u);
        BOOST_TEST_REQUIRE(answer.to_initial_state.size() == 9u);
        double error = 0.0;
        for (Index k = 0; k < 9; ++k) {
          const double t = times(k) - times(0);
          const Matrix flow = std::exp(-p(0) * t) * rotation(p(1) * t);
          const Vector x = flow * x0;
          Matrix to_parameters(2, 2);
          to_parameters << -t * x, t * (rotation(0.5 * M_PI) * x);
          const auto at = static_cast<std::size_t>(k);
          error = std::max({error, (answer.trajectory.states.col(k) - x).norm(),
                            (answer.to_parameters[at] - to_parameters).norm(),
                            (answer.to_initial_state[at] - flow).norm()});
        }
        BOOST_TEST_MESSAGE((method == Method::bdf ? "bdf" : "adams")
                           << (corrector == Corrector::staggered ? ", staggered" : "")
                           << (differences ? ", differences" : "") << ": error " << error << ", "
                           << answer.trajectory.report.iterations << " steps, "
                           << answer.trajectory.report.evaluations << " evaluations");
        BOOST_TEST(error < 1e-7);
      }
}

// Only what is asked for, and backwards: the flows there and back are inverse to each other.
BOOST_AUTO_TEST_CASE(one_kind_alone_and_backwards) {
  const Vector p = Eigen::Vector2d(0.3, 1.7), x0 = Eigen::Vector2d(1.0, -0.4);
  ForwardOptions options{.relative_tolerance = 1e-10, .absolute_tolerance = 1e-11};
  options.to_initial_state = false;
  const auto parameters = forward_sensitivities(spiral, x0, p, uniform(0.0, 2.0, 2), options);
  BOOST_TEST(parameters.to_initial_state.empty());
  BOOST_TEST(
      (parameters.to_parameters[1].col(0) + 2.0 * parameters.trajectory.states.col(1)).norm() <
      1e-8);
  options.to_initial_state = true;
  options.to_parameters = false;
  const auto there = forward_sensitivities(spiral, x0, p, uniform(0.0, 2.0, 2), options);
  BOOST_TEST(there.to_parameters.empty());
  const auto back = forward_sensitivities(spiral, there.trajectory.states.col(1), p,
                                          uniform(2.0, 0.0, 2), options);
  BOOST_TEST(
      (back.to_initial_state[1] * there.to_initial_state[1] - Matrix::Identity(2, 2)).norm() <
      1e-7);
}

// x' = −p₀ x + p₁ with x = q + (x₀ − q) E, q = p₁/p₀, E = exp(−p₀ T), and
// G = ½ x(T)² + p₁ I, I = ∫ x = q T + (x₀ − q)(1 − E)/p₀.
BOOST_AUTO_TEST_CASE(adjoint_gradient_of_a_leak) {
  const ParametricField leak{
      .field = [](double, In x, In p, Out dxdt) { dxdt(0) = -p(0) * x(0) + p(1); },
      .by_state = [](double, In, In p, OutMatrix J) { J(0, 0) = -p(0); },
      .by_parameters = [](double, In x, In, OutMatrix J) { J << -x(0), 1.0; }};
  const Objective charge{.end = [](In x) { return 0.5 * x(0) * x(0); },
                         .end_gradient = [](In x, Out gradient) { gradient = x; },
                         .running = [](double, In x, In p) { return p(1) * x(0); },
                         .running_gradient =
                             [](double, In x, In p, Out by_state, Out by_parameters) {
                               by_state(0) = p(1);
                               by_parameters(1) = x(0);
                             }};
  const double rate = 0.7, drive = 0.4, x0 = 2.0, T = 3.0;
  const double q = drive / rate, E = std::exp(-rate * T), x = q + (x0 - q) * E;
  const double integral = q * T + (x0 - q) * (1.0 - E) / rate;
  const double to_x0 = x * E + drive * (1.0 - E) / rate;
  const double to_rate = x * (-q / rate * (1.0 - E) - T * (x0 - q) * E) +
                         drive * (-q * T / rate + q / rate * (1.0 - E) / rate +
                                  (x0 - q) * (T * E / rate - (1.0 - E) / (rate * rate)));
  const double to_drive =
      x * (1.0 - E) / rate + integral + drive * (T / rate - (1.0 - E) / (rate * rate));
  for (const auto method : {Method::adams, Method::bdf}) {
    const auto answer = adjoint_gradient(
        leak, charge, Vector::Constant(1, x0), Eigen::Vector2d(rate, drive), 0.0, T,
        {.method = method, .relative_tolerance = 1e-10, .absolute_tolerance = 1e-11});
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    const Vector error{{answer.value - (0.5 * x * x + drive * integral), answer.end_state(0) - x,
                        answer.to_initial_state(0) - to_x0, answer.to_parameters(0) - to_rate,
                        answer.to_parameters(1) - to_drive}};
    BOOST_TEST_MESSAGE((method == Method::bdf ? "bdf" : "adams")
                       << ": errors " << error.transpose() << ", " << answer.report.iterations
                       << " steps");
    BOOST_TEST(error.cwiseAbs().maxCoeff() < 1e-7);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(networks)

// Forward sensitivities, adjoint gradient and central differences of three neurons.
BOOST_AUTO_TEST_CASE(three_ways_agree) {
  const auto equation = network(neurons);
  const double T = 6.0;
  const Matrix to_parameters =
      differences([&](const Vector& p) { return end_state(equation, start, p, T); }, weights);
  const Matrix to_initial_state =
      differences([&](const Vector& x0) { return end_state(equation, x0, weights, T); }, start);
  BOOST_TEST(to_parameters.norm() > 0.1);  // there is something to compare
  BOOST_TEST(to_initial_state.norm() > 0.01);
  for (const auto method : {Method::adams, Method::bdf}) {
    for (const auto corrector : {Corrector::simultaneous, Corrector::staggered})
      for (const bool without : {false, true}) {
        const auto forward = forward_sensitivities(
            without ? without_derivatives(equation) : equation, start, weights, uniform(0.0, T, 4),
            {.method = method,
             .relative_tolerance = 1e-10,
             .absolute_tolerance = 1e-11,
             .corrector = corrector});
        BOOST_TEST_REQUIRE(forward.trajectory.report.ok(), forward.trajectory.report.message);
        BOOST_TEST((forward.to_parameters[3] - to_parameters).cwiseAbs().maxCoeff() < 1e-7);
        BOOST_TEST((forward.to_initial_state[3] - to_initial_state).cwiseAbs().maxCoeff() < 1e-7);
      }
    Objective end = objective;
    end.running = {};
    end.running_gradient = {};
    const auto adjoint = adjoint_gradient(
        equation, end, start, weights, 0.0, T,
        {.method = method, .relative_tolerance = 1e-10, .absolute_tolerance = 1e-11});
    BOOST_TEST_REQUIRE(adjoint.report.ok(), adjoint.report.message);
    const double error =
        std::max((adjoint.to_parameters - to_parameters.transpose() * adjoint.end_state)
                     .cwiseAbs()
                     .maxCoeff(),
                 (adjoint.to_initial_state - to_initial_state.transpose() * adjoint.end_state)
                     .cwiseAbs()
                     .maxCoeff());
    BOOST_TEST_MESSAGE("adjoint, " << (method == Method::bdf ? "bdf" : "adams") << ": error "
                                   << error);
    BOOST_TEST(error < 1e-7);
  }
}

// With the running term, against differences of G itself; checkpoints change nothing but the work.
BOOST_AUTO_TEST_CASE(running_terms_and_checkpoints) {
  const auto equation = network(neurons);
  const double T = 6.0;
  AdjointOptions options{.relative_tolerance = 1e-10, .absolute_tolerance = 1e-11};
  const auto value = [&](const Vector& x0, const Vector& p) {
    const auto answer = adjoint_gradient(
        equation, objective, x0, p, 0.0, T,
        {.method = Method::adams, .relative_tolerance = 1e-12, .absolute_tolerance = 1e-13});
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    return Vector::Constant(1, answer.value);
  };
  const Matrix to_parameters =
      differences([&](const Vector& p) { return value(start, p); }, weights);
  const Matrix to_initial_state =
      differences([&](const Vector& x0) { return value(x0, weights); }, start);
  Index fewest = 0;
  for (const Index steps : {1000, 50, 7}) {
    options.checkpoint_steps = steps;
    const auto answer = adjoint_gradient(equation, objective, start, weights, 0.0, T, options);
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    const double error =
        std::max((answer.to_parameters - to_parameters.transpose()).cwiseAbs().maxCoeff(),
                 (answer.to_initial_state - to_initial_state.transpose()).cwiseAbs().maxCoeff());
    BOOST_TEST_MESSAGE(steps << " steps a checkpoint: error " << error << ", "
                             << answer.report.iterations << " steps, " << answer.report.evaluations
                             << " evaluations");
    BOOST_TEST(error < 1e-7);
    if (fewest == 0)
      fewest = answer.report.evaluations;
    else
      BOOST_TEST(answer.report.evaluations > fewest);  // pieces are integrated again
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(what_goes_wrong)

const Vector p2 = Eigen::Vector2d(0.3, 1.7), x2 = Eigen::Vector2d(1.0, -0.4);

/// The spiral with one function replaced by fail() beyond t = 1.
template <typename Fail>
ParametricField broken(int which, const Fail& fail) {
  ParametricField equation = spiral;
  if (which == 0)
    equation.field = [fail](double t, In x, In p, Out dxdt) {
      spiral.field(t, x, p, dxdt);
      if (t > 1.0) dxdt(0) = fail();
    };
  if (which == 1)
    equation.by_state = [fail](double t, In x, In p, OutMatrix J) {
      spiral.by_state(t, x, p, J);
      if (t > 1.0) J(0, 0) = fail();
    };
  if (which == 2)
    equation.by_parameters = [fail](double t, In x, In p, OutMatrix J) {
      spiral.by_parameters(t, x, p, J);
      if (t > 1.0) J(0, 0) = fail();
    };
  return equation;
}

BOOST_AUTO_TEST_CASE(a_nan_ends_it_at_once_with_a_sentence) {
  for (const int which : {0, 1, 2}) {
    const auto equation = broken(which, [] { return std::nan(""); });
    for (const auto method : {Method::adams, Method::bdf}) {
      const auto forward =
          forward_sensitivities(equation, x2, p2, uniform(0.0, 3.0, 7), {.method = method});
      const auto& report = forward.trajectory.report;
      BOOST_TEST(number(report.status) == number(Status::non_finite_state));
      BOOST_TEST(report.message.find("returned a NaN") != std::string::npos);
      BOOST_TEST(report.evaluations < 1000);
      BOOST_TEST(forward.to_parameters.size() ==
                 static_cast<std::size_t>(forward.trajectory.times.size()));
      const auto adjoint =
          adjoint_gradient(equation, objective, x2, p2, 0.0, 3.0, {.method = method});
      BOOST_TEST(number(adjoint.report.status) == number(Status::non_finite_state));
      BOOST_TEST(adjoint.report.message.find("t = ") != std::string::npos);
      BOOST_TEST(adjoint.report.evaluations < 3000);
      BOOST_TEST(std::isnan(adjoint.to_parameters(0)));
    }
  }
  for (const int which : {0, 1, 2, 3}) {
    Objective nan = objective;
    if (which == 0) nan.end = [](In) { return std::nan(""); };
    if (which == 1) nan.end_gradient = [](In, Out gradient) { gradient(0) = INFINITY; };
    if (which == 2) nan.running = [](double, In, In) { return std::nan(""); };
    if (which == 3)
      nan.running_gradient = [](double, In, In, Out, Out by_parameters) {
        by_parameters(0) = std::nan("");
      };
    const auto answer = adjoint_gradient(spiral, nan, x2, p2, 0.0, 3.0);
    BOOST_TEST(number(answer.report.status) == number(Status::non_finite_state));
    BOOST_TEST(answer.report.message.find("returned a NaN") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(exceptions_arrive_intact) {
  struct Mine : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  const auto fail = []() -> double { throw Mine("mine"); };
  for (const int which : {0, 1, 2}) {
    const auto equation = broken(which, fail);
    for (const auto method : {Method::adams, Method::bdf}) {
      BOOST_CHECK_THROW(
          forward_sensitivities(equation, x2, p2, uniform(0.0, 3.0, 2), {.method = method}), Mine);
      BOOST_CHECK_THROW(adjoint_gradient(equation, objective, x2, p2, 0.0, 3.0, {.method = method}),
                        Mine);
    }
  }
  for (const int which : {0, 1, 2, 3}) {
    Objective throws = objective;
    if (which == 0) throws.end = [fail](In) { return fail(); };
    if (which == 1) throws.end_gradient = [fail](In, Out) { fail(); };
    if (which == 2) throws.running = [fail](double, In, In) { return fail(); };
    if (which == 3) throws.running_gradient = [fail](double, In, In, Out, Out) { fail(); };
    BOOST_CHECK_THROW(adjoint_gradient(spiral, throws, x2, p2, 0.0, 3.0), Mine);
  }
}

// x' = −p √x, x(0) = 1: x = (1 − p t/2)² has no value below 0.
BOOST_AUTO_TEST_CASE(a_recoverable_error_asks_for_a_smaller_step) {
  Index thrown = 0;
  const ParametricField root{
      .field =
          [&thrown](double, In x, In p, Out dxdt) {
            if (x(0) < 0.0) {
              ++thrown;
              throw RecoverableError("x < 0");
            }
            dxdt(0) = -p(0) * std::sqrt(x(0));
          },
      .by_state = [](double, In x, In p,
                     OutMatrix J) { J(0, 0) = -0.5 * p(0) / std::sqrt(std::max(x(0), 1e-12)); },
      .by_parameters = [](double, In x, In,
                          OutMatrix J) { J(0, 0) = -std::sqrt(std::max(x(0), 0.0)); }};
  const double T = 1.9;
  const auto answer = forward_sensitivities(
      root, Vector::Ones(1), Vector::Ones(1), uniform(0.0, T, 2),
      {.relative_tolerance = 1e-4, .absolute_tolerance = 1e-4, .to_initial_state = false});
  BOOST_TEST(answer.trajectory.report.ok(), answer.trajectory.report.message);
  BOOST_TEST(std::abs(answer.trajectory.states(0, 1) - 0.0025) < 1e-2);
  BOOST_TEST_MESSAGE(thrown << " steps refused");
  const ParametricField never{.field = [](double, In, In, Out) { throw RecoverableError("never"); },
                              .by_state = spiral.by_state,
                              .by_parameters = spiral.by_parameters};
  BOOST_CHECK_THROW(forward_sensitivities(never, x2, p2, uniform(0.0, 1.0, 2)), RecoverableError);
  BOOST_CHECK_THROW(adjoint_gradient(never, objective, x2, p2, 0.0, 1.0), RecoverableError);
}

BOOST_AUTO_TEST_CASE(limits_are_reported) {
  const auto forward =
      forward_sensitivities(spiral, x2, p2, uniform(0.0, 100.0, 2), {.max_steps = 20});
  BOOST_TEST(number(forward.trajectory.report.status) == number(Status::step_limit));
  BOOST_TEST(forward.trajectory.report.message.find("max_steps") != std::string::npos);
  BOOST_TEST(forward.to_parameters.size() == 1u);  // the start
  const auto adjoint = adjoint_gradient(spiral, objective, x2, p2, 0.0, 100.0, {.max_steps = 20});
  BOOST_TEST(number(adjoint.report.status) == number(Status::step_limit));
  BOOST_TEST(adjoint.report.message.find("CVodeF") != std::string::npos);
  // Backwards alone: a running gradient that the way there never saw.
  Objective wild = objective;
  wild.running_gradient = [](double t, In, In, Out by_state, Out) {
    by_state(0) = std::sin(1e4 * t);
  };
  const auto back = adjoint_gradient(spiral, wild, x2, p2, 0.0, 10.0, {.max_steps = 2000});
  BOOST_TEST(number(back.report.status) == number(Status::step_limit));
  BOOST_TEST(back.report.message.find("CVodeB") != std::string::npos, back.report.message);
  BOOST_TEST(std::isfinite(back.value));
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Vector times = uniform(0.0, 1.0, 2);
  const auto forward = [&](const ParametricField& equation, const Vector& x0, const Vector& p,
                           const Vector& t, const ForwardOptions& options = {}) {
    BOOST_CHECK_THROW(forward_sensitivities(equation, x0, p, t, options), std::invalid_argument);
  };
  forward({}, x2, p2, times);
  forward(spiral, Vector(), p2, times);
  forward(spiral, Vector::Constant(2, NAN), p2, times);
  forward(spiral, x2, Vector::Constant(2, INFINITY), times);
  forward(spiral, x2, Vector(), times);
  forward(spiral, x2, p2, Vector::Zero(3));
  forward(spiral, x2, p2, times, {.relative_tolerance = 0.0});
  forward(spiral, x2, p2, times, {.absolute_tolerance = NAN});
  forward(spiral, x2, p2, times, {.max_steps = 0});
  forward(spiral, x2, p2, times, {.to_parameters = false, .to_initial_state = false});

  const auto adjoint = [&](const ParametricField& equation, const Objective& G, const Vector& x0,
                           const Vector& p, double first, double last,
                           const AdjointOptions& options = {}) {
    BOOST_CHECK_THROW(adjoint_gradient(equation, G, x0, p, first, last, options),
                      std::invalid_argument);
  };
  adjoint({}, objective, x2, p2, 0.0, 1.0);
  adjoint(without_derivatives(spiral), objective, x2, p2, 0.0, 1.0);
  adjoint(spiral, {}, x2, p2, 0.0, 1.0);
  for (const int which : {0, 1, 2, 3}) {
    Objective half = objective;
    if (which == 0) half.end = {};
    if (which == 1) half.end_gradient = {};
    if (which == 2) half.running = {};
    if (which == 3) half.running_gradient = {};
    adjoint(spiral, half, x2, p2, 0.0, 1.0);
  }
  adjoint(spiral, objective, Vector(), p2, 0.0, 1.0);
  adjoint(spiral, objective, x2, Vector::Constant(2, NAN), 0.0, 1.0);
  adjoint(spiral, objective, x2, p2, 1.0, 1.0);
  adjoint(spiral, objective, x2, p2, 1.0, 0.0);
  adjoint(spiral, objective, x2, p2, 0.0, INFINITY);
  adjoint(spiral, objective, x2, p2, 0.0, 1.0, {.relative_tolerance = -1.0});
  adjoint(spiral, objective, x2, p2, 0.0, 1.0, {.max_steps = 0});
  adjoint(spiral, objective, x2, p2, 0.0, 1.0, {.checkpoint_steps = 0});
}

BOOST_AUTO_TEST_SUITE_END()
