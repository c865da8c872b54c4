// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "solvers/algebraic/gmres.hpp"

namespace stillpoint::algebraic {

/// @brief Orthonormal basis of the Krylov space of A and v, A V_m = V_m H_m + β v_{m+1} e_mᵀ.
struct Arnoldi {
  Matrix basis;             ///< V_{m+1}, (n, m + 1)
  Matrix hessenberg;        ///< H_m, (m, m)
  double next = 0.0;        ///< β; 0 where the space is invariant.
  double start_norm = 0.0;  ///< ‖v‖₂
};

/// @param[in] v  (n), not zero.
/// @param[in] dimension  m ≥ 1; less where the space is invariant before.
/// @throws std::invalid_argument for a bad argument; what the map throws.
/// Source: Saad (2011), Numerical Methods for Large Eigenvalue Problems, section 6.2: modified
/// Gram–Schmidt with a second pass.
Arnoldi arnoldi(const LinearMap& A, const Vector& v, Index dimension);

struct ExponentialOptions {
  double tolerance = 1e-10;  ///< Error, in the 2-norm and relative to ‖v‖.
  Index dimension = 30;      ///< Of the Krylov spaces.
  Index max_steps = 100000;
};

/// e^{tA} v with the report of the steps: iterations counts products with A.
struct ExponentialAction {
  Vector value;
  Report report;
};

/// @brief e^{tA} v for a large sparse A: steps of length τ, each e^{τA} v ≈ ‖v‖ V_m e^{τH_m} e_1 in
/// a Krylov space, τ adapted to the error estimate of the next term.
/// @param[in] time  t, ≥ 0, finite.
/// @throws std::invalid_argument for a bad argument; what the map throws.
/// Source: Saad (1992), SIAM J. Numer. Anal. 29, 209; Sidje (1998), ACM TOMS 24, 130.
ExponentialAction exponential_action(const LinearMap& A, const Vector& v, double time,
                                     const ExponentialOptions& options = {});

}  // namespace stillpoint::algebraic
