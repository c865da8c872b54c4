// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"

namespace stillpoint::transfer_operator {

struct ColouredOptions {
  /// Wanted relative change of mean and variance on refinement.
  double tolerance = 1e-8;
  Index max_nodes = 96;  ///< In each of the two directions, ≥ 32; time grows with the cube.
};

/// @brief Moments of one neuron with coloured noise inside, and the joint law as a functional.
struct ColouredSolution {
  Report report;      ///< residual: the error estimate, relative.
  double mean = 0.0;  ///< of the state h
  double variance = 0.0;
  double skewness = 0.0;
  double covariance = 0.0;  ///< of h and the noise η
  double error = 0.0;       ///< Relative change of mean and variance on the last refinement.
  Index nodes = 0;          ///< In each direction.
  double seconds = 0.0;
};

/// @brief Stationary law of a chain of one neuron whose only noise is coloured, inside its
/// activation:
///
///     h' = (1−g) h + g f(w h + c + η),   η' = ρ η + sd √(1−ρ²) ξ,
///
/// by collocation of its backward operator: Chebyshev nodes in h on an interval that the chain does
/// not leave, Gauss–Hermite nodes in z = η/sd, where the AR(1) part is diagonal, ρᵏ on he_k. Given
/// (h, z) the new h is certain, so that
///
///     (𝒫v)(hᵢ, z_k) = Σ_jl ℓ_j(h'(hᵢ, z_k)) R_kl v(h_j, z_l),   R = Ψ diag(ρᵏ) Ψ⁻¹;
///
/// its left null functional, found matrix-free, gives every moment.
///
/// Spectral for analytic f and correlation times up to a few τ. For slow noise the law follows the
/// quenched fixed points h*(η), which few polynomials hold only as long as the neuron is not near a
/// fold; the error estimate says what was reached. A kink of f makes it algebraic.
/// Source: theory of the Koopman operator in product bases; Hänggi & Jung (1995), Adv. Chem. Phys.
/// 89, 239, on coloured noise.
/// @throws std::invalid_argument unless the chain is one unit in the rate equation with one
/// coloured
///   source inside and no other noise; for a wrong input size or an option out of range.
ColouredSolution solve_coloured(const models::NoisyChain& chain, const Vector& input,
                                const ColouredOptions& options = {});

/// @brief The limit of slow noise: E h*(η), η ~ N(0, sd²), h* the fixed point of the noise-free
/// neuron at the argument's offset η, by a fine trapezoid rule.
/// @throws std::invalid_argument as above, or if w f' ≥ 1 somewhere so that h*(η) is not unique.
double quenched_mean(const models::NoisyChain& chain, const Vector& input);

}  // namespace stillpoint::transfer_operator
