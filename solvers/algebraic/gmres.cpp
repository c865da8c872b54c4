// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/gmres.hpp"

#include <sunlinsol/sunlinsol_spgmr.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/sundials/callback.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::algebraic {
namespace {

struct Problem {
  const LinearMap& map;
  const LinearMap& precondition;
  sun::Callback callback;
};

extern "C" int multiply(void* data, N_Vector x, N_Vector Ax) noexcept {
  auto& problem = *static_cast<Problem*>(data);
  return problem.callback([&problem, x, Ax] {
    problem.map(sun::view(x), sun::view(Ax));
    sun::require_finite(sun::view(Ax), "the linear map");
  });
}

extern "C" int precondition(void* data, N_Vector x, N_Vector result, sunrealtype, int) noexcept {
  auto& problem = *static_cast<Problem*>(data);
  return problem.callback([&problem, x, result] {
    problem.precondition(sun::view(x), sun::view(result));
    sun::require_finite(sun::view(result), "the preconditioner");
  });
}

/// SUNDIALS adds one product after the other, at the latency of an addition each.
sunrealtype dot(N_Vector x, N_Vector y) { return sun::view(x).dot(sun::view(y)); }
/// z = a x + b y; z may be x or y.
void linear_sum(sunrealtype a, N_Vector x, sunrealtype b, N_Vector y, N_Vector z) {
  sun::view(z) = a * sun::view(x) + b * sun::view(y);
}

}  // namespace

LinearSolution gmres(const LinearMap& A, const LinearMap& preconditioner, const Vector& b,
                     Vector x0, const GmresOptions& options) {
  constexpr auto where = "algebraic::gmres";
  const Index n = b.size();
  require(static_cast<bool>(A), where, "A is empty, expected a linear map");
  require(n > 0 && b.allFinite(), where, "b is empty or not finite, expected n > 0 numbers");
  require(x0.size() == 0 || x0.size() == n, where, "x0 has ", x0.size(), " entries, expected ", n,
          " or none");
  require(x0.allFinite(), where, "x0 holds a NaN or an infinity, expected finite numbers");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.dimension > 0, where, "dimension = ", options.dimension, ", expected > 0");
  require(options.restarts >= 0, where, "restarts = ", options.restarts, ", expected >= 0");

  LinearSolution answer{.x = x0.size() > 0 ? std::move(x0) : Vector(Vector::Zero(n))};
  const double size = b.norm();
  if (size == 0.0) {
    answer.x.setZero();
    return answer;
  }
  Vector right = b;
  Problem problem{A, preconditioner, {}};
  const sun::Context context;
  const sun::VectorHandle x = sun::make_view(answer.x, context);
  const sun::VectorHandle rhs = sun::make_view(right, context);
  for (N_Vector vector : {x.get(), rhs.get()}) {  // their clones inherit it
    vector->ops->nvdotprod = dot;
    vector->ops->nvlinearsum = linear_sum;
  }
  const sun::LinearSolverHandle solver(
      sun::check_handle(SUNLinSol_SPGMR(x.get(), preconditioner ? SUN_PREC_RIGHT : SUN_PREC_NONE,
                                        static_cast<int>(std::min(options.dimension, n)), context),
                        "SUNLinSol_SPGMR"));
  sun::check(SUNLinSol_SPGMRSetMaxRestarts(solver.get(), static_cast<int>(options.restarts)),
             "SUNLinSol_SPGMRSetMaxRestarts");
  sun::check(SUNLinSolSetATimes(solver.get(), &problem, multiply), "SUNLinSolSetATimes");
  if (preconditioner)
    sun::check(SUNLinSolSetPreconditioner(solver.get(), &problem, nullptr, precondition),
               "SUNLinSolSetPreconditioner");
  sun::check(SUNLinSolInitialize(solver.get()), "SUNLinSolInitialize");
  sun::check(SUNLinSolSetup(solver.get(), nullptr), "SUNLinSolSetup");

  const int flag =
      SUNLinSolSolve(solver.get(), nullptr, x.get(), rhs.get(), options.tolerance * size);
  Report& report = answer.report;
  if (flag != 0) {
    try {
      problem.callback.rethrow();
      std::ostringstream text;
      text << "GMRES: residual " << SUNLinSolResNorm(solver.get()) / size << " of |b| after "
           << SUNLinSolNumIters(solver.get()) << " iterations, expected " << options.tolerance;
      report = Report::failure(Status::no_convergence, text.str());
    } catch (const sun::NonFiniteValue& error) {
      report = Report::failure(Status::non_finite_state, error.what());
    }
  }
  report.iterations = SUNLinSolNumIters(solver.get());
  report.residual = SUNLinSolResNorm(solver.get()) / size;
  return answer;
}

}  // namespace stillpoint::algebraic
