// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "solvers/ode/field.hpp"
#include "solvers/ode/newton.hpp"
#include "solvers/ode/trajectory.hpp"

/// Ordinary differential equations by SUNDIALS.
namespace stillpoint::ode {

enum class Method {
  adams,  ///< Adams–Moulton, orders 1 to 12, fixed-point iteration: for equations that are not
          ///< stiff.
  bdf,    ///< Backward differentiation, orders 1 to 5, Newton's method: for stiff ones.
};

struct IntegrateOptions {
  Method method = Method::bdf;
  double relative_tolerance = 1e-8;   ///< Of each step, > 0.
  double absolute_tolerance = 1e-10;  ///< Of each step and component, > 0.
  Index max_steps = 100000;           ///< Between two of the times, > 0.
  double max_step = 0.0;              ///< Longest step; 0: no limit.
  Newton newton = {};                 ///< Of bdf.
  Events events = {};
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
