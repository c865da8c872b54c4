// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/random/normal.hpp"
#include "lib/statistics/estimate.hpp"

namespace stillpoint::studies {

struct DwellOptions {
  Index paths = 1000;          ///< Simulated networks, ≥ 32.
  double longest = 3000.0;     ///< Times much longer than this are left to splitting, units of τ.
  Index replicas = 32;         ///< Of splitting.
  random::Stream stream = {};  ///< This one and the next are used.
  int threads = 0;             ///< 0: all cores.
};

/// How long a chain stays at a state.
struct DwellTime {
  statistics::Estimate time;  ///< Mean, in units of τ; NaN if there is none.
  std::string method;         ///< "simulation", "splitting" or "none".
};

/// @brief Mean time until a chain, started at a state, is first beyond the plane through a saddle
/// across the line to it: (s − x₀)·(y − x₀) ≥ |s − x₀|².
///
/// Plain simulation where 32 paths all arrive within `longest`, else multilevel splitting.
/// @param[in] state, saddle  Network states, (n); different.
/// @throws std::invalid_argument for a wrong shape; Interrupted.
DwellTime estimate_dwell_time(const models::NoisyChain& chain, const Vector& input,
                              const Vector& state, const Vector& saddle,
                              const DwellOptions& options);

}  // namespace stillpoint::studies
