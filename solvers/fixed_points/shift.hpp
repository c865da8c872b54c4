// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::fixed_points {

/// One map for every noise level in [0, 1]: 0 without noise, 1 at the noise that is asked about.
using Family = std::function<Map(double level)>;

struct ShiftOptions {
  double first_step = 0.1;      ///< First step in level, in (0, 1].
  double smallest_step = 1e-5;  ///< A branch that no smaller step carries on has ended, > 0.
  double tolerance = 1e-12;     ///< Largest residual at the end, relative to max(1, |y|∞).
  int threads = 0;              ///< 0: all cores. The answer does not depend on it.
};

/// @brief A fixed point followed from level 0 to level 1.
struct Shift {
  FixedPoint from;        ///< At level 0.
  FixedPoint to;          ///< At the last level reached.
  double level = 0.0;     ///< Last level reached; 1 if the point survives.
  bool survives = false;  ///< True if it was followed to level 1, and no other point with it.
  Report report;          ///< Not ok if it does not survive: a sentence says where it ended.
  /// Levels at which a multiplier passed 1 while the branch went on (pitchfork, transcritical).
  std::vector<double> branch_points;
};

/// @brief Follows fixed points by continuation in the noise level: a secant predictor, Newton's
/// method as corrector, steps halved until the corrector contracts (each step at most half the
/// last) and det(I − ∂Φ/∂y) keeps its sign.
///
/// A branch ends where it folds or merges with another: the end is known to smallest_step, and the
/// report says so; what lies beyond a fold in the level is not looked for. Of points that arrive at
/// one point only the middle branch of a pitchfork survives.
/// @param[in] points  Fixed points of family(0).
/// @throws std::invalid_argument for a bad argument or a point that is none; what the maps throw.
/// Source: Allgower & Georg (2003), Introduction to Numerical Continuation Methods, ch. 2 and 6;
/// contraction test as in Deuflhard (2011), Newton Methods, section 5.1.
std::vector<Shift> shift(const Family& family, const std::vector<FixedPoint>& points,
                         const ShiftOptions& options = {});

/// @brief The same for a chain at a constant input, from no smoothing to q, (n): level ℓ has the
/// map chain_map(chain, input, ℓ q).
std::vector<Shift> shift(const models::NoisyChain& chain, const Vector& input, const Vector& q,
                         const std::vector<FixedPoint>& points, const ShiftOptions& options = {});

}  // namespace stillpoint::fixed_points
