// SPDX-License-Identifier: GPL-3.0-or-later
// analyze: what noise does to a network that someone hands over.
//
// Question    Which fixed points does the training noise move, by how much and why, and what
//             happens to the output when that noise is removed or changed?
// Model       a network from a file: rate or current equation, noise inside or outside, with its
//             own task: T steps from h0 read over the last K, or the stationary law
// Methods     deterministic, smoothed mean field, Gaussian closure (mean and covariance, run over
//             the same T and K), Monte Carlo of the full network. The closure judges its own
//             validity without looking at the Monte Carlo; rows it marks are counted. Fixed points
//             by the strongest method there is for the network, with what it proves.
// Acceptance  At every noise level where the closure says that it holds, its loss lies within
//             4 % + 5 standard errors of Monte Carlo; its mean outputs at the training noise within
//             1 % of the outputs' rms + 5 standard errors in every condition that it says holds.
//             Monte Carlo agrees with the table that the file brings, if it brings one: losses and
//             mean outputs within 5 combined standard errors, noise-free ones to 2e-6.
// Output      results/analyze/: loss, preferred_noise, outputs, shift, attenuation, frozen_inputs,
//             fixed_points, fixed_point_states, projection, principal_axes, manifest.json
// Figures     plots/analyze.cpp: analyze_loss, analyze_shift, analyze_attenuation, analyze_pca
//
// Sample runs analyze --network tests/data/networks/sine_relu_inside.toml
//             analyze --network tests/data/networks/flipflop3_tanh_inside.toml --frozen-input 70:80

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "lib/activations/bends.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/networks/network_file.hpp"
#include "lib/statistics/principal_axes.hpp"
#include "plots/analyze.hpp"
#include "solvers/certification/list.hpp"
#include "solvers/continuation/shift.hpp"
#include "solvers/ensemble/trajectories.hpp"
#include "solvers/moments/closure_error.hpp"
#include "solvers/moments/moment_map.hpp"
#include "solvers/moments/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/frozen_inputs.hpp"
#include "studies/support/loss_curve.hpp"
#include "studies/support/options.hpp"
#include "studies/support/task_response.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using statistics::Estimate;
using statistics::WindowLaw;

namespace {

struct Settings {
  std::string network;
  std::vector<double> ratios;  // noise levels relative to the file's own; empty: the file's table
  Index paths = 2000;
  Index detail_paths = 10000;
  Index starts = 512;
  Index trajectories = 8;
  std::string frozen_input;
};

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
/// For complete searches of piecewise-linear networks, all inputs together.
constexpr double search_seconds = 60.0;
/// Printed tables round to 7 digits: exact numbers may differ by this.
constexpr double rounding = 2e-6;

/// The network with its task, and one answer a condition for every method.
struct Subject {
  const networks::NetworkFile& file;
  studies::TaskResponse task;
  const studies::Options& options;

  studies::ClosureResponse closure(double level) const {
    return task.closure(level, options.threads());
  }
  std::vector<WindowLaw> smoothed(double level) const {
    return each([&](Index c) { return task.smoothed(c, level); });
  }
  std::vector<WindowLaw> deterministic() const {
    return each([&](Index c) { return task.deterministic(c); });
  }
  std::vector<WindowLaw> monte_carlo(double level, Index paths) const {
    std::vector<WindowLaw> laws;
    for (Index c = 0; c < task.conditions(); ++c)
      laws.push_back(task.monte_carlo(c, level, paths, options.seed(), options.threads()));
    return laws;
  }

