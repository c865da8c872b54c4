// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/integrate.hpp"

#include "lib/core/require.hpp"
#include "solvers/ode/cvodes_solver.hpp"
#include "solvers/ode/march.hpp"

namespace stillpoint::ode {

Trajectory integrate(const Field& field, const Vector& x0, const Vector& times,
                     const IntegrateOptions& options) {
  constexpr auto where = "ode::integrate";
  require(static_cast<bool>(field), where, "the field is empty, expected a function");
  require_valid(where, x0, times);
  require_valid(where, options.relative_tolerance, options.absolute_tolerance, options.max_steps,
                options.max_step);
  require_valid(where, options.newton, x0.size());
  require_valid(where, options.events);

  InitialValueProblem problem(field, options.newton, options.events);
  CvodesSolver solver(
      {options.method, options.relative_tolerance, options.absolute_tolerance, options.max_steps},
      problem, x0, times(0));
  void* const memory = solver.memory.get();
  if (options.max_step > 0.0)
    check_cvodes(CVodeSetMaxStep(memory, options.max_step), "CVodeSetMaxStep");
  const auto events = static_cast<int>(options.events.count);
  if (events > 0) check_cvodes(CVodeRootInit(memory, events, ode_evaluate_events), "CVodeRootInit");

  Trajectory answer =
      march(solver.state, times, options.events,
            {.advance = [&solver](double target, double& t) { return solver.advance(target, t); },
             .event_directions =
                 [memory](std::vector<int>& directions) {
                   check_cvodes(CVodeGetRootInfo(memory, directions.data()), "CVodeGetRootInfo");
                 },
             .failure = [&solver](double t) { return solver.report_failure(t); }});
  answer.report.iterations = solver.steps();
  answer.report.evaluations = problem.evaluations;
  return answer;
}

}  // namespace stillpoint::ode
