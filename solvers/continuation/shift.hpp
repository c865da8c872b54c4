// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/fixed_points/map.hpp"

namespace stillpoint::continuation {

/// One map for every noise level in [0, 1]: 0 without noise, 1 at the noise that is asked about.
using Family = std::function<fixed_points::Map(double level)>;

struct ShiftOptions {
  double first_step = 0.1;      ///< First step along the branch, in (0, 1].
  double smallest_step = 1e-7;  ///< A branch that no smaller step carries on is given up, > 0.
  double tolerance = 1e-12;     ///< Largest residual at the end, relative to max(1, |y|∞).
  int threads = 0;              ///< 0: all cores. The answer does not depend on it.
};

/// @brief A fixed point followed from level 0 to level 1.
struct Shift {
  fixed_points::FixedPoint from;  ///< At level 0.
  fixed_points::FixedPoint to;    ///< At level 1, or at the last point before the branch ends.
  double level = 0.0;             ///< Where it ends, to rounding at a fold or a pitchfork; else 1.
  bool survives = false;          ///< True if it was followed to level 1.
  Report report;  ///< Not ok if it does not survive: a sentence says where it ended.
  /// Levels at which a multiplier passed 1 while the branch went on (pitchfork, transcritical).
  std::vector<double> branch_points;
};

/// @brief Where fixed points are at one noise level: trace_branch() from level 0 upwards as far as
/// 1, for many points at once.
///
/// A branch ends where it turns back, at a fold or as the arm of a pitchfork, whose middle branch
/// goes on; what lies beyond is not looked for. For whole diagrams, other parameters, or the level
/// at which one state ends with its error, use continuation.hpp and survival.hpp.
/// @param[in] points  Fixed points of family(0).
/// @throws std::invalid_argument for a bad argument or a point that is none; what the maps throw.
std::vector<Shift> shift(const Family& family, const std::vector<fixed_points::FixedPoint>& points,
                         const ShiftOptions& options = {});

/// @brief The same for a chain at a constant input, from no smoothing to q, (n): level ℓ has the
/// map chain_map(chain, input, ℓ q).
std::vector<Shift> shift(const models::NoisyChain& chain, const Vector& input, const Vector& q,
                         const std::vector<fixed_points::FixedPoint>& points,
                         const ShiftOptions& options = {});

}  // namespace stillpoint::continuation
