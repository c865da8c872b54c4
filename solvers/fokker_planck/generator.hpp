// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/SparseCore>
#include <functional>
#include <vector>

#include "lib/core/report.hpp"
#include "solvers/fokker_planck/coefficients.hpp"
#include "solvers/fokker_planck/grid.hpp"

namespace stillpoint::fokker_planck {

using SparseMatrix = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

/// A set that absorbs, {x : level(x) ≤ 0}; level is smooth and about linear across its zero within
/// a cell, for example the distance to the set.
struct Region {
  std::function<double(const Vector& x)> level;
};

/// @brief A diffusion on a grid: the generator of a Markov chain that jumps between cells, whose
/// rates are never negative and whose rows sum to zero,
///
///     (ℒu)(x) = A·∇u + D:∇∇u ≈ Σ_y Q(x, y) u(y),   dp/dt = Qᵀ p.
///
/// So mass is conserved to rounding and a density stays a density for any drift, tensor and mesh.
/// The tensor is D = Σ_e λ_e(x) e eᵀ with lattice directions e (decompose()), and the jump from x
/// to x + e has the rate of an exponentially fitted flux,
///
///     λ_e(x) B(−w),   w = e·½(c(x) + c(x+e)),   c = D⁻¹ A,   B(w) = w/(e^w − 1):
///
/// Scharfetter & Gummel (1969) along each direction. One dimension has the exact equilibrium of the
/// trapezoid rule for ∫A/D. Error of second order in the mesh wherever D is positive definite and
/// |w| ≲ 1; where D is (nearly) singular and A has a component that D cannot carry, |w| >
/// max_fitted a step, that component is upwinded along the axes: first order.
///
/// A reflecting side drops the jumps that cross it (exact no-flux for directions along the axes,
/// first order at the side for oblique ones: keep a side that matters away from oblique noise). A
/// jump across an absorbing side or into a region ends at the boundary, at the fraction of it that
/// lies inside, with the rate of the shorter step.
/// Source: Chang & Cooper (1970), J. Comput. Phys. 6, 1, and the sources of decompose().
struct Generator {
  Report report;  ///< Not ok where a coefficient is a NaN or the tensor has a negative eigenvalue.
  SparseMatrix rates;  ///< Q, (cells, cells); absorbed cells have the row −1 on the diagonal.
  /// Rates from a cell to each region and, last, to the absorbing sides, (cells, regions + 1).
  Matrix exits;
  std::vector<bool> absorbed;    ///< Cells in a region.
  double added_diffusion = 0.0;  ///< Largest δ of decompose().
  double upwinded = 0.0;         ///< Share of cells where part of the drift is upwinded.
  /// Mean over cells of the rate of jumps along each axis, (n): Dᵢᵢ/hᵢ² and the upwinded drift.
  Vector coupling;
};

/// @throws std::invalid_argument if grid and coefficients differ in dimension; what they throw.
Generator make_generator(const Coefficients& coefficients, const Grid& grid,
                         const std::vector<Region>& regions = {});

}  // namespace stillpoint::fokker_planck
