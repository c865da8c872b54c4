// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::algebraic {

/// Writes A x, shape (n), for x, shape (n). What it throws reaches the caller of gmres().
using LinearMap = std::function<void(const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> Ax)>;

struct GmresOptions {
  double tolerance = 1e-12;  ///< Success when ‖b − A x‖₂ ≤ tolerance ‖b‖₂.
  Index dimension = 100;     ///< Of the Krylov space between restarts, > 0.
  Index restarts = 10;       ///< ≥ 0
};

struct LinearSolution {
  Vector x;       ///< (n): the solution, or the last iterate where the report is not ok.
  Report report;  ///< iterations; residual ‖b − A x‖₂/‖b‖₂ as the method knows it.
};

/// @brief Solves A x = b by GMRES, A known by its products alone, preconditioned from the right:
/// A M⁻¹ (M x) = b, so that the residual is that of the system itself.
///
/// A failure is data: the report holds its status and a sentence. A NaN in a product ends the
/// solve.
/// @param[in] precondition  Writes M⁻¹ x; may be empty (M = 1).
/// @param[in] b             (n), finite, n > 0.
/// @param[in] x0            First guess, (n); empty: 0.
/// @throws std::invalid_argument for a bad argument; what a map threw; sun::SundialsError (a
///   std::runtime_error) if SUNDIALS cannot be set up.
/// Source: Saad & Schultz (1986), SIAM J. Sci. Stat. Comput. 7, 856; SUNDIALS' SPGMR.
LinearSolution gmres(const LinearMap& A, const LinearMap& precondition, const Vector& b, Vector x0,
                     const GmresOptions& options = {});

}  // namespace stillpoint::algebraic
