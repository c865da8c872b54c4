// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE integrate
#include "solvers/ode/integrate.hpp"

#include <Eigen/Eigenvalues>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/core/recoverable_error.hpp"

using namespace stillpoint;
using ode::integrate;
using ode::IntegrateOptions;
using ode::LinearSolver;
using ode::Method;
using In = Eigen::Ref<const Vector>;
using Out = Eigen::Ref<Vector>;

namespace {

const ode::Field oscillator = [](double, const In& x, Out dxdt) { dxdt << x(1), -x(0); };

Vector uniform(double first, double last, Index count) {
  return Vector::LinSpaced(count, first, last);
}

int status(const ode::Trajectory& trajectory) { return static_cast<int>(trajectory.report.status); }

}  // namespace

BOOST_AUTO_TEST_SUITE(closed_forms)

// x = cos t: the error follows the tolerance. Nothing damps it, so the errors of all steps add up,
// each a tolerance or a few.
BOOST_AUTO_TEST_CASE(harmonic_oscillator) {
  const Vector x0 = Vector::Unit(2, 0), times = uniform(0.0, 20.0 * M_PI, 41);
  for (const auto method : {Method::adams, Method::bdf})
    for (const double tolerance : {1e-5, 1e-8, 1e-11}) {
      const auto answer = integrate(
          oscillator, x0, times,
          {.method = method, .relative_tolerance = tolerance, .absolute_tolerance = tolerance});
      BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
      BOOST_TEST(answer.times.size() == 41);
      const double error =
          (answer.states.row(0).transpose() - Vector(times.array().cos())).cwiseAbs().maxCoeff();
      BOOST_TEST_MESSAGE((method == Method::bdf ? "bdf " : "adams ")
                         << tolerance << ": error " << error << ", " << answer.report.iterations
                         << " steps");
      BOOST_TEST(error < 20.0 * tolerance * static_cast<double>(answer.report.iterations));
      BOOST_TEST(error > 1e-3 * tolerance);  // and it is the tolerance that decides
    }
}

// dx/dt = A x + b by the eigenvectors of A, with and without a Jacobian, and backwards in time.
BOOST_AUTO_TEST_CASE(linear_system) {
  Matrix A(3, 3);
  A << -1.0, 0.8, 0.0, -0.5, -2.0, 0.3, 0.1, 0.4, -0.7;
  const Vector b = Vector::LinSpaced(3, 0.2, -0.4), x0 = Vector::Ones(3);
  const ode::Field field = [&](double, const In& x, Out dxdt) { dxdt = A * x + b; };
  const Eigen::EigenSolver<Matrix> modes(A);
  const Vector rest = A.partialPivLu().solve(-b);
  const auto exact = [&](double t) -> Vector {
    const Eigen::VectorXcd start =
        modes.eigenvectors().partialPivLu().solve((x0 - rest).cast<std::complex<double>>());
    return rest + (modes.eigenvectors() *
                   (start.array() * (modes.eigenvalues().array() * t).exp()).matrix())
                      .real();
  };
  const IntegrateOptions tight{.relative_tolerance = 1e-11, .absolute_tolerance = 1e-12};
  IntegrateOptions with_jacobian = tight;
  with_jacobian.newton.jacobian = [&](double, const In&, Eigen::Ref<Matrix> J) { J = A; };
  for (const auto& options : {tight, with_jacobian}) {
    const auto answer = integrate(field, x0, uniform(0.0, 5.0, 11), options);
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    for (Index k = 0; k < 11; ++k)
      BOOST_TEST((answer.states.col(k) - exact(answer.times(k))).norm() < 1e-9);
  }
  const auto back = integrate(field, exact(2.0), uniform(2.0, 0.0, 3), tight);
  BOOST_TEST((back.states.col(2) - x0).norm() < 1e-8);  // errors grow backwards, by e⁴ here
}

// Output between the steps: the steps do not notice how many times there are, and the states
// between them are as good as those at the ends.
BOOST_AUTO_TEST_CASE(dense_output) {
  const Vector x0 = Vector::Unit(2, 0);
  for (const auto method : {Method::adams, Method::bdf}) {
    const IntegrateOptions options{
        .method = method, .relative_tolerance = 1e-8, .absolute_tolerance = 1e-8};
    // The same second time, because the first step is chosen by it.
    const auto few = integrate(oscillator, x0, Eigen::Vector3d(0.0, 0.002, 10.0), options);
    const auto many = integrate(oscillator, x0, uniform(0.0, 10.0, 5001), options);
    BOOST_TEST_REQUIRE(many.report.ok(), many.report.message);
    BOOST_TEST(many.report.iterations == few.report.iterations);
    BOOST_TEST(many.report.iterations < 1000);  // several times a step
    BOOST_TEST((many.states.col(5000) - few.states.col(2)).norm() < 1e-14);
    const auto error = [](const ode::Trajectory& answer, Index k) {
      const double t = answer.times(k);
      return (answer.states.col(k) - Eigen::Vector2d(std::cos(t), -std::sin(t))).norm();
    };
    double worst = 0.0;
    for (Index k = 0; k <= 5000; ++k) worst = std::max(worst, error(many, k));
    BOOST_TEST_MESSAGE((method == Method::bdf ? "bdf " : "adams ")
                       << many.report.iterations << " steps, error at the end " << error(few, 2)
                       << ", largest in between " << worst);
    BOOST_TEST(worst < 2.0 * error(few, 2) + 1e-7);
  }
}

