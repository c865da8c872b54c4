// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE window_task
#include "lib/tasks/window_task.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <stdexcept>
#include <string>

using namespace stillpoint;

namespace {

networks::NetworkFile sine() {
  return networks::load_network(STILLPOINT_TEST_DATA "/networks/sine_relu_inside.toml");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_file_gives_a_task_for_every_condition) {
  const auto file = sine();
  for (Index c = 0; c < file.conditions(); ++c) {
    const auto task = tasks::window_task(file, c);
    BOOST_CHECK_NO_THROW(tasks::require_fits(task, file.network));
    BOOST_TEST(task.steps == 14);
    BOOST_TEST(task.window == 6);
    BOOST_TEST((task.inputs == file.inputs[static_cast<std::size_t>(c)]));
    BOOST_TEST((task.targets == file.targets[static_cast<std::size_t>(c)]));
  }
  BOOST_CHECK_THROW(tasks::window_task(file, file.conditions()), std::invalid_argument);
  BOOST_CHECK_THROW(tasks::window_task(file, -1), std::invalid_argument);
  auto stationary = file;
  stationary.steps = 0;
  BOOST_CHECK_THROW(tasks::window_task(stationary, 0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(targets_may_be_missing_and_inputs_may_vary) {
  auto file = sine();
  file.targets.clear();
  auto task = tasks::window_task(file, 0);
  BOOST_TEST(task.targets.size() == 0);
  task.inputs = Matrix::Zero(1, 14);
  BOOST_CHECK_NO_THROW(tasks::require_fits(task, file.network));
  task.targets = Matrix::Zero(1, 6);
  BOOST_CHECK_NO_THROW(tasks::require_fits(task, file.network));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_named) {
  const auto file = sine();
  const auto rejected = [&](const std::string& word, auto&& change) {
    auto task = tasks::window_task(file, 0);
    change(task);
    BOOST_CHECK_EXCEPTION(
        tasks::require_fits(task, file.network), std::invalid_argument, [&](const auto& error) {
          const std::string text = error.what();
          return text.find(word) != std::string::npos && text.find("expected") != std::string::npos;
        });
  };
  using tasks::WindowTask;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  rejected("steps", [](WindowTask& task) { task.steps = 0; });
  rejected("steps", [](WindowTask& task) { task.steps = Index{1} << 32; });
  rejected("window", [](WindowTask& task) { task.window = 0; });
  rejected("window", [](WindowTask& task) { task.window = task.steps + 1; });
  rejected("inputs", [](WindowTask& task) { task.inputs = Matrix::Zero(2, 1); });
  rejected("inputs", [](WindowTask& task) { task.inputs = Matrix::Zero(1, 3); });
  rejected("targets", [](WindowTask& task) { task.targets = Matrix::Zero(1, 2); });
  rejected("targets", [](WindowTask& task) { task.targets = Matrix::Zero(2, 1); });
  rejected("targets", [](WindowTask& task) { task.targets(0) = nan; });
  rejected("h0", [](WindowTask& task) { task.h0 = Vector::Zero(3); });
  rejected("h0", [](WindowTask& task) { task.h0(0) = nan; });
  rejected("inputs", [](WindowTask& task) { task.inputs(0) = nan; });
}
