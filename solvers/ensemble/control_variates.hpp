// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/statistics/laws.hpp"

namespace stillpoint::ensemble {

/// @brief The control of a chain: deviations e from the Gaussian closure's mean μ in the chain
/// linearised there, driven by the same draws,
///
///     e' = L e + G (δ∘s∘ξ) + ν∘ξ',   L = diag λ + G diag δ B,   δ = f_q'(Bμ + c),
///
/// the line that fits f best over the closure's law. E e = 0, and E e eᵀ solves the Stein equation.
struct LinearControl {
  models::NoisyChain chain;  ///< Simulates e.
  Vector initial;     ///< e at the start, (m): initial state − μ, so that transients cancel.
  Matrix covariance;  ///< E e eᵀ of the network's state, (n, n).
  Matrix read_out;    ///< z − E z ≈ read_out e, (outputs, n).
  Report report;      ///< outside_validity where there is no such control, with the reason.
};

/// @param[in] initial_state  (n), or (m) with the coloured blocks.
/// @throws std::invalid_argument for a wrong shape or a non-finite number.
LinearControl make_linear_control(const models::NoisyChain& chain, const Vector& input,
                                  const Vector& initial_state);

/// @brief Averages over time and the paths of one group: y and z about references, e about 0.
struct GroupAverages {
  double share = 0.0;       ///< Paths of the group over all paths.
  Vector state;             ///< (n)
  Matrix state_products;    ///< of (y − reference)(y − reference)ᵀ, (n, n)
  Vector control;           ///< (n)
  Matrix control_products;  ///< of e eᵀ, (n, n)
  Vector output;            ///< (outputs)
  Vector output_squares;    ///< (outputs)
};

/// @brief Replaces mean, variance, covariance, output_mean and output_variance of a law by
///
///     ⟨A⟩ − β (⟨A_e⟩ − E A_e),   β = Cov(A, A_e)/Var(A_e) over groups,
///
/// A = y, (y − m)(y − m)ᵀ with the m just found, z or (z − E z)²; A_e the same of e.
///
/// Standard errors are those of the regression, G − 2 degrees of freedom for G independent groups:
/// the scatter of the residuals and the error of β. As β comes from the same groups there is a bias
/// of order 1/paths, in proportion to the residuals' scatter; none for Gaussian averages.
/// Source: Lavenberg & Welch (1981), Management Science 27, 322; Asmussen & Glynn (2007),
/// Stochastic Simulation, section V.2.
void apply_control(const LinearControl& control, const std::vector<GroupAverages>& groups,
                   const Vector& state_reference, const Vector& output_reference,
                   statistics::StationaryLaw& law);

}  // namespace stillpoint::ensemble
