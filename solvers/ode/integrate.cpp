// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/integrate.hpp"

#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include "lib/core/require.hpp"
#include "solvers/ode/initial_value.hpp"
#include "solvers/ode/march.hpp"
#include "solvers/sundials/cvodes.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::ode {
namespace {

constexpr auto where = "ode::integrate";

void check(int flag, std::string_view call) { sun::check(flag, call, CVodeGetReturnFlagName); }

}  // namespace

Trajectory integrate(const Field& field, const Vector& x0, const Vector& times,
                     const IntegrateOptions& options) {
  require(static_cast<bool>(field), where, "the field is empty, expected a function");
  require_valid(where, x0, times);
  require_valid(where, options.relative_tolerance, options.absolute_tolerance, options.max_steps,
                options.max_step);
  require_valid(where, options.newton, x0.size());
  require_valid(where, options.events);
  Vector state = x0;
  InitialValueProblem problem(field, options.newton, options.events);

  const sun::Context context;
  const sun::VectorHandle x = sun::make_view(state, context);
  const sun::CvodesMemory cvodes =
      sun::make_cvodes(options.method == Method::bdf ? CV_BDF : CV_ADAMS, context);
  void* const memory = cvodes.get();
  LinearSystem system;
  sun::NonlinearSolverHandle fixed_point;

  check(CVodeInit(memory, ode_evaluate_field, times(0), x.get()), "CVodeInit");
  check(CVodeSetUserData(memory, &problem), "CVodeSetUserData");
  check(CVodeSStolerances(memory, options.relative_tolerance, options.absolute_tolerance),
        "CVodeSStolerances");
  check(CVodeSetMaxNumSteps(memory, options.max_steps), "CVodeSetMaxNumSteps");
  if (options.max_step > 0.0) check(CVodeSetMaxStep(memory, options.max_step), "CVodeSetMaxStep");
  if (options.method == Method::adams) {
    fixed_point.reset(
        sun::check_handle(SUNNonlinSol_FixedPoint(x.get(), 0, context), "SUNNonlinSol_FixedPoint"));
    check(CVodeSetNonlinearSolver(memory, fixed_point.get()), "CVodeSetNonlinearSolver");
  } else {
    system = make_linear_system(problem, x.get(), context);
    check(CVodeSetLinearSolver(memory, system.solver.get(), system.matrix.get()),
          "CVodeSetLinearSolver");
    if (options.newton.jacobian)
      check(CVodeSetJacFn(memory, ode_evaluate_dense_jacobian), "CVodeSetJacFn");
    if (options.newton.sparse_jacobian.values)
      check(CVodeSetJacFn(memory, ode_evaluate_sparse_jacobian), "CVodeSetJacFn");
    if (options.newton.precondition)
      check(CVodeSetPreconditioner(memory, nullptr, ode_precondition), "CVodeSetPreconditioner");
  }
  const auto events = static_cast<int>(options.events.count);
  if (events > 0) check(CVodeRootInit(memory, events, ode_evaluate_events), "CVodeRootInit");

  int flag = 0;
  const Integrator integrator{
      .advance =
          [&](double target, double& t) {
            flag = CVode(memory, target, x.get(), &t, CV_NORMAL);
            return flag < 0                 ? Reached::failure
                   : flag == CV_ROOT_RETURN ? Reached::event
                                            : Reached::time;
          },
      .event_directions =
          [&](std::vector<int>& directions) {
            check(CVodeGetRootInfo(memory, directions.data()), "CVodeGetRootInfo");
          },
      .failure =
          [&](double t) {
            return failure(problem.callback, flag, t, "CVode", CVodeGetReturnFlagName);
          }};
  Trajectory answer = march(state, times, options.events, integrator);
  long int steps = 0;
  check(CVodeGetNumSteps(memory, &steps), "CVodeGetNumSteps");
  answer.report.iterations = steps;
  answer.report.evaluations = problem.evaluations;
  return answer;
}

}  // namespace stillpoint::ode
