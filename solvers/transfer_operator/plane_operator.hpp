// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include "lib/core/types.hpp"
#include "solvers/transfer_operator/panel_grid.hpp"
#include "solvers/transfer_operator/plane_chain.hpp"

namespace stillpoint::transfer_operator {

/// Tensor grid: node i = i₀ + n₀ i₁ is (x₀(i₀), x₁(i₁)); a function is its N = n₀ n₁ values.
using PlaneGrid = std::array<PanelGrid<double>, 2>;

/// ℓ_j(points(i)) as columns, (n, points): evaluates a function on the grid at the points. Points
/// beyond the grid count as its end.
Matrix interpolation(const PanelGrid<double>& grid, const Vector& points);

/// @brief Collocation of the backward (Koopman) operator (𝒫v)(u) = E[v(u') | u] of a PlaneChain on
/// a tensor grid.
///
/// Given u and no noise but inside, or none, the components of u' are independent: a row of the
/// operator is a product of two one-dimensional rows, 𝒫 = Q S,
///
///     (Q v)(u) = r₀(u)ᵀ V r₁(u),   V (n₀, n₁) the values of v,   (S v)(u) = E v(u + L z').
///
/// Independent noises outside (L diagonal) keep that form; correlated ones take a dense S. Both act
/// on polynomials of the grid: S v is evaluated at the nodes and interpolated.
/// Expectations are Gauss–Legendre sums over |z| ≤ 10 in pieces, split at the kinks of f (inside),
/// at the edges of the panels (outside), and where the grid ends: beyond, functions are constant.
class PlaneOperator {
 public:
  /// @param[in] chain  Separable.
  PlaneOperator(const PlaneChain& chain, PlaneGrid grid, double refinement = 1.0);

  Index size() const { return rows_[0].cols(); }  ///< N
  const PlaneGrid& grid() const { return grid_; }
  Matrix nodes() const;  ///< (2, N)

  /// 𝒫v, (N).
  void backward(const Eigen::Ref<const Vector>& v, Eigen::Ref<Vector> result) const;
  /// 𝒫ᵀπ, (N).
  void forward(const Eigen::Ref<const Vector>& pi, Eigen::Ref<Vector> result) const;
  /// 𝒫ᵀ as a matrix, (N, N).
  Matrix dense_forward() const;

 private:
  Matrix rows(const PlaneChain& chain, int axis, double refinement) const;

  PlaneGrid grid_;
  std::array<Matrix, 2> rows_;  // r_k(u_i) as columns, (n_k, N)
  Matrix smear_;                // Sᵀ, (N, N); empty where S is the identity or in the rows
};

}  // namespace stillpoint::transfer_operator
