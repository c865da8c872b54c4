// SPDX-License-Identifier: GPL-3.0-or-later
#include <sunlinsol/sunlinsol_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include <cmath>
#include <limits>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/ode/cvodes_solver.hpp"
#include "solvers/ode/parametric_problem.hpp"
#include "solvers/ode/sensitivities.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::ode {
namespace {

constexpr auto where = "ode::adjoint_gradient";

struct AdjointProblem : ParametricProblem {
  AdjointProblem(const ParametricField& equation_, const Vector& p_, const Objective& objective_)
      : ParametricProblem(equation_, p_), objective(objective_) {}

  const Objective& objective;
  Vector running_by_state;       // ∂r/∂x, (n)
  Vector running_by_parameters;  // ∂r/∂p, (m)

  /// Writes the gradient of the running term; zeros if there is none.
  void evaluate_running(double t, const Eigen::Ref<const Vector>& x) {
    running_by_state.setZero(x.size());
    running_by_parameters.setZero(p.size());
    if (!objective.running_gradient) return;
    objective.running_gradient(t, x, p, running_by_state, running_by_parameters);
    sun::require_finite(running_by_state, "the running gradient");
    sun::require_finite(running_by_parameters, "the running gradient");
  }
};

AdjointProblem& problem_of(void* user_data) {
  return static_cast<AdjointProblem&>(*static_cast<InitialValueProblem*>(user_data));
}

extern "C" int evaluate_running(double t, N_Vector x, N_Vector r, void* user_data) noexcept {
  auto& problem = problem_of(user_data);
  return problem.callback([&problem, t, x, r] {
    auto value = sun::view(r);
    value(0) = problem.objective.running(t, sun::view(x), problem.p);
    sun::require_finite(value, "the running term");
  });
}

extern "C" int evaluate_adjoint(double t, N_Vector x, N_Vector lambda, N_Vector derivative,
                                void* user_data) noexcept {
  auto& problem = problem_of(user_data);
  return problem.callback([&problem, t, x, lambda, derivative] {
    problem.evaluate_by_state(t, sun::view(x));
    problem.evaluate_running(t, sun::view(x));
    sun::view(derivative) =
        -(problem.by_state.transpose() * sun::view(lambda)) - problem.running_by_state;
  });
}

extern "C" int evaluate_adjoint_jacobian(double t, N_Vector x, N_Vector, N_Vector, SUNMatrix J,
                                         void* user_data, N_Vector, N_Vector, N_Vector) noexcept {
  auto& problem = problem_of(user_data);
  return problem.callback([&problem, t, x, J] {
    problem.evaluate_by_state(t, sun::view(x));
    sun::view(J) = -problem.by_state.transpose();
  });
}

extern "C" int evaluate_gradient(double t, N_Vector x, N_Vector lambda, N_Vector derivative,
                                 void* user_data) noexcept {
  auto& problem = problem_of(user_data);
  return problem.callback([&problem, t, x, lambda, derivative] {
    problem.evaluate_by_parameters(t, sun::view(x));
    problem.evaluate_running(t, sun::view(x));
    sun::view(derivative) =
        -(problem.by_parameters.transpose() * sun::view(lambda)) - problem.running_by_parameters;
  });
}

/// The way back of a forward integration that is done and kept by its solver.
class Backward {
 public:
  Backward(CvodesSolver& forward, const Vector& end_gradient, Index parameters, double end,
           const AdjointOptions& options)
      : forward_(forward), lambda_(end_gradient), gradient_(Vector::Zero(parameters)) {
    void* const memory = forward.memory.get();
    const bool bdf = options.method == Method::bdf;
    check_cvodes(CVodeCreateB(memory, bdf ? CV_BDF : CV_ADAMS, &which_), "CVodeCreateB");
    lambda_view_ = sun::make_view(lambda_, forward.context);
    check_cvodes(CVodeInitB(memory, which_, evaluate_adjoint, end, lambda_view_.get()),
                 "CVodeInitB");
    check_cvodes(CVodeSetUserDataB(memory, which_, &forward.problem), "CVodeSetUserDataB");
    check_cvodes(
        CVodeSStolerancesB(memory, which_, options.relative_tolerance, options.absolute_tolerance),
        "CVodeSStolerancesB");
    check_cvodes(CVodeSetMaxNumStepsB(memory, which_, options.max_steps), "CVodeSetMaxNumStepsB");
    if (bdf)
      use_newton();
    else
      use_fixed_point();
    if (parameters == 0) return;
    gradient_view_ = sun::make_view(gradient_, forward.context);
    check_cvodes(CVodeQuadInitB(memory, which_, evaluate_gradient, gradient_view_.get()),
                 "CVodeQuadInitB");
    check_cvodes(CVodeQuadSStolerancesB(memory, which_, options.relative_tolerance,
                                        options.absolute_tolerance),
                 "CVodeQuadSStolerancesB");
    check_cvodes(CVodeSetQuadErrConB(memory, which_, SUNTRUE), "CVodeSetQuadErrConB");
  }

  /// Goes back to start and writes the gradients, or says why not.
  Report run(double start, AdjointGradient& answer) {
    void* const memory = forward_.memory.get();
    const int flag = CVodeB(memory, start, CV_NORMAL);
    double t = start;
    if (flag < 0) {
      void* const backward = CVodeGetAdjCVodeBmem(memory, which_);
      check_cvodes(CVodeGetCurrentTime(backward, &t), "CVodeGetCurrentTime");
      return failure(forward_.problem.callback, flag, t, "CVodeB", CVodeGetReturnFlagName);
    }
    check_cvodes(CVodeGetB(memory, which_, &t, lambda_view_.get()), "CVodeGetB");
    answer.to_initial_state = lambda_;
    if (gradient_view_)
      check_cvodes(CVodeGetQuadB(memory, which_, &t, gradient_view_.get()), "CVodeGetQuadB");
    answer.to_parameters = gradient_;
    return {};
  }

