// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/network_file.hpp"

namespace stillpoint::tasks {

/// @brief One condition of a task: the network runs T steps from h0 and its read-out z_t is
/// compared with a target over the last K of them, by the squared error, mean over outputs and
/// window.
///
/// Step t = 1 … T uses the input u_t; z_t is read after it.
struct WindowTask {
  Matrix inputs;   ///< u_1 … u_T, (inputs, T), or (inputs, 1) where constant.
  Vector h0;       ///< State before the first step, (n); coloured noise starts at 0.
  Index steps;     ///< T, 1 ≤ T < 2³²
  Index window;    ///< K, 1 ≤ K ≤ T
  Matrix targets;  ///< (outputs, K), or (outputs, 1) where constant; empty without targets.
};

/// @throws std::invalid_argument if a shape does not fit the network or a number is not finite.
void require_fits(const WindowTask& task, const networks::Network& network);

/// @brief The task of a network file in one of its input conditions, 0 ≤ condition < conditions().
/// @throws std::invalid_argument if there is no such condition, or the file has no steps: then the
///   stationary law is meant, which is no window.
WindowTask window_task(const networks::NetworkFile& file, Index condition);

}  // namespace stillpoint::tasks
