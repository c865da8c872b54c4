// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/solve.hpp"

#include <sunlinsol/sunlinsol_dense.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/sundials/callback.hpp"
#include "solvers/sundials/kinsol.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::algebraic {
namespace {

struct Problem {
  const Function& function;
  const Jacobian& jacobian;
  bool iterates_map;  // KINSOL wants G(x) = x + F(x) in the place of F
  sun::Callback callback;

  void evaluate(const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) const {
    function(x, value);
    sun::require_finite(value, "F");
  }
};

extern "C" int evaluate_function(N_Vector x, N_Vector value, void* user_data) noexcept {
  auto& problem = *static_cast<Problem*>(user_data);
  return problem.callback([&problem, x, value] {
    auto result = sun::view(value);
    problem.evaluate(sun::view(x), result);
    if (problem.iterates_map) result += sun::view(x);
  });
}

extern "C" int evaluate_jacobian(N_Vector x, N_Vector, SUNMatrix J, void* user_data, N_Vector,
                                 N_Vector) noexcept {
  auto& problem = *static_cast<Problem*>(user_data);
  return problem.callback([&problem, x, J] {
    auto matrix = sun::view(J);
    matrix.setZero();
    problem.jacobian(sun::view(x), matrix);
    sun::require_finite(matrix, "the Jacobian");
  });
}

void check(int flag, std::string_view call) { sun::check(flag, call, KINGetReturnFlagName); }

int strategy(Method method) {
  switch (method) {
    case Method::newton:
      return KIN_NONE;
    case Method::newton_line_search:
      return KIN_LINESEARCH;
    case Method::picard:
      return KIN_PICARD;
    case Method::anderson:
      return KIN_FP;
  }
  return KIN_LINESEARCH;
}

void require_valid(const Function& F, const Jacobian& jacobian, const Vector& x0,
                   const Options& options) {
  constexpr auto where = "algebraic::solve";
  require(static_cast<bool>(F), where, "F is empty, expected a function");
  require(x0.size() > 0, where, "x0 is empty, expected n > 0 entries");
  require(x0.allFinite(), where, "x0 holds a NaN or an infinity, expected finite numbers");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.step_tolerance > 0.0, where, "step_tolerance = ", options.step_tolerance,
          ", expected > 0");
  require(options.max_iterations > 0, where, "max_iterations = ", options.max_iterations,
          ", expected > 0");
  require(options.max_step > 0.0, where, "max_step = ", options.max_step, ", expected > 0");
  require(options.acceleration_depth >= 0, where,
          "acceleration_depth = ", options.acceleration_depth, ", expected >= 0");
  require(options.damping > 0.0 && options.damping <= 1.0, where, "damping = ", options.damping,
          ", expected in (0, 1]");
  require(options.scale.size() == 0 || options.scale.size() == x0.size(), where, "scale has ",
          options.scale.size(), " entries, expected ", x0.size(), " or none");
  require((options.scale.array() > 0.0).all() && options.scale.allFinite(), where,
          "scale holds a number that is not positive and finite");
  require(options.method != Method::picard || jacobian, where,
          "picard has no matrix, expected L in the place of the Jacobian");
}

/// Status and sentence for a return of KINSol that is not success.
Report failure(int flag, const Options& options) {
  std::ostringstream text;
  text << "KINSol: " << sun::flag_text(flag, KINGetReturnFlagName) << ": ";
  switch (flag) {
    case KIN_MAXITER_REACHED:
      text << "no root after " << options.max_iterations << " iterations";
      return Report::failure(Status::step_limit, text.str());
    case KIN_STEP_LT_STPTOL:
      text << "steps became too small to change x; the tolerance may lie below rounding, or the "
              "Jacobian is nearly singular";
      break;
    case KIN_LINESEARCH_NONCONV:
    case KIN_LINESEARCH_BCFAIL:
      text << "no step along the Newton direction reduces the residual; the tolerance may lie "
              "below rounding, or the start is near a minimum of |F| that is no root";
      break;
    case KIN_MXNEWT_5X_EXCEEDED:
      text << "five steps in a row were cut to max_step; the Jacobian is nearly singular or there "
              "is no root near the start";
      break;
    case KIN_LINSOLV_NO_RECOVERY:
    case KIN_LSETUP_FAIL:
    case KIN_LSOLVE_FAIL:
      text << "the Jacobian is singular; try another start";
      break;
    default:
      text << "the solver gave up";
  }
  return Report::failure(Status::no_convergence, text.str());
}

}  // namespace