  Index steps() const {
    long int steps = 0;
    check_cvodes(CVodeGetNumSteps(CVodeGetAdjCVodeBmem(forward_.memory.get(), which_), &steps),
                 "CVodeGetNumSteps");
    return steps;
  }

 private:
  void use_newton() {
    void* const memory = forward_.memory.get();
    const auto n = lambda_.size();
    system_.matrix.reset(
        sun::check_handle(SUNDenseMatrix(n, n, forward_.context), "SUNDenseMatrix"));
    system_.solver.reset(sun::check_handle(
        SUNLinSol_Dense(lambda_view_.get(), system_.matrix.get(), forward_.context),
        "SUNLinSol_Dense"));
    check_cvodes(CVodeSetLinearSolverB(memory, which_, system_.solver.get(), system_.matrix.get()),
                 "CVodeSetLinearSolverB");
    check_cvodes(CVodeSetJacFnB(memory, which_, evaluate_adjoint_jacobian), "CVodeSetJacFnB");
  }
  void use_fixed_point() {
    fixed_point_.reset(
        sun::check_handle(SUNNonlinSol_FixedPoint(lambda_view_.get(), 0, forward_.context),
                          "SUNNonlinSol_FixedPoint"));
    check_cvodes(CVodeSetNonlinearSolverB(forward_.memory.get(), which_, fixed_point_.get()),
                 "CVodeSetNonlinearSolverB");
  }

  CvodesSolver& forward_;  // owns the memory of both ways
  int which_ = 0;
  Vector lambda_, gradient_;
  sun::VectorHandle lambda_view_, gradient_view_;
  LinearSystem system_;
  sun::NonlinearSolverHandle fixed_point_;
};

void require_valid(const ParametricField& equation, const Objective& objective, const Vector& x0,
                   const Vector& p, double start, double end, const AdjointOptions& options) {
  ode::require_valid(where, equation, p);
  require(equation.by_state && equation.by_parameters, where,
          "a derivative of the field is missing, expected both; or try forward_sensitivities");
  require(start < end, where, "start = ", start, " and end = ", end, ", expected start < end");
  ode::require_valid(where, x0, Eigen::Vector2d(start, end));
  ode::require_valid(where, options.relative_tolerance, options.absolute_tolerance,
                     options.max_steps, 0.0);
  require(options.checkpoint_steps > 0, where, "checkpoint_steps = ", options.checkpoint_steps,
          ", expected > 0");
  require(objective.end || objective.running, where,
          "the objective is empty, expected end, running or both");
  require(static_cast<bool>(objective.end) == static_cast<bool>(objective.end_gradient) &&
              static_cast<bool>(objective.running) == static_cast<bool>(objective.running_gradient),
          where, "the objective has a value without its gradient or a gradient without its value");
}

}  // namespace

AdjointGradient adjoint_gradient(const ParametricField& equation, const Objective& objective,
                                 const Vector& x0, const Vector& p, double start, double end,
                                 const AdjointOptions& options) {
  require_valid(equation, objective, x0, p, start, end, options);
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  AdjointGradient answer{.value = unknown,
                         .to_parameters = Vector::Constant(p.size(), unknown),
                         .to_initial_state = Vector::Constant(x0.size(), unknown),
                         .end_state = Vector::Constant(x0.size(), unknown)};
  AdjointProblem problem(equation, p, objective);
  CvodesSolver solver(
      {options.method, options.relative_tolerance, options.absolute_tolerance, options.max_steps},
      problem, x0, start);
  void* const memory = solver.memory.get();
  Vector running = Vector::Zero(1);
  const sun::VectorHandle running_view = sun::make_view(running, solver.context);
  if (objective.running) {
    check_cvodes(CVodeQuadInit(memory, evaluate_running, running_view.get()), "CVodeQuadInit");
    check_cvodes(
        CVodeQuadSStolerances(memory, options.relative_tolerance, options.absolute_tolerance),
        "CVodeQuadSStolerances");
    check_cvodes(CVodeSetQuadErrCon(memory, SUNTRUE), "CVodeSetQuadErrCon");
  }
  check_cvodes(CVodeAdjInit(memory, options.checkpoint_steps, CV_POLYNOMIAL), "CVodeAdjInit");

  double t = start;
  int checkpoints = 0;
  const int flag = CVodeF(memory, end, solver.x.get(), &t, CV_NORMAL, &checkpoints);
  const Index forward_steps = solver.steps();  // the way back repeats some
  const auto finish = [&](Report report, Index backward_steps) {
    answer.report = std::move(report);
    answer.report.iterations = forward_steps + backward_steps;
    answer.report.evaluations = problem.evaluations;
    return answer;
  };
  if (flag < 0)
    return finish(failure(problem.callback, flag, t, "CVodeF", CVodeGetReturnFlagName), 0);
  answer.end_state = solver.state;
  if (objective.running) check_cvodes(CVodeGetQuad(memory, &t, running_view.get()), "CVodeGetQuad");

  Vector end_gradient = Vector::Zero(x0.size());
  double value = running(0);
  if (objective.end) {
    value += objective.end(answer.end_state);
    objective.end_gradient(answer.end_state, end_gradient);
  }
  if (!std::isfinite(value) || !end_gradient.allFinite())
    return finish(Report::failure(Status::non_finite_state,
                                  "the end term or its gradient returned a NaN or an infinity"),
                  0);
  answer.value = value;
  Backward backward(solver, end_gradient, p.size(), end, options);
  Report report = backward.run(start, answer);
  return finish(std::move(report), backward.steps());
}

}  // namespace stillpoint::ode