 private:
  std::vector<WindowLaw> each(const std::function<WindowLaw(Index)>& method) const {
    std::vector<WindowLaw> laws(task.conditions());
    parallel_for(task.conditions(), options.threads(), [&](Index c) { laws[c] = method(c); });
    return laws;
  }
};

double rms(const Matrix& values) {
  return std::sqrt(values.squaredNorm() / static_cast<double>(std::max<Index>(values.size(), 1)));
}

/// The noise levels of the loss curve: as asked, else those of the file's own table, else 0 … 2.
Vector noise_levels(const networks::NetworkFile& file, const Settings& settings) {
  if (settings.ratios.empty() && file.evaluation && file.evaluation->sigma_test.size() > 0) {
    Vector levels = file.evaluation->sigma_test;
    std::sort(levels.begin(), levels.end());
    const Index distinct = std::unique(levels.begin(), levels.end()) - levels.begin();
    return levels.head(distinct);
  }
  std::vector<double> ratios = settings.ratios.empty() ? studies::usual_ratios : settings.ratios;
  std::sort(ratios.begin(), ratios.end());
  ratios.erase(std::unique(ratios.begin(), ratios.end()), ratios.end());
  return file.default_level() *
         Eigen::Map<const Vector>(ratios.data(), static_cast<Index>(ratios.size()));
}

/// Largest |a − b| in standard errors of the difference; NaN if one is. The table's b is printed
/// with 7 digits: where nothing is random that is all there is.
double worst_z(const Matrix& a, const Matrix& se_a, const Matrix& b, const Matrix& se_b) {
  const auto se = (se_a.array().square() + se_b.array().square())
                      .sqrt()
                      .max(1e-7 * b.array().abs() + 1e-15)
                      .eval();
  return studies::worst(((a - b).array().abs() / se).matrix());
}

struct MeanOutputs {
  Matrix value, standard_error;  // (conditions, outputs)

