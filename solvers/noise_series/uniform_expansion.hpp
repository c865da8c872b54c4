// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"

namespace stillpoint::noise_series {

/// @brief The stationary law near kinks, where a Taylor series in the noise is wrong.
struct UniformExpansion {
  statistics::StationaryLaw law;  ///< method "uniform"
  /// Σ_kinks J q ψ(|a − kink|/q), (n): what the kinks add to the mean of each activation.
  Vector kink_shift;
  Vector kink_distance;  ///< Smallest |a − kink|/q of each unit, (n); ∞ without noise on it.
  Report report;         ///< Not ok: f is not piecewise linear, or no law was found.
};

/// @brief Leading order in the noise of a piecewise linear network (relu, leaky_relu,
/// saturating_linear), uniform in the distance of its kinks.
///
/// A kink at κ across which f' jumps by J changes a Gaussian average by
///
///     E f(a + qz) − f(a) = J q ψ(|a − κ|/q),   ψ(y) = φ(y) − y Φ(−y),
///
/// beyond all powers of q for |a − κ| ≫ q, 0.40 J q at the kink itself: O(s), so that no Taylor
/// series in s has it. a and q are not those of the fixed point but the argument's own mean and sd,
/// which the shift moves by the same order; for one relu neuron, ι = 1 inside and 0 outside,
///
///     a = w m + c,   q² = w² V + ι s²,   m = relu(a) + q ψ(|a|/q),
///     (2 − g) V = 2 (1 − g) w V Φ(a/q) + g (Var relu(a + qz) + (1 − ι) s²),
///
/// homogeneous of degree one: m = s M(c/s), V = s² N(c/s), as the exact law is. Networks: the same
/// with the covariance matrix, MomentMap.
///
/// Its leading error is O(s) like the shift itself: it takes the argument for Gaussian, which it is
/// for w = 0 or a kink out of reach, and less the larger the share w²V/q² of the state in the
/// argument's variance (1 with noise outside) and the more the rate of return 1 − w f' differs
/// between the sides of the kink, by a factor r ≥ 1. The state is least Gaussian with noise outside
/// and small leak, where its law is two half-Gaussians of rates 1 − w f', in closed form. There,
/// with the kink within one sd of the argument, kink_distance ≤ 1, the error of the mean is below
/// (r − 1)/(3 (r + 1)) of that of the Taylor series, a third at most: 0.09 of it for r = 2, 0.20
/// for 5, 0.33 for r → ∞, always largest at the distance 1. Further away nothing of the kind holds:
/// both errors vanish, but that of the expansion is 3 (r − 1)/d² of Taylor's at d ≫ 1 sd, since the
/// tail behind the kink is narrower or wider than a Gaussian's.
/// @param[in] input  Constant input, (inputs).
/// @param[in] state  Fixed point or another start, (n).
/// @throws std::invalid_argument for a wrong shape or a number that is not finite.
UniformExpansion solve_uniform_expansion(const models::NoisyChain& chain, const Vector& input,
                                         const Vector& state);

}  // namespace stillpoint::noise_series
