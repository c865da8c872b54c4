// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "solvers/ode/initial_value.hpp"
#include "solvers/ode/integrate.hpp"
#include "solvers/ode/march.hpp"
#include "solvers/sundials/cvodes.hpp"

namespace stillpoint::ode {

/// What CVODES is set up with.
struct CvodesSettings {
  Method method;
  double relative_tolerance;
  double absolute_tolerance;
  Index max_steps;
};

/// @brief CVODES over a problem, set up and ready for its first step, with all that it borrows.
struct CvodesSolver {
  CvodesSolver(const CvodesSettings& settings, InitialValueProblem& problem, const Vector& x0,
               double t0);

  /// See Integrator::advance and Integrator::failure.
  Reached advance(double target, double& t);
  Report report_failure(double t);
  Index steps() const;

  InitialValueProblem& problem;
  sun::Context context;
  Vector state;  ///< x, where advance() leaves it
  sun::VectorHandle x;
  sun::CvodesMemory memory;
  LinearSystem system;                     ///< Of bdf.
  sun::NonlinearSolverHandle fixed_point;  ///< Of adams.
  int flag = 0;                            ///< Of the last CVode.
};

/// @throws SundialsError "call: flag" unless flag is 0.
void check_cvodes(int flag, std::string_view call);

}  // namespace stillpoint::ode