Solution solve(const Function& F, const Jacobian& jacobian, Vector x0, const Options& options) {
  require_valid(F, jacobian, x0, options);
  const Index n = x0.size();
  Solution answer{.x = std::move(x0)};
  Vector x_scale = Vector::Ones(n);
  Vector f_scale = Vector::Ones(n);
  if (options.scale.size() > 0) f_scale = options.scale.cwiseInverse();
  const bool newton =
      options.method == Method::newton || options.method == Method::newton_line_search;
  Problem problem{F, jacobian, options.method == Method::anderson, {}};

  const sun::Context context;
  const sun::VectorHandle x = sun::make_view(answer.x, context);
  const sun::VectorHandle x_weights = sun::make_view(x_scale, context);
  const sun::VectorHandle f_weights = sun::make_view(f_scale, context);
  const sun::KinsolMemory kinsol = sun::make_kinsol(context);
  sun::MatrixHandle matrix;
  sun::LinearSolverHandle linear_solver;
  void* const memory = kinsol.get();

  // More residuals than dimensions are linearly dependent, and KINSOL does not notice.
  const Index depth = newton ? 0 : std::min(options.acceleration_depth, n);
  check(KINSetMAA(memory, depth), "KINSetMAA");
  check(KINInit(memory, evaluate_function, x.get()), "KINInit");
  check(KINSetUserData(memory, &problem), "KINSetUserData");
  check(KINSetNumMaxIters(memory, options.max_iterations), "KINSetNumMaxIters");
  check(KINSetFuncNormTol(memory, options.tolerance), "KINSetFuncNormTol");
  check(KINSetScaledStepTol(memory, options.step_tolerance), "KINSetScaledStepTol");
  if (newton) {
    check(KINSetMaxNewtonStep(memory, options.max_step * std::max(1.0, answer.x.norm())),
          "KINSetMaxNewtonStep");
    check(KINSetMaxSetupCalls(memory, 1), "KINSetMaxSetupCalls");  // a fresh Jacobian every step
  } else {
    check(KINSetDamping(memory, options.damping), "KINSetDamping");
  }
  if (!problem.iterates_map) {
    matrix.reset(sun::check_handle(SUNDenseMatrix(n, n, context), "SUNDenseMatrix"));
    linear_solver.reset(
        sun::check_handle(SUNLinSol_Dense(x.get(), matrix.get(), context), "SUNLinSol_Dense"));
    check(KINSetLinearSolver(memory, linear_solver.get(), matrix.get()), "KINSetLinearSolver");
    if (jacobian) check(KINSetJacFn(memory, evaluate_jacobian), "KINSetJacFn");
  }

  const int flag =
      KINSol(memory, x.get(), strategy(options.method), x_weights.get(), f_weights.get());
  Report& report = answer.report;
  if (flag != KIN_SUCCESS && flag != KIN_INITIAL_GUESS_OK) {
    try {
      problem.callback.rethrow();
      report = failure(flag, options);
    } catch (const sun::NonFiniteValue& error) {
      report = Report::failure(Status::non_finite_state, error.what());
    }
  }
  long int count = 0;
  check(KINGetNumNonlinSolvIters(memory, &count), "KINGetNumNonlinSolvIters");
  report.iterations = count;
  check(KINGetNumFuncEvals(memory, &count), "KINGetNumFuncEvals");
  report.evaluations = count;
  if (report.status == Status::non_finite_state) {
    report.residual = std::nan("");
    return answer;
  }
  Vector value(n);
  F(answer.x, value);
  report.residual = value.cwiseProduct(f_scale).lpNorm<Eigen::Infinity>();
  if (report.ok() && !(report.residual <= options.tolerance * (1.0 + 1e-6))) {
    report.status = Status::no_convergence;
    report.message =
        "KINSol: claims success, but the residual is above the tolerance; the "
        "acceleration broke down, try a smaller acceleration_depth";
  }
  return answer;
}

}  // namespace stillpoint::algebraic
