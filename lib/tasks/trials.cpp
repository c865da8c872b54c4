// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/tasks/trials.hpp"

#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::tasks {
namespace {

constexpr std::string_view where = "Trials";

void require_series(const std::vector<Matrix>& list, std::string_view name, const Trials& trials,
                    Index rows) {
  const auto size = static_cast<Index>(list.size());
  require(size == 1 || size == trials.steps, where, name, " has ", size,
          " entries, expected 1 or one a step, ", trials.steps);
  for (const Matrix& entry : list) {
    require(entry.rows() == rows && entry.cols() == trials.count, where, "an entry of ", name,
            " has shape (", entry.rows(), ", ", entry.cols(), "), expected (", rows, ", ",
            trials.count, ")");
    require(entry.allFinite(), where, name, " holds a NaN or an infinity");
  }
}

}  // namespace

double Trials::total_weight() const {
  const double copies = weights.cols() == 1 ? static_cast<double>(count) : 1.0;
  return copies * weights.sum() * output_weights.sum();
}

void require_fits(const Trials& trials, const networks::Network& network) {
  require(trials.steps >= 1 && trials.steps < (Index{1} << 31), where, "steps = ", trials.steps,
          ", expected 1 to 2^31 - 1");
  require(trials.count >= 1, where, "count = ", trials.count, ", expected 1 or more");
  require(network.outputs() > 0, where, "the network has no output, expected a read-out");
  require_series(trials.inputs, "inputs", trials, network.inputs());
  require_series(trials.targets, "targets", trials, network.outputs());
  const auto& w = trials.weights;
  require(w.rows() == trials.steps && (w.cols() == 1 || w.cols() == trials.count), where,
          "weights has shape (", w.rows(), ", ", w.cols(), "), expected (", trials.steps, ", 1 or ",
          trials.count, ")");
  require(trials.output_weights.size() == network.outputs(), where, "output_weights has ",
          trials.output_weights.size(), " entries, expected ", network.outputs());
  require(w.allFinite() && trials.output_weights.allFinite() && (w.array() >= 0.0).all() &&
              (trials.output_weights.array() >= 0.0).all() && trials.total_weight() > 0.0,
          where, "a weight is negative or not finite, or all are 0; expected >= 0, some above");
  const auto& h0 = trials.h0;
  require(h0.rows() == network.units() && (h0.cols() == 1 || h0.cols() == trials.count), where,
          "h0 has shape (", h0.rows(), ", ", h0.cols(), "), expected (", network.units(), ", 1 or ",
          trials.count, ")");
  require(h0.allFinite(), where, "h0 holds a NaN or an infinity");
}

}  // namespace stillpoint::tasks
