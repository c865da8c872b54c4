// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE runge_kutta_failures
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

#include "lib/core/recoverable_error.hpp"
#include "solvers/ode/runge_kutta.hpp"
#include "tests/solvers/ode/soliton.hpp"

using namespace stillpoint;
using ode::ExplicitTable;
using ode::ImexTable;
using ode::ImplicitTable;
using ode::integrate_runge_kutta;
using ode::RungeKuttaOptions;
using tests::soliton;
using tests::soliton_at;
using In = Eigen::Ref<const Vector>;
using Out = Eigen::Ref<Vector>;

namespace {

int status(const ode::Trajectory& trajectory) { return static_cast<int>(trajectory.report.status); }

Vector uniform(double first, double last, Index count) {
  return Vector::LinSpaced(count, first, last);
}

/// Runs a field through an explicit, an implicit and both places of an additive method.
template <typename Check>
void with_every_kind(const ode::Field& field, const Vector& x0, const Vector& times,
                     const RungeKuttaOptions& options, const Check& check) {
  const ode::Field nothing = [](double, const In&, Out dxdt) { dxdt.setZero(); };
  check([&] {
    return integrate_runge_kutta(ExplicitTable::dormand_prince_5_4, field, x0, times, options);
  });
  check(
      [&] { return integrate_runge_kutta(ImplicitTable::kvaerno_4_3, field, x0, times, options); });
  check([&] {
    return integrate_runge_kutta(ImexTable::ark_4_3, field, nothing, x0, times, options);
  });
  check([&] {
    return integrate_runge_kutta(ImexTable::ark_4_3, nothing, field, x0, times, options);
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_nan_ends_it_at_once_with_a_sentence) {
  const ode::Field field = [](double t, const In& x, Out dxdt) {
    dxdt(0) = t > 1.0 ? std::nan("") : -x(0);
  };
  for (const double fixed_step : {0.0, 0.01})
    with_every_kind(field, Vector::Ones(1), uniform(0.0, 3.0, 7), {.fixed_step = fixed_step},
                    [](const auto& run) {
                      const ode::Trajectory answer = run();
                      BOOST_TEST(status(answer) == static_cast<int>(Status::non_finite_state));
                      BOOST_TEST(answer.report.message.find("the field returned a NaN") == 0u);
                      BOOST_TEST(answer.report.message.find("t = ") != std::string::npos);
                      BOOST_TEST(answer.report.evaluations < 3000);
                      BOOST_TEST(answer.times.size() == 3);  // 0, 0.5, 1: what was reached is kept
                      BOOST_TEST(std::abs(answer.states(0, 2) - std::exp(-1.0)) < 1e-6);
                    });
}

BOOST_AUTO_TEST_CASE(exceptions_arrive_intact) {
  struct Mine : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  const ode::Field field = [](double t, const In& x, Out dxdt) {
    if (t > 0.5) throw Mine("mine");
    dxdt = -x;
  };
  with_every_kind(field, Vector::Ones(1), uniform(0.0, 1.0, 2), {}, [](const auto& run) {
    BOOST_CHECK_EXCEPTION(run(), Mine,
                          [](const Mine& mine) { return std::string(mine.what()) == "mine"; });
  });
}

// x' = −√x reaches 0 at t = 2 and has no value below: x = (1 − t/2)². Steps that try x < 0 are
// refused and tried again shorter.
BOOST_AUTO_TEST_CASE(a_recoverable_error_asks_for_a_smaller_step) {
  Index thrown = 0;
  const ode::Field field = [&thrown](double, const In& x, Out dxdt) {
    if (x(0) < 0.0) {
      ++thrown;
      throw RecoverableError("x < 0");
    }
    dxdt(0) = -std::sqrt(x(0));
  };
  with_every_kind(field, Vector::Ones(1), uniform(0.0, 1.9, 2),
                  {.relative_tolerance = 1e-3, .absolute_tolerance = 1e-3}, [](const auto& run) {
                    const ode::Trajectory answer = run();
                    BOOST_TEST(answer.report.ok(), answer.report.message);
                    BOOST_TEST(std::abs(answer.states(0, 1) - 0.0025) < 1e-2);
                  });
  BOOST_TEST_MESSAGE(thrown << " steps refused");
  BOOST_TEST(thrown > 0);

  const ode::Field never = [](double, const In&, Out) { throw RecoverableError("never"); };
  const ode::Field later = [](double t, const In& x, Out dxdt) {
    if (t > 0.3) throw RecoverableError("later");
    dxdt = -x;
  };
  for (const double fixed_step : {0.0, 0.125}) {
    const RungeKuttaOptions options{.fixed_step = fixed_step};
    with_every_kind(never, Vector::Ones(1), uniform(0.0, 1.0, 2), options,
                    [](const auto& run) { BOOST_CHECK_THROW(run(), RecoverableError); });
    // Implicit stages creep up to t = 0.3 with ever shorter steps, the last of which succeed.
    with_every_kind(later, Vector::Ones(1), uniform(0.0, 1.0, 2), options, [](const auto& run) {
      try {
        const ode::Trajectory answer = run();
        BOOST_TEST(status(answer) == static_cast<int>(Status::no_convergence));
        BOOST_TEST(answer.report.message.find("RecoverableError") != std::string::npos);
        BOOST_TEST(answer.report.evaluations < 10000);
      } catch (const RecoverableError& error) {
        BOOST_TEST(error.what() == std::string("later"));
      }
    });
  }
}

BOOST_AUTO_TEST_CASE(limits_are_reported) {
  for (const double fixed_step : {0.0, 0.01})
    with_every_kind(soliton, soliton_at(0.0), uniform(0.0, 50.0, 2),
                    {.max_steps = 20, .fixed_step = fixed_step}, [](const auto& run) {
                      const ode::Trajectory answer = run();
                      BOOST_TEST(status(answer) == static_cast<int>(Status::step_limit));
                      BOOST_TEST(answer.report.message.find("max_steps") != std::string::npos);
                      BOOST_TEST(answer.times.size() == 1);
                      BOOST_TEST(answer.report.iterations <= 20);
                    });
}

// A jump that no Newton iteration can cross with a fixed step.
BOOST_AUTO_TEST_CASE(newton_that_fails_is_reported) {
  const ode::Field field = [](double, const In& x, Out dxdt) {
    dxdt(0) = -1e6 * std::copysign(std::sqrt(std::abs(x(0) - 0.5)), x(0) - 0.5) - 1.0;
  };
  const auto answer = integrate_runge_kutta(ImplicitTable::sdirk_2_1, field, Vector::Ones(1),
                                            uniform(0.0, 1.0, 2), {.fixed_step = 0.5});
  BOOST_TEST(status(answer) == static_cast<int>(Status::no_convergence));
  BOOST_TEST(answer.report.message.find("converge") != std::string::npos, answer.report.message);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const Vector x0 = Vector::Ones(2), times = uniform(0.0, 1.0, 2);
  const auto rejected = [&](const ode::Field& field, const Vector& x, const Vector& t,
                            const RungeKuttaOptions& options = {}) {
    with_every_kind(field, x, t, options,
                    [](const auto& run) { BOOST_CHECK_THROW(run(), std::invalid_argument); });
  };
  rejected({}, x0, times);
  rejected(soliton, Vector(), times);
  rejected(soliton, Vector::Constant(2, NAN), times);
  rejected(soliton, x0, Vector::Zero(1));
  rejected(soliton, x0, Vector::Zero(3));
  rejected(soliton, x0, Vector::LinSpaced(3, 0.0, INFINITY));
  rejected(soliton, x0, times, {.relative_tolerance = 0.0});
  rejected(soliton, x0, times, {.absolute_tolerance = -1.0});
  rejected(soliton, x0, times, {.max_steps = 0});
  rejected(soliton, x0, times, {.max_step = -1.0});
  rejected(soliton, x0, times, {.fixed_step = -0.1});
  rejected(soliton, x0, times, {.fixed_step = NAN});
  rejected(soliton, x0, times, {.fixed_step = INFINITY});
  rejected(soliton, x0, times, {.max_step = 0.1, .fixed_step = 0.1});
  rejected(soliton, x0, times, {.events = {.count = 1}});
  rejected(soliton, x0, times, {.events = {.count = -1}});
  rejected(soliton, x0, times, {.newton = {.lower_bandwidth = 2}});
  rejected(soliton, x0, times, {.newton = {.linear_solver = ode::LinearSolver::sparse}});
  BOOST_CHECK_THROW(integrate_runge_kutta(ExplicitTable::verner_6_5, soliton, x0, times,
                                          {.newton = {.linear_solver = ode::LinearSolver::krylov}}),
                    std::invalid_argument);
}
