// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ode/parametric_problem.hpp"

#include "lib/core/require.hpp"

namespace stillpoint::ode {

void require_valid(std::string_view where, const ParametricField& equation, const Vector& p) {
  require(static_cast<bool>(equation.field), where, "the field is empty, expected a function");
  require(p.allFinite(), where, "p is not finite, expected m finite numbers");
}

BoundFunctions::BoundFunctions(const ParametricField& equation, const Vector& p) {
  bound_field = [&equation, &p](double t, const Eigen::Ref<const Vector>& x,
                                Eigen::Ref<Vector> dxdt) { equation.field(t, x, p, dxdt); };
  if (equation.by_state)
    bound_newton.jacobian = [&equation, &p](double t, const Eigen::Ref<const Vector>& x,
                                            Eigen::Ref<Matrix> jacobian) {
      equation.by_state(t, x, p, jacobian);
    };
}

ParametricProblem::ParametricProblem(const ParametricField& equation_, const Vector& p_)
    : BoundFunctions(equation_, p_),
      InitialValueProblem(bound_field, bound_newton, no_events),
      equation(equation_),
      p(p_) {}

void ParametricProblem::evaluate_by_state(double t, const Eigen::Ref<const Vector>& x) {
  by_state.setZero(x.size(), x.size());
  equation.by_state(t, x, p, by_state);
  sun::require_finite(by_state, "∂f/∂x");
}

void ParametricProblem::evaluate_by_parameters(double t, const Eigen::Ref<const Vector>& x) {
  by_parameters.setZero(x.size(), p.size());
  equation.by_parameters(t, x, p, by_parameters);
  sun::require_finite(by_parameters, "∂f/∂p");
}

}  // namespace stillpoint::ode
