// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/report.hpp"
#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "solvers/algebraic/third_order.hpp"

/// Rung 1: the stationary law as a power series in the noise level.
namespace stillpoint::noise_series {

/// @brief Mean, covariance and third cumulant of the stationary law about one fixed point, as power
/// series in the noise level t:
///
///     E y = Σ_k mean[k] t²ᵏ,   Cov y = Σ_k covariance[k] t²ᵏ,   κ₃(y) = Σ_k third[k] t²ᵏ.
///
/// t multiplies every noise of the model: t = 1 is the model's own, t = 0.5 that of
/// networks::scaled(noise, 0.5). Odd powers vanish, the noise being symmetric.
struct NoiseSeries {
  Vector fixed_point;  ///< y0, (m); mean[0] is the same.
  Vector argument;     ///< u0 = B y0 + c, (n)
  Index order = 0;     ///< Highest power of t that is asked for, even.
  /// Coefficients k = 0 … order/2; for one neuron without coloured noise three more, which serve
  /// the remainder.
  std::vector<Vector> mean;               ///< (m) each
  std::vector<Matrix> covariance;         ///< (m, m) each; covariance[0] = 0
  std::vector<algebraic::Tensor3> third;  ///< (m, m, m) each; third[0] = third[1] = 0
  /// Cov a at t = 1 of the linear theory, fresh noise included, (n, n).
  Matrix argument_covariance;
  /// 1 − largest multiplier's modulus (chain); minus the largest real part of a rate (diffusion).
  double stability_margin = 0.0;
  /// Distance, at t = 1 and in standard deviations of the state along the softest direction, of the
  /// unstable state that the quadratic part of the map puts there: (1 − λ)/|β| over the sd, λ the
  /// leading multiplier, β its quadratic coefficient; ∝ 1/t. ∞ without curvature there, or if λ is
  /// not real. A fold is where it meets the fixed point.
  double fold_distance = 0.0;
  /// Distance of the nearest kink of f from each argument, (n), standard deviations at t = 1; ∝
  /// 1/t; ∞ where there is none or no noise reaches it.
  Vector kink_distance;
  /// What a unit of f's mean moves the state by, weighed with the jump of f' at that kink and the
  /// argument's sd q at t = 1: |∂y/∂f| J q, (m, n).
  Matrix kink_response;
  /// Factor between the fourth- and the sixth-order term of the Gaussian average of the activation,
  /// at t = 1, the largest over units: 5 q²/R², R the radius of convergence of f's Taylor series;
  /// erf: 2 q²; 0 for a piecewise linear f.
  double average_ratio = 0.0;
  Report report;  ///< Not ok: the fixed point is not stable, there is no series about it.
};

/// @brief The series of a chain about a fixed point of its noise-free map, both equations, every
/// placement of noise, each unit with its own scale, coloured noise included.
///
/// One neuron: any even order, by the recursion of neuron_moments.hpp. Networks: order 2 or 4, by
/// cumulants (cumulant_expansion.hpp), at a cost of some m⁴ operations and three tensors of m³
/// numbers. Cumulants beyond the third are O(t⁶).
///
/// A Taylor series in the noise: it says nothing of kinks, nor of other fixed points; ask
/// judge_series(). For a piecewise linear f it is the linear network's law.
/// @param[in] input  Constant input, (inputs).
/// @param[in] state  A fixed point of the network's state, (n), to 1e-8.
/// @param[in] order  2, 4, …, 24; at most 4 with more than one state.
/// @throws std::invalid_argument for a wrong shape or order, or a state that is not fixed.
/// Source: derived where it is computed; the fourth order of one neuron agrees with the formulas
/// of the theory page.
NoiseSeries solve_noise_series(const models::NoisyChain& chain, const Vector& input,
                               const Vector& state, Index order = 4);

/// @brief The same for the diffusion limit at the chain's own leak g, noise inside by its exact
/// averages f_s and v_s, expanded in t at fixed g.
/// @param[in] state  A fixed point of the network's state, (n), to 1e-8.
NoiseSeries solve_noise_series(const models::NoisyDiffusion& diffusion, const Vector& state,
                               Index order = 4);

/// @brief A series summed at one noise level.
struct SeriesValue {
  Vector mean;               ///< (m)
  Matrix covariance;         ///< (m, m)
  algebraic::Tensor3 third;  ///< (m, m, m)
  /// Estimated size of what the sum leaves out, for each entry of mean and covariance.
  ///
  /// The absolute values of the omitted terms that are known, three at most, added up, and a tail:
  /// with T_L the largest entry of the last of them (of the last of all where none is) and r̂ the
  /// factor between terms,
  ///
  ///     tail = safety · max(T_L, r̂ T_{L−1}) r̂/(1 − r̂),   infinite for r̂ ≥ 1,
  ///
  /// r̂ the larger over mean and covariance of (T_L/T_1)^{1/(L−1)}, and for a network, of which two
  /// terms are known, at least average_ratio. Norms of the network, not of an entry, so that an
  /// entry that vanishes by chance promises nothing.
  /// safety is 1 for one neuron and 10 for a network, whose ratio is that of a single pair of
  /// terms: of 40 000 random uncoupled networks, whose sixth order is known from that of one
  /// neuron, it reached at most 0.83 of the tail, half of them 0.04. A kink at d standard
  /// deviations adds three times what it does to the mean of a Gaussian, J q ψ(d), and to its
  /// variance, passed on linearly: the Taylor terms have nothing of it. No bound is proved; it is
  /// one where judge_series() says valid, in the cases tested.
  Vector mean_remainder;
  Matrix covariance_remainder;
};

/// @param[in] level  t ≥ 0.
/// @param[in] order  Highest power, even; -1: the series' own.
/// @throws std::invalid_argument for a level or an order out of range, or a series without an
/// answer.
SeriesValue evaluate(const NoiseSeries& series, double level, Index order = -1);

}  // namespace stillpoint::noise_series
