// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "lib/core/types.hpp"

/// Chains of discrete states.
namespace stillpoint::markov_chain {

/// @brief Stationary vector of a Markov chain from its rates, by elimination without subtraction
/// (Grassmann, Taksar & Heyman): every entry is right to some digits of its own, however small.
///
///     Σ_i π_i q_ij = π_j Σ_{i≠j} q_ji,   Σ π = 1.
///
/// @param[in] rates  q_ij ≥ 0 from i to j, (n, n): rates of a jump process or probabilities of a
///   chain; the diagonal is ignored. Overwritten.
/// @return (n), positive where the chain comes back to; (n³)/3 multiplications. A state that is
///   left for good, with no way back, has π = 0; the first state must be reachable from every
///   other.
/// @throws std::invalid_argument unless rates is square, finite and not negative off the diagonal,
///   or if the first state cannot be reached.
/// Source: Grassmann, Taksar & Heyman (1985), Oper. Res. 33, 1107.
std::optional<Vector> stationary_vector(Matrix rates);

}  // namespace stillpoint::markov_chain
