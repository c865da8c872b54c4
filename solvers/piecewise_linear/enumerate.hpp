// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/find.hpp"

namespace stillpoint::piecewise_linear {

/// @brief An isolated fixed point of a piecewise-linear network.
///
/// It was solved in rational numbers: state and argument are the doubles nearest to it.
struct PiecewisePoint {
  /// `error` is the rounding of the state. Where units are on a kink, `multipliers` belong to the
  /// mean of the two slopes, stability is marginal (the linearization is silent) and `index`, then
  /// the degree of the piecewise-linear map, may be any integer.
  fixed_points::FixedPoint point;
  std::vector<int> pattern;    ///< Piece of each unit, 0 the lowest; a kink is in the one above.
  std::vector<Index> on_kink;  ///< Units whose argument is exactly on a kink.
};

/// @brief A convex set of fixed points of dimension ≥ 1, all those in one pattern: the hull of
/// vertices plus all non-negative multiples of rays.
struct FixedSet {
  std::vector<int> pattern;
  Index dimension = 0;
  Matrix vertices;  ///< Network states in columns, (n, ≥ 1)..
  Matrix rays;      ///< Directions of states, (n, k), largest entry 1; k = 0: bounded.
};

/// "a segment from (…) to (…)", "a half-line from (…) along (…)" or the numbers of both.
std::string to_string(const FixedSet& set);

/// How the completeness of a list is proved, and at what cost.
struct SearchEffort {
  Index nodes = 0;                 ///< Nodes of the tree of patterns, pruned ones included.
  Index patterns = 0;              ///< Candidates solved in rational numbers.
  Index rounded_certificates = 0;  ///< Branches pruned by a proof in doubles with error bounds.
  Index exact_certificates = 0;    ///< Branches pruned by a proof in rational numbers.
  Index unproved = 0;              ///< Infeasible in doubles, not proved, hence searched on.
  Index open_branches = 0;         ///< Left when a limit was hit; 0: the list is complete.
  Index pivots = 0;                ///< Exchange steps of the simplex method.
};

struct EnumerateOptions {
  Index max_nodes = 10'000'000;                                  ///< > 0
  double max_seconds = std::numeric_limits<double>::infinity();  ///< > 0
  Index max_points = 1'000'000;  ///< > 0; the search stops after the first point beyond.
};

/// @brief All fixed points of a network.
struct Enumeration {
  /// By rising number of unstable directions, then by state, first entry first.
  std::vector<PiecewisePoint> points;
  std::vector<FixedSet> sets;  ///< Points of a set are not among `points`.
  SearchEffort effort;
  bool indices_known = false;  ///< No sets, and the index of every point was determined.
  /// What Σ index must be by theory, where that is known without a further search: see
  /// check_index().
  std::optional<int> expected_index_sum;
  std::string completeness;  ///< One sentence; never empty.
  /// Not ok if a limit was hit, or if Σ index of a complete list is not the expected one.
  Report report;

  /// Σ index over the points.
  int index_sum() const;
};

/// @brief All fixed points of a chain without noise at a constant input, for identity, relu, leaky
/// relu and saturating linear units; both equations have the same ones.
///
/// With a the argument of the activation, a = W f(a) + W_in u + b; h = f(a). Branch and bound over
/// the piece every unit is in. A branch without solutions is pruned on a certificate that is
/// checked with a bound of rounding errors or in rational numbers; every pattern that is left is
/// solved in rational numbers, which doubles are: a complete list is proved to be one. W_in u + b
/// is taken exactly, not rounded.
///
/// Cost: random relu networks of unit spectral radius need about 40, 200, 1300 and 12 000 nodes for
/// 12, 20, 30 and 40 units. With M points it is at least M patterns; with k units exactly on a
/// kink, 2ᵏ patterns for one point.
/// @param[in] input  Constant input, (inputs).
/// @throws std::invalid_argument for another activation, a bad argument, or weights that are not 0
///   and not within 1e±200. Interrupted.
/// Source of the programme: Cottle, Pang & Stone (1992), The Linear Complementarity Problem; of the
/// certificate: Farkas (1902).
Enumeration enumerate(const models::NoisyChain& chain, const Vector& input,
                      const EnumerateOptions& options = {});

}  // namespace stillpoint::piecewise_linear
