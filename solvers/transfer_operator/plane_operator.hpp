// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include "lib/core/types.hpp"
#include "solvers/transfer_operator/panel_grid.hpp"
#include "solvers/transfer_operator/plane_chain.hpp"

namespace stillpoint::transfer_operator {

/// Tensor grid: node i = i₀ + n₀ i₁ is (x₀(i₀), x₁(i₁)); a function is its N = n₀ n₁ values.
using PlaneGrid = std::array<PanelGrid<double>, 2>;

/// ℓ_j(points(i)) as columns, (n, points): evaluates a function on the grid at the points. Points
/// beyond the grid count as its end.
Matrix interpolation(const PanelGrid<double>& grid, const Vector& points);

/// @brief (S v)(u) = E v(u + L z), L Lᵀ not diagonal, as a sum of products along the axes.
///
/// With ρ the correlation and σ_k the standard deviations, L z = √(1−|ρ|) σ∘z' + √|ρ| (σ₀, ±σ₁)
/// z'': independent noises along the axes, which leave a function smooth across the edges of
/// panels, then one common to both,
///
///     S V = Σ_q w_q X_qᵀ (D₀ᵀ V D₁) Y_q,
///
/// by the trapezoidal rule in z'', which converges exponentially for an analytic integrand; Q
/// nodes. Only algebraic across the edges of panels where L is singular, D = 1. Beyond the grid
/// functions are constant, rounded off at its ends to be analytic there.
///
/// Source: Trefethen & Weideman (2014), SIAM Rev. 56, 385 (the rule).
class CorrelatedSmear {
 public:
  CorrelatedSmear(const PlaneGrid& grid, const Eigen::Matrix2d& L, double refinement);

  Matrix backward(const Eigen::Ref<const Matrix>& V) const;  ///< S V, (n₀, n₁)
  Matrix forward(const Eigen::Ref<const Matrix>& pi) const;  ///< Sᵀ π, (n₀, n₁)
  Matrix dense_forward() const;                              ///< Sᵀ, (N, N)

 private:
  Index points_ = 0;            // Q
  std::array<Matrix, 2> axes_;  // D_k, (n_k, n_k)
  Matrix first_;                // X_q one below the other, (Q n₀, n₀)
  Matrix second_;               // w_q Y_q, column q + Q j of column j, (n₁, Q n₁)
};

/// @brief Collocation of the backward (Koopman) operator (𝒫v)(u) = E[v(u') | u] of a PlaneChain on
/// a tensor grid.
///
/// Given u and no noise but inside, or none, the components of u' are independent: a row of the
/// operator is a product of two one-dimensional rows, 𝒫 = Q S,
///
///     (Q v)(u) = r₀(u)ᵀ V r₁(u),   V (n₀, n₁) the values of v,   (S v)(u) = E v(u + L z').
///
/// Independent noises outside (L diagonal) keep that form; for correlated ones see CorrelatedSmear.
/// Both act on polynomials of the grid: S v is evaluated at the nodes and interpolated.
/// Expectations are Gauss–Legendre sums over |z| ≤ 10 in pieces, split at the kinks of f (inside),
/// at the edges of the panels (outside), and where the grid ends: beyond, functions are constant.
class PlaneOperator {
 public:
  /// @param[in] chain  Separable.
  PlaneOperator(const PlaneChain& chain, PlaneGrid grid, double refinement = 1.0);

  Index size() const { return rows_[0].cols(); }  ///< N
  const PlaneGrid& grid() const { return grid_; }
  Matrix nodes() const;  ///< (2, N)
  /// P(u'_0 is beyond the grid | u) + P(u'_1 is | u) at the nodes, (N).
  const Vector& leaving() const { return leaving_; }

  /// 𝒫v, (N).
  void backward(const Eigen::Ref<const Vector>& v, Eigen::Ref<Vector> result) const;
  /// 𝒫ᵀπ, (N).
  void forward(const Eigen::Ref<const Vector>& pi, Eigen::Ref<Vector> result) const;
  /// 𝒫ᵀ as a matrix, (N, N).
  Matrix dense_forward() const;

 private:
  Matrix rows(const PlaneChain& chain, int axis, double refinement);

  PlaneGrid grid_;
  std::array<Matrix, 2> rows_;            // r_k(u_i) as columns, (n_k, N)
  std::optional<CorrelatedSmear> smear_;  // empty where S is the identity or in the rows
  Vector leaving_;
};

}  // namespace stillpoint::transfer_operator
