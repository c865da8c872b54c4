// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/moments/recording.hpp"

namespace stillpoint::moments {

/// @brief How the network answers along one line in the space of all its noise: the normals of the
/// run are ξ_t = r e_t + (the rest), |e| = 1, r ~ N(0, 1).
struct PathResponse {
  /// Mean over outputs and window of Σ_{k≥3} ẑ_k², ẑ_k the coefficients of E(z | r) in orthonormal
  /// Hermite polynomials of r: what neither a Gaussian law (k ≤ 1) nor its third cumulant (k = 2)
  /// can hold.
  double higher_orders = 0.0;
  double steepest = 0.0;  ///< r at which the answer changes most, weighed by the density of r.
};

/// @brief Looks for the line along which the network is least linear, a separatrix above all, and
/// answers with its response.
///
/// E(z | r) is the network driven by r e, every activation averaged over the rest of its argument's
/// variance, q² − (da/dr)². A line starts as the leading direction of the closure's covariance at
/// a time, carried back to the noise that causes it; then, twice, it is replaced by the gradient of
/// the read-out at the steepest point of the response: the iteration of first-order reliability
/// (Hasofer & Lind 1974; Rackwitz & Fiessler 1978) for the point of a separatrix nearest in noise.
/// The times are that at which the covariance is most nearly one-dimensional, where noise has found
/// a soft direction, and the last. The line with the largest higher_orders is returned.
///
/// @param[in] window  Read after steps T − window + 1 … T, T = run.steps().
PathResponse softest_path(const models::NoisyChain& chain, const Recording& run,
                          const ReadOut& read_out, Index window);

}  // namespace stillpoint::moments
