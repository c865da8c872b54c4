// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"

namespace stillpoint::transfer_operator {

struct PassageOptions {
  double tolerance = 1e-9;  ///< Relative change of the mean on refinement.
  Index max_nodes = 3000;   ///< Time grows with the cube.
};

/// Number of steps until a chain is first beyond a threshold.
struct PassageSteps {
  Report report;  ///< residual: relative change on refinement.
  double mean = std::numeric_limits<double>::quiet_NaN();                ///< steps
  double standard_deviation = std::numeric_limits<double>::quiet_NaN();  ///< steps
};

/// @brief First passage of a chain of one neuron whose noise is added to its state,
///
///     y' = m(y) + δ ξ,   for example m(y) = (1−g) y + g f(w y + c) in the rate equation, outside,
///
/// from `start` to beyond `threshold`: the first step t with y_t ≤ threshold (≥, where the start
/// lies below). Mean u and second moment q of that time solve
///
///     u(x) = 1 + ∫ k(x, y) u(y) dy,   q(x) = 1 + ∫ k(x, y) (q(y) + 2 u(y)) dy,
///
/// k the Gaussian kernel, y on this side of the threshold: exact for the discrete chain, by
/// Nyström's method on Gauss–Legendre panels that are cut at the kinks of m. What jumps beyond
/// `far_end`, on the side away from the threshold, is put back there; choose it where the chain
/// hardly ever is.
/// The relative rounding error is 1e-15 of the number of steps; above 1e11 steps are refused.
/// @throws std::invalid_argument unless the chain has one unit and noise outside or on the state
/// only,
///   and start lies between threshold and far_end.
PassageSteps first_passage(const models::NoisyChain& chain, const Vector& input, double start,
                           double threshold, double far_end, const PassageOptions& options = {});

}  // namespace stillpoint::transfer_operator
