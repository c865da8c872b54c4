// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"

namespace stillpoint::tasks {

/// @brief B trials that networks run side by side, each with its own input, target and start.
///
/// Step t = 1 … T uses the input u_t; the read-out z_t after it is compared with y_t. The loss is
///
///     L = Σ w_tb v_o (z_tbo − y_tbo)² / (Σ w_tb  Σ v_o),
///
/// a mean over what counts: with w = 1 in a window and v = 1 that of WindowTask.
struct Trials {
  Index steps = 1;              ///< T
  Index count = 1;              ///< B
  std::vector<Matrix> inputs;   ///< u_1 … u_T, each (inputs, B); one entry where constant.
  std::vector<Matrix> targets;  ///< y_1 … y_T, each (outputs, B); one entry where constant.
  Matrix weights;               ///< w ≥ 0, (T, B), or (T, 1) where all trials have the same.
  Vector output_weights;        ///< v ≥ 0, (outputs).
  Matrix h0;                    ///< States before the first step, (n, B), or (n, 1) for all.

  const Matrix& input(Index step) const { return at(inputs, step); }    ///< u_step, from 1.
  const Matrix& target(Index step) const { return at(targets, step); }  ///< y_step, from 1.
  double weight(Index step, Index trial) const {                        ///< w of a step from 1.
    return weights(step - 1, weights.cols() == 1 ? 0 : trial);
  }
  double total_weight() const;  ///< Σ w_tb Σ v_o

 private:
  static const Matrix& at(const std::vector<Matrix>& list, Index step) {
    return list[list.size() == 1 ? 0 : static_cast<std::size_t>(step - 1)];
  }
};

/// @throws std::invalid_argument if a shape does not fit the network, a number is not finite, a
///   weight is negative, or all of them are 0.
void require_fits(const Trials& trials, const networks::Network& network);

}  // namespace stillpoint::tasks
