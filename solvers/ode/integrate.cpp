// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/integrate.hpp"

#include <sunlinsol/sunlinsol_band.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_spgmr.h>
#include <sunmatrix/sunmatrix_band.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include <cmath>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/sundials/callback.hpp"
#include "solvers/sundials/cvodes.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::ode {
namespace {

constexpr auto where = "ode::integrate";

struct Problem {
  const Field& field;
  const IntegrateOptions& options;
  sun::Callback callback;
  Index evaluations = 0;
};

extern "C" int evaluate_field(double t, N_Vector x, N_Vector dxdt, void* user_data) noexcept {
  auto& problem = *static_cast<Problem*>(user_data);
  return problem.callback([&problem, t, x, dxdt] {
    ++problem.evaluations;
    problem.field(t, sun::view(x), sun::view(dxdt));
    sun::require_finite(sun::view(dxdt), "the field");
  });
}

extern "C" int evaluate_jacobian(double t, N_Vector x, N_Vector, SUNMatrix J, void* user_data,
                                 N_Vector, N_Vector, N_Vector) noexcept {
  auto& problem = *static_cast<Problem*>(user_data);
  return problem.callback([&problem, t, x, J] {
    auto matrix = sun::view(J);
    matrix.setZero();
    problem.options.jacobian(t, sun::view(x), matrix);
    sun::require_finite(matrix, "the Jacobian");
  });
}

extern "C" int evaluate_events(double t, N_Vector x, double* g, void* user_data) noexcept {
  auto& problem = *static_cast<Problem*>(user_data);
  return problem.callback([&problem, t, x, g] {
    Eigen::Map<Vector> values(g, problem.options.events.count);
    problem.options.events.values(t, sun::view(x), values);
    sun::require_finite(values, "the event function");
  });
}

void check(int flag, std::string_view call) { sun::check(flag, call, CVodeGetReturnFlagName); }

void require_valid(const Field& field, const Vector& x0, const Vector& times,
                   const IntegrateOptions& options) {
  require(static_cast<bool>(field), where, "the field is empty, expected a function");
  require(x0.size() > 0 && x0.allFinite(), where,
          "x0 is empty or not finite, expected n > 0 finite numbers");
  bool ascending = times.size() >= 2 && times.allFinite(), descending = ascending;
  for (Index k = 1; k < times.size(); ++k) {
    ascending = ascending && times(k - 1) < times(k);
    descending = descending && times(k - 1) > times(k);
  }
  require(ascending || descending, where,
          "expected at least two finite times, strictly ascending or descending");
  require(options.relative_tolerance > 0.0 && options.absolute_tolerance > 0.0, where,
          "tolerances ", options.relative_tolerance, " and ", options.absolute_tolerance,
          ", expected > 0");
  require(options.max_steps > 0, where, "max_steps = ", options.max_steps, ", expected > 0");
  require(options.max_step >= 0.0, where, "max_step = ", options.max_step, ", expected >= 0");
  const Index n = x0.size();
  require(options.lower_bandwidth >= 0 && options.lower_bandwidth < n &&
              options.upper_bandwidth >= 0 && options.upper_bandwidth < n,
          where, "bandwidths ", options.lower_bandwidth, " and ", options.upper_bandwidth,
          ", expected 0 to ", n - 1);
  require(!options.jacobian || options.linear_solver == LinearSolver::dense, where,
          "a Jacobian is given, expected linear_solver = dense");
  require(options.events.count == 0 || options.events.values, where, options.events.count,
          " events without a function");
}

/// Status and sentence for a return of CVode that is not success.
Report failure(int flag, double t) {
  std::ostringstream text;
  text << "CVode: " << sun::flag_text(flag, CVodeGetReturnFlagName) << " at t = " << t << ": ";
  switch (flag) {
    case CV_TOO_MUCH_WORK:
      text << "max_steps steps do not reach the next time; the equation may be stiff (try bdf), or "
              "take a larger tolerance or max_steps";
      return Report::failure(Status::step_limit, text.str());
    case CV_TOO_MUCH_ACC:
      text << "the tolerance is below what rounding allows";
      break;
    case CV_ERR_FAILURE:
      text << "error tests fail even with the smallest step; the field may be discontinuous";
      break;
    case CV_CONV_FAILURE:
      text << "the implicit equations do not converge even with the smallest step; try bdf with a "
              "Jacobian";
      break;
    default:
      text << "the solver gave up";
  }
  return Report::failure(Status::no_convergence, text.str());
}

}  // namespace

