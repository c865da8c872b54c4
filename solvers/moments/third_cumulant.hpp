// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/moments/recording.hpp"

namespace stillpoint::moments {

/// @brief What the next order of the hierarchy of cumulants adds to the closure's Var z, z ≈ p·y:
/// the terms of the third cumulant κ of the state, and of the squares of the correlations between
/// arguments that 'diag' leaves out.
///
/// With L = Λ + G D B, D = f_q', p_t = Lᵀ p_{t+1}, π = Gᵀ p_{t+1}, and x_k = Cov(a_k, y') the row k
/// of B C Λ + C_a D Gᵀ, to first order in κ
///
///     δVar = Σ_t Σ_k π_k f_q''(a_k) κ_t(a_k, a_k, p_t) + ½ Σ_{k≠l} π_k π_l f_k'' f_l'' (C_a)_kl²,
///     κ' = L⊗L⊗L κ + Σ_k sym( f_k'' g_k x_k x_k + w_k g_k g_k x_k + τ_k g_k g_k g_k ),
///
/// g_k column k of G, w and τ such that κ(f_k, f_k, ·) and κ(f_k, f_k, f_k) are those of f at a
/// Gaussian argument exactly: w = v_q' − 2 f'' D q², τ = third − 3 f'' D² q⁴ − 3 w D q². One index
/// of κ is only ever contracted with p_t, so that κ_t(·, ·, p_t), an (m, m) matrix, suffices.
/// Exact to O(s⁴) for smooth f; 0 for linear f.
///
/// A read-out of f(x) adds the same two terms once more, with its own curvature. What the
/// correction to the state's covariance then does to means is left out: O(s⁴) as well, but with a
/// small constant.
/// @param[in] run     The closure from a law with κ = 0.
/// @param[in] step    Read after this step, 1 ≤ step ≤ run.steps().
/// @param[in] output  Row of read_out.weights.
double variance_correction(const models::NoisyChain& chain, const Recording& run, Index step,
                           const ReadOut& read_out, Index output);

}  // namespace stillpoint::moments
