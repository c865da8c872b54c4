// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "solvers/transfer_operator/panel_grid.hpp"
#include "solvers/transfer_operator/scalar_chain.hpp"

namespace stillpoint::transfer_operator {

template <typename Real>
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
template <typename Real>
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

/// @brief Collocation of the backward (Koopman) operator (𝒫v)(y) = E[v(y') | y] on a panel grid:
///
///     P(i, j) = E[ℓ_j(y') | y = x_i],   x_i the nodes, ℓ_j the piecewise Lagrange basis,
///
/// returned transposed, (n, n), so that Pᵀ π = π is the stationary functional. Rows of P sum to 1.
///
/// Expectations are Gauss–Legendre sums over |z| ≤ 10 in pieces of width 2.5/refinement, split at
/// the kinks of f (noise inside) or at those of v (noise outside; they must be edges of the grid).
/// With both noises P is the product of the two operators, because given y they act one after the
/// other. Points beyond the grid count as its end.
///
/// Spectral in p: no density is needed, so atoms and singular densities do no harm.
/// Evaluated in Real, f included.
template <typename Real>
RealMatrix<Real> transposed_backward_operator(const ScalarChain& chain, const PanelGrid<Real>& grid,
                                              double refinement = 1.0);

}  // namespace stillpoint::transfer_operator
