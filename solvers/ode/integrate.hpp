// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"

/// Ordinary differential equations by SUNDIALS.
namespace stillpoint::ode {

/// Writes dx/dt, (n), for x, (n). May throw: RecoverableError asks for a smaller step, anything
/// else ends the integration and reaches the caller.
using Field =
    std::function<void(double t, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> dxdt)>;

/// Writes ∂(dx/dt)/∂x, (n, n); it is zero on entry. Errors as for Field.
using Jacobian =
    std::function<void(double t, const Eigen::Ref<const Vector>& x, Eigen::Ref<Matrix> jacobian)>;

/// Functions whose zeros are events: writes g(t, x), (events). Errors as for Field.
struct Events {
  Index count = 0;
  std::function<void(double t, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> g)> values;
  bool terminal = false;  ///< The integration ends at the first event.
};

enum class Method {
  adams,  ///< Adams–Moulton, orders 1 to 12, fixed-point iteration: for equations that are not
          ///< stiff.
  bdf,    ///< Backward differentiation, orders 1 to 5, Newton's method: for stiff ones.
};

/// How Newton's method of bdf solves its linear systems.
enum class LinearSolver {
  dense,   ///< LU; with a Jacobian or differences.
  banded,  ///< Banded LU by differences; see the bandwidths.
  krylov,  ///< GMRES on differences of the field along a direction: no matrix.
};

struct IntegrateOptions {
  Method method = Method::bdf;
  double relative_tolerance = 1e-8;   ///< Of each step, > 0.
  double absolute_tolerance = 1e-10;  ///< Of each step and component, > 0.
  Index max_steps = 100000;           ///< Between two of the times, > 0.
  double max_step = 0.0;              ///< Longest step; 0: no limit.
  LinearSolver linear_solver = LinearSolver::dense;
  Index lower_bandwidth = 0;  ///< Of the Jacobian, for LinearSolver::banded.
  Index upper_bandwidth = 0;
  Jacobian jacobian = {};  ///< For LinearSolver::dense; empty: differences.
  Events events = {};
};

/// A zero of an event function.
struct Event {
  double time;
  Index which;      ///< Component of g.
  bool increasing;  ///< g goes from below zero to above.
  Vector state;     ///< (n)
};

struct Trajectory {
  Vector
      times;  ///< Those reached: all that were asked for, unless the report or an event says why.
  Matrix states;  ///< x at the times, (n, times)
  std::vector<Event> events;
  /// iterations: steps; evaluations: of the field, those of difference quotients included. A
  /// failure names the time it happened at.
  Report report;
};

/// @brief Solves dx/dt = f(t, x), x(times(0)) = x0, and gives x at the times.
///
/// Steps and orders adapt to the tolerances, which bound the error of a step, not of the end; the
/// states at the times are interpolated with the order of the method. A NaN from the field ends the
/// integration at once with Status::non_finite_state.
/// @param[in] x0     (n), n > 0, finite.
/// @param[in] times  Ascending, at least two; descending times integrate backwards.
/// @throws std::invalid_argument for a bad argument; what the field threw, unless the solver
///   recovered from it; sun::SundialsError (a std::runtime_error) if SUNDIALS cannot be set up.
/// Source: Hindmarsh et al. (2005), ACM TOMS 31, 363: CVODES.
Trajectory integrate(const Field& field, const Vector& x0, const Vector& times,
                     const IntegrateOptions& options = {});

}  // namespace stillpoint::ode
