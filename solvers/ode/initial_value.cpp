// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/initial_value.hpp"

#include <arkode/arkode.h>
#include <cvodes/cvodes.h>
#include <sunlinsol/sunlinsol_band.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_klu.h>
#include <sunlinsol/sunlinsol_spgmr.h>
#include <sunmatrix/sunmatrix_band.h>

#include <algorithm>
#include <sstream>

#include "lib/core/require.hpp"
#include "solvers/sundials/sparse.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::ode {
namespace {

int evaluate(InitialValueProblem& problem, const Field& field, double t, N_Vector x,
             N_Vector dxdt) noexcept {
  return problem.callback([&problem, &field, t, x, dxdt] {
    ++problem.evaluations;
    field(t, sun::view(x), sun::view(dxdt));
    sun::require_finite(sun::view(dxdt), "the field");
  });
}

bool same_pattern(const SparseMatrix& a, const SparseMatrix& b) {
  return a.isCompressed() && a.rows() == b.rows() && a.cols() == b.cols() &&
         a.nonZeros() == b.nonZeros() &&
         std::equal(a.outerIndexPtr(), a.outerIndexPtr() + a.outerSize() + 1, b.outerIndexPtr()) &&
         std::equal(a.innerIndexPtr(), a.innerIndexPtr() + a.nonZeros(), b.innerIndexPtr());
}

bool has_full_diagonal(const SparseMatrix& pattern) {
  for (Index j = 0; j < pattern.outerSize(); ++j) {
    bool found = false;
    for (SparseMatrix::InnerIterator entry(pattern, j); entry && !found; ++entry)
      found = entry.row() == j;
    if (!found) return false;
  }
  return true;
}

}  // namespace

extern "C" {

int ode_evaluate_field(double t, N_Vector x, N_Vector dxdt, void* user_data) noexcept {
  auto& problem = *static_cast<InitialValueProblem*>(user_data);
  return evaluate(problem, problem.field, t, x, dxdt);
}

int ode_evaluate_implicit_field(double t, N_Vector x, N_Vector dxdt, void* user_data) noexcept {
  auto& problem = *static_cast<InitialValueProblem*>(user_data);
  return evaluate(problem, *problem.implicit_field, t, x, dxdt);
}

int ode_evaluate_events(double t, N_Vector x, double* g, void* user_data) noexcept {
  auto& problem = *static_cast<InitialValueProblem*>(user_data);
  return problem.callback([&problem, t, x, g] {
    Eigen::Map<Vector> values(g, problem.events.count);
    problem.events.values(t, sun::view(x), values);
    sun::require_finite(values, "the event function");
  });
}

int ode_evaluate_dense_jacobian(double t, N_Vector x, N_Vector, SUNMatrix J, void* user_data,
                                N_Vector, N_Vector, N_Vector) noexcept {
  auto& problem = *static_cast<InitialValueProblem*>(user_data);
  return problem.callback([&problem, t, x, J] {
    auto matrix = sun::view(J);
    matrix.setZero();
    problem.newton.jacobian(t, sun::view(x), matrix);
    sun::require_finite(matrix, "the Jacobian");
  });
}

int ode_evaluate_sparse_jacobian(double t, N_Vector x, N_Vector, SUNMatrix J, void* user_data,
                                 N_Vector, N_Vector, N_Vector) noexcept {
  auto& problem = *static_cast<InitialValueProblem*>(user_data);
  return problem.callback([&problem, t, x, J] {
    const SparseJacobian& jacobian = problem.newton.sparse_jacobian;
    problem.sparse_values.coeffs().setZero();
    jacobian.values(t, sun::view(x), problem.sparse_values);
    require(same_pattern(problem.sparse_values, jacobian.pattern), "ode::SparseJacobian",
            "values() changed the pattern, expected only entries of the pattern to be written");
    sun::require_finite(problem.sparse_values.coeffs(), "the Jacobian");
    sun::copy(problem.sparse_values, J);
  });
}

int ode_precondition(double t, N_Vector x, N_Vector, N_Vector r, N_Vector z, double gamma, double,
                     int, void* user_data) noexcept {
  auto& problem = *static_cast<InitialValueProblem*>(user_data);
  return problem.callback([&problem, t, x, r, z, gamma] {
    problem.newton.precondition(t, sun::view(x), gamma, sun::view(r), sun::view(z));
    sun::require_finite(sun::view(z), "the preconditioner");
  });
}

}  // extern "C"

