// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/models/noisy_diffusion.hpp"

namespace stillpoint::models {

/// @brief Noise that several units see at once, on top of their own.
///
/// A correlation matrix R of the noise inside, with sd σ, is the loading σ K with K Kᵀ = R; a
/// correlation ρ between all units one column √ρ σ beside the units' own noise √(1−ρ) σ.
struct SharedNoise {
  /// S, (n, p): a = B y + c + s∘ξ + S ζ, ζ ~ N(0, I) fresh each step; empty: none.
  Matrix argument;
  Matrix state;  ///< L, (n, k): L dω on the network's state, unit of state/√time; empty: none.
  Index nodes = 32;  ///< Of the quadrature in each ζ_j; nodesᵖ ≤ 4096.
};

/// @brief NoisyDiffusion with noise shared between units:
///
///     dy = A(y) dt + C(y) dω   (Itô),   u = B y + c,   q_i² = s_i² + |S_i|²,
///     A(y)   = ℓ∘y + (G f_q(u) + d)/g,
///     C Cᵀ   = G F(u) Gᵀ/g + diag(ν²)/g + L Lᵀ,
///     F_ij   = Cov( f(u_i + s_i ξ_i + S_i ζ), f(u_j + s_j ξ_j + S_j ζ) ).
///
/// Given ζ the units are independent, so that F is split without a root of a matrix,
///
///     F_ij = Cov_ζ( f_{s_i}(u_i + S_i ζ), f_{s_j}(u_j + S_j ζ) ) + δ_ij E_ζ v_{s_i}(u_i + S_i ζ),
///
/// and with Gauss–Hermite nodes ζ_k, weights w_k the columns √w_k (f_s(u + S ζ_k) − mean) are a
/// factor of its first part. Exact up to the quadrature: geometric in the nodes for smooth f or
/// s > 0, slow for a kink with s = 0. C Cᵀ may have a lower rank than the state.
/// As for NoisyDiffusion, noise inside has no limit g → 0: this is the diffusion for the chain's g.
/// Immutable; safe to share between threads; nothing is allocated in drift() and diffusion().
class SharedNoiseDiffusion {
 public:
  /// @param[in] network  n units.
  /// @param[in] noise    The units' own noise.
  /// @param[in] input    Constant input u, (inputs).
  /// @throws std::invalid_argument for a wrong shape, a non-finite number, or too many nodes.
  SharedNoiseDiffusion(const networks::Network& network, const networks::NoiseSpec& noise,
                       SharedNoise shared, const Vector& input);

  Index state_size() const { return marginal_.state_size(); }  ///< m
  Index noise_size() const {
    return static_cast<Index>(own_.size()) + additive_.cols() + weights_.size();
  }
  /// The chain with the units' own noise alone.
  const NoisyChain& chain() const { return chain_; }

  /// Writes A(y), (m). The time does not matter.
  void drift(double t, const Vector& y, Vector& drift) const { marginal_.drift(t, y, drift); }
  /// Writes C(y), (m, noise_size()): units with noise inside of their own, then the noise that does
  /// not depend on the state, then the nodes of ζ.
  void diffusion(double t, const Vector& y, Matrix& diffusion) const;
  /// Writes ∂A/∂y, (m, m).
  void drift_jacobian(double t, const Vector& y, Matrix& jacobian) const {
    marginal_.drift_jacobian(t, y, jacobian);
  }

 private:
  NoisyChain chain_;
  NoisyDiffusion marginal_;  // each unit with all of its noise inside, as if independent
  Vector argument_offset_;   // c, (n)
  std::vector<Index> own_;   // units with s > 0
  Matrix additive_;          // columns that do not depend on y
  Vector weights_;           // of the nodes of ζ
  Matrix shifts_;            // S ζ_k, (n, nodes)
};

}  // namespace stillpoint::models
