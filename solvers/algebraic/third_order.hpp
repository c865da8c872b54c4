// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::algebraic {

/// A tensor K(i, j, k) of size (n, n, n): slice k is the matrix K(·, ·, k).
using Tensor3 = std::vector<Matrix>;

struct ThirdOrderSolution {
  Tensor3 K;  ///< (n, n, n), symmetric.
  Report report;
};

/// @brief Solves K = (A, A, A) K + Q, K(i,j,k) = Σ A_ip A_jq A_kr K(p,q,r) + Q(i,j,k), whose
/// solution is the stationary third cumulant of x' = A x + ζ, κ₃(ζ) = Q, for a spectral radius of A
/// below 1.
///
/// By the complex Schur form of A, slice after slice from the last: some 4 n⁴ operations, defective
/// A included. The report says no_convergence where the radius is not below 1.
/// @param[in] Q  (n, n, n), symmetric.
/// @throws std::invalid_argument for a wrong shape or a non-finite number.
ThirdOrderSolution solve_third_order_stein(const Matrix& A, const Tensor3& Q);

/// @brief Solves (F, 1, 1) K + (1, F, 1) K + (1, 1, F) K + Q = 0, the stationary third cumulant of
/// dx = F x dt + noise whose third cumulant grows by Q a unit of time, for a stable F. As above.
ThirdOrderSolution solve_third_order_lyapunov(const Matrix& F, const Tensor3& Q);

}  // namespace stillpoint::algebraic
