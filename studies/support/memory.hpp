// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/random/normal.hpp"
#include "lib/statistics/estimate.hpp"
#include "solvers/continuation/survival.hpp"
#include "solvers/fixed_points/find.hpp"

/// What holds a network at one of its stable states: the saddles around it. `points` are the fixed
/// points without noise.
namespace stillpoint::studies {

/// The nearest of the points with one unstable direction; empty if there is none.
Vector nearest_saddle(const std::vector<fixed_points::FixedPoint>& points, const Vector& state);

/// @brief The saddle without noise over which a state is lost: where its smoothed branch comes back
/// to without noise after the fold at which it ends; on another rung, at another end, or where the
/// branch does not come back below `largest`, the nearest one. Empty if there is none.
/// @param[in] survival  Of the state on this rung.
Vector saddle_of(const continuation::Subject& subject,
                 const std::vector<fixed_points::FixedPoint>& points, const Vector& state,
                 moments::Rung rung, const continuation::Survival& survival, double largest);

struct HoldOptions {
  Index unit = 0;         ///< Whose mean is asked for.
  double settled = 30.0;  ///< When the chain is looked at, units of τ.
  Index paths = 20000;
  random::Stream stream = {};
  int threads = 0;  ///< 0: all cores.
};

/// @brief How a chain that was started at a state is found later.
struct Held {
  double share = 0.0;         ///< Of the paths, on the state's side of every saddle.
  statistics::Estimate mean;  ///< Of the unit over those paths; NaN where they are under 90 %.
};

/// A path is on the state's side of a saddle s if it is before the plane through s across s −
/// state.
Held hold(const models::NoisyChain& chain, const Vector& input,
          const std::vector<fixed_points::FixedPoint>& points, const Vector& state,
          const HoldOptions& options);

}  // namespace stillpoint::studies
