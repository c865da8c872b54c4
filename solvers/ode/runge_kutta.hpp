// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "solvers/ode/field.hpp"
#include "solvers/ode/newton.hpp"
#include "solvers/ode/trajectory.hpp"

namespace stillpoint::ode {

/// Explicit tables, name_order_order of the error estimate: for equations that are not stiff.
enum class ExplicitTable {
  heun_euler_2_1,
  bogacki_shampine_3_2,
  zonneveld_4_3,
  cash_karp_5_4,
  fehlberg_5_4,
  dormand_prince_5_4,
  verner_6_5,
  fehlberg_8_7,
};

/// Diagonally implicit tables: for stiff equations. All are A-stable, all but sdirk_2_1 L-stable;
/// kvaerno and esdirk begin with an explicit stage and have second-order stages, which loses less
/// of the order to stiffness.
enum class ImplicitTable {
  sdirk_2_1,
  kvaerno_3_2,
  esdirk_3_2,  ///< ESDIRK3(2)4L[2]SA of Kennedy and Carpenter (2019)
  sdirk_4_3,   ///< Hairer and Wanner (1996), table IV.6.5
  kvaerno_4_3,
  esdirk_4_3,  ///< ESDIRK4(3)6L[2]SA
  kvaerno_5_4,
  esdirk_5_4,  ///< ESDIRK5(4)7L[2]SA
};

/// Pairs of an explicit and an L-stable implicit table: additive methods of Kennedy and Carpenter
/// (2003), Appl. Numer. Math. 44, 139.
enum class ImexTable {
  ark_3_2,  ///< ARK3(2)4L[2]SA
  ark_4_3,  ///< ARK4(3)6L[2]SA
  ark_5_4,  ///< ARK5(4)8L[2]SA
};

struct RungeKuttaOptions {
  double relative_tolerance = 1e-8;   ///< Of each step, > 0; also of Newton's method.
  double absolute_tolerance = 1e-10;  ///< Of each step and component, > 0.
  Index max_steps = 100000;           ///< Between two of the times, > 0.
  double max_step = 0.0;              ///< Longest step; 0: no limit.
  /// > 0: every step has this length, but for the last before a time, and its error is not looked
  /// at; the tolerances are then Newton's alone. 0: the steps adapt.
  double fixed_step = 0.0;
  /// False: a step ends at every time, and the states have the order of the method. True: the
  /// steps ignore the times and the states are interpolated, with an order of at most 5 and an
  /// error that no tolerance controls; cheaper for many times.
  bool interpolate = false;
  Newton newton = {};  ///< Of the implicit stages; not for an explicit table.
  Events events = {};
};

/// @brief Solves dx/dt = f(t, x), x(times(0)) = x0, by a Runge–Kutta method, and gives x at the
/// times.
///
/// One-step methods: unlike ode::integrate they lose nothing at a discontinuity in time that is one
/// of the times. A NaN from the field ends the integration at once with Status::non_finite_state;
/// after a RecoverableError a step is tried again with a quarter of its length, up to ten times,
/// unless its length is fixed.
/// @param[in] x0     (n), n > 0, finite.
/// @param[in] times  Ascending, at least two; descending times integrate backwards.
/// @throws std::invalid_argument for a bad argument; what the field threw, unless the solver
///   recovered from it; sun::SundialsError (a std::runtime_error) if SUNDIALS cannot be set up.
/// Source: Reynolds et al. (2023), ACM TOMS 49, 19: ARKODE, whose tables these are.
Trajectory integrate_runge_kutta(ExplicitTable table, const Field& field, const Vector& x0,
                                 const Vector& times, const RungeKuttaOptions& options = {});

/// The same with implicit stages, solved by Newton's method.
Trajectory integrate_runge_kutta(ImplicitTable table, const Field& field, const Vector& x0,
                                 const Vector& times, const RungeKuttaOptions& options = {});

/// @brief The same for dx/dt = f(t, x) + g(t, x) of which only g is stiff: f is explicit, g
/// implicit.
/// @param[in] field           f.
/// @param[in] implicit_field  g; the Jacobian and the preconditioner of the options are its own.
Trajectory integrate_runge_kutta(ImexTable table, const Field& field, const Field& implicit_field,
                                 const Vector& x0, const Vector& times,
                                 const RungeKuttaOptions& options = {});

}  // namespace stillpoint::ode
