// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <string>
#include <vector>

#include "lib/activations/activation.hpp"
#include "lib/models/noisy_chain.hpp"
#include "solvers/transfer_operator/scalar_chain.hpp"

namespace stillpoint::transfer_operator {

/// @brief The noisy chain of two neurons at a constant input, in coordinates u ∈ ℝ² that suit a
/// tensor grid:
///
///     u' = λ u + d + G f(A u + c + s∘z) + L z',   z, z' ~ N(0, I) fresh each step,
///     y  = o + T u,   L lower triangular.
///
/// Where noise enters inside f, G has at most one entry other than 0 in each row and column, so
/// that given u the two components of G f are independent. Which coordinates:
///
/// - u = y, unless one of the following holds; L = diag ν.
/// - Noise inside, W mixes the units (current equation): y = W u + o with u of the rate equation,
///   u' = (1−g) u + g f(W u + o + s∘z) + W⁻¹(ν∘z'), o = W_in·input + b. Exact for any W without
///   noise outside; with it W has to be invertible.
/// - Noise outside only, f with kinks, an argument that depends on both units (rate equation):
///   u = W y + c, the arguments themselves, so that kinks lie along the axes; L Lᵀ = W diag(ν²) Wᵀ.
///   Not if the condition number of W is above 8: the law would be a narrow ridge. Then u = y, and
///   kinks cross the grid.
struct PlaneChain {
  double retention;                  ///< λ ∈ [0, 1)
  Eigen::Vector2d offset;            ///< d
  Eigen::Matrix2d gain;              ///< G
  Eigen::Matrix2d argument_weights;  ///< A
  Eigen::Vector2d argument_offset;   ///< c
  Eigen::Vector2d argument_sd;       ///< s ≥ 0
  Eigen::Matrix2d smear;             ///< L
  Eigen::Matrix2d to_state;          ///< T
  Eigen::Vector2d origin;            ///< o
  activations::Activation activation;
  std::vector<double> kinks;  ///< of f
  bool separable = true;      ///< False: no coordinates were found, do not use the rest.

  bool noise_inside() const;   ///< Some z reaches the state.
  bool noise_outside() const;  ///< L ≠ 0
  bool correlated() const { return smear(1, 0) != 0.0; }

  /// u' without noise.
  Eigen::Vector2d next(const Eigen::Vector2d& u) const;

  /// Lines u_k = const where the conditional law of u' has a kink, for k = 0, 1, ascending.
  std::array<std::vector<double>, 2> cuts() const;
  /// True if some kink is along a line that crosses both axes.
  bool slanted_kinks() const;

  /// The box that holds every law of the chain; infinite where noise outside or f has no bound.
  std::array<Interval, 2> hull() const;

  /// False if the noise can drive the state to infinity: some direction does not shrink under
  /// u' = λ u + G f∞(A u), f∞ the two slopes of f at infinity.
  bool returns_from_infinity() const;

  /// A box from noise-free limits of nine starts, each with eight standard deviations of the
  /// linearisation there; inside the hull, never of width 0.
  std::array<Interval, 2> first_box() const;
};

/// @throws std::invalid_argument unless the chain has two units, no coloured source, and the input
///   its number of entries, all finite.
PlaneChain make_plane_chain(const models::NoisyChain& chain, const Vector& input);

}  // namespace stillpoint::transfer_operator