// Stiff: Robertson's kinetics at t = 40 and 4e5, published values (Hairer & Wanner, Solving
// Ordinary Differential Equations II, section IV.1; SUNDIALS' own example prints the same digits).
BOOST_AUTO_TEST_CASE(robertson) {
  const ode::Field field = [](double, const In& x, Out dxdt) {
    dxdt(0) = -0.04 * x(0) + 1e4 * x(1) * x(2);
    dxdt(2) = 3e7 * x(1) * x(1);
    dxdt(1) = -dxdt(0) - dxdt(2);
  };
  Vector times(3);
  times << 0.0, 40.0, 4e5;
  const auto answer = integrate(field, Vector::Unit(3, 0), times,
                                {.relative_tolerance = 1e-9, .absolute_tolerance = 1e-14});
  BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
  BOOST_TEST(std::abs(answer.states(0, 1) - 0.7158) < 5e-5);
  BOOST_TEST(std::abs(answer.states(1, 1) - 9.185e-6) < 5e-9);
  BOOST_TEST(std::abs(answer.states(0, 2) - 4.938e-3) < 5e-6);
  BOOST_TEST(std::abs(answer.states.col(2).sum() - 1.0) < 1e-8);
}

// Heat equation on a line: mode k of the differences decays with 4 (n+1)² sin²(kπ/2(n+1)).
BOOST_AUTO_TEST_CASE(linear_solvers_agree_on_diffusion) {
  const Index n = 200;
  const double scale = static_cast<double>((n + 1) * (n + 1));
  const ode::Field field = [&](double, const In& x, Out dxdt) {
    for (Index i = 0; i < n; ++i)
      dxdt(i) = scale * ((i > 0 ? x(i - 1) : 0.0) - 2.0 * x(i) + (i + 1 < n ? x(i + 1) : 0.0));
  };
  Vector x0(n);
  for (Index i = 0; i < n; ++i)
    x0(i) = std::sin(M_PI * static_cast<double>(i + 1) / static_cast<double>(n + 1));
  const double rate = 4.0 * scale * std::pow(std::sin(0.5 * M_PI / static_cast<double>(n + 1)), 2);
  const double T = 0.1;
  for (const auto solver : {LinearSolver::dense, LinearSolver::banded, LinearSolver::krylov}) {
    IntegrateOptions options{.relative_tolerance = 1e-8, .newton = {.linear_solver = solver}};
    if (solver == LinearSolver::banded)
      options.newton.lower_bandwidth = options.newton.upper_bandwidth = 1;
    const auto answer = integrate(field, x0, uniform(0.0, T, 2), options);
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    BOOST_TEST((answer.states.col(1) - std::exp(-rate * T) * x0).cwiseAbs().maxCoeff() < 1e-6);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(events)

// cos t = 0 at π/2, 3π/2, …, sin t = 0 at π, 2π, …: times to the tolerance, directions right.
BOOST_AUTO_TEST_CASE(crossings_of_the_oscillator) {
  IntegrateOptions options{.relative_tolerance = 1e-10, .absolute_tolerance = 1e-11};
  options.events = {.count = 2, .values = [](double, const In& x, Out g) { g = x; }};
  const auto answer = integrate(oscillator, Vector::Unit(2, 0), uniform(0.0, 9.0, 4), options);
  // x = cos t, x' = −sin t; the start itself, where x' = 0, is no event.
  BOOST_TEST_REQUIRE(answer.events.size() == 5u);
  for (std::size_t k = 0; k < answer.events.size(); ++k) {
    const auto& event = answer.events[k];
    BOOST_TEST(std::abs(event.time - 0.5 * M_PI * static_cast<double>(k + 1)) < 1e-8);
    BOOST_TEST(event.which == static_cast<Index>(k % 2));
    BOOST_TEST(std::abs(event.state(event.which)) < 1e-8);
  }
  BOOST_TEST(!answer.events[0].increasing);  // cos falls through 0 at π/2
  BOOST_TEST(answer.events[1].increasing);   // −sin rises through 0 at π
  BOOST_TEST(answer.times.size() == 4);
}

BOOST_AUTO_TEST_CASE(a_terminal_event_ends_the_run) {
  IntegrateOptions options;
  options.events = {
      .count = 1, .values = [](double, const In& x, Out g) { g(0) = x(0); }, .terminal = true};
  const auto answer = integrate(oscillator, Vector::Unit(2, 0), uniform(0.0, 9.0, 10), options);
  BOOST_TEST(answer.report.ok());
  BOOST_TEST(answer.events.size() == 1u);
  BOOST_TEST(answer.times.size() == 2);  // 0 and 1; the event is at 1.57
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(what_goes_wrong)

BOOST_AUTO_TEST_CASE(a_nan_ends_it_at_once_with_a_sentence) {
  const ode::Field field = [](double t, const In& x, Out dxdt) {
    dxdt(0) = t > 1.0 ? std::nan("") : -x(0);
  };
  for (const auto method : {Method::adams, Method::bdf}) {
    const auto answer = integrate(field, Vector::Ones(1), uniform(0.0, 3.0, 7), {.method = method});
    BOOST_TEST(status(answer) == static_cast<int>(Status::non_finite_state));
    BOOST_TEST(answer.report.message.find("t = ") != std::string::npos);
    BOOST_TEST(answer.report.evaluations < 500);
    BOOST_TEST(answer.times.size() >= 2);  // what was reached before is kept
    BOOST_TEST(std::abs(answer.states(0, 1) - std::exp(-0.5)) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(exceptions_arrive_intact) {
  struct Mine : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  const ode::Field field = [](double t, const In& x, Out dxdt) {
    if (t > 0.5) throw Mine("mine");
    dxdt = -x;
  };
  for (const auto method : {Method::adams, Method::bdf})
    BOOST_CHECK_THROW(integrate(field, Vector::Ones(1), uniform(0.0, 1.0, 2), {.method = method}),
                      Mine);
}

// x' = −√x may be tried beyond the end of its domain: a smaller step helps, and the answer is
// right.
BOOST_AUTO_TEST_CASE(a_recoverable_error_is_recovered_from) {
  Index thrown = 0;
  const ode::Field field = [&](double t, const In& x, Out dxdt) {
    // Refuses steps across t = 1 that are longer than 0.05.
    static double last = 0.0;
    if (t - last > 0.05 && t > 1.0 && last < 1.0) {
      ++thrown;
      throw RecoverableError("too far");
    }
    if (t <= 1.0 || t - last <= 0.05) last = t;
    dxdt = -x;
  };
  const auto answer = integrate(field, Vector::Ones(1), uniform(0.0, 2.0, 2),
                                {.relative_tolerance = 1e-4, .absolute_tolerance = 1e-6});
  BOOST_TEST(answer.report.ok(), answer.report.message);
  BOOST_TEST(thrown > 0);
  BOOST_TEST(std::abs(answer.states(0, 1) - std::exp(-2.0)) < 1e-3);
  const ode::Field never = [](double, const In&, Out) { throw RecoverableError("never"); };
  BOOST_CHECK_THROW(integrate(never, Vector::Ones(1), uniform(0.0, 1.0, 2)), RecoverableError);
}

BOOST_AUTO_TEST_CASE(limits_are_reported) {
  const auto answer =
      integrate(oscillator, Vector::Unit(2, 0), uniform(0.0, 1e4, 2), {.max_steps = 20});
  BOOST_TEST(status(answer) == static_cast<int>(Status::step_limit));
  BOOST_TEST(answer.report.message.find("max_steps") != std::string::npos);
  BOOST_TEST(answer.times.size() == 1);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Vector x0 = Vector::Ones(2), times = uniform(0.0, 1.0, 2);
  const auto rejected = [&](const ode::Field& field, const Vector& x, const Vector& t,
                            const IntegrateOptions& options = {}) {
    BOOST_CHECK_THROW(integrate(field, x, t, options), std::invalid_argument);
  };
  rejected({}, x0, times);
  rejected(oscillator, Vector(), times);
  rejected(oscillator, Vector::Constant(2, NAN), times);
  rejected(oscillator, x0, Vector::Zero(1));
  rejected(oscillator, x0, Vector::Zero(3));
  rejected(oscillator, x0, times, {.relative_tolerance = 0.0});
  rejected(oscillator, x0, times, {.absolute_tolerance = -1.0});
  rejected(oscillator, x0, times, {.absolute_tolerance = INFINITY});
  rejected(oscillator, x0, times, {.max_steps = 0});
  rejected(oscillator, x0, times, {.max_step = -1.0});
  rejected(oscillator, x0, times,
           {.newton = {.linear_solver = LinearSolver::banded, .lower_bandwidth = 2}});
  IntegrateOptions options;
  options.events.count = 1;
  rejected(oscillator, x0, times, options);
}

BOOST_AUTO_TEST_SUITE_END()
