// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "solvers/fokker_planck/chart.hpp"
#include "solvers/fokker_planck/grid.hpp"

/// @file
/// @brief Where to look for a stationary density: a chart and a box that hold all but a tiny part.
namespace stillpoint::fokker_planck {

/// A first idea of a law.
struct LawGuess {
  Vector mean;        ///< (n)
  Matrix covariance;  ///< Positive definite, (n, n).
};

/// @brief The law that the drift's own trajectories suggest: each start is integrated until it
/// settles or `time` has passed; around its end the linearised diffusion spreads by
/// J C + C Jᵀ + 2D = 0, or, where J is not stable (a cycle), as the second half of the trajectory
/// does. All ends together give mean and covariance.
/// @param[in] starts  States, (n, k), k ≥ 1.
/// @param[in] time    > 0, in the model's unit; many relaxation times.
/// @throws std::invalid_argument for a bad argument; what the coefficients throw;
/// std::runtime_error
///   with the integrator's sentence if a trajectory cannot be integrated.
LawGuess guess_law(const Coefficients& coefficients, const Matrix& starts, double time);

struct DomainOptions {
  double tail_mass = 1e-8;  ///< Probability allowed in the outermost cells of each side.
  Index max_rounds = 24;    ///< Of solving on a coarse grid and moving the box.
};

struct Domain {
  Report report;  ///< Not ok where mass is left at a side; iterations: rounds.
  Chart chart;
  std::vector<Axis> axes;      ///< In the chart's coordinates, with the cells of the coarse grid.
  double boundary_mass = 0.0;  ///< Largest probability left in the outermost cells of a side.
  /// How much finer each axis wants to be than the law's standard deviation, ≥ 1, (n): the mean of
  /// |A|/D over the law, larger than about 1 where drift circulates along weak noise.
  Vector refinement;
};

/// @brief Finds the box: solves on a coarse grid on the principal chart of the present guess,
/// widens a side that holds more than tail_mass, moves the chart to the moments found, and trims
/// what is empty, until nothing changes.
/// @throws std::invalid_argument for a bad argument; what the coefficients throw.
Domain find_domain(const Coefficients& coefficients, const LawGuess& guess,
                   const DomainOptions& options = {});

}  // namespace stillpoint::fokker_planck
