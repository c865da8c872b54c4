// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"

namespace stillpoint::fokker_planck {

/// @brief A probability density on a line, known on a uniform grid at whose ends it has decayed; in
/// between its logarithm is interpolated.
struct LineDensity {
  Vector grid;  ///< Ascending, uniform, (points)
  Vector log;   ///< ln of the density, (points)

  double step() const { return grid(1) - grid(0); }
  double operator()(double s) const;  ///< By cubic interpolation of the logarithm; 0 outside.
};

/// @brief Polynomials u_0 … u_{n−1} orthonormal under a density w, at the nodes of its Gauss rule
/// with Q ≥ n nodes:
///
///     values(j, q) = √ω_q u_j(s_q),   values · valuesᵀ = 1,
///
/// a matrix that takes coefficients to √weight × value at the nodes, and its transpose back.
struct WeightedBasis {
  /// @param[in] functions  n ≥ 1.
  /// @param[in] nodes      Q ≥ n, well below the number of grid points.
  WeightedBasis(const LineDensity& density, Index functions, Index nodes);

  Vector nodes;         ///< s_q, ascending, (Q)
  Vector root_weights;  ///< √ω_q, (Q); Σ ω = 1
  Matrix values;        ///< (n, Q)
  /// u_k' = Σ_j derivative(k, j) u_j, (n, n); strictly lower triangular.
  Matrix derivative;

  Vector evaluate(double s) const;  ///< u_0(s) … u_{n−1}(s), (n)

 private:
  Vector alpha_, beta_;  // recurrence: √β_{k+1} u_{k+1} = (s − α_k) u_k − √β_k u_{k−1}
};

}  // namespace stillpoint::fokker_planck
