// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/cvodes_solver.hpp"

#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include "solvers/sundials/views.hpp"

namespace stillpoint::ode {

void check_cvodes(int flag, std::string_view call) {
  sun::check(flag, call, CVodeGetReturnFlagName);
}

CvodesSolver::CvodesSolver(const CvodesSettings& settings, InitialValueProblem& problem_,
                           const Vector& x0, double t0)
    : problem(problem_),
      state(x0),
      x(sun::make_view(state, context)),
      memory(sun::make_cvodes(settings.method == Method::bdf ? CV_BDF : CV_ADAMS, context)) {
  void* const cvodes = memory.get();
  check_cvodes(CVodeInit(cvodes, ode_evaluate_field, t0, x.get()), "CVodeInit");
  check_cvodes(CVodeSetUserData(cvodes, &problem), "CVodeSetUserData");
  check_cvodes(CVodeSStolerances(cvodes, settings.relative_tolerance, settings.absolute_tolerance),
               "CVodeSStolerances");
  check_cvodes(CVodeSetMaxNumSteps(cvodes, settings.max_steps), "CVodeSetMaxNumSteps");
  if (settings.method == Method::adams) {
    fixed_point.reset(
        sun::check_handle(SUNNonlinSol_FixedPoint(x.get(), 0, context), "SUNNonlinSol_FixedPoint"));
    check_cvodes(CVodeSetNonlinearSolver(cvodes, fixed_point.get()), "CVodeSetNonlinearSolver");
    return;
  }
  system = make_linear_system(problem, x.get(), context);
  check_cvodes(CVodeSetLinearSolver(cvodes, system.solver.get(), system.matrix.get()),
               "CVodeSetLinearSolver");
  if (problem.newton.jacobian)
    check_cvodes(CVodeSetJacFn(cvodes, ode_evaluate_dense_jacobian), "CVodeSetJacFn");
  if (problem.newton.sparse_jacobian.values)
    check_cvodes(CVodeSetJacFn(cvodes, ode_evaluate_sparse_jacobian), "CVodeSetJacFn");
  if (problem.newton.precondition)
    check_cvodes(CVodeSetPreconditioner(cvodes, nullptr, ode_precondition),
                 "CVodeSetPreconditioner");
}

Reached CvodesSolver::advance(double target, double& t) {
  flag = CVode(memory.get(), target, x.get(), &t, CV_NORMAL);
  if (flag < 0) return Reached::failure;
  return flag == CV_ROOT_RETURN ? Reached::event : Reached::time;
}

Report CvodesSolver::report_failure(double t) {
  return failure(problem.callback, flag, t, "CVode", CVodeGetReturnFlagName);
}

Index CvodesSolver::steps() const {
  long int steps = 0;
  check_cvodes(CVodeGetNumSteps(memory.get(), &steps), "CVodeGetNumSteps");
  return steps;
}

}  // namespace stillpoint::ode
