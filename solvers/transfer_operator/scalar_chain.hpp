// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/activations/activation.hpp"
#include "lib/models/noisy_chain.hpp"

namespace stillpoint::transfer_operator {

/// @brief The noisy chain of one neuron at a constant input:
///
///     y' = λ y + d + G f(β y + c + s z) + ν z',   z, z' ~ N(0, 1) fresh each step.
struct ScalarChain {
  double retention;        ///< λ ∈ [0, 1)
  double state_offset;     ///< d
  double gain;             ///< G
  double argument_weight;  ///< β
  double argument_offset;  ///< c
  double argument_sd;      ///< s ≥ 0
  double state_sd;         ///< ν ≥ 0
  activations::Activation activation;
  std::vector<double> kinks;  ///< of f

  bool noise_inside() const { return argument_sd > 0.0 && gain != 0.0; }
  bool noise_outside() const { return state_sd > 0.0; }

  /// Argument of f without its noise, βy + c.
  double argument(double y) const { return argument_weight * y + argument_offset; }
  /// Next state for given noises.
  double next(double y, double z, double z_outside) const;

  /// States where the conditional mean of y' has a kink: none if noise smooths it.
  std::vector<double> state_kinks() const;
};

/// @throws std::invalid_argument unless the chain has one unit, no coloured source, and the input
///   its number of entries.
ScalarChain make_scalar_chain(const models::NoisyChain& chain, const Vector& input);

/// @brief An interval that no path leaves while |z|, |z'| ≤ bound, a few per cent wider than need
/// be; lower > upper if the noise can drive the chain to infinity.
struct Interval {
  double lower;
  double upper;
  bool empty() const { return lower > upper; }
};
Interval invariant_interval(const ScalarChain& chain, double bound);

}  // namespace stillpoint::transfer_operator
