// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "solvers/ode/initial_value.hpp"
#include "solvers/ode/sensitivities.hpp"

namespace stillpoint::ode {

/// @throws std::invalid_argument "where: …" if there is no field or p is not finite.
void require_valid(std::string_view where, const ParametricField& equation, const Vector& p);

/// The functions of an equation at one p, which InitialValueProblem borrows.
struct BoundFunctions {
  BoundFunctions(const ParametricField& equation, const Vector& p);

  Field bound_field;
  Newton bound_newton;
  Events no_events;
};

/// @brief An initial value problem that knows its derivatives. The user data of its callbacks is
/// the address of its InitialValueProblem.
struct ParametricProblem : private BoundFunctions, InitialValueProblem {
  ParametricProblem(const ParametricField& equation_, const Vector& p_);

  /// Write by_state, by_parameters. @throws sun::NonFiniteValue, and what the functions throw.
  void evaluate_by_state(double t, const Eigen::Ref<const Vector>& x);
  void evaluate_by_parameters(double t, const Eigen::Ref<const Vector>& x);

  const ParametricField& equation;
  const Vector& p;
  Matrix by_state;       ///< ∂f/∂x, (n, n)
  Matrix by_parameters;  ///< ∂f/∂p, (n, m)
};

}  // namespace stillpoint::ode
