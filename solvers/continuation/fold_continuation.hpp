// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/continuation/bifurcation.hpp"
#include "solvers/continuation/continuation.hpp"
#include "solvers/continuation/parametric_map.hpp"

namespace stillpoint::continuation {

struct FoldContinuationOptions {
  Vector lower, upper;  ///< Where the parameters are followed, (2), lower < upper, finite.
  Vector scales;        ///< What changes count as a length of 1, (2), > 0; empty: 1.
  double state_bound = 1e3;
  double first_step = 0.01;
  double largest_step = 0.05;
  double smallest_step = 1e-7;
  double max_angle = 0.2;
  Index max_points = 5000;
};

/// A point of the curve of folds at which two folds meet and end: the quadratic coefficient is
/// zero.
struct Cusp {
  Vector parameters;   ///< (2)
  Vector state;        ///< (n)
  double error = 0.0;  ///< Of the parameters.
  Index after = 0;     ///< It lies between points[after] and the next.
};

/// @brief Folds of a map with two parameters, in the order in which they were followed.
struct FoldBranch {
  std::vector<Fold> points;  ///< `error` is not filled: Newton goes to rounding everywhere.
  std::vector<Cusp> cusps;
  BranchEnd begins = BranchEnd::parameter_bound, ends = BranchEnd::parameter_bound;
  Report report;  ///< Not ok at an end that is a failure.
};

/// @brief Follows a fold of a map with two parameters both ways, as a curve of (y, p₁, p₂): the
/// minimally augmented system of solve_fold() continued by pseudo-arclength.
///
/// The curve is smooth in (y, p) also at a cusp, where its shadow in the plane of the parameters
/// has a tip. A pitchfork that persists by symmetry is no fold: its curve cannot be followed here,
/// and the start is refused.
/// @param[in] y  State at or near the fold, (n).  @param[in] p  Parameters there, (2).
/// @throws std::invalid_argument for a bad argument, or if Newton's method finds no fold near the
///   start with the second parameter as it is; what the map throws; Interrupted.
/// Source: Govaerts (2000), Numerical Methods for Bifurcations of Dynamical Equilibria, ch. 4, 8.
FoldBranch trace_folds(const ParametricMap& map, const Vector& y, const Vector& p,
                       const FoldContinuationOptions& options);

}  // namespace stillpoint::continuation
