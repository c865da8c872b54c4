// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"

namespace stillpoint::models {

/// @brief The diffusion that a NoisyChain y' = λ∘y + G f(By + c + s∘ξ) + d + ν∘ξ' tends to for
/// small leak g, at a constant input; time in units of τ, a step of the chain lasts g:
///
///     dy = A(y) dt + C(y) dω   (Itô),
///     A(y) = ℓ∘y + (G f_s(By + c) + d)/g,
///     C(y) = √g [ (G/g) diag √v_s(By + c),   diag(ν)/g ],
///
/// with the exact Gaussian average f_s and transmitted variance v_s = Var f(u + sξ) of the noise
/// inside, not their linearisations: a step of the chain has mean g A(y) and covariance g C Cᵀ
/// exactly. ℓ = −1 for the network's state. A coloured source keeps its correlation time and its
/// variance: ℓ = ln(ρ)/g, noise √(−2ℓ) sd. Columns of C without noise are left out.
///
/// A limit g → 0 exists for noise outside with ν ∝ √g and for coloured noise inside. Noise inside
/// that is fresh every step has none: this is the diffusion for the chain's own g, of which C
/// vanishes and f_s stays. Moments of its law differ from the chain's at first order in g (the
/// variance; the mean at second order), and its skewness at leading order where v is the variance
/// of a nonlinear f: see third_central_moment().
/// Immutable; safe to share between threads; nothing is allocated in drift() and diffusion().
/// Source: Kramers–Moyal expansion of the chain; Gardiner (2009), section 7.2.
class NoisyDiffusion {
 public:
  /// @param[in] chain  Copied.
  /// @param[in] input  Constant input u, (inputs).
  /// @throws std::invalid_argument for a wrong shape or a non-finite input.
  NoisyDiffusion(NoisyChain chain, const Vector& input);

  Index state_size() const { return chain_.state_size(); }  ///< m
  Index noise_size() const { return inside_.size() + outside_.size(); }
  const NoisyChain& chain() const { return chain_; }

  const Vector& argument_offset() const { return argument_offset_; }  ///< c, (n)
  const Vector& state_offset() const { return state_offset_; }        ///< d/g, (m)
  const Vector& rate() const { return rate_; }                        ///< ℓ, (m)
  const Vector& state_noise() const { return state_noise_; }          ///< ν/√g, (m)

  /// Writes A(y), (m). The time does not matter.
  void drift(double t, const Vector& y, Vector& drift) const;
  /// Writes C(y), (m, noise_size()): first the units with noise inside, then the states with noise.
  void diffusion(double t, const Vector& y, Matrix& diffusion) const;
  /// Writes ∂A/∂y, (m, m).
  void drift_jacobian(double t, const Vector& y, Matrix& jacobian) const;

 private:
  using Places = Eigen::Matrix<Index, Eigen::Dynamic, 1>;

  double argument(const Vector& y, Index unit) const;

  NoisyChain chain_;
  Vector argument_offset_;  // c, (n)
  Vector state_offset_;     // d/g, (m)
  Vector rate_;             // ℓ, (m)
  Vector state_noise_;      // of dω, (m)
  Places inside_;           // units with s > 0
  Places outside_;          // states with noise of their own
};

/// @brief Third central moment of the stationary law of one unit with noise inside, to leading
/// order in g, which its diffusion limit misses:
///
///     k₃ = (F'' V² + g b' V)/(1 − F') + g² κ₃/(3 (1 − F')),
///
/// F(h) = f_s(wh + c) and b(h) = v_s(wh + c) with derivatives in h at the mean, κ₃ the third
/// cumulant of f(u + sξ) there; without the last term it is that of the diffusion.
/// @param[in] variance  V of the state. For noise outside κ₃ = b' = 0 and F = f.
struct ThirdMomentTerms {
  double leak;            ///< g
  double variance;        ///< V
  double slope;           ///< F' < 1
  double curvature;       ///< F''
  double variance_slope;  ///< b'
  double third_cumulant;  ///< κ₃
};
double third_central_moment(const ThirdMomentTerms& terms);

}  // namespace stillpoint::models
