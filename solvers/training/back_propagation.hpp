// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"
#include "lib/random/normal.hpp"
#include "lib/tasks/trials.hpp"
#include "solvers/ensemble/panels.hpp"
#include "solvers/training/parameters.hpp"

namespace stillpoint::training {

/// @brief Names the noise of a batch: trial k sees the draws of path first_path + k of the stream,
/// with the indices of ensemble::ChainBlock, so that a batch is a run of the ensemble.
struct Draws {
  random::Stream stream;
  std::uint64_t first_path = 0;  ///< Multiple of 32.
};

/// What a batch costs.
struct BatchLoss {
  double loss = 0.0;       ///< L of tasks::Trials
  double activity = 0.0;   ///< Mean of r² over steps, trials and units; r as the read-out sees it.
  double objective = 0.0;  ///< loss + activity_penalty · activity, whose gradient is taken
  bool finite() const { return objective - objective == 0.0; }
};

/// @brief Loss of noisy networks on trials, and its gradient by back-propagation through time at
/// fixed noise.
///
/// Rate equation, a_t = W h_{t−1} + W_in u_t + b + s∘ξ_t, h_t = (1−g) h_{t−1} + g f(a_t) + ν∘ξ'_t,
/// adjoint λ_t = ∂L/∂h_t:
///
///     δ_t = g f'(a_t) ∘ λ_t,  λ_{t−1} = (1−g) λ_t + Wᵀ δ_t + W_outᵀ ∂L/∂z_{t−1},
///     ∂L/∂W = Σ_t δ_t h_{t−1}ᵀ,  ∂L/∂W_in = Σ_t δ_t u_tᵀ,  ∂L/∂b = Σ_t δ_t;
///
/// current equation, x_t = (1−g) x_{t−1} + g (W r_t + W_in u_t + b) + ν∘ξ'_t,
/// r_t = f(x_{t−1} + s∘ξ_t), read-out of f(x_t), λ_t = ∂L/∂x_t:
///
///     λ_{t−1} = (1−g) λ_t + g f'(x_{t−1} + s∘ξ_t) ∘ Wᵀ λ_t + f'(x_{t−1}) ∘ W_outᵀ ∂L/∂z_{t−1},
///     ∂L/∂W = g Σ_t λ_t r_tᵀ, and so on.
///
/// At a kink f' is the mean of its one-sided limits. 32 trials a vector block; blocks are added in
/// their order, so that the result does not depend on the number of threads. Keeps its memory from
/// call to call: one object a training run, not shared between threads.
/// Source: Werbos (1990), Proc. IEEE 78, 1550.
class BackPropagation {
 public:
  struct Options {
    double activity_penalty = 0.0;  ///< ≥ 0
    int threads = 0;                ///< 0: all cores.
  };
  explicit BackPropagation(const Options& options);

  /// @param[in] noise     Of this network; white sources only.
  /// @param[out] gradient  Of the objective, in the shapes of the network; null: not wanted.
  /// @throws std::invalid_argument for trials that do not fit, coloured noise, the activation
  ///   heaviside, whose derivative is 0, or a first_path that is no multiple of 32; Interrupted.
  BatchLoss operator()(const networks::Network& network, const networks::StepNoise& noise,
                       const tasks::Trials& trials, const Draws& draws, Gradient* gradient);

 private:
  struct Batch;  // what all panels share
  /// The history of one panel of 32 trials.
  struct Panel {
    ensemble::AlignedArray operands;     // X_t = (u_t, 1, what W multiplies), t = 1 … T + 1
    ensemble::AlignedArray slopes;       // of step t
    ensemble::AlignedArray rates;        // (1, f(x_t)), current equation with noise inside only
    ensemble::AlignedArray rate_slopes;  // f'(x_t) there
    ensemble::AlignedArray deltas;       // ∂L/∂(A X_t)
    ensemble::AlignedArray errors;       // ∂L/∂z_t
    ensemble::AlignedArray state, argument, adjoint, rate_adjoint;
    ensemble::AlignedArray weights_gradient, read_out_gradient;  // by rows
    double loss = 0.0, activity = 0.0;
  };
  struct Shape {
    Index units = 0, inputs = 0, outputs = 0, steps = 0, panels = 0;
    bool own_rates = false;
    bool operator==(const Shape&) const = default;
  };

  void reserve(const Shape& shape);
  static void forward(const Batch& batch, Index number, Panel& panel);
  static void read(const Batch& batch, Index number, Index step, Panel& panel);
  static void backward(const Batch& batch, Index number, Panel& panel);

  Options options_;
  Shape shape_;
  std::vector<Panel> panels_;
};

}  // namespace stillpoint::training
