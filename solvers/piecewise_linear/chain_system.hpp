// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/map.hpp"
#include "solvers/piecewise_linear/enumerate.hpp"
#include "solvers/piecewise_linear/solutions.hpp"

/// @file
/// @brief Between chains and piecewise-linear systems. Included by .cpp files of this folder only.

namespace stillpoint::piecewise_linear {

/// @brief The orbits of a period of a noise-free chain, arguments a_0 … a_{k−1} one after another,
///
///     a_{t+1} = (1−g) a_t + g (W f(a_t) + W_in u + b),   a_k = a_0;
///
/// for period 1 without the leak: a = W f(a) + W_in u + b. Exact.
/// @throws std::invalid_argument for a wrong input or an activation that is not piecewise linear.
PiecewiseLinearSystem orbit_system(const models::NoisyChain& chain, const Vector& input,
                                   Index period);

/// The limits of the options, after a check.
SearchLimits search_limits(const EnumerateOptions& options);

SearchEffort effort_of(const SearchCounts& counts);

/// "max_nodes = 5 was hit with 7 branches open: the list may be incomplete".
std::string sentence_on_limit(const SearchCounts& counts);

/// The network states of an orbit, (n · period), in rational numbers.
RationalVector states_of(const models::NoisyChain& chain, const Pattern& pattern,
                         const RationalVector& arguments);

/// Columns of doubles, (n, period), of an orbit.
Matrix orbit_matrix(const RationalVector& orbit, Index n);

/// The set with states for arguments, (n · period).
FixedSet fixed_set(const models::NoisyChain& chain, const SolutionSet& set);

/// @brief An orbit as a fixed point of the map iterated over its period: its first state, with the
/// multipliers of the whole orbit. `index` is left to the caller.
fixed_points::FixedPoint describe_orbit(const models::NoisyChain& chain, const Vector& input,
                                        const Solution& orbit);

}  // namespace stillpoint::piecewise_linear
