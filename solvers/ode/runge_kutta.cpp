// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/runge_kutta.hpp"

#include <cmath>

#include "lib/core/require.hpp"
#include "solvers/ode/initial_value.hpp"
#include "solvers/ode/march.hpp"
#include "solvers/sundials/arkode.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::ode {
namespace {

namespace arkode = sun::arkode;

constexpr auto where = "ode::integrate_runge_kutta";
constexpr int max_recoveries = 10;   // in a row: steps that a RecoverableError made shorter
constexpr int max_standstills = 10;  // in a row: steps too short to change the time

void check(int flag, std::string_view call) { sun::check(flag, call, arkode::flag_name); }

ARKODE_ERKTableID table_id(ExplicitTable table) {
  switch (table) {
    case ExplicitTable::heun_euler_2_1:
      return ARKODE_HEUN_EULER_2_1_2;
    case ExplicitTable::bogacki_shampine_3_2:
      return ARKODE_BOGACKI_SHAMPINE_4_2_3;
    case ExplicitTable::zonneveld_4_3:
      return ARKODE_ZONNEVELD_5_3_4;
    case ExplicitTable::cash_karp_5_4:
      return ARKODE_CASH_KARP_6_4_5;
    case ExplicitTable::fehlberg_5_4:
      return ARKODE_FEHLBERG_6_4_5;
    case ExplicitTable::dormand_prince_5_4:
      return ARKODE_DORMAND_PRINCE_7_4_5;
    case ExplicitTable::verner_6_5:
      return ARKODE_VERNER_8_5_6;
    case ExplicitTable::fehlberg_8_7:
      return ARKODE_FEHLBERG_13_7_8;
  }
  return ARKODE_ERK_NONE;
}

ARKODE_DIRKTableID table_id(ImplicitTable table) {
  switch (table) {
    case ImplicitTable::sdirk_2_1:
      return ARKODE_SDIRK_2_1_2;
    case ImplicitTable::kvaerno_3_2:
      return ARKODE_KVAERNO_4_2_3;
    case ImplicitTable::esdirk_3_2:
      return ARKODE_ESDIRK324L2SA_4_2_3;
    case ImplicitTable::sdirk_4_3:
      return ARKODE_SDIRK_5_3_4;
    case ImplicitTable::kvaerno_4_3:
      return ARKODE_KVAERNO_5_3_4;
    case ImplicitTable::esdirk_4_3:
      return ARKODE_ESDIRK436L2SA_6_3_4;
    case ImplicitTable::kvaerno_5_4:
      return ARKODE_KVAERNO_7_4_5;
    case ImplicitTable::esdirk_5_4:
      return ARKODE_ESDIRK547L2SA_7_4_5;
  }
  return ARKODE_DIRK_NONE;
}

/// A method: which functions it evaluates, and its tables.
struct Method {
  ARKRhsFn explicit_field = nullptr;
  ARKODE_ERKTableID explicit_table = ARKODE_ERK_NONE;
  ARKRhsFn implicit_field = nullptr;
  ARKODE_DIRKTableID implicit_table = ARKODE_DIRK_NONE;
};

Method method_of(ImexTable table) {
  Method method{.explicit_field = ode_evaluate_field,
                .implicit_field = ode_evaluate_implicit_field};
  switch (table) {
    case ImexTable::ark_3_2:
      method.explicit_table = ARKODE_ARK324L2SA_ERK_4_2_3;
      method.implicit_table = ARKODE_ARK324L2SA_DIRK_4_2_3;
      break;
    case ImexTable::ark_4_3:
      method.explicit_table = ARKODE_ARK436L2SA_ERK_6_3_4;
      method.implicit_table = ARKODE_ARK436L2SA_DIRK_6_3_4;
      break;
    case ImexTable::ark_5_4:
      method.explicit_table = ARKODE_ARK548L2SA_ERK_8_4_5;
      method.implicit_table = ARKODE_ARK548L2SA_DIRK_8_4_5;
      break;
  }
  return method;
}

void require_valid(const Field& field, const Vector& x0, const Vector& times,
                   const RungeKuttaOptions& options) {
  require(static_cast<bool>(field), where, "the field is empty, expected a function");
  ode::require_valid(where, x0, times);
  ode::require_valid(where, options.relative_tolerance, options.absolute_tolerance,
                     options.max_steps, options.max_step);
  require(options.fixed_step >= 0.0 && std::isfinite(options.fixed_step), where,
          "fixed_step = ", options.fixed_step, ", expected > 0, or 0 for steps that adapt");
  require(options.fixed_step == 0.0 || options.max_step == 0.0, where,
          "fixed_step and max_step are given, expected one of them");
  ode::require_valid(where, options.newton, x0.size());
  ode::require_valid(where, options.events);
}

/// ARKODE step by step. It knows the last step that succeeded, which ARKODE does not tell after a
/// failure, and so can try again.
class Stepper {
 public:
  Stepper(const Method& method, InitialValueProblem& problem, const Vector& x0, double t0,
          double direction, const RungeKuttaOptions& options)
      : options_(options),
        callback_(problem.callback),
        direction_(direction),
        t_(t0),
        x_(x0),
        view_(sun::make_view(x_, context_)),
        memory_(
            arkode::make(method.explicit_field, method.implicit_field, t0, view_.get(), context_)) {
    void* const memory = memory_.get();
    check(ARKStepSetTableNum(memory, method.implicit_table, method.explicit_table),
          "ARKStepSetTableNum");
    check(arkode::set_user_data(memory, &problem), "ARKodeSetUserData");
    check(arkode::set_tolerances(memory, options.relative_tolerance, options.absolute_tolerance),
          "ARKodeSStolerances");
    check(arkode::set_max_steps(memory, options.max_steps), "ARKodeSetMaxNumSteps");
    if (options.max_step > 0.0)
      check(arkode::set_max_step(memory, options.max_step), "ARKodeSetMaxStep");
    if (options.fixed_step > 0.0)
      check(arkode::set_fixed_step(memory, direction * options.fixed_step), "ARKodeSetFixedStep");
    if (method.implicit_field) use_newton(problem);
    if (options.events.count > 0)
      check(arkode::init_roots(memory, static_cast<int>(options.events.count), ode_evaluate_events),
            "ARKodeRootInit");
  }

