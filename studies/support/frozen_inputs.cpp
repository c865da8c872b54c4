// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/frozen_inputs.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "lib/core/require.hpp"

namespace stillpoint::studies {
namespace {

std::optional<Index> whole_number(std::string_view text) {
  Index value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

FrozenInputs freeze_inputs(const networks::NetworkFile& file, std::string_view window) {
  Index first = std::max<Index>(file.steps - file.read_window, 0), last = file.steps;
  if (!window.empty()) {
    const auto colon = window.find(':');
    const auto t0 = whole_number(window.substr(0, colon));
    const auto t1 =
        colon == std::string_view::npos ? std::nullopt : whole_number(window.substr(colon + 1));
    require(t0 && t1 && *t0 >= 0 && *t0 < *t1 && *t1 <= file.steps, "--frozen-input", "is ", window,
            ", expected t0:t1 with 0 <= t0 < t1 <= ", file.steps,
            " (mean input over steps t0 + 1 to t1)");
    first = *t0;
    last = *t1;
  }
  FrozenInputs frozen;
  frozen.window = file.steps > 0
                      ? "steps " + std::to_string(first + 1) + " to " + std::to_string(last)
                      : "all time, as the input is constant";
  for (Index c = 0; c < file.conditions(); ++c) {
    const Matrix& u = file.inputs[c];
    const Vector mean = u.cols() == 1 ? Vector(u.col(0))
                                      : Vector(u.middleCols(first, last - first).rowwise().mean());
    const auto same = std::find_if(
        frozen.inputs.begin(), frozen.inputs.end(),
        [&](const Vector& v) { return (v - mean).norm() <= 1e-12 * (1.0 + mean.norm()); });
    if (same == frozen.inputs.end()) {
      frozen.inputs.push_back(mean);
      frozen.conditions.push_back(std::to_string(c));
    } else {
      frozen.conditions[same - frozen.inputs.begin()] += " " + std::to_string(c);
    }
  }
  return frozen;
}

}  // namespace stillpoint::studies
