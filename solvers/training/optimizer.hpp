// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "lib/core/types.hpp"

namespace stillpoint::training {

/// @brief Adaptive moments: m ← β₁ m + (1−β₁) γ, v ← β₂ v + (1−β₂) γ², γ the gradient,
/// x ← x − η m̂ / (√v̂ + ε), m̂ = m/(1 − β₁ᵏ), v̂ = v/(1 − β₂ᵏ) at step k = 1, 2, …
/// Source: Kingma & Ba (2015), algorithm 1.
struct Adam {
  double first = 0.9;     ///< β₁ ∈ [0, 1)
  double second = 0.999;  ///< β₂ ∈ [0, 1)
  double epsilon = 1e-8;  ///< > 0
};

/// Gradient descent with momentum, m ← β m + γ, x ← x − η m. Source: Polyak (1964).
struct GradientDescent {
  double momentum = 0.0;  ///< β ∈ [0, 1)
};

using Method = std::variant<Adam, GradientDescent>;

/// @brief A method with its memory.
class Optimizer {
 public:
  /// @throws std::invalid_argument if a constant is outside its range or size < 1.
  Optimizer(const Method& method, Index size);

  /// One step of rate η.
  void step(const Vector& gradient, double rate, Vector& x);

  Index steps() const { return steps_; }
  /// What a step depends on beside its arguments: m, v in columns, (size, 2).
  const Matrix& memory() const { return memory_; }
  /// Goes on from there, to the bit. @throws std::invalid_argument for a wrong shape.
  void restore(Index steps, const Matrix& memory);

 private:
  Method method_;
  Index steps_ = 0;
  Matrix memory_;
};

/// @brief How the rate η changes over a training.
struct Schedule {
  enum class Shape { constant, cosine, linear };
  Shape shape = Shape::cosine;
  double rate = 5e-3;         ///< η at the start, > 0
  double final_share = 0.02;  ///< η at the end, relative to it, 0 to 1; not used if constant.
  Index warm_up = 0;          ///< Steps over which η rises from 0.

  /// @param[in] iteration  0 … iterations − 1.
  double at(Index iteration, Index iterations) const;
};

}  // namespace stillpoint::training
