// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/stationary.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "solvers/ensemble/control_variates.hpp"
#include "solvers/ensemble/stationary_sampler.hpp"

namespace stillpoint::ensemble {
namespace {

using statistics::Estimate;
using statistics::StationaryLaw;

constexpr std::string_view where = "simulate_stationary";
constexpr double drift_limit = 6.0;  // standard errors
/// A drift below this is no reason for doubt, however well it is known: relative to the standard
/// deviation, and to 1 + |mean| for what still settles or rounds without noise.
constexpr double negligible_drift = 1e-6, negligible_motion = 1e-10;

/// Means over the paths of one panel at the end of the burn-in: moments are summed up about them,
/// so that no digits are lost to a mean that is large beside the standard deviation.
void find_reference(const ChainProgram& program, const Plan& plan, Vector& state, Vector& output) {
  ChainBlock pilot(program, 0, 1);
  for (Index t = 0; t < plan.burn_in; ++t) {
    throw_if_interrupted();
    pilot.step(t);
  }
  Panels z(program.chain().outputs(), 1);
  pilot.read_out(z);
  const auto mean = [](const Panels& panels, Index i) {
    // Differences from the first path keep the mean of equal numbers exact.
    const double first = panels(i, 0);
    double sum = 0.0;
    for (Index p = 0; p < Panels::paths_each; ++p) sum += panels(i, p) - first;
    const double value = first + sum / static_cast<double>(Panels::paths_each);
    return std::isfinite(value) ? value : 0.0;
  };
  for (Index i = 0; i < state.size(); ++i) state(i) = mean(pilot.state(), i);
  for (Index i = 0; i < output.size(); ++i) output(i) = mean(z, i);
}

/// Paths of a group over all paths.
double share_of(const Tally& tally, const Plan& plan) {
  return static_cast<double>(tally.state.samples()) / static_cast<double>(plan.batches) /
         static_cast<double>(plan.samples);
}

std::vector<GroupAverages> averages(const std::vector<Tally>& tallies, const Plan& plan) {
  std::vector<GroupAverages> groups;
  for (const Tally& tally : tallies) {
    const double share = share_of(tally, plan);
    const double terms = share * static_cast<double>(plan.records() * plan.paths);
    groups.push_back({.share = share,
                      .state = tally.state.mean_offset(),
                      .state_products = tally.covariance / terms,
                      .control = tally.control / terms,
                      .control_products = tally.control_products / terms,
                      .output = tally.output.mean_offset(),
                      .output_squares = tally.output.square_offset()});
  }
  return groups;
}

/// Covariance and, from eight groups on, its standard errors by the scatter of the groups.
void fill_covariance(const std::vector<Tally>& tallies, const PathMoments& state, const Plan& plan,
                     StationaryLaw& law) {
  const Index n = state.rows();
  const double records = static_cast<double>(plan.records());
  const double paths = static_cast<double>(plan.paths);
  const Vector mean = state.mean_offset();
  Matrix sum = Matrix::Zero(n, n);
  for (const Tally& tally : tallies) sum += tally.covariance;
  law.covariance = sum / (records * paths) - mean * mean.transpose();
  for (Index i = 0; i < n; ++i) law.covariance(i, i) = law.variance[i].value;
  if (plan.groups < 8) return;
  Matrix squares = Matrix::Zero(n, n);
  for (const Tally& tally : tallies) {
    const double share = share_of(tally, plan);
    const Vector own = tally.state.mean_offset();
    const Matrix deviation = tally.covariance / (records * paths) -
                             share * (mean * own.transpose() + own * mean.transpose() -
                                      mean * mean.transpose() + law.covariance);
    squares += deviation.cwiseAbs2();
  }
  const double groups = static_cast<double>(plan.groups);
  law.covariance_standard_error = (squares * (groups / (groups - 1.0))).cwiseSqrt();
  for (Index i = 0; i < n; ++i)
    law.covariance_standard_error(i, i) = law.variance[i].standard_error;
}

/// What the run says against itself.
void judge(const Tally& total, const Plan& plan, StationaryLaw& law) {
  std::ostringstream note;
  if (total.broken_at >= 0) {
    law.valid = false;
    note << "a state stopped being finite by step " << total.broken_at
         << ": the chain diverges and has no stationary law";
  } else if (!std::all_of(law.variance.begin(), law.variance.end(),
                          [](const Estimate& variance) { return std::isfinite(variance.value); })) {
    law.valid = false;
    note << "a variance is beyond all numbers: the chain diverges and has no stationary law";
  } else if (plan.batches > 1) {
    const double memory = total.state.autocorrelation_times();
    note << plan.paths << " paths were cut into " << total.state.samples()
         << " batches, each about " << std::lround(memory)
         << " autocorrelation times long, and a drift was not looked for; use "
         << Plan::paths_for_errors * plan.copies << " paths or more for errors from whole paths";
  } else if (plan.paths > 1) {
    for (Index i = 0; i < total.drift.rows() && law.valid; ++i) {
      const double variance = std::max(law.variance[i].value, 0.0);
      const double motion = negligible_motion * (1.0 + std::abs(law.mean[i].value));
      const auto moves = [](const Estimate& drift, double negligible) {
        return std::abs(drift.value) > drift_limit * drift.standard_error + negligible;
      };
      const Estimate drift = total.drift.mean(i, 0.0), square = total.square_drift.mean(i, 0.0);
      const bool mean_moves = moves(drift, negligible_drift * std::sqrt(variance) + motion);
      if (!mean_moves && !moves(square, negligible_drift * variance + motion)) continue;
      const Estimate& what = mean_moves ? drift : square;
      law.valid = false;
      note << "the " << (mean_moves ? "mean" : "mean square") << " of unit " << i
           << " still moves by " << what.value << " +- " << what.standard_error
           << " between the two halves of the run; a longer burn-in than " << plan.burn_in
           << " steps is needed";
    }
  }
  law.note = note.str();
}

void check(const Histogram& histogram, Index units) {
  require(histogram.unit >= 0 && histogram.unit < units, where, "histogram of unit ",
          histogram.unit, ", expected 0 to ", units - 1);
  const Vector& edges = histogram.edges;
  bool ascending = edges.size() >= 2;
  for (Index k = 1; k < edges.size(); ++k) ascending = ascending && edges(k - 1) < edges(k);
  require(ascending, where, "histogram edges must be at least two ascending numbers");
}

}  // namespace

StationaryLaw simulate_stationary(const models::NoisyChain& chain, const Vector& input,
                                  const Vector& initial_state, const StationaryOptions& options,
                                  std::span<Histogram> histograms) {
  const auto start = std::chrono::steady_clock::now();
  for (const Histogram& histogram : histograms) check(histogram, chain.units());
  const ChainProgram program(chain, input, initial_state,
                             {.seed = options.seed, .stream = options.stream});
  std::optional<LinearControl> control;
  std::optional<ChainProgram> linear;
  if (options.variance_reduction == VarianceReduction::control && !chain.noise().silent()) {
    require(options.paths >= least_groups * Panels::paths_each, where, "paths = ", options.paths,
            ", expected >= ", least_groups * Panels::paths_each, " with control variates");
    control = make_linear_control(chain, input, initial_state);
    if (control->report.ok())
      linear.emplace(control->chain, input, control->initial,
                     random::Stream{.seed = options.seed, .stream = options.stream});
  }
  const Plan plan = make_plan(program, options, linear.has_value());
  Vector state_reference(chain.units()), output_reference(chain.outputs());
  find_reference(program, plan, state_reference, output_reference);

  Progress progress("Monte Carlo", plan.paths * plan.last_step());
  const Sampler sampler(program, linear ? &*linear : nullptr, plan, state_reference,
                        output_reference, histograms, progress);
  std::vector<Tally> tallies(plan.groups);
  parallel_for(plan.groups, options.threads, [&](Index k) { tallies[k] = sampler.group(k); });

  Tally total{.state = PathMoments(chain.units()),
              .output = PathMoments(chain.outputs()),
              .drift = PathMoments(chain.units()),
              .square_drift = PathMoments(chain.units())};
  for (const Histogram& histogram : histograms)
    total.cells.emplace_back(histogram.edges.size() - 1);
  for (const Tally& tally : tallies) {
    total.state += tally.state;
    total.output += tally.output;
    total.drift += tally.drift;
    total.square_drift += tally.square_drift;
    for (std::size_t k = 0; k < total.cells.size(); ++k) total.cells[k] += tally.cells[k];
    if (total.broken_at < 0) total.broken_at = tally.broken_at;
  }

  StationaryLaw law{.method = "monte_carlo"};
  for (Index i = 0; i < chain.units(); ++i) {
    law.mean.push_back(total.state.mean(i, state_reference(i)));
    law.variance.push_back(total.state.variance(i));
    law.skewness.push_back(total.state.skewness(i));
  }
  for (Index i = 0; i < chain.outputs(); ++i) {
    law.output_mean.push_back(total.output.mean(i, output_reference(i)));
    law.output_variance.push_back(total.output.variance(i));
  }
  fill_covariance(tallies, total.state, plan, law);
  if (linear)
    apply_control(*control, averages(tallies, plan), state_reference, output_reference, law);
  if (chain.noise().silent()) {  // one path is all there is
    for (auto* estimates :
         {&law.mean, &law.variance, &law.skewness, &law.output_mean, &law.output_variance})
      for (Estimate& estimate : *estimates) estimate.standard_error = 0.0;
  }
  for (std::size_t k = 0; k < histograms.size(); ++k) {
    histograms[k].fraction.resize(total.cells[k].rows());
    histograms[k].standard_error.resize(total.cells[k].rows());
    for (Index cell = 0; cell < total.cells[k].rows(); ++cell) {
      const Estimate share = total.cells[k].mean(cell, 0.0);
      histograms[k].fraction(cell) = share.value;
      histograms[k].standard_error(cell) = share.standard_error;
    }
  }
  judge(total, plan, law);
  if (control && !linear)
    law.note = "no control variates: " + control->report.message +
               (law.note.empty() ? "" : "; " + law.note);
  law.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return law;
}

}  // namespace stillpoint::ensemble
