// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/models/noisy_chain.hpp"
#include "solvers/piecewise_linear/enumerate.hpp"

namespace stillpoint::piecewise_linear {

/// Whether the indices of a list add up to what theory demands.
struct IndexCheck {
  bool demanded = false;  ///< Theory demands a value, and the list is complete and without sets.
  int sum = 0;            ///< Σ index over the points of the list.
  int expected = 0;       ///< What it must be, if demanded.
  bool holds = true;      ///< sum = expected; true if nothing is demanded.
  std::string sentence;   ///< What is demanded and why, or why not; never empty.
};

/// @brief Checks Σ index = Σ sign det(I − W S) over all fixed points, S the slopes of f there.
///
/// A bounded continuous f has Σ index = 1. For relu, leaky relu and identity the sum is that of the
/// equation without drive, a = W f(a), for every drive, if a = 0 is its only solution; the index of
/// that solution is the sum. (It is 1 if I − W is a P-matrix, for relu.) This is found out by
/// enumerating the equation without drive, at about the cost of the list itself.
/// @param[in] list  enumerate() of the chain at some input.
/// @throws what enumerate() throws.
/// Source: Gowda (1993), Math. Oper. Res. 18, 868 (degree of the linear complementarity problem).
IndexCheck check_index(const models::NoisyChain& chain, const Enumeration& list,
                       const EnumerateOptions& options = {});

}  // namespace stillpoint::piecewise_linear
