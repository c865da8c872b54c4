// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/moments/moment_map.hpp"

/// The equations of a fold of one neuron, solved by themselves: what continuation has to agree
/// with. Averages are Gauss–Hermite sums here, another way than the one the solvers go.
namespace stillpoint::studies {

/// @brief The noise at which a fixed point of one neuron folds, straight from the equations.
///
/// Smoothed: m = f_s(w m + c), 1 = w f_s'(w m + c). Closure: its two equations for m and V,
///
///     m = f_q(w m + c),   (2−g) V = 2(1−g) w V f_q' + g v_q + ν²/g,   q² = w² V + s²,
///
/// and a zero of the determinant of their derivatives.
/// @param[in] chain  One unit, rate equation, smooth activation, noise at level 1.
/// @param[in] guess  Near the fold: m (closure: m, V), then the noise level.
/// @return The noise level; NaN if the solver fails.
/// @throws std::invalid_argument for another chain or a guess of the wrong length.
double direct_fold(const models::NoisyChain& chain, moments::Rung rung, const Vector& guess);

/// @brief The weight at which the fold of a neuron without noise is: u = w f(u) + c, 1 = w f'(u).
/// @param[in] guess  u and w.
/// @return The weight; NaN if the solver fails.
double noise_free_fold(const activations::Activation& f, double bias, const Vector& guess);

}  // namespace stillpoint::studies
