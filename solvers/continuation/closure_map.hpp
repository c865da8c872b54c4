// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/fixed_points/map.hpp"
#include "solvers/moments/moment_map.hpp"

namespace stillpoint::continuation {

/// Largest state of a chain whose closure is offered as a map: its m (m + 3)/2 unknowns are then
/// 560, a Newton step a second. Ten units (65 unknowns) take milliseconds.
inline constexpr Index closure_limit = 32;

/// @brief The Gaussian closure of a chain at a constant input, one step of moments::MomentMap, as a
/// map of y = (mean (m), upper triangle of the covariance, column by column), m (m + 3)/2 numbers.
///
/// Its fixed points are stationary laws of rung 3, also unstable ones, which no iteration reaches.
/// ∂Φ/∂y is written out for the moments; the derivatives of f_q, f_q' and v_q by mean and variance
/// of the argument, ∂f_q/∂(q²) = f_q''/2 and so on, are differences of fourth order in the mean,
/// relative error about 1e-9. At a kink of f without noise there is no derivative: start from a
/// level > 0 there.
/// A state whose covariance is not positive semidefinite solves the equations without being a law.
/// @throws std::invalid_argument for a wrong shape, or more than closure_limit state variables.
fixed_points::Map closure_map(const models::NoisyChain& chain, const Vector& input);

/// y of these moments.
Vector closure_state(const moments::Moments& moments);
/// y at a network state without noise, (n): its mean, and no covariance.
Vector closure_state(const models::NoisyChain& chain, const Vector& state);

/// The moments of y for a chain with m state variables.
moments::Moments closure_moments(Index m, const Vector& y);

/// True if the covariance in y is positive semidefinite to rounding.
bool has_covariance(Index m, const Vector& y);

}  // namespace stillpoint::continuation
