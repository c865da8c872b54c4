// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <arkode/arkode_arkstep.h>

#include "solvers/sundials/check.hpp"
#include "solvers/sundials/context.hpp"
#include "solvers/sundials/handles.hpp"

/// ARKODE under one set of names: from 7.1 on the functions that all its steppers share lost their
/// prefix ARKStep.
namespace stillpoint::sun::arkode {

#if SUNDIALS_VERSION_MAJOR > 7 || (SUNDIALS_VERSION_MAJOR == 7 && SUNDIALS_VERSION_MINOR >= 1)
#define STILLPOINT_ARKODE(name) ARKode##name
#else
#define STILLPOINT_ARKODE(name) ARKStep##name
#endif

inline constexpr auto& evolve = STILLPOINT_ARKODE(Evolve);
inline constexpr auto& reset = STILLPOINT_ARKODE(Reset);
inline constexpr auto& interpolate = STILLPOINT_ARKODE(GetDky);
inline constexpr auto& init_roots = STILLPOINT_ARKODE(RootInit);
inline constexpr auto& root_info = STILLPOINT_ARKODE(GetRootInfo);
inline constexpr auto& number_of_steps = STILLPOINT_ARKODE(GetNumSteps);
inline constexpr auto& current_step = STILLPOINT_ARKODE(GetCurrentStep);
inline constexpr auto& flag_name = STILLPOINT_ARKODE(GetReturnFlagName);
inline constexpr auto& set_user_data = STILLPOINT_ARKODE(SetUserData);
inline constexpr auto& set_tolerances = STILLPOINT_ARKODE(SStolerances);
inline constexpr auto& set_max_steps = STILLPOINT_ARKODE(SetMaxNumSteps);
inline constexpr auto& set_max_step = STILLPOINT_ARKODE(SetMaxStep);
inline constexpr auto& set_initial_step = STILLPOINT_ARKODE(SetInitStep);
inline constexpr auto& set_fixed_step = STILLPOINT_ARKODE(SetFixedStep);
inline constexpr auto& set_stop_time = STILLPOINT_ARKODE(SetStopTime);
inline constexpr auto& set_interpolant = STILLPOINT_ARKODE(SetInterpolantType);
inline constexpr auto& set_linear_solver = STILLPOINT_ARKODE(SetLinearSolver);
inline constexpr auto& set_jacobian = STILLPOINT_ARKODE(SetJacFn);
inline constexpr auto& set_preconditioner = STILLPOINT_ARKODE(SetPreconditioner);
inline constexpr auto& set_deduced_derivative = STILLPOINT_ARKODE(SetDeduceImplicitRhs);
inline constexpr auto& set_slowest_rate_decay = STILLPOINT_ARKODE(SetNonlinCRDown);
inline constexpr auto& set_max_standstill_warnings = STILLPOINT_ARKODE(SetMaxHnilWarns);
inline constexpr auto& set_max_newton_iterations = STILLPOINT_ARKODE(SetMaxNonlinIters);

using ArkodeMemory = Memory<STILLPOINT_ARKODE(Free)>;

#undef STILLPOINT_ARKODE

/// @brief The memory of an additive Runge–Kutta method, silent.
/// @param[in] explicit_field, implicit_field  One of the two may be null.
inline ArkodeMemory make(ARKRhsFn explicit_field, ARKRhsFn implicit_field, double t, N_Vector x,
                         const Context& context) {
  ArkodeMemory memory(
      check_handle(ARKStepCreate(explicit_field, implicit_field, t, x, context), "ARKStepCreate"));
#if SUNDIALS_VERSION_MAJOR < 7
  check(ARKStepSetErrFile(memory.get(), nullptr), "ARKStepSetErrFile", flag_name);
#endif
  check(set_max_standstill_warnings(memory.get(), -1), "ARKodeSetMaxHnilWarns", flag_name);
  return memory;
}

}  // namespace stillpoint::sun::arkode