  /// See Integrator::advance; leaves x in state.
  Reached advance(double target, double& t, Vector& state) {
    int recoveries = 0, standstills = 0;
    for (Index calls = 0; !at_event_ && ahead(target); ++calls) {
      const double before = t_;
      flag_ = calls < options_.max_steps ? step(target) : ARK_TOO_MUCH_WORK;
      standstills = flag_ == ARK_SUCCESS && t_ == before ? standstills + 1 : 0;
      if (standstills > max_standstills) flag_ = ARK_CONV_FAILURE;
      if (flag_ >= 0) {
        recoveries = 0;
      } else if (flag_ != ARK_UNREC_RHSFUNC_ERR || options_.fixed_step > 0.0 ||
                 ++recoveries > max_recoveries || !shorten()) {
        t = t_;
        return Reached::failure;
      }
    }
    if (at_event_ && !past(target)) {
      at_event_ = false;
      t = t_;
      state = x_;
      return Reached::event;
    }
    if (t_ == target) {
      state = x_;
    } else {
      const sun::VectorHandle between = sun::make_view(state, context_);
      check(arkode::interpolate(memory_.get(), target, 0, between.get()), "ARKodeGetDky");
    }
    t = target;
    return Reached::time;
  }

  void event_directions(std::vector<int>& directions) const {
    check(arkode::root_info(memory_.get(), directions.data()), "ARKodeGetRootInfo");
  }
  Report report_failure(double t) const {
    return failure(callback_, flag_, t, "ARKodeEvolve", arkode::flag_name);
  }
  Index steps() const {
    long int steps = 0;
    check(arkode::number_of_steps(memory_.get(), &steps), "ARKodeGetNumSteps");
    return steps;
  }

 private:
  bool ahead(double target) const { return direction_ * (target - t_) > 0.0; }
  bool past(double target) const { return direction_ * (target - t_) < 0.0; }

  void use_newton(InitialValueProblem& problem) {
    void* const memory = memory_.get();
    system_ = make_linear_system(problem, view_.get(), context_);
    check(arkode::set_linear_solver(memory, system_.solver.get(), system_.matrix.get()),
          "ARKodeSetLinearSolver");
    if (problem.newton.jacobian)
      check(arkode::set_jacobian(memory, ode_evaluate_dense_jacobian), "ARKodeSetJacFn");
    if (problem.newton.sparse_jacobian.values)
      check(arkode::set_jacobian(memory, ode_evaluate_sparse_jacobian), "ARKodeSetJacFn");
    if (problem.newton.precondition)
      check(arkode::set_preconditioner(memory, nullptr, ode_precondition),
            "ARKodeSetPreconditioner");
    // From the equation of the stage: evaluated, it would carry Newton's error times the stiffness
    // into the solution and into the error estimate.
    check(arkode::set_deduced_derivative(memory, SUNTRUE), "ARKodeSetDeduceImplicitRhs");
    // Ends when the last correction is below the tolerance. By default ARKODE believes the rate of
    // convergence of an earlier step, and ends too early when the step or the Jacobian changed.
    check(arkode::set_slowest_rate_decay(memory, 1.0), "ARKodeSetNonlinCRDown");
    if (options_.fixed_step > 0.0)  // no smaller step will be tried
      check(arkode::set_max_newton_iterations(memory, 20), "ARKodeSetMaxNonlinIters");
    if (options_.interpolate)  // Hermite's needs derivatives, which stiffness spoils
      check(arkode::set_interpolant(memory, ARK_INTERP_LAGRANGE), "ARKodeSetInterpolantType");
  }

