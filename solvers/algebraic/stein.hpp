// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::algebraic {

struct SteinSolution {
  Matrix X;       ///< (n, n), symmetric.
  Report report;  ///< iterations: doublings; residual: last relative change.
};

/// @brief Solves the Stein (discrete Lyapunov) equation X = A X Aᵀ + Q, whose solution is the
/// stationary covariance of x' = A x + ζ, Cov ζ = Q, for a spectral radius of A below 1.
///
/// By doubling, X_{k+1} = X_k + A_k X_k A_kᵀ, A_{k+1} = A_k², from X_0 = Q, A_0 = A: X_k holds the
/// first 2ᵏ terms of Σ Aʲ Q Aᵀʲ, so that convergence is quadratic, and X is positive semidefinite
/// if Q is. 3 products of size n a doubling. The report says no_convergence where the radius is not
/// below 1, to rounding.
/// @param[in] A  (n, n)
/// @param[in] Q  (n, n), symmetric.
/// @throws std::invalid_argument for a wrong shape or a non-finite number.
/// Source: Smith (1968), SIAM J. Appl. Math. 16, 198.
SteinSolution solve_stein(Matrix A, const Matrix& Q);

/// @brief Solves the Lyapunov equation F X + X Fᵀ + N = 0, whose solution is the stationary
/// covariance of dx = F x dt + noise of covariance N a unit of time, for a stable F.
///
/// By Cayley's transform to a Stein equation, A = (F − p)⁻¹(F + p), Q = 2p (F − p)⁻¹ N (F − p)⁻ᵀ;
/// the report says no_convergence where F is not stable.
/// @param[in] F  (n, n)
/// @param[in] N  (n, n), symmetric.
/// @throws std::invalid_argument for a wrong shape or a non-finite number.
SteinSolution solve_lyapunov(const Matrix& F, const Matrix& N);

}  // namespace stillpoint::algebraic
