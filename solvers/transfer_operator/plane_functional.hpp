// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <array>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/transfer_operator/plane_operator.hpp"

namespace stillpoint::transfer_operator {

/// @brief The stationary functional of a PlaneOperator, 𝒫ᵀπ = π, Σπ = 1, by a two-grid Krylov
/// method.
///
/// (1 − 𝒫ᵀ + u 1ᵀ) π = u, with any u of sum 1, has it as its solution. 𝒫 smooths, so that a coarse
/// grid on the same box, solved directly, inverts 1 − 𝒫 on all but its rough functions, on which
/// 𝒫 ≈ 0: with E (coarse to fine) and R (fine to coarse) interpolation and K = 𝒫_c − 1 u_cᵀ,
///
///     (1 − E K R)⁻¹ = 1 + E ((1 − K)⁻¹ − 1) R
///
/// preconditions GMRES.
/// Source: Atkinson (1997), The Numerical Solution of Integral Equations of the Second Kind, ch. 6.
class PlaneFunctional {
 public:
  /// @param[in] fine, coarse  Grids on the same box.
  /// @param[in] guess         Another functional of the same chain, or null.
  PlaneFunctional(const PlaneChain& chain, const PlaneGrid& fine, const PlaneGrid& coarse,
                  double refinement, const PlaneFunctional* guess);

  const PlaneGrid& grid() const { return operator_.grid(); }
  Matrix nodes() const { return operator_.nodes(); }  ///< (2, N), in the coordinates of the chain
  const Vector& weights() const { return weights_; }  ///< π, (N)
  const Report& report() const { return report_; }    ///< Of GMRES.
  /// Mass beyond the box after a step from the law, for each axis and added up; to rounding ≥ 0.
  double mass_outside() const { return operator_.leaving().dot(weights_); }
  Vector marginal(int axis) const;  ///< Functional on functions of u_axis.

  /// g with (1 − 𝒫) g = v − E v, E g = 0; NaN where GMRES fails.
  Vector poisson_solution(const Vector& v) const;

 private:
  PlaneOperator operator_;
  std::array<Matrix, 2> to_fine_;       // E: coarse basis at the fine nodes, (n_c, n)
  std::array<Matrix, 2> to_coarse_;     // R: fine basis at the coarse nodes, (n, n_c)
  Eigen::PartialPivLU<Matrix> coarse_;  // 1 − 𝒫_cᵀ + u_c 1ᵀ
  Vector shift_;                        // u, (N)
  Vector weights_;
  Report report_;
};

}  // namespace stillpoint::transfer_operator
