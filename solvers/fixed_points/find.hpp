// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::fixed_points {

/// What nearby states do under the map, from the moduli of the multipliers.
enum class Stability {
  stable,    ///< all inside the unit circle
  saddle,    ///< some inside, some outside
  unstable,  ///< all outside
  marginal,  ///< one on the circle to within the error of the point: the linearization is silent
};

std::string_view to_string(Stability stability);

/// @brief A fixed point y* = Φ(y*).
struct FixedPoint {
  Vector state;     ///< y*, (n)
  Vector argument;  ///< B y* + c, the argument of the activation, (n); empty for a general map.
  double residual = 0.0;  ///< maxᵢ |Φᵢ(y*) − y*ᵢ|
  double error = 0.0;     ///< Estimated maxᵢ error of y*: the length of the next Newton step.
  /// Eigenvalues of ∂Φ/∂y at y*, (n), by falling modulus. On a kink the derivative is one-sided.
  Eigen::VectorXcd multipliers;
  Stability stability = Stability::stable;
  Index unstable_directions = 0;  ///< Number of multipliers outside the unit circle.
  int index = 0;  ///< sign det(I − ∂Φ/∂y): ±1, or 0 where it cannot be told from rounding.
  /// Number of starts that ended here; 0 if it was found as the mirror image of another point.
  Index reached = 0;
};

/// An axis-parallel box of states.
struct Box {
  Vector lower, upper;        ///< (n) each
  bool contains_all = false;  ///< Proved to hold every fixed point.
};

struct Options {
  Index starts = 1024;  ///< Low-discrepancy (Sobol) starts, ≥ 0.
  /// A quarter of them each is used as it stands and after 1/16, 1/4 and all of this number of
  /// iterations of the map, which bring a start to where trajectories go.
  Index relaxation_steps = 64;
  /// After the starts: rounds of starts at midpoints of pairs of points found, where saddles lie,
  /// and at points mirrored at the centre of the box; for a smooth map, of curves and of deflated
  /// starts; for one with kinks, of starts in the linear regions next to those of the points found,
  /// until a round finds nothing new.
  Index rounds = 4;
  Index curves =
      32;  ///< Curves y − Φ(y) = s v traced through points found, in each round (curves.hpp).
  Index curve_steps = 256;     ///< Steps along each curve, > 0; each costs a Newton step.
  Index deflated_starts = 64;  ///< If a round found nothing else: starts with all points deflated.
  Index max_iterations = 60;   ///< Newton steps from each start, > 0.
  double tolerance = 1e-12;    ///< Largest residual of a point, relative to max(1, |y|∞).
  double merge_tolerance = 1e-7;  ///< Points nearer than this, relative to max(1, |y|∞), are one.
  int threads = 0;                ///< 0: all cores. The answer does not depend on it.
};

/// @brief What a search found.
struct FixedPoints {
  /// By rising number of unstable directions, then by state, first entry first.
  std::vector<FixedPoint> points;
  Box box;              ///< Where the starts were; of arguments, see starting_box(), for a chain.
  Index starts = 0;     ///< All starts, those of the rounds included.
  Index curves = 0;     ///< All curves that were traced.
  Index converged = 0;  ///< Starts that ended at a point of the list.
  std::string completeness;  ///< One sentence on what may be missing; never empty.
  Report report;             ///< Not ok if nothing was found: a sentence says why.

  /// Σ index over the points.
  int index_sum() const;
};

/// @brief Fixed points of a map by multistart: damped Newton steps from many starts, curves through
/// the points found, every point polished to a residual near rounding, equal ones merged.
///
/// A list found in this way may be incomplete, and says so. Deterministic: the same list for every
/// number of threads; another instruction set rounds differently, and a start that is far from any
/// root may end elsewhere. A smooth map is worked on at eight points side by side. Cost: a few
/// times (starts + rounds × curves × curve_steps / 8) × 8 factorisations.
/// @param[in] box     Where Sobol starts are taken; finite, lower ≤ upper; n ≤ 3667 if starts > 0.
/// @param[in] given   Further starts, (n, k), used as they stand; may have no columns.
/// @throws std::invalid_argument for a bad argument; what the map throws; Interrupted.
/// Source of the starts: Joe & Kuo (2008), SIAM J. Sci. Comput. 30, 2635 (Boost.Random).
FixedPoints find(const Map& map, const Box& box, const Matrix& given, const Options& options = {});

/// @brief Fixed points of a chain without noise (q empty) or smoothed, at a constant input.
///
/// Rate and current equation have the same points for the same W and input: h = f(x), x = W h + c,
/// with the same multipliers; the search is in the argument of f for both. Half of the Sobol starts
/// are arguments in starting_box(), half are values of f in their range there. A bounded continuous
/// f has Σ index = 1 over all fixed points; `completeness` says whether the list has that sum.
/// @param[in] input  Constant input, (inputs).
/// @param[in] q      Standard deviation of each argument, (n), see chain_map(); empty: none.
/// @param[in] given  Further starts, network states in columns, (n, k): points known before or
///                   states visited by trajectories. May have no columns.
FixedPoints find(const models::NoisyChain& chain, const Vector& input, const Vector& q = {},
                 const Matrix& given = {}, const Options& options = {});

/// @brief A box of arguments of the activation for the starts of a chain at a constant input.
///
/// f bounded, l ≤ f ≤ u: aᵢ ∈ (W_in u + b)ᵢ + Σⱼ W_ij [l, u], which holds the arguments of all
/// fixed points of the chain and of its smoothed maps. f unbounded: a guess. Trajectories over 20
/// time constants from f = 0 and from the given states visit a range of arguments; the box is that
/// range widened on each side by the largest of 1 and its greatest width, or by 10 if one of them
/// escapes.
Box starting_box(const models::NoisyChain& chain, const Vector& input, const Matrix& given = {});

/// @brief Multipliers, stability, residual and index at a point of a map.
/// @param[in] state  y, (n); need not be a fixed point to rounding: `error` says how far it is.
FixedPoint describe(const Map& map, const Vector& state);

}  // namespace stillpoint::fixed_points
