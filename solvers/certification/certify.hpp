// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/intervals/matrix.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/find.hpp"

/// Fixed points of smooth networks with a proof, by interval arithmetic with outward rounding.
///
/// The equation is a = W f(a) + c, c = W_in u + b, in the argument a of f = tanh, logistic, erf or
/// softplus; both equations of the network share it (map.hpp). The proof is of the network as its
/// doubles have it: every W, W_in, u, b is the number it is in binary, and their sums are exact.
/// Network without noise and without smoothing.
namespace stillpoint::certification {

/// @brief One fixed point, proved.
struct Certificate {
  intervals::IntervalVector argument;  ///< Box of arguments with exactly one fixed point, (n).
  intervals::IntervalVector state;     ///< Box that holds the state of that fixed point, (n).
  /// A wider box of arguments, ⊃ argument, in which there is no other, (n).
  intervals::IntervalVector alone;
  double radius = 0.0;  ///< Half the largest side of `state`, rounded upward.
  int index = 0;        ///< sign det(I − ∂Φ/∂y) there, ±1, proved; 0 if nothing is.
  /// Number of multipliers outside the unit circle, none on it, proved; empty if that fails.
  std::optional<Index> unstable_directions;
  Report report;  ///< Not ok if nothing could be proved: a sentence says so, and boxes are empty.
};

/// Stable, saddle or unstable where it is proved, else marginal.
fixed_points::Stability stability(const Certificate& certificate);

struct CertifyOptions {
  Index max_nodes = 1'000'000;  ///< Boxes looked at by certify_all() before it gives up, > 0.
  /// A box narrower than this in every argument, relative to max(1, |a|), is cut no further, > 0:
  /// it stays undecided. Two fixed points nearer than a few of it cannot be told apart.
  double smallest_width = 1e-7;
  Index max_undecided = 1000;  ///< certify_all() gives up after so many undecided boxes, > 0.
  bool stability = true;       ///< Prove unstable_directions: most of the time for large n.
  /// Box of arguments for certify_all(), (n); empty: one that provably holds all fixed points.
  intervals::IntervalVector box;
  int threads = 0;  ///< Of certify(); 0: all cores. The answer does not depend on it.
};

/// @brief All fixed points in a box.
struct CertifiedPoints {
  /// In ascending order of state, first entry first. One of a user's box on its edge, to within its
  /// radius, counts as inside.
  std::vector<Certificate> points;
  /// Boxes of arguments, (n) each, in which further fixed points may lie; elsewhere is none.
  std::vector<intervals::IntervalVector> undecided;
  intervals::IntervalVector box;  ///< Where was searched, arguments, (n).
  bool contains_all = false;      ///< The box is proved to hold every fixed point of the network.
  std::string completeness;       ///< One sentence on what is proved; never empty.
  Report report;                  ///< iterations: nodes. Not ok if boxes stayed undecided.

  /// Nothing is missing: no undecided box, and the box holds all fixed points.
  bool complete() const { return contains_all && undecided.empty(); }
  /// Σ index over the points: 1 if the list is complete and f bounded.
  int index_sum() const;
};

/// @brief A box of arguments, (n), that is proved to hold every fixed point of a chain at a
/// constant input: where certify_all() searches. Empty for softplus if none is known.
/// @throws std::invalid_argument for a wrong shape or an activation that is not smooth.
std::optional<intervals::IntervalVector> box_of_all(const models::NoisyChain& chain,
                                                    const Vector& input);

/// @brief All fixed points of a chain at a constant input, each proved, and none elsewhere.
///
/// Branch and prune with an interval Newton operator (newton_operator.hpp) in a box that provably
/// holds all fixed points: f bounded, a ∈ c + W [inf f, sup f]; softplus of sharpness k, if some
/// u > 0 has W₊ u + c₊ + ln2/k ≤ u (checked in outward rounding; there is one if and only if the
/// spectral radius of W₊ = max(W, 0) is below 1): a ∈ c + W [0, u], because f(x) ≤ x₊ + ln2/k.
/// Otherwise options.box is needed, and the answer is about that box alone.
///
/// A degenerate fixed point (a multiplier 1: fold, pitchfork) cannot be proved by this or any
/// method that tolerates rounding; a small box around it stays undecided. Cost grows exponentially
/// with n: seconds for n ≤ 4, more with larger weights.
/// @param[in] input  Constant input, (inputs).
/// @throws std::invalid_argument for a wrong shape, a bad option, an activation that is not smooth
/// (enumerate() is complete for piecewise linear ones), or softplus without a box where one is
/// needed. Interrupted.
/// Source of the idea: Neumaier (1990), Interval Methods for Systems of Equations, chapter 5.
CertifiedPoints certify_all(const models::NoisyChain& chain, const Vector& input,
                            const CertifyOptions& options = {});

/// @brief Certificates of fixed points found by find(), in the same order, for any n.
///
/// Proves existence and uniqueness in a box around each; says nothing about others elsewhere. Two
/// points of the list are certainly different if their argument boxes have no point in common.
/// Cost: O(n³) a point.
/// @param[in] points  Points with arguments, (n) each; approximate.
/// @throws std::invalid_argument as certify_all(); Interrupted.
std::vector<Certificate> certify(const models::NoisyChain& chain, const Vector& input,
                                 const std::vector<fixed_points::FixedPoint>& points,
                                 const CertifyOptions& options = {});

/// The same for one point, given by its approximate argument of f, (n).
Certificate certify(const models::NoisyChain& chain, const Vector& input, const Vector& argument,
                    const CertifyOptions& options = {});

}  // namespace stillpoint::certification