  /// One step, or up to an event within it.
  int step(double target) {
    if (!options_.interpolate)
      check(arkode::set_stop_time(memory_.get(), target), "ARKodeSetStopTime");
    double t = t_;
    const int flag = arkode::evolve(memory_.get(), target, view_.get(), &t, ARK_ONE_STEP);
    if (flag >= 0) {
      t_ = t;
      at_event_ = flag == ARK_ROOT_RETURN;
    }
    return flag;
  }

  /// Goes back to the last step that succeeded, whose state a failure leaves in x. False: time has
  /// no shorter steps.
  bool shorten() {
    double failed = 0.0;
    check(arkode::current_step(memory_.get(), &failed), "ARKodeGetCurrentStep");
    if (t_ + 0.25 * failed == t_) return false;
    check(arkode::reset(memory_.get(), t_, view_.get()), "ARKodeReset");
    check(arkode::set_initial_step(memory_.get(), 0.25 * failed), "ARKodeSetInitStep");
    return true;
  }

  const RungeKuttaOptions& options_;
  sun::Callback& callback_;
  const double direction_;  // of time, ±1
  double t_;                // where the last step, or an event within it, ended
  Vector x_;                // there
  bool at_event_ = false;   // and it is an event that advance() has not told yet
  int flag_ = ARK_SUCCESS;
  sun::Context context_;
  sun::VectorHandle view_;
  arkode::ArkodeMemory memory_;
  LinearSystem system_;
};

Trajectory march_with(const Method& method, InitialValueProblem& problem, const Vector& x0,
                      const Vector& times, const RungeKuttaOptions& options) {
  Stepper stepper(method, problem, x0, times(0), times(1) > times(0) ? 1.0 : -1.0, options);
  Vector state = x0;
  Trajectory answer =
      march(state, times, options.events,
            {.advance = [&stepper, &state](double target,
                                           double& t) { return stepper.advance(target, t, state); },
             .event_directions =
                 [&stepper](std::vector<int>& directions) { stepper.event_directions(directions); },
             .failure = [&stepper](double t) { return stepper.report_failure(t); }});
  answer.report.iterations = stepper.steps();
  answer.report.evaluations = problem.evaluations;
  return answer;
}

}  // namespace

Trajectory integrate_runge_kutta(ExplicitTable table, const Field& field, const Vector& x0,
                                 const Vector& times, const RungeKuttaOptions& options) {
  require_valid(field, x0, times, options);
  const Newton& newton = options.newton;
  require(newton.linear_solver == LinearSolver::dense && !newton.jacobian, where,
          "newton is set, but an explicit table solves nothing; try an implicit one");
  InitialValueProblem problem(field, newton, options.events);
  return march_with({.explicit_field = ode_evaluate_field, .explicit_table = table_id(table)},
                    problem, x0, times, options);
}

Trajectory integrate_runge_kutta(ImplicitTable table, const Field& field, const Vector& x0,
                                 const Vector& times, const RungeKuttaOptions& options) {
  require_valid(field, x0, times, options);
  InitialValueProblem problem(field, options.newton, options.events);
  return march_with({.implicit_field = ode_evaluate_field, .implicit_table = table_id(table)},
                    problem, x0, times, options);
}

Trajectory integrate_runge_kutta(ImexTable table, const Field& field, const Field& implicit_field,
                                 const Vector& x0, const Vector& times,
                                 const RungeKuttaOptions& options) {
  require_valid(field, x0, times, options);
  require(static_cast<bool>(implicit_field), where,
          "the implicit field is empty, expected a function; try an explicit table");
  InitialValueProblem problem(field, options.newton, options.events);
  problem.implicit_field = &implicit_field;
  return march_with(method_of(table), problem, x0, times, options);
}

}  // namespace stillpoint::ode
