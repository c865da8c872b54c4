// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/report.hpp"
#include "solvers/fokker_planck/generator.hpp"

namespace stillpoint::fokker_planck {

struct FiniteVolumeOptions {
  double tolerance = 1e-9;     ///< Of the linear systems: estimated L1 error of the probabilities.
  Index max_iterations = 200;  ///< Of GMRES.
  bool estimate_error = true;  ///< By solutions with half and a quarter of the cells an axis.
};

/// A stationary density on a grid.
struct GridDensity {
  Report report;  ///< residual: error estimate; iterations of GMRES on the finest grid.
  Grid grid;
  Vector masses;  ///< Probability of each cell, ≥ 0, Σ = 1, (cells).
  /// Estimated L1 distance to the exact cell probabilities, and the order in the mesh, 1 to 2, seen
  /// and used: Richardson's estimate from grids with half and a quarter of the cells an axis. NaN
  /// if not asked for.
  double error, order;
  Vector mean;        ///< In the grid's coordinates, (n).
  Matrix covariance;  ///< (n, n)
  Vector skewness;    ///< (n)
  Vector mean_error;  ///< Estimated, (n).
  Matrix covariance_error;
  double boundary_mass = 0.0;    ///< Probability of the cells along sides that are not periodic.
  double added_diffusion = 0.0;  ///< See Generator.
  double upwinded = 0.0;         ///< See Generator.
};

/// @brief The stationary density of a diffusion in a box with reflecting or periodic sides, by the
/// positive finite volumes of make_generator(): second order in the mesh where the tensor is
/// positive definite, never negative, of mass 1.
///
/// Nested iteration: each level of a Multigrid starts from the level below and is solved by GMRES
/// with one cycle as preconditioner; time and memory grow as the number of cells.
/// @throws std::invalid_argument for a bad argument, or an absorbing side.
GridDensity solve_finite_volume(const Coefficients& coefficients, const Grid& grid,
                                const FiniteVolumeOptions& options = {});

}  // namespace stillpoint::fokker_planck
