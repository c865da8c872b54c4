// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "lib/random/normal.hpp"
#include "lib/tasks/trials.hpp"

namespace stillpoint::tasks {

/// @brief Path integration in the plane: told its velocity, a network reports where it is.
///
/// The arena is the square [−½, ½]² of side 1. A path starts anywhere in it, uniformly. Step t goes
/// a length ℓ_t = speed (½ + U_t) along a heading θ_t = θ_{t−1} + turn ζ_t, ζ ~ N(0, 1), U uniform
/// in (0, 1); at a wall position and heading are reflected. Inputs (5): the displacement of the
/// step over `speed` (2); and in the first `cue` steps, during which nothing moves, the start
/// position over ½ (2) and a one. Outputs (2): the position over ½, at every step from the end of
/// the cue on. The network starts at 0.
///
/// Evaluation: error = root mean square distance of the final read-out from the final position,
/// relative to the side; baseline = the same of who stays at the start.
/// A task of Eckstein & Srinivasan (2026, version 2), whose sizes are not published.
struct PathIntegration {
  Index steps = 100;    ///< T, cue included
  Index cue = 5;        ///< 1 ≤ cue < T
  double speed = 0.06;  ///< Mean length of a step, sides; in (0, 0.25]
  double turn = 0.4;    ///< Radians, ≥ 0

  static constexpr Index inputs = 5, outputs = 2;

  /// Mean length of a path, sides.
  double path_length() const { return speed * static_cast<double>(steps - cue); }

  /// @brief Paths of a batch; other ones for another iteration. Uses uniform() and normal() of two
  /// streams, stream and stream + 1.
  /// @throws std::invalid_argument for a member outside its range, count < 1 or units < 1.
  Trials draw(Index count, Index units, const random::Stream& stream,
              std::uint32_t iteration) const;

  struct Score {
    double error;     ///< Sides.
    double baseline;  ///< Sides.
  };
  /// @param[in] final_outputs  z_T of every trial, (2, B).
  /// @throws std::invalid_argument for another shape.
  Score score(const Trials& trials, const Matrix& final_outputs) const;
};

}  // namespace stillpoint::tasks
