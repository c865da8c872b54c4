// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sundials/sundials_matrix.h>
#include <sundials/sundials_nvector.h>

#include <string_view>

#include "lib/core/report.hpp"
#include "solvers/ode/field.hpp"
#include "solvers/ode/newton.hpp"
#include "solvers/ode/trajectory.hpp"
#include "solvers/sundials/callback.hpp"
#include "solvers/sundials/check.hpp"
#include "solvers/sundials/context.hpp"
#include "solvers/sundials/handles.hpp"

/// @file
/// @brief What CVODES and ARKODE have in common: their callbacks have the same signatures.

namespace stillpoint::ode {

/// @brief The user data of the callbacks below. Borrows everything; must not move while it is used.
struct InitialValueProblem {
  InitialValueProblem(const Field& field_, const Newton& newton_, const Events& events_)
      : field(field_), newton(newton_), events(events_) {}

  const Field& field;
  const Newton& newton;
  const Events& events;
  const Field* implicit_field = nullptr;  ///< IMEX: the part that is solved for.
  SparseMatrix sparse_values = {};        ///< Scratch of the sparse Jacobian.
  sun::Callback callback = {};
  Index evaluations = 0;  ///< Of the field, and of both parts for IMEX.
};

extern "C" {
int ode_evaluate_field(double t, N_Vector x, N_Vector dxdt, void* problem) noexcept;
int ode_evaluate_implicit_field(double t, N_Vector x, N_Vector dxdt, void* problem) noexcept;
int ode_evaluate_events(double t, N_Vector x, double* g, void* problem) noexcept;
int ode_evaluate_dense_jacobian(double t, N_Vector x, N_Vector, SUNMatrix J, void* problem,
                                N_Vector, N_Vector, N_Vector) noexcept;
int ode_evaluate_sparse_jacobian(double t, N_Vector x, N_Vector, SUNMatrix J, void* problem,
                                 N_Vector, N_Vector, N_Vector) noexcept;
int ode_precondition(double t, N_Vector x, N_Vector, N_Vector r, N_Vector z, double gamma, double,
                     int, void* problem) noexcept;
}

/// @throws std::invalid_argument "where: …" if the parts of newton do not fit each other and n.
void require_valid(std::string_view where, const Newton& newton, Index n);

/// The linear algebra of Newton's method. The matrix is null for a matrix-free solver.
struct LinearSystem {
  sun::MatrixHandle matrix;
  sun::LinearSolverHandle solver;
};

/// @brief Creates what problem.newton asks for, and sets the scratch of the problem up.
/// @param[in] x  Of the size of the state; only looked at.
LinearSystem make_linear_system(InitialValueProblem& problem, N_Vector x,
                                const sun::Context& context);

/// @brief The integrator did not succeed: throws what a callback threw, or says what happened.
/// @param[in] flag  What CVode or ARKStepEvolve returned, negative: their meanings are the same.
/// @param[in] call, name  The function that returned it, and its package's names of flags.
Report failure(sun::Callback& callback, int flag, double t, std::string_view call,
               sun::FlagName name);

}  // namespace stillpoint::ode
