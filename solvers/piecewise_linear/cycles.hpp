// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <string>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/piecewise_linear/enumerate.hpp"

namespace stillpoint::piecewise_linear {

/// @brief An isolated cycle y_0 → y_1 → … → y_{k−1} → y_0 of a piecewise-linear chain.
struct Cycle {
  Index period = 1;                         ///< k, the least one.
  Matrix states;                            ///< (n, k), the doubles nearest to the exact ones.
  Matrix arguments;                         ///< of the activation, (n, k).
  std::vector<std::vector<int>> patterns;   ///< At each time, as in PiecewisePoint.
  std::vector<std::vector<Index>> on_kink;  ///< At each time.
  /// Eigenvalues of ∂Φᵏ/∂y, (n), by falling modulus; at kinks of the mean slopes.
  Eigen::VectorXcd multipliers;
  fixed_points::Stability stability =
      fixed_points::Stability::stable;  ///< Marginal if a kink is hit.
  Index unstable_directions = 0;
  int index = 0;  ///< Of y_0 as a fixed point of Φᵏ.
};

/// A convex set of points of a period: its vertices and rays are whole orbits, states at times
/// 0 … k − 1 one below the other, (n k, ·). Some of its points may have a period that divides k.
struct CycleSet {
  Index period = 1;
  FixedSet set;
};

struct Cycles {
  std::vector<Cycle> cycles;         ///< Each once, by period; then as they were found.
  std::vector<CycleSet> sets;        ///< Each once up to a shift of time.
  std::vector<SearchEffort> effort;  ///< Of each period searched.
  std::string completeness;          ///< One sentence; never empty.
  Report report;                     ///< Not ok if a limit was hit.

  /// Number of cycles of that period.
  Index count(Index period) const;
};

/// @brief All cycles of a noise-free piecewise-linear chain of a period up to `longest`, fixed
/// points among them as period 1.
///
/// For each period k the equations of a whole orbit, n k unknowns, are enumerated as enumerate()
/// does it for a fixed point, in the same exact way:
///
///     a_{t+1} = (1−g) a_t + g (W f(a_t) + W_in u + b),   t mod k.
///
/// Activations, arguments, limits (each for one period) and errors as in enumerate(). Every cycle
/// is found at all its k shifts in time, so that the cost is at least k patterns for each.
/// @param[in] longest  Longest period, ≥ 1.
Cycles enumerate_cycles(const models::NoisyChain& chain, const Vector& input, Index longest,
                        const EnumerateOptions& options = {});

}  // namespace stillpoint::piecewise_linear
