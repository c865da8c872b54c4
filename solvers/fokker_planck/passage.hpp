// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "solvers/fokker_planck/generator.hpp"

/// @file
/// @brief Questions about the way to a set: backward equations on a grid.
namespace stillpoint::fokker_planck {

struct PassageOptions {
  double tolerance = 1e-10;    ///< Relative, of the linear systems.
  Index max_iterations = 200;  ///< Of GMRES, each system.
  bool estimate_error = true;  ///< By a second solution with half the cells an axis.
};

/// First-passage times from every cell.
struct PassageTimes {
  Report report;  ///< residual: error.
  Grid grid;
  Vector mean;                ///< τ, (cells), 0 in the regions.
  Vector standard_deviation;  ///< Of the passage time, (cells).
  /// Estimated relative error of the largest mean: a third of the change on halving the mesh.
  double error;

  double mean_from(const Vector& x) const;                ///< Interpolated.
  double standard_deviation_from(const Vector& x) const;  ///< Interpolated.
};

/// @brief First time at which a diffusion enters one of the regions or leaves through an absorbing
/// side,
///
///     ℒ τ = −1,   ℒ m₂ = −2 τ,   τ = m₂ = 0 there,
///
/// with the generator of make_generator(): second order in the mesh. A process that is looked at
/// only every h is later: monitoring_shift in line.hpp.
/// The report is not ok where no cell has an exit.
/// @throws std::invalid_argument for a bad argument; what the coefficients throw.
/// Source: Gardiner (2009), section 6.6.
PassageTimes first_passage_times(const Coefficients& coefficients, const Grid& grid,
                                 const std::vector<Region>& regions,
                                 const PassageOptions& options = {});

/// The probability to come to one set before another.
struct Committor {
  Report report;  ///< residual: error.
  Grid grid;
  Vector probability;  ///< q, (cells); 1 in the target, 0 in the other set.
  /// Estimated largest error: a third of the change on halving the mesh, a cell away from the sets.
  /// NaN if not asked for.
  double error;
  double from(const Vector& x) const;
};

/// @brief Committor ℒ q = 0, q = 1 in the target and 0 in the other set (and behind absorbing
/// sides). Errors as for first_passage_times(). Source: E & Vanden-Eijnden (2006), J. Stat. Phys.
/// 123, 503.
Committor committor(const Coefficients& coefficients, const Grid& grid, const Region& other,
                    const Region& target, const PassageOptions& options = {});

}  // namespace stillpoint::fokker_planck
