// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/moments/moment_map.hpp"

namespace stillpoint::moments {

struct StationaryOptions {
  /// Stop when the estimated distance to the limit, relative to 1 + |moments|, is below this.
  double tolerance = 1e-12;
  Index max_iterations = 100000;  ///< Steps of the chain's moment recursion.
};

/// @brief Rung 0: the fixed point the noise-free network reaches from h0; variance 0.
///
/// Every solve_ function iterates the chain's own recursion from (h0, 0), so that among several
/// limits it takes the one the network itself falls into. One that does not settle (a cycle, a
/// slow drift) comes back with valid = false and a note.
/// @param[in] input  Constant input u, (inputs).
/// @param[in] h0     Initial network state, (n).
/// @throws std::invalid_argument for a wrong shape or a non-finite number.
statistics::StationaryLaw solve_deterministic(const models::NoisyChain& chain, const Vector& input,
                                              const Vector& h0,
                                              const StationaryOptions& options = {});

/// @brief Rung 2, smoothed mean field: μ = λ∘μ + G f_q(Bμ + c) + d with the fixed q of
/// smoothing_sd(). A mean only: variances are NaN.
///
/// Error O(g s²): it omits the fluctuations that come back through W. Not offered (valid = false)
/// for the rate equation with noise outside only, where it is rung 0.
statistics::StationaryLaw solve_smoothed(const models::NoisyChain& chain, const Vector& input,
                                         const Vector& h0, const StationaryOptions& options = {});

/// @brief Rung 3, Gaussian closure: the fixed point of MomentMap, mean and covariance together.
///
/// Exact for linear f. Mean error O(s⁴) with a small constant, variance error relative O(s²).
statistics::StationaryLaw solve_closure(const models::NoisyChain& chain, const Vector& input,
                                        const Vector& h0, const StationaryOptions& options = {});

/// @brief The same with the exact covariance between activations, Rung::full_closure.
statistics::StationaryLaw solve_full_closure(const models::NoisyChain& chain, const Vector& input,
                                             const Vector& h0,
                                             const StationaryOptions& options = {});

/// The moments of the whole state, coloured blocks included, that the recursion of a rung ends in.
struct StationaryMoments {
  Moments moments;
  bool reached = false;
  std::string note;  ///< Why not, or empty.
};

/// The same by any rung, for those who go on from there.
StationaryMoments iterate_moments(const models::NoisyChain& chain, const Vector& input,
                                  const Vector& h0, Rung rung,
                                  const StationaryOptions& options = {});

}  // namespace stillpoint::moments
