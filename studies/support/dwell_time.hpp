// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
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

/// Whether a time drops, tenfold or more, from one noise to another.
enum class Drop {
  drops,
  gradual,
  undecided,  ///< within two standard errors of tenfold, or a time is missing
};

/// The factor by which a time falls, before/after, with its standard error; the two independent.
statistics::Estimate fall(const statistics::Estimate& before, const statistics::Estimate& after);
Drop judge_fall(const statistics::Estimate& fall);

/// "marks the drop at leak 0.02, marks none at leak 0.1, 0.5, is undecided at leak 0.2", or a part
/// of it: what the end of a branch does, by leak.
std::string list_drops(const std::map<double, Drop>& by_leak);

}  // namespace stillpoint::studies
