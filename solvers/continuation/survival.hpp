// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "solvers/continuation/continuation.hpp"
#include "solvers/continuation/parametric_map.hpp"
#include "solvers/moments/moment_map.hpp"

namespace stillpoint::continuation {

/// How a state ends as the noise rises.
enum class SurvivalEnd {
  fold,             ///< it meets an unstable one, and both are gone
  merges,           ///< pitchfork: it and its mirror image merge with the state between them
  loses_stability,  ///< it goes on unstable: see `bifurcation`
  survives,         ///< not up to the largest level
  unknown,          ///< see the report
};

std::string_view to_string(SurvivalEnd end);

/// @brief Up to which noise a state survives.
struct Survival {
  double level = 0.0;  ///< Noise level at the end; the largest one asked about if it survives.
  /// Of the level: how exactly the theory's own bifurcation is known, not how good the theory is.
  double error = 0.0;
  SurvivalEnd end = SurvivalEnd::unknown;
  BifurcationKind bifurcation = BifurcationKind::fold;  ///< Unless it survives or is unknown.
  Vector state;   ///< At the end: network state or closure_map()'s mean and covariance.
  Branch branch;  ///< From level 0 to the end, stability on the way included.
  Report report;  ///< Not ok if the end is unknown: a sentence says why.
};

/// @brief Follows a fixed point of the noise-free network in the noise level, on the smoothed mean
/// field or on the Gaussian closure, to the first bifurcation that ends it.
///
/// The smoothed rung is not offered for the rate equation with all noise outside (it does not see
/// that noise), the closure not for a state that is unstable without noise (the covariance it would
/// need is none): both come back as unknown, outside_validity.
/// @param[in] subject  Its noise, times the level, is what rises; `level` is not used.
/// @param[in] point    Network state of a fixed point without noise, (n).
/// @param[in] options  lower is 0 here; upper is the largest level asked about.
/// @throws std::invalid_argument for a bad argument; Interrupted. A point that is no fixed point
/// comes back as unknown.
Survival survival_noise(const Subject& subject, const Vector& point, moments::Rung rung,
                        ContinuationOptions options = {});

}  // namespace stillpoint::continuation