void require_valid(std::string_view where, const Newton& newton, Index n) {
  const LinearSolver solver = newton.linear_solver;
  require(newton.lower_bandwidth >= 0 && newton.lower_bandwidth < n &&
              newton.upper_bandwidth >= 0 && newton.upper_bandwidth < n,
          where, "bandwidths ", newton.lower_bandwidth, " and ", newton.upper_bandwidth,
          ", expected 0 to ", n - 1);
  require(!newton.jacobian || solver == LinearSolver::dense, where,
          "a Jacobian is given, expected linear_solver = dense");
  require(!newton.precondition || solver == LinearSolver::krylov, where,
          "a preconditioner is given, expected linear_solver = krylov");
  const SparseJacobian& sparse = newton.sparse_jacobian;
  if (solver != LinearSolver::sparse) {
    require(!sparse.values, where, "a sparse Jacobian is given, expected linear_solver = sparse");
    return;
  }
  require(static_cast<bool>(sparse.values), where,
          "linear_solver = sparse without a sparse_jacobian, which has no difference quotients; "
          "give its pattern and its values, or try banded or krylov");
  require(sparse.pattern.rows() == n && sparse.pattern.cols() == n, where, "the pattern is ",
          sparse.pattern.rows(), " × ", sparse.pattern.cols(), ", expected ", n, " × ", n);
  require(sparse.pattern.isCompressed(), where,
          "the pattern is not compressed; try makeCompressed()");
  require(has_full_diagonal(sparse.pattern), where,
          "the pattern lacks entries of the diagonal, which 1 − γJ needs; add them");
}

LinearSystem make_linear_system(InitialValueProblem& problem, N_Vector x,
                                const sun::Context& context) {
  const Newton& newton = problem.newton;
  const auto n = static_cast<sunindextype>(N_VGetLength(x));
  LinearSystem system;
  switch (newton.linear_solver) {
    case LinearSolver::dense:
      system.matrix.reset(sun::check_handle(SUNDenseMatrix(n, n, context), "SUNDenseMatrix"));
      system.solver.reset(
          sun::check_handle(SUNLinSol_Dense(x, system.matrix.get(), context), "SUNLinSol_Dense"));
      break;
    case LinearSolver::banded:
      system.matrix.reset(sun::check_handle(
          SUNBandMatrix(n, newton.upper_bandwidth, newton.lower_bandwidth, context),
          "SUNBandMatrix"));
      system.solver.reset(
          sun::check_handle(SUNLinSol_Band(x, system.matrix.get(), context), "SUNLinSol_Band"));
      break;
    case LinearSolver::sparse:
      problem.sparse_values = newton.sparse_jacobian.pattern;
      system.matrix = sun::make_sparse(problem.sparse_values, context);
      system.solver.reset(
          sun::check_handle(SUNLinSol_KLU(x, system.matrix.get(), context), "SUNLinSol_KLU"));
      break;
    case LinearSolver::krylov:
      system.solver.reset(sun::check_handle(
          SUNLinSol_SPGMR(x, newton.precondition ? SUN_PREC_LEFT : SUN_PREC_NONE, 0, context),
          "SUNLinSol_SPGMR"));
      break;
  }
  return system;
}

Report failure(sun::Callback& callback, int flag, double t, std::string_view call,
               sun::FlagName name) {
  static_assert(CV_TOO_MUCH_WORK == ARK_TOO_MUCH_WORK && CV_TOO_MUCH_ACC == ARK_TOO_MUCH_ACC &&
                CV_ERR_FAILURE == ARK_ERR_FAILURE && CV_CONV_FAILURE == ARK_CONV_FAILURE);
  std::ostringstream text;
  try {
    callback.rethrow();
  } catch (const sun::NonFiniteValue& error) {
    text << error.what() << " soon after t = " << t;
    return Report::failure(Status::non_finite_state, text.str());
  }
  text << call << ": " << sun::flag_text(flag, name) << " at t = " << t << ": ";
  switch (flag) {
    case CV_TOO_MUCH_WORK:
      text << "max_steps steps do not reach the next time; the equation may be stiff (try an "
              "implicit method), or take a larger tolerance or max_steps";
      return Report::failure(Status::step_limit, text.str());
    case CV_TOO_MUCH_ACC:
      text << "the tolerance is below what rounding allows";
      break;
    case CV_ERR_FAILURE:
      text << "error tests fail even with the smallest step; the field may be discontinuous";
      break;
    case CV_CONV_FAILURE:
      text << "the implicit equations do not converge, or the field refuses (RecoverableError), "
              "even with the smallest step; try bdf or another implicit method with a Jacobian";
      break;
    default:
      text << "the solver gave up";
  }
  return Report::failure(Status::no_convergence, text.str());
}

}  // namespace stillpoint::ode
