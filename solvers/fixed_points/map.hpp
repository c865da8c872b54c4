// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"

namespace stillpoint::fixed_points {

/// @brief A deterministic map y' = Φ(y), Φ: ℝⁿ → ℝⁿ, whose fixed points are wanted.
struct Map {
  Index size = 0;  ///< n
  /// Writes Φ(y), (n), and, unless it is null, ∂Φ/∂y, (n, n). Called by several threads at once.
  std::function<void(const Vector& y, Vector& image, Matrix* jacobian)> evaluate;
  /// The same for eight points side by side (group.hpp): writes Φ(y) − y and, unless it is null,
  /// I − ∂Φ/∂y, the filling included. `work` has room for two such vectors. May be empty; it is
  /// there for speed alone.
  std::function<void(const double* y, double* residual, double* matrix, double* work)>
      evaluate_group;
  bool odd = false;  ///< True if Φ(−y) = −Φ(y): fixed points then come in pairs ±y.
};

/// @brief The noise-free map of a chain's network state at a constant input,
///
///     Φ(y) = λ∘y + G f_q(B y + c) + d,   ∂Φ/∂y = diag λ + G diag f_q'(B y + c) B,
///
/// with f itself for q = 0 and the smoothed map otherwise: f_q(a)ᵢ = E f(aᵢ + qᵢ z), z ~ N(0, 1).
/// Coloured noise rests at its mean, zero, and is left out: y is the network's state, (n).
/// The map holds copies; the chain need not outlive it.
/// @param[in] input  Constant input, (inputs).
/// @param[in] q      Standard deviation of the argument of each unit, (n), ≥ 0; empty: 0.
/// @throws std::invalid_argument for a wrong shape or a negative or non-finite q.
Map chain_map(const models::NoisyChain& chain, const Vector& input, const Vector& q = {});

/// @brief The same dynamics in the argument of the activation, whatever the equation is,
///
///     Φ(a) = (1−g) a + g (W f_q(a) + W_in u + b).
///
/// Its fixed points are those of chain_map(): a itself in the current equation, f_q(a) in the rate
/// equation, with the same multipliers, because f_q' W and W f_q' have the same spectrum. Argument,
/// input and q as above.
Map argument_map(const models::NoisyChain& chain, const Vector& input, const Vector& q = {});

/// The network state, (n), that belongs to a fixed point a, (n), of argument_map().
Vector state_of_argument(const models::NoisyChain& chain, const Vector& argument,
                         const Vector& q = {});

/// W_in u + b, (n): what drives each unit at a constant input.
Vector constant_drive(const models::NoisyChain& chain, const Vector& input);

}  // namespace stillpoint::fixed_points
