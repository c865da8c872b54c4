// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/continuation/bifurcation.hpp"
#include "solvers/continuation/parametric_map.hpp"
#include "solvers/fixed_points/find.hpp"

namespace stillpoint::continuation {

struct ContinuationOptions {
  double lower = 0.0, upper = 1.0;  ///< Where the parameter is followed, lower < upper, finite.
  double state_bound = 1e3;         ///< A branch ends where maxᵢ |yᵢ| is above it, > 0.
  double first_step = 0.01;         ///< Arclength, see fixed_point_curve(), > 0.
  double largest_step = 0.05;       ///< ≥ first_step. Every step leaves two points.
  double smallest_step = 1e-7;      ///< A branch that no smaller step carries on ends, > 0.
  double max_angle = 0.2;           ///< Between tangents of neighbouring points, radians, (0, 1].
  double parameter_scale = 1.0;     ///< What change of the parameter counts as a length of 1, > 0.
  Index max_points = 5000;          ///< Of one branch, > 1.
  Index max_branches = 200;         ///< Of a diagram, > 0.
};

/// Why a branch ends.
enum class BranchEnd {
  parameter_bound,  ///< at lower or upper, a point of the branch
  state_bound,      ///< the state grew beyond state_bound
  closed_loop,      ///< it came back to where it began
  joined,           ///< it came to a branch point whose branches are known
  stopped,          ///< the caller asked for that at a bifurcation
  max_points,       ///< not followed further
  smallest_step,    ///< no step above smallest_step was safe: a kink, or a corner of the map
  not_admissible,   ///< what follows solves the equations, but is no state (ParametricMap)
};

std::string_view to_string(BranchEnd end);

/// A point of a branch.
struct BranchedPoint {
  double parameter = 0.0;
  Vector tangent;  ///< (dy, dp)/ds, ‖·‖ = 1 in the sense of fixed_point_curve(), (n + 1).
  fixed_points::FixedPoint point;  ///< State, multipliers, stability, unstable directions, index.
};

/// @brief A branch of fixed points, in the order in which it was followed.
struct Branch {
  std::vector<BranchedPoint> points;
  std::vector<Bifurcation> bifurcations;          ///< In the same order.
  BranchEnd begins = BranchEnd::parameter_bound;  ///< At points.front(), where parent = −1.
  BranchEnd ends = BranchEnd::parameter_bound;    ///< At points.back().
  /// The branch and the number of its bifurcation that points.front() is; −1 for a starting point.
  Index parent = -1, parent_bifurcation = -1;
  /// Not ok at an end that is a failure, max_points or smallest_step, and where the start is no
  /// regular fixed point; then the start is the only point.
  Report report;
};

/// @brief Follows the fixed points of a map with one parameter by pseudo-arclength continuation
/// from one of them, both ways.
///
/// Predictor along the tangent, corrector by Newton across it; steps adapt to contraction and angle
/// and are verified by half steps (step_along()). Between two points bifurcations show by the
/// orientation of the curve, by the direction of the parameter and by the numbers of multipliers
/// outside the unit circle and right of 1; if there is more than one, the step is halved. Folds and
/// branch points are then located by their extended systems, the rest as roots along the curve. A
/// sign change that proves to be no branch point means that the step has jumped across the gap of
/// a broken pitchfork: it is refused.
/// An even number of branches that cross in one point shows only by the multipliers: it is listed
/// as degenerate.
/// @param[in] start      Near a fixed point of map(parameter), (n).
/// @param[in] parameter  In [lower, upper].
/// @param[in] stop       Called at every bifurcation; true ends the branch there. May be empty.
/// @throws std::invalid_argument for a bad argument; what the map throws; Interrupted.
/// Source: Keller (1977), in Applications of Bifurcation Theory; Allgower & Georg (2003),
/// Introduction to Numerical Continuation Methods, ch. 6 and 8.
Branch trace_branch(const ParametricMap& map, const Vector& start, double parameter,
                    const ContinuationOptions& options = {},
                    const std::function<bool(const Bifurcation&)>& stop = {});

/// The same in one direction only: towards larger parameters if `upwards`.
Branch trace_branch(const ParametricMap& map, const Vector& start, double parameter, bool upwards,
                    const ContinuationOptions& options = {},
                    const std::function<bool(const Bifurcation&)>& stop = {});

/// All branches connected with the starting points.
struct Diagram {
  std::vector<Branch> branches;
  /// Not ok if max_branches was reached or a branch is not ok: the first sentence.
  Report report;
};

/// @brief The bifurcation diagram connected with some fixed points at one parameter: every branch
/// is followed, at every pitchfork and transcritical the crossing branch is followed both ways, and
/// none of them twice.
/// @param[in] starts  Fixed points of map(parameter), (n) each; those on a branch that is already
///                    there are passed over.
Diagram trace_diagram(const ParametricMap& map, const std::vector<Vector>& starts, double parameter,
                      const ContinuationOptions& options = {});

}  // namespace stillpoint::continuation
