// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/tasks/window_task.hpp"

#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::tasks {

void require_fits(const WindowTask& task, const networks::Network& network) {
  constexpr std::string_view where = "WindowTask";
  const Index n = network.units(), inputs = network.inputs(), outputs = network.outputs();
  require(task.steps >= 1 && task.steps < Index{1} << 32, where, "steps = ", task.steps,
          ", expected 1 to 2^32 - 1");
  require(task.window >= 1 && task.window <= task.steps, where, "window = ", task.window,
          ", expected between 1 and steps = ", task.steps);
  require(
      task.inputs.rows() == inputs && (task.inputs.cols() == 1 || task.inputs.cols() == task.steps),
      where, "inputs have shape (", task.inputs.rows(), ", ", task.inputs.cols(), "), expected (",
      inputs, ", 1) or (", inputs, ", ", task.steps, ")");
  require(task.h0.size() == n, where, "h0 has ", task.h0.size(), " entries, expected ", n);
  require(task.targets.size() == 0 ||
              (task.targets.rows() == outputs &&
               (task.targets.cols() == 1 || task.targets.cols() == task.window)),
          where, "targets have shape (", task.targets.rows(), ", ", task.targets.cols(),
          "), expected none, (", outputs, ", 1) or (", outputs, ", ", task.window, ")");
  require(task.inputs.allFinite() && task.h0.allFinite() && task.targets.allFinite(), where,
          "inputs, h0 or targets hold a NaN or an infinity, expected finite numbers");
}

WindowTask window_task(const networks::NetworkFile& file, Index condition) {
  constexpr std::string_view where = "window_task";
  require(file.steps > 0, where, file.name,
          " has no steps: its stationary law is meant, no window");
  require(condition >= 0 && condition < file.conditions(), where, "condition = ", condition,
          ", expected 0 to ", file.conditions() - 1);
  const auto c = static_cast<std::size_t>(condition);
  return {.inputs = file.inputs[c],
          .h0 = file.h0,
          .steps = file.steps,
          .window = file.read_window,
          .targets = file.targets.empty() ? Matrix() : file.targets[c]};
}

}  // namespace stillpoint::tasks