Trajectory integrate(const Field& field, const Vector& x0, const Vector& times,
                     const IntegrateOptions& options) {
  require_valid(field, x0, times, options);
  const Index n = x0.size();
  Vector state = x0;
  Problem problem{field, options, {}};

  const sun::Context context;
  const sun::VectorHandle x = sun::make_view(state, context);
  const sun::CvodesMemory cvodes =
      sun::make_cvodes(options.method == Method::bdf ? CV_BDF : CV_ADAMS, context);
  void* const memory = cvodes.get();
  sun::MatrixHandle matrix;
  sun::LinearSolverHandle linear_solver;
  sun::NonlinearSolverHandle nonlinear_solver;

  check(CVodeInit(memory, evaluate_field, times(0), x.get()), "CVodeInit");
  check(CVodeSetUserData(memory, &problem), "CVodeSetUserData");
  check(CVodeSStolerances(memory, options.relative_tolerance, options.absolute_tolerance),
        "CVodeSStolerances");
  check(CVodeSetMaxNumSteps(memory, options.max_steps), "CVodeSetMaxNumSteps");
  if (options.max_step > 0.0) check(CVodeSetMaxStep(memory, options.max_step), "CVodeSetMaxStep");
  if (options.method == Method::adams) {
    nonlinear_solver.reset(
        sun::check_handle(SUNNonlinSol_FixedPoint(x.get(), 0, context), "SUNNonlinSol_FixedPoint"));
    check(CVodeSetNonlinearSolver(memory, nonlinear_solver.get()), "CVodeSetNonlinearSolver");
  } else {
    switch (options.linear_solver) {
      case LinearSolver::dense:
        matrix.reset(sun::check_handle(SUNDenseMatrix(n, n, context), "SUNDenseMatrix"));
        linear_solver.reset(
            sun::check_handle(SUNLinSol_Dense(x.get(), matrix.get(), context), "SUNLinSol_Dense"));
        break;
      case LinearSolver::banded:
        matrix.reset(sun::check_handle(
            SUNBandMatrix(n, options.upper_bandwidth, options.lower_bandwidth, context),
            "SUNBandMatrix"));
        linear_solver.reset(
            sun::check_handle(SUNLinSol_Band(x.get(), matrix.get(), context), "SUNLinSol_Band"));
        break;
      case LinearSolver::krylov:
        linear_solver.reset(sun::check_handle(SUNLinSol_SPGMR(x.get(), SUN_PREC_NONE, 0, context),
                                              "SUNLinSol_SPGMR"));
        break;
    }
    check(CVodeSetLinearSolver(memory, linear_solver.get(), matrix.get()), "CVodeSetLinearSolver");
    if (options.jacobian) check(CVodeSetJacFn(memory, evaluate_jacobian), "CVodeSetJacFn");
  }
  const auto events = static_cast<int>(options.events.count);
  if (events > 0) check(CVodeRootInit(memory, events, evaluate_events), "CVodeRootInit");

  Trajectory answer{.states = Matrix(n, times.size())};
  answer.states.col(0) = x0;
  Index reached = 1;
  double t = times(0);
  bool ended = false;
  for (; reached < times.size() && !ended; ++reached) {
    int flag = CV_ROOT_RETURN;
    while (flag == CV_ROOT_RETURN) {
      flag = CVode(memory, times(reached), x.get(), &t, CV_NORMAL);
      if (flag != CV_ROOT_RETURN) break;
      std::vector<int> found(static_cast<std::size_t>(events));
      check(CVodeGetRootInfo(memory, found.data()), "CVodeGetRootInfo");
      for (int which = 0; which < events; ++which)
        if (found[static_cast<std::size_t>(which)] != 0)
          answer.events.push_back({t, which, found[static_cast<std::size_t>(which)] > 0, state});
      ended = options.events.terminal;
      if (ended) break;
    }
    if (ended) break;
    if (flag < 0) {
      try {
        problem.callback.rethrow();
        answer.report = failure(flag, t);
      } catch (const sun::NonFiniteValue& error) {
        std::ostringstream text;
        text << error.what() << " soon after t = " << t;
        answer.report = Report::failure(Status::non_finite_state, text.str());
      }
      break;
    }
    answer.states.col(reached) = state;
  }
  answer.times = times.head(reached);
  answer.states.conservativeResize(n, reached);
  long int steps = 0;
  check(CVodeGetNumSteps(memory, &steps), "CVodeGetNumSteps");
  answer.report.iterations = steps;
  answer.report.evaluations = problem.evaluations;
  return answer;
}

}  // namespace stillpoint::ode
