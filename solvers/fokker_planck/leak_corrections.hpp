// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "solvers/fokker_planck/coefficients.hpp"

/// @file
/// @brief What a chain with a finite leak g does to its diffusion limit, to first order in g.
///
/// `diffusion` holds the coefficients of the limit, drift A and tensor D = ½ B, of a chain whose
/// step lasts g and has mean g A and covariance g B: models::NoisyDiffusion. Both corrections are
/// meant for small g; at g ≥ 0.4 they may be worse than none.
namespace stillpoint::fokker_planck {

/// @brief The diffusion with the second raw moment of the chain's step, B → B + g A Aᵀ (FP1): the
/// error of the variance falls 6 to 70 times for smooth noise outside, to O(g²).
Coefficients with_second_moment(Coefficients diffusion, double leak);

/// @brief Backward error analysis of the chain as a scheme for its limit, one dimension (FP2): the
/// diffusion whose law a chain with Gaussian noise has to one order more,
///
///     Ã = A − (g/2)(A A' + ½ B A''),   B̃ = B − (g/2)(2 B A' + A B' + ½ B B'').
///
/// The mean for smooth noise outside is then good to O(g³) and better. Noise inside has third
/// cumulants that no diffusion knows: the variance stays at O(g).
/// Derivatives are central differences, so the coefficients must be smooth at the scale `width`.
/// @param[in] width  Step of the differences, a small part of the law's standard deviation; error
/// of
///   fourth order.
/// @throws std::invalid_argument unless the dimension is 1 and width > 0.
Coefficients with_backward_error(Coefficients diffusion, double leak, double width);

/// @brief The same in any dimension for a tensor that does not depend on x, noise outside or on the
/// state: with J = ∂A/∂x,
///
///     Ã = A − (g/2)(J A + D:∇∇A),   D̃ = D − (g/2)(J D + D Jᵀ),
///
/// so that moments and correlations in time of the chain, a step lasting g, are met to O(g²).
/// @param[in] width  As above.
/// @throws std::invalid_argument unless width > 0.
/// Source: Zygalakis (2011), SIAM J. Sci. Comput. 33, 102 (modified equations of weak schemes).
Coefficients with_additive_backward_error(Coefficients diffusion, double leak, double width);

}  // namespace stillpoint::fokker_planck
