// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "lib/core/types.hpp"
#include "solvers/piecewise_linear/pieces.hpp"
#include "solvers/piecewise_linear/rational.hpp"

/// @file
/// @brief Piecewise-linear equations in exact numbers. Included by .cpp files of this folder only.

namespace stillpoint::piecewise_linear {

/// The piece of each unit.
using Pattern = std::vector<int>;

/// @brief P a + Q f(a) = r for a ∈ ℝⁿ, where fᵢ, i = 1…n, are piecewise linear.
///
/// Fixed points: P = I, Q = −W, r = the constant drive. Cycles: the same for all times at once.
struct PiecewiseLinearSystem {
  RationalMatrix P, Q;
  RationalVector r;
  std::vector<Pieces> f;  ///< (n)
  /// Bounds of a that are known to hold for all solutions, (n) each, or empty.
  RationalVector lower, upper;

  Index size() const { return P.rows; }
};

/// @brief The same equation as a complementarity problem: E x = r, x ≥ 0, u_p v_p = 0 for all
/// pairs.
///
/// Pair p belongs to kink k of a unit: u is how far a lies below the kink and v how far above, both
/// cut off at the next kink, so that with the unit's first kink k₁ and last kink kₘ
///
///     a = k₁ − u₁ + v₁ + … + vₘ,   f(a) = f(k₁) − s₀ u₁ + s₁ v₁ + … + sₘ vₘ,
///     vⱼ + uⱼ₊₁ = kⱼ₊₁ − kⱼ.
///
/// A unit without kinks has one pair whose product may be anything. Columns of E: u of pair p is
/// 2p, v is 2p + 1. Rows: the n equations, then the links of neighbouring kinks. If the right-hand
/// side is zero, x = 0 is a solution and the last row asks for another one, Σ x = 1.
struct ComplementarityForm {
  struct Pair {
    Index unit;
    int kink;  ///< −1: the unit has none.
  };
  std::vector<Pair> pairs;
  std::vector<Index> first_pair;  ///< Of each unit.
  RationalMatrix E;
  RationalVector r;
  std::vector<std::optional<Rational>> upper;  ///< Of x, where a bound follows from those of a.
  bool homogeneous = false;                    ///< The last row is Σ x = 1.
};

ComplementarityForm complementarity_form(const PiecewiseLinearSystem& system);

/// An isolated solution.
struct Solution {
  RationalVector argument;     ///< a, (n)
  Pattern pattern;             ///< A kink counts as the piece above it.
  std::vector<Index> on_kink;  ///< Units whose argument is exactly a kink.
  int determinant_sign = 0;    ///< sign det(P + Q S) of the pattern in which it was found.
};

/// A convex set of solutions of dimension ≥ 1: all those of one pattern.
struct SolutionSet {
  Pattern pattern;
  Index dimension = 0;
  std::vector<RationalVector> vertices;  ///< Arguments; at least one.
  std::vector<RationalVector> rays;      ///< Directions without end, of arguments; may be none.

  bool operator==(const SolutionSet& other) const {
    return vertices == other.vertices && rays == other.rays;
  }
};

/// @brief Exact solutions of a system within one pattern, its boundary included.
class PatternSolver {
 public:
  explicit PatternSolver(const PiecewiseLinearSystem& system);

  struct Answer {
    std::optional<Solution> solution;
    std::optional<SolutionSet> set;
  };
  Answer solve(const Pattern& pattern) const;

  /// True if a lies in the closed pattern.
  bool holds(const Pattern& pattern, const RationalVector& a) const;

  /// True if all solutions of `inner` lie in the closed pattern of `outer`.
  bool contains(const SolutionSet& outer, const SolutionSet& inner) const;

  /// A solution with its pattern and its units on a kink. Those not on one are in `pattern`.
  Solution located(RationalVector a, const Pattern& pattern, int determinant_sign) const;

 private:
  struct Column {
    std::vector<Integer> slope;      // of (P + Q S), (n)
    std::vector<Integer> intercept;  // of Q f's intercept, (n)
  };
  const Column& column(Index unit, int piece) const;
  Answer solve_singular(const Pattern& pattern, const AffineSolution& affine) const;
  bool inside(Index unit, int piece, const Rational& a) const;

  std::vector<RationalVector> kinks_;  // of each unit
  std::vector<std::vector<Column>> columns_;
  std::vector<Integer> right_;
};

}  // namespace stillpoint::piecewise_linear