  explicit MeanOutputs(const std::vector<WindowLaw>& laws) {
    const auto rows = static_cast<Index>(laws.size());
    const auto columns = static_cast<Index>(laws.front().mean_output.size());
    value.resize(rows, columns);
    standard_error.resize(rows, columns);
    for (Index c = 0; c < rows; ++c)
      for (Index k = 0; k < columns; ++k) {
        value(c, k) = laws[c].mean_output[k].value;
        standard_error(c, k) = laws[c].mean_output[k].standard_error;
      }
  }
};

/// The loss that the file's own table states for this level; NaN if it does not.
Estimate stated_loss(const networks::NetworkFile& file, double level) {
  if (file.evaluation)
    for (Index k = 0; k < file.evaluation->loss.size(); ++k)
      if (std::abs(file.evaluation->sigma_test(k) - level) <= 1e-9 * (1.0 + level))
        return {file.evaluation->loss(k), file.evaluation->loss_se(k)};
  return {};
}

// 4. Loss against test noise: prediction, simulation, and the file's own table.
void loss_curve(const Subject& subject, const Settings& settings,
                const studies::ClosureResponse& closure_at_training, io::Results& results,
                studies::Verdict& verdict) {
  const Vector levels = noise_levels(subject.file, settings);
  bool comparable = false;  // does the file's own table state any of these levels?
  io::Table table({"sigma", "ratio", "predicted", "predicted_bias_squared", "predicted_variance",
                   "valid", "note", "monte_carlo", "monte_carlo_se", "monte_carlo_valid", "stated",
                   "stated_se"});
  std::vector<studies::LossPoint> curve;
  double worst_gap = 0.0, worst_stated = 0.0;
  Index compared = 0, judged = 0;
  Progress progress("loss against noise", levels.size());
  for (Index k = 0; k < levels.size(); ++k) {
    const double level = levels(k);
    // Every level sees the same noise, so that differences along the curve are sharper than its
    // error bars.
    const auto sampled = subject.monte_carlo(level, settings.paths);
    curve.push_back(level == subject.file.default_level()
                        ? studies::loss_point(level, closure_at_training, sampled)
                        : studies::loss_point(level, subject.closure(level), sampled));
    const studies::LossPoint& point = curve.back();
    const Estimate truth = point.simulated, other = stated_loss(subject.file, level);
    table.row({level, level / subject.file.default_level(), point.predicted, point.bias_squared,
               point.variance, point.valid, point.note, truth.value, truth.standard_error,
               point.simulated_valid, other.value, other.standard_error});
    judged += point.valid;
    progress.advance();
    if (!point.simulated_valid) {  // no truth to compare with
      std::printf("note: Monte Carlo at noise %g: %s\n", level, point.simulated_note.c_str());
      continue;
    }
    if (point.valid) {
      ++compared;
      worst_gap = studies::worse(worst_gap, point.gap(0.04));
    }
    if (std::isfinite(other.value)) {
      comparable = true;
      // Without noise there is no standard error, only the table's rounding: 5 of them are 2e-6.
      const double se =
          level > 0.0 ? std::hypot(truth.standard_error, other.standard_error) : rounding / 5.0;
      worst_stated = studies::worse(worst_stated, std::abs(truth.value - other.value) / se);
    }
  }
  results.table("loss", table);

  verdict.field("closure_rows_judged", static_cast<std::int64_t>(judged));
  verdict.field("closure_rows_marked_invalid", static_cast<std::int64_t>(levels.size() - judged));
  io::Table minima({"method", "sigma", "ratio", "loss", "note"});
  const auto add_minimum = [&](const std::string& method, const studies::LeastLoss& best) {
    if (std::isnan(best.level)) return;
    const double ratio = best.level / subject.file.default_level();
    // Without noise is an end that says something; the largest noise with an answer is not.
    const std::string note = best.at_end ? "the largest noise with an answer" : "";
    minima.row({method, best.level, ratio, best.loss, note});
    std::printf("least loss, %s: %.4g at noise %.4g (%.3g of the %s noise)%s%s\n", method.c_str(),
                best.loss, best.level, ratio,
                subject.file.training_level > 0.0 ? "training" : "reference",
                note.empty() ? "" : ", ", note.c_str());
    verdict.field("preferred_noise_" + method, best.level);
  };
  if (compared > 0)
    verdict.at_most("predicted loss, gap over 4 % + 5 standard errors", worst_gap, 1.0);
  add_minimum("predicted", studies::least_predicted(curve));
  add_minimum("monte_carlo", studies::least_simulated(curve));
  if (minima.rows() > 0) results.table("preferred_noise", minima);
  if (comparable)
    verdict.at_most("losses against the file's table, standard errors", worst_stated, 5.0);
}

// 3. At the training noise: outputs, the shift of every neuron, and where the neurons sit.
void at_training_noise(const Subject& subject, const Settings& settings,
                       const studies::ClosureResponse& prediction, io::Results& results,
                       studies::Verdict& verdict) {
  const auto& closure = prediction.conditions;
  const double level = subject.file.default_level();
  const auto silent = subject.deterministic(), smoothed = subject.smoothed(level),
             sampled = subject.monte_carlo(level, settings.detail_paths);

  io::Table shift({"condition", "neuron", "noise_free", "smoothed", "closure", "monte_carlo",
                   "monte_carlo_se", "closure_valid", "monte_carlo_valid"});
  for (Index c = 0; c < subject.task.conditions(); ++c)
    for (Index i = 0; i < subject.file.network.units(); ++i) {
      const double rest = silent[c].state_mean[i].value;
      // Where smoothing is not offered there is no number.
      shift.row({c, i, rest,
                 smoothed[c].valid ? smoothed[c].state_mean[i].value - rest : not_a_number,
                 closure[c].state_mean[i].value - rest, sampled[c].state_mean[i].value - rest,
                 sampled[c].state_mean[i].standard_error, closure[c].valid, sampled[c].valid});
    }
  results.table("shift", shift);

  const MeanOutputs rest(silent), predicted(closure), truth(sampled);
  io::Table outputs({"condition", "output", "target", "noise_free", "smoothed", "closure",
                     "monte_carlo", "monte_carlo_se", "closure_valid", "monte_carlo_valid"});
  for (Index c = 0; c < rest.value.rows(); ++c) {
    const Matrix target = subject.task.targets(c);
    for (Index k = 0; k < rest.value.cols(); ++k)
      outputs.row({c, k, target.size() > 0 ? target.row(k).mean() : not_a_number, rest.value(c, k),
                   smoothed[c].valid ? smoothed[c].mean_output[k].value : not_a_number,
                   predicted.value(c, k), truth.value(c, k), truth.standard_error(c, k),
                   closure[c].valid, sampled[c].valid});
  }
  results.table("outputs", outputs);

  if (!studies::all_valid(sampled))
    std::printf("note: Monte Carlo at the training noise: %s\n",
                studies::first_note(sampled).c_str());
  const auto holds =
      std::count_if(closure.begin(), closure.end(), [](const WindowLaw& law) { return law.valid; });
  if (!studies::all_valid(closure))
    std::printf(
        "note: closure at the training noise holds for %td of %td conditions; elsewhere: %s\n",
        static_cast<Index>(holds), subject.task.conditions(), studies::first_note(closure).c_str());
  verdict.field("conditions_judged", static_cast<std::int64_t>(holds));
  if (holds > 0 && studies::all_valid(sampled)) {
    const double scale = 0.01 * rms(truth.value) + 1e-15;
    double gap = 0.0, difference = 0.0;
    for (Index c = 0; c < subject.task.conditions(); ++c) {
      if (!closure[c].valid) continue;
      const Vector own = (predicted.value - truth.value).row(c).cwiseAbs();
      const auto allowed = scale + 5.0 * truth.standard_error.row(c).transpose().array();
      gap = studies::worse(gap, studies::worst((own.array() / allowed).matrix()));
      difference = studies::worse(difference, studies::worst(own));
    }
    verdict.at_most("mean outputs of the closure, gap over 1 % of rms + 5 standard errors", gap,
                    1.0);
    verdict.field("closure_mean_output_worst_gap", difference);
  }
  if (const auto& stated = subject.file.evaluation) {
    if (stated->mean_output_zero_noise.size() > 0)
      verdict.at_most("noise-free outputs against the file's table, largest difference",
                      studies::worst((rest.value - stated->mean_output_zero_noise).cwiseAbs()),
                      rounding);
    if (stated->mean_output_noisy.size() > 0 && stated->noisy_level == level)
      verdict.at_most("mean outputs against the file's table, standard errors",
                      worst_z(truth.value, truth.standard_error, stated->mean_output_noisy,
                              stated->mean_output_noisy_se),
                      5.0);
  }

  // Attenuation map: the argument of every neuron without noise against its nearest bend, in units
  // of the noise on that argument, recurrent noise included.
  io::Table map({"condition", "neuron", "argument", "argument_sd", "distance", "up", "down", "bias",
                 "asymmetry", "near"});
  const auto& f = subject.file.network.activation;
  Index near = 0, total = 0;
  for (Index c = 0; c < subject.task.conditions(); ++c)
    for (Index i = 0; i < subject.file.network.units(); ++i) {
      const double u = silent[c].argument_mean(i), q = closure[c].argument_sd(i);
      const bool finite = std::isfinite(u) && std::isfinite(q);
      const auto [up, down] = finite ? activations::attenuation(f, u, q)
                                     : activations::Attenuation{not_a_number, not_a_number};
      const double distance =
          finite && q > 0.0 ? activations::distance_to_bend(f, u) / q : not_a_number;
      const bool is_near = std::abs(distance) < 1.0;
      near += is_near;
      ++total;
      map.row({c, i, u, q, distance, up, down, up - down,
               up + down == 0.0 ? 0.0 : (up - down) / (up + down), is_near});
    }
  results.table("attenuation", map);
  verdict.field("share_of_neurons_near_the_bend",
                static_cast<double>(near) / static_cast<double>(total));
}

// 5. Fixed points at each frozen input without noise, and what the training noise makes of them.
// Returns the states found, without noise and moved, for the view along the principal axes.
io::Table fixed_points_by_input(const Subject& subject, const Settings& settings,
                                const studies::FrozenInputs& frozen, io::Results& results,
                                studies::Verdict& verdict) {
  const auto& file = subject.file;
  const double level = file.default_level();
  const models::NoisyChain chain(file.network, file.noise_at(level));
  const Vector q = moments::smoothing_sd(chain);
  const bool smoothing = moments::smoothing_applies(chain);

  std::vector<std::string> input_names = {"input", "conditions"};
  for (Index k = 0; k < file.network.inputs(); ++k) input_names.push_back("u_" + std::to_string(k));
  io::Table inputs(input_names);
  io::Table points({"input", "point", "stability", "unstable_directions", "largest_multiplier",
                    "proof", "survives", "vanishes_at", "smoothed_shift", "closure_shift",
                    "closure_valid", "closure_same_as", "note"});
  io::Table states({"input", "point", "stability", "neuron", "noise_free", "smoothed", "closure"});
  Index total = 0, stable = 0, vanished = 0, merged = 0, complete = 0;
  std::string completeness;
  Progress progress("fixed points", static_cast<Index>(frozen.inputs.size()));
  for (std::size_t k = 0; k < frozen.inputs.size(); ++k) {
    const auto index = static_cast<Index>(k);
    const Vector& u = frozen.inputs[k];
    std::vector<io::Cell> input_row = {index, frozen.conditions[k]};
    for (const double value : u) input_row.emplace_back(value);
    inputs.row(input_row);

    const auto list = certification::list_fixed_points(
        chain, u, file.h0,
        {.max_seconds = search_seconds / static_cast<double>(frozen.inputs.size()),
         .starts = settings.starts,
         .threads = subject.options.threads()});
    completeness = list.completeness;
    complete += list.complete;
    progress.advance();
    if (!list.report.ok()) std::printf("note: input %td: %s\n", index, list.report.message.c_str());
    if (list.points.empty()) continue;
    std::vector<fixed_points::FixedPoint> found;
    for (const auto& listed : list.points) found.push_back(listed.point);
    const auto moved =
        continuation::shift(chain, u, q, found, {.threads = subject.options.threads()});
    std::vector<Vector> laws;  // closure's means from the stable points so far, empty for others
    for (std::size_t p = 0; p < found.size(); ++p) {
      const auto& point = found[p];
      const auto number = static_cast<Index>(p);
      const Vector gone = Vector::Constant(point.state.size(), not_a_number);
      const Vector smoothed = smoothing && moved[p].survives ? moved[p].to.state : gone;
      Vector closure = gone;
      bool closure_valid = false;
      std::string note = smoothing ? moved[p].report.message : std::string(moments::smoothing_note);
      const bool is_stable = point.stability == fixed_points::Stability::stable;
      if (is_stable) {
        const auto law = moments::solve_closure(chain, u, point.state);
        for (Index i = 0; i < closure.size(); ++i) closure(i) = law.mean[i].value;
        const auto validity = moments::judge(chain, u, law);
        closure_valid = validity.valid;
        if (!closure_valid) note = validity.note;
      }
      // Two memories that noise makes one: the closure ends in the same law from both.
      constexpr double same_law = 1e-6;
      const auto twin = std::find_if(laws.begin(), laws.end(), [&](const Vector& other) {
        return is_stable && other.size() > 0 &&
               rms(other - closure) <= same_law * (1.0 + rms(other));
      });
      const Index same_as = twin == laws.end() ? -1 : static_cast<Index>(twin - laws.begin());
      laws.push_back(is_stable ? closure : Vector());
      merged += same_as >= 0;
      ++total;
      stable += is_stable;
      vanished += smoothing && !moved[p].survives;
      const std::string stability(fixed_points::to_string(point.stability));
      points.row({index, number, stability, point.unstable_directions,
                  point.multipliers.size() > 0 ? std::abs(point.multipliers(0)) : not_a_number,
                  std::string(to_string(list.points[p].proof)), moved[p].survives,
                  moved[p].survives ? not_a_number : moved[p].level * level,
                  rms(smoothed - point.state), rms(closure - point.state), closure_valid, same_as,
                  note});
      for (Index i = 0; i < point.state.size(); ++i)
        states.row({index, number, stability, i, point.state(i), smoothed(i), closure(i)});
    }
  }
  results.table("frozen_inputs", inputs);
  if (total > 0) {
    results.table("fixed_points", points);
    results.table("fixed_point_states", states);
  }
  std::printf(
      "Fixed points at the mean input over %s, %zu distinct: %td found, %td stable; under noise "
      "%td vanish (smoothed mean field), %td stable ones end in the law of another (closure)\n"
      "No others at %td of %zu inputs, proved; last input: %s\n",
      frozen.window.c_str(), frozen.inputs.size(), total, stable, vanished, merged, complete,
      frozen.inputs.size(), completeness.c_str());
  verdict.field("frozen_input_window", frozen.window);
  verdict.field("fixed_points_found", static_cast<std::int64_t>(total));
  verdict.field("inputs_with_all_fixed_points", static_cast<std::int64_t>(complete));
  verdict.field("fixed_points_stable", static_cast<std::int64_t>(stable));
  verdict.field("fixed_points_vanished", static_cast<std::int64_t>(vanished));
  verdict.field("fixed_points_merged_by_closure", static_cast<std::int64_t>(merged));
  return states;
}

/// States of one fixed point in a column of the long table of states, (n, points).
Matrix states_in_columns(const io::Table& states, const std::string& column, Index n) {
  const auto& values = states.column(column).numbers();
  return Eigen::Map<const Matrix>(values.data(), n, static_cast<Index>(values.size()) / n);
}

// 6. The plane in which noise-free trajectories and fixed points vary most.
void projection(const Subject& subject, const Settings& settings, const io::Table& states,
                io::Results& results, studies::Verdict& verdict) {
  const auto& file = subject.file;
  const Index n = file.network.units();
  if (n < 2) return;
  const models::NoisyChain silent(file.network, file.noise_at(0.0));
  const models::NoisyChain noisy(file.network, file.noise_at(file.default_level()));
  const Index steps = file.steps > 0 ? file.steps : std::lround(20.0 / file.network.leak);
  const Index shown = std::min<Index>(subject.task.conditions(), settings.trajectories);

  std::vector<Matrix> quiet_paths, noisy_paths;
  for (Index k = 0; k < shown; ++k) {
    const Index c = k * subject.task.conditions() / shown;  // spread over all conditions
    const Matrix& u = subject.task.inputs(c);
    const random::Stream stream{subject.options.seed(), static_cast<std::uint32_t>(c)};
    quiet_paths.push_back(
        ensemble::simulate_trajectories(silent, u, file.h0, steps, 1, stream).front());
    noisy_paths.push_back(
        ensemble::simulate_trajectories(noisy, u, file.h0, steps, 1, stream).front());
  }
  const bool any = states.rows() > 0;
  const Matrix fixed = any ? states_in_columns(states, "noise_free", n) : Matrix(n, 0);
  Matrix all(n, fixed.cols() + shown * (steps + 1));
  all.leftCols(fixed.cols()) = fixed;
  for (Index c = 0; c < shown; ++c)
    all.middleCols(fixed.cols() + c * (steps + 1), steps + 1) = quiet_paths[c];
  if (!all.allFinite()) {
    std::printf("note: no principal axes: a noise-free trajectory diverges\n");
    return;
  }
  const auto axes = statistics::principal_axes(all, 2);

  io::Table table({"kind", "series", "step", "pc_1", "pc_2"});
  const auto add = [&](const std::string& kind, Index series, const Matrix& columns) {
    if (columns.cols() == 0) return;
    const Matrix plane = axes.project(columns);
    for (Index k = 0; k < plane.cols(); ++k)
      if (plane.col(k).allFinite()) table.row({kind, series, k, plane(0, k), plane(1, k)});
  };
  for (Index c = 0; c < shown; ++c) {
    add("trajectory", c, quiet_paths[c]);
    add("noisy", c, noisy_paths[c]);
  }
  const Matrix moved = any ? states_in_columns(states, "closure", n) : Matrix(n, 0);
  const auto stability = any ? states.column("stability").texts() : std::vector<std::string>();
  for (Index p = 0; p < fixed.cols(); ++p) {
    const bool stable = stability[p * n] == "stable";
    add(stable ? "stable" : "unstable", p, fixed.col(p));
    if (stable) add("moved", p, moved.col(p));
  }
  results.table("projection", table);
  results.table(
      "principal_axes", {"axis", "variance_share"},
      {Vector(Vector::LinSpaced(2, 1.0, 2.0)), Vector(axes.variance / axes.total_variance)});
  verdict.field("variance_share_of_two_axes", axes.variance.sum() / axes.total_variance);
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Settings settings;
  studies::Options options("analyze", studies::about);
  options.add("network", settings.network, "network file (.toml), see README")
      .add("ratios", settings.ratios,
           "noise levels of the loss curve relative to the training (or reference) noise; default: "
           "those of the file's own table, else 0 to 2",
           studies::Allowed::non_negative())
      .add("paths", settings.paths, "simulated networks a condition and noise level",
           studies::Allowed::between(32, 1e8))
      .add("detail-paths", settings.detail_paths, "the same at the training noise",
           studies::Allowed::between(32, 1e8))
      .add("starts", settings.starts, "starts of the search for fixed points, an input",
           studies::Allowed::between(1, 1e6))
      .add("frozen-input", settings.frozen_input,
           "t0:t1, fixed points are sought at the mean input over steps t0 + 1 to t1; default: the "
           "read window")
      .add("trajectories", settings.trajectories, "conditions drawn in the principal plane",
           studies::Allowed::between(1, 1000));
  if (!options.parse(argc, argv)) return 0;
  require(!settings.network.empty(), "--network", "is missing, expected a network file (.toml)");
  options.quick_value("paths", settings.paths, 256)
      .quick_value("detail-paths", settings.detail_paths, 1000)
      .quick_value("starts", settings.starts, 64)
      .quick_value("ratios", settings.ratios, {0.0, 0.5, 1.0, 1.5, 2.0});

  // 2. Model.
  const auto file = networks::load_network(settings.network);
  require(file.network.outputs() > 0, settings.network, "has no W_out, expected a read-out");
  require(file.default_level() > 0.0, settings.network,
          "sigma_train is 0 and there is no sigma_reference, expected a noise level to look at");
  std::printf("%s: %td units, %s equation, %s, leak %g, noise level %g\n", file.name.c_str(),
              file.network.units(), std::string(networks::to_string(file.network.equation)).c_str(),
              std::string(activations::name(file.network.activation)).c_str(), file.network.leak,
              file.default_level());
  for (const std::string& note : file.notes) std::printf("note: %s\n", note.c_str());
  const Subject subject{file, studies::TaskResponse(file), options};
  const auto frozen = studies::freeze_inputs(file, settings.frozen_input);
  io::Results results = options.results();
  studies::Verdict verdict(results);
  verdict.field("network", file.name);

  // 3.–6. Each part saves its tables as it goes, so that an interrupted run keeps what it has.
  const bool has_targets = !file.targets.empty();
  const auto closure = subject.closure(file.default_level());
  at_training_noise(subject, settings, closure, results, verdict);
  if (has_targets) loss_curve(subject, settings, closure, results, verdict);
  const io::Table states = fixed_points_by_input(subject, settings, frozen, results, verdict);
  projection(subject, settings, states, results, verdict);

  // 7. Draw, judge.
  if (options.plots())
    plots::analyze(results, file.training_level > 0.0 ? "training" : "reference");
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("analyze", run, argc, argv); }
