// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <memory>

#include "lib/models/noisy_diffusion.hpp"
#include "solvers/fokker_planck/stationary.hpp"

/// @file
/// @brief A network of many units along its few slow directions: coefficients of dimension 1 to 3.
///
///     const auto slow = reduce_to_slow_subspace(diffusion, fixed_point);
///     const auto density = solve_stationary(slow.coefficients, slow.guess);
///     const auto moments = network_moments(slow, density);
///     const auto check = check_reduction(slow, density, input);   // slow_subspace_check.hpp
namespace stillpoint::fokker_planck {

struct SlowSubspaceOptions {
  Index dimension = 0;  ///< d; 0: that of 1 to 3 with the widest gap behind it.
  /// Least rate of the slowest fast direction over the largest |eigenvalue| of a slow one, > 1.
  double separation = 2.0;
  /// Network states, (m, k), whose trajectories without noise end where the law is; empty: 2 units
  /// of state to both sides of the centre along each slow direction.
  Matrix starts = {};
  double reach = 7.0;       ///< Standard deviations around those ends that are tabulated.
  Index nodes = 0;          ///< Of the table an axis, odd; 0: 49, 21, 11 in 1, 2, 3 dimensions.
  double tolerance = 1e-3;  ///< Of the table, see SlowSubspace::report.
  int threads = 0;          ///< 0: all cores.
};

/// Averages at Chebyshev points of a box of slow coordinates; a column a point, first axis fastest.
struct SlowTable {
  Vector lower, upper;  ///< (d)
  Index nodes = 0;      ///< An axis.
  Matrix drift;         ///< (d, points)
  Matrix tensor;        ///< (d², points)
  Matrix state;         ///< ȳ(s), (m, points)
  Matrix spread;        ///< Cov(y − Rs), the cross terms with s included, (m², points)

  /// Weights of the points in the interpolant at s, (points); s outside the box: the nearest point.
  Vector cardinals(const Vector& s) const;
};

/// @brief The diffusion dy = A dt + C dω of a network, y ∈ ℝᵐ, along the d slowest directions of
/// its linearisation J at a centre y*:
///
///     y = y* + R s + Q f,   s = Lᵀ(y − y*),   J R = R Λ,  Lᵀ J = Λ Lᵀ,  Lᵀ R = 1,  Lᵀ Q = 0,
///     ds = a(s) dt + … dω,  a(s) = Lᵀ E A,  D(s) = ½ E (ℓᵀ C)(ℓᵀ C)ᵀ,  ℓᵀ = Lᵀ − Lᵀ J̄ Q F⁻¹ P,
///
/// with P = Qᵀ(1 − R Lᵀ). The fast part f is slaved: Gaussian around the slow manifold
/// P E A(y* + R s + Q f̄) = 0 with the covariance of its own closure at frozen s,
///
///     F Σ + Σ Fᵀ + P E(C Cᵀ) Pᵀ = 0,   F = P J̄ Q,   J̄ = E ∂A/∂y,
///
/// over which all averages E run (models::mean_drift and kin). ℓ adds to the noise of s what the
/// fast directions hand on once the slow manifold has bent away from R. Exact for a linear network.
/// What is neglected is of relative order 1/separation: the correlation of f with s beyond Cov(f,
/// s) = X, F X + X Λᵀ = −P E(C Cᵀ) L, which enters the network's covariance but not a(s); the drift
/// that comes with a state-dependent ℓ; and what a centre far from the law does to the bases.
struct SlowSubspace {
  /// outside_validity: no gap, a complex pair cut in two, or a fast direction that is not attracted
  /// somewhere in the box; no_convergence: no slow manifold there, or a table too coarse, residual:
  /// its error, relative to the largest drift and tensor, from every other point. Not ok: the
  /// coefficients are empty.
  Report report;
  Index dimension = 0;           ///< d
  Eigen::VectorXcd eigenvalues;  ///< Of J, by falling real part, (m).
  double separation = 0.0;       ///< Of the gap behind the d-th.
  double obliqueness = 1.0;      ///< |L|₂ ≥ 1: how much s magnifies what is not along R.

  Vector centre;  ///< y*, (m)
  Matrix right;   ///< R, orthonormal columns, (m, d)
  Matrix left;    ///< L, (m, d)
  Matrix fast;    ///< Q, orthonormal columns, (m, m − d)

  Coefficients coefficients;  ///< a(s) and D(s): the table interpolated, a linear beyond its box.
  LawGuess guess;             ///< Of s.
  std::shared_ptr<const SlowTable> table;
  std::shared_ptr<const models::NoisyDiffusion> diffusion;  ///< A copy.

  Vector coordinates(const Vector& state) const { return left.transpose() * (state - centre); }
  Vector state(const Vector& s) const { return table->state * table->cardinals(s); }  ///< ȳ(s), (m)
};

/// @brief Reduces a network to 1 to 3 slow directions.
/// @param[in] centre  y*, (m): a fixed point or the closure's mean; in a bistable network the
/// saddle.
/// @throws std::invalid_argument for a bad argument.
/// Source: adiabatic elimination, Gardiner (2009), ch. 8; here with Gaussian averages over what is
/// eliminated, and invariant subspaces by orthogonal iteration with exp(Jτ), which needs no
/// eigenvectors and works for defective ones.
SlowSubspace reduce_to_slow_subspace(const models::NoisyDiffusion& diffusion, const Vector& centre,
                                     const SlowSubspaceOptions& options = {});

/// Mean and covariance of the whole network.
struct NetworkMoments {
  Report report;         ///< outside_validity where the density leaves the table.
  Vector mean;           ///< (m)
  Matrix covariance;     ///< (m, m), slow and slaved.
  double outside = 0.0;  ///< Probability outside the table's box.
};

/// @brief The law of total covariance over a density of the slow coordinates.
/// @throws std::invalid_argument if the density is not one of this reduction.
NetworkMoments network_moments(const SlowSubspace& slow, const StationaryDensity& density);

}  // namespace stillpoint::fokker_planck
