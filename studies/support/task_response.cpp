// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/task_response.hpp"

#include <algorithm>
#include <cmath>

#include "lib/core/parallel.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/tasks/window_task.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/ensemble/window.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/moments/window.hpp"

namespace stillpoint::studies {
namespace {

using statistics::Estimate;
using statistics::StationaryLaw;
using statistics::WindowLaw;

/// A stationary law read once is a window of one step.
WindowLaw as_window(const StationaryLaw& law, const Matrix& targets) {
  const auto outputs = static_cast<Index>(law.output_mean.size());
  WindowLaw window{.method = law.method,
                   .output_mean = Matrix(outputs, 1),
                   .output_variance = Matrix(outputs, 1),
                   .mean_output = law.output_mean,
                   .state_mean = law.mean,
                   .state_variance = law.variance,
                   .argument_mean = law.argument_mean,
                   .argument_sd = law.argument_sd,
                   .valid = law.valid,
                   .note = law.note,
                   .seconds = law.seconds};
  for (Index k = 0; k < outputs; ++k) {
    window.output_mean(k, 0) = law.output_mean[k].value;
    window.output_variance(k, 0) = law.output_variance[k].value;
  }
  if (targets.size() == 0) return window;
  // E(z − y)² = (E z − y)² + Var z; the two errors of an output are added as if correlated.
  double loss = 0.0, variance = 0.0;
  for (Index k = 0; k < outputs; ++k) {
    const double bias = law.output_mean[k].value - targets(k, 0);
    loss += bias * bias + law.output_variance[k].value;
    const double se = 2.0 * std::abs(bias) * law.output_mean[k].standard_error +
                      law.output_variance[k].standard_error;
    variance += se * se;
  }
  window.loss = {loss / static_cast<double>(outputs),
                 std::sqrt(variance) / static_cast<double>(outputs)};
  return window;
}

/// A law that the noise tears apart with probability p over a distance Δ gains the variance p Δ²
/// and moves its mean by p Δ. Over a distance as large as the outputs are, this share of their mean
/// square is a move of 0.2 %, which is none, however small the loss that it is part of.
constexpr double negligible = 0.002;

}  // namespace

Matrix TaskResponse::targets(Index condition) const {
  if (file_.targets.empty()) return {};
  return file_.targets[condition];
}

WindowLaw TaskResponse::deterministic(Index condition) const {
  const models::NoisyChain chain(file_.network, file_.noise_at(0.0));
  if (stationary())
    return as_window(moments::solve_deterministic(chain, inputs(condition).col(0), file_.h0),
                     targets(condition));
  return moments::evolve_deterministic(chain, tasks::window_task(file_, condition));
}

WindowLaw TaskResponse::smoothed(Index condition, double level) const {
  const models::NoisyChain chain(file_.network, file_.noise_at(level));
  if (stationary())
    return as_window(moments::solve_smoothed(chain, inputs(condition).col(0), file_.h0),
                     targets(condition));
  return moments::evolve_smoothed(chain, tasks::window_task(file_, condition));
}

WindowLaw TaskResponse::stationary_closure(const models::NoisyChain& chain, Index condition) const {
  const Vector input = inputs(condition).col(0);
  StationaryLaw law = moments::solve_closure(chain, input, file_.h0);
  if (law.valid) {
    const moments::Validity validity = moments::judge(chain, input, law);
    law.valid = validity.valid;
    law.note = validity.note;
  }
  return as_window(law, targets(condition));
}

ClosureResponse TaskResponse::closure(double level, int threads) const {
  const models::NoisyChain chain(file_.network, file_.noise_at(level));
  ClosureResponse response{.conditions = std::vector<WindowLaw>(conditions())};
  auto& laws = response.conditions;
  std::vector<moments::ClosureError> errors(conditions());
  parallel_for(conditions(), threads, [&](Index c) {
    if (stationary()) {
      laws[c] = stationary_closure(chain, c);
      return;
    }
    const tasks::WindowTask task = tasks::window_task(file_, c);
    laws[c] = moments::evolve_closure(chain, task);
    const moments::Validity possible = moments::can_estimate(chain, task.steps);
    if (laws[c].valid && !possible.valid) {
      laws[c].valid = false;
      laws[c].note = possible.note;
    }
    if (laws[c].valid) errors[c] = moments::estimate_closure_error(chain, task);
  });
  const auto failed =
      std::find_if(laws.begin(), laws.end(), [](const WindowLaw& law) { return !law.valid; });
  if (failed != laws.end()) response.overall = {.valid = false, .note = failed->note};
  if (stationary()) return response;

  double mean_square = 0.0;  // of the outputs, over the conditions with an answer
  for (const WindowLaw& law : laws)
    if (law.valid)
      mean_square += (law.output_mean.cwiseAbs2().mean() + law.output_variance.mean()) /
                     static_cast<double>(conditions());
  double prediction = 0.0;
  for (Index c = 0; c < conditions(); ++c) {
    if (!laws[c].valid) continue;
    const bool has_loss = std::isfinite(laws[c].loss.value);
    const double own = has_loss ? laws[c].loss.value : laws[c].output_variance.mean();
    prediction += own / static_cast<double>(conditions());
    const moments::Validity validity = moments::judge(own, errors[c]);
    if (errors[c].total() <= negligible * mean_square) continue;
    laws[c].valid = validity.valid;
    laws[c].note = validity.note;
  }
  if (response.overall.valid) response.overall = moments::judge(prediction, moments::mean(errors));
  return response;
}

WindowLaw TaskResponse::monte_carlo(Index condition, double level, Index paths, std::uint64_t seed,
                                    int threads) const {
  const models::NoisyChain chain(file_.network, file_.noise_at(level));
  const auto stream = static_cast<std::uint32_t>(condition);
  if (stationary())
    return as_window(ensemble::simulate_stationary(
                         chain, inputs(condition).col(0), file_.h0,
                         {.paths = paths, .seed = seed, .stream = stream, .threads = threads}),
                     targets(condition));
  return ensemble::simulate_window(
      chain, tasks::window_task(file_, condition),
      {.paths = paths, .seed = seed, .stream = stream, .threads = threads});
}

Estimate mean_loss(const std::vector<WindowLaw>& conditions) {
  double sum = 0.0, squares = 0.0;
  for (const WindowLaw& law : conditions) {
    sum += law.loss.value;
    squares += law.loss.standard_error * law.loss.standard_error;
  }
  const double n = static_cast<double>(conditions.size());
  return {sum / n, std::sqrt(squares) / n};
}

}  // namespace stillpoint::studies
