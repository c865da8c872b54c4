// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "lib/statistics/estimate.hpp"
#include "solvers/fokker_planck/slow_subspace.hpp"

namespace stillpoint::fokker_planck {

struct CheckOptions {
  Index paths = 64;          ///< Of the full network, ≥ 8.
  Index steps = 20000;       ///< Of the chain a path, the first tenth of which is thrown away.
  Index bins = 40;           ///< Of a marginal, over the mean ± 5 sd of the reduction.
  std::uint64_t seed = 1;    ///< Key of all draws.
  std::uint32_t stream = 0;  ///< The run takes paths/8 streams from here on.
};

/// One slow coordinate, reduced and simulated.
struct MarginalCheck {
  double reduced_mean, reduced_sd;
  statistics::Estimate mean, sd;  ///< Of the full network.
  /// Σ |reduced − simulated| over the bins and the outside, 0 to 2, and what sampling alone gives
  /// on average, Σ √(2/π) SE.
  double distance, sampling_distance;
  Vector edges;                      ///< (bins + 1)
  Vector reduced;                    ///< Probabilities, (bins)
  Vector simulated, standard_error;  ///< (bins)
};

/// @brief How wrong a reduction is: the full chain, with its own leak, is simulated and projected
/// on the slow coordinates s = Lᵀ(y − y*). The differences hold the error of the reduction and that
/// of the diffusion limit, O(g).
///
/// Paths start on the slow manifold at quantiles of the reduced law, so that a bistable network
/// need not cross its barrier to be sampled; the weights of its wells are then tested only as far
/// as a run is longer than the time between crossings. Standard errors are the scatter of paths.
/// @param[in] input  That of the diffusion, (inputs).
/// @returns One entry a slow coordinate.
/// @throws std::invalid_argument for a bad option, a reduction or density that is not ok, or a
///   network with coloured sources; Interrupted.
std::vector<MarginalCheck> check_reduction(const SlowSubspace& slow,
                                           const StationaryDensity& density, const Vector& input,
                                           const CheckOptions& options = {});

}  // namespace stillpoint::fokker_planck
