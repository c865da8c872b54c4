// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/networks/network_file.hpp"

namespace stillpoint::studies {

/// @brief The constant inputs at which the fixed points of a task are sought.
struct FrozenInputs {
  std::vector<Vector> inputs;           ///< Distinct ones, (inputs) each.
  std::vector<std::string> conditions;  ///< The conditions that share each, "0 3 7".
  std::string window;                   ///< What was averaged, for a reader: "steps 71 to 80".
};

/// @brief The mean input of every condition over a window of steps, equal ones (to 1e-12) merged.
/// @param[in] window  "t0:t1", the mean over steps t0 + 1 to t1; empty: the read window.
/// @throws std::invalid_argument unless 0 <= t0 < t1 <= steps.
FrozenInputs freeze_inputs(const networks::NetworkFile& file, std::string_view window);

}  // namespace stillpoint::studies
