// SPDX-License-Identifier: GPL-3.0-or-later
// fixed_points: where are the fixed points of a network, are these all, and where does noise move
// each of them?
//
// Question    Which fixed points does a network have at a constant input, what proves that none is
//             missing, and what does its noise make of each: a shift, or an end at which level?
// Model       a network from a file, at the mean input of some of its conditions; without a file a
//             competitive network of some units,
//             W_ij = −inhibition off the diagonal, self on it, the same bias for all.
// Methods     enumerate   piecewise-linear activations: branch and bound over their pieces, every
//                         point in rational numbers; complete
//             certify     smooth activations: interval branch and prune up to --certify-units
//                         units, complete; above that multistart, each point certified by itself
//             multistart  Newton's method from many starts, to see whether the list lacks one
//             shift       smoothed mean field and Gaussian closure at the noise level
//             survival    both continued in the noise level to the bifurcation that ends the state
//             Monte Carlo of the chain from every stable point
// Acceptance  Multistart finds no point that the list lacks, where points are isolated. The sum of
//             the indices is what theory says, where the list is complete. Where the closure calls
//             itself valid, its means lie within 5 standard errors + 0.1 of the units' rms sd
//             of Monte Carlo.
// Output      results/fixed_points/: fixed_points (a row a point), states (a row a point and unit),
//             shift and survival (of the stable points), fixed_sets (not isolated ones), inputs,
//             manifest.json
// Figure      plots/fixed_points.cpp
//
// Sample runs fixed_points
//             fixed_points --activation tanh --units 3 --self 2 --inhibition 0.4 --bias 0
//             fixed_points --network tests/data/networks/flipflop3_tanh_inside.toml

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/networks/network_file.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/statistics/principal_axes.hpp"
#include "plots/fixed_points.hpp"
#include "solvers/certification/list.hpp"
#include "solvers/continuation/closure_map.hpp"
#include "solvers/continuation/shift.hpp"
#include "solvers/continuation/survival.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/moments/closure_error.hpp"
#include "solvers/moments/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/frozen_inputs.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using statistics::StationaryLaw;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The built-in network.
struct Competitive {
  Index units = 5;
  double inhibition = 1.25, self = 0.2, bias = 1.0, leak = 0.2, sigma = 0.2;
  std::string activation = "relu", equation = "rate", placement = "inside";
};

/// A network, its noise at level 1 and the inputs to look at.
struct Subject {
  std::string name;
  networks::Network network;
  networks::NoiseSpec noise;
  studies::FrozenInputs frozen;
  std::vector<Index> chosen;  ///< Which of the frozen inputs.
  Matrix starts;              ///< Further starts of the search, (n, k).
  std::vector<std::string> notes;

  models::NoisyChain chain(double ratio = 1.0) const {
    return {network, networks::scaled(noise, ratio)};
  }
};

struct Settings {
  double ratio = 1.0, largest_ratio = 10.0;
  Index follow = 24;
  certification::ListOptions list;
  ensemble::StationaryOptions sampling{.paths = 2048, .steps = 500};
};

Subject competitive(const Competitive& options) {
  const Index n = options.units;
  Subject subject{.name = "competitive network", .starts = Matrix(n, 0)};
  networks::Network network;
  network.equation = studies::named(options.equation, networks::all_equations);
  network.W = Matrix::Constant(n, n, -options.inhibition);
  network.W.diagonal().setConstant(options.self);
  network.b = Vector::Constant(n, options.bias);
  network.activation = activations::make_activation(options.activation);
  network.leak = options.leak;
  subject.network = networks::make_network(network);
  const auto where = studies::named(options.placement, networks::all_placements);
  subject.noise = networks::white_noise(where, options.sigma,
                                        where == networks::NoiseSource::state
                                            ? networks::NoiseConvention::raw_step
                                            : networks::NoiseConvention::per_step);
  subject.frozen = {{Vector(0)}, {"0"}, "every step"};
  subject.chosen = {0};
  return subject;
}

/// All inputs if there are at most three, else the first, a middle and the last one.
std::vector<Index> spread(Index count) {
  if (count <= 3) {
    std::vector<Index> all;
    for (Index k = 0; k < count; ++k) all.push_back(k);
    return all;
  }
  return {0, count / 2, count - 1};
}

Subject from_file(const std::string& path, const std::string& window,
                  const std::vector<Index>& inputs) {
  const auto file = networks::load_network(path);
  require(file.default_level() > 0.0, path,
          "sigma_train is 0 and there is no sigma_reference, expected a noise level to look at");
  Subject subject{.name = file.name,
                  .network = file.network,
                  .noise = file.noise_at(file.default_level()),
                  .frozen = studies::freeze_inputs(file, window),
                  .starts = file.h0,
                  .notes = file.notes};
  const auto count = static_cast<Index>(subject.frozen.inputs.size());
  for (const Index k : inputs)
    require(k < count, "--inputs", k, " is asked for, but there are ", count,
            " distinct inputs, numbered from 0");
  subject.chosen = inputs.empty() ? spread(count) : inputs;
  return subject;
}

double rms(const Vector& values) {
  return values.norm() / std::sqrt(static_cast<double>(values.size()));
}

Vector values_of(const std::vector<statistics::Estimate>& estimates, Index n, bool error = false) {
  Vector values = Vector::Constant(n, not_a_number);
  for (Index i = 0; i < n && i < static_cast<Index>(estimates.size()); ++i)
    values(i) = error ? estimates[i].standard_error : estimates[i].value;
  return values;
}

/// What the noise makes of one fixed point.
struct Fate {
  Vector smoothed, closure, closure_sd, monte_carlo, standard_error, simulated_sd;  // (n), or NaN
  bool closure_valid = false, simulated = false;
  double ends_smoothed = not_a_number, ends_closure = not_a_number;  // noise level over level 1
  std::string end_smoothed, end_closure, note;

  explicit Fate(Index n) {
    for (Vector* values :
         {&smoothed, &closure, &closure_sd, &monte_carlo, &standard_error, &simulated_sd})
      *values = Vector::Constant(n, not_a_number);
  }
};

/// The noise level at which a state ends, or NaN; `end` says how, or why not.
double survival(const Subject& subject, const Vector& input, const Vector& state,
                moments::Rung rung, double largest, std::string& end) {
  const auto survived = continuation::survival_noise(
      {.network = subject.network, .noise = subject.noise, .input = input}, state, rung,
      {.upper = largest});
  end = survived.end == continuation::SurvivalEnd::unknown ? survived.report.message
                                                           : std::string(to_string(survived.end));
  const bool ended = survived.end != continuation::SurvivalEnd::unknown &&
                     survived.end != continuation::SurvivalEnd::survives;
  return ended ? survived.level : not_a_number;
}

Fate fate_of(const Subject& subject, const Settings& settings, const Vector& input,
             const fixed_points::FixedPoint& point, const continuation::Shift& moved, bool follow,
             std::uint32_t stream) {
  const models::NoisyChain chain = subject.chain(settings.ratio);
  const Index n = point.state.size();
  Fate fate(n);
  const bool smoothing = moments::smoothing_applies(chain);
  if (smoothing && moved.survives) fate.smoothed = moved.to.state;
  fate.note = smoothing ? moved.report.message : std::string(moments::smoothing_note);
  if (point.stability != fixed_points::Stability::stable) return fate;

  const StationaryLaw closure = moments::solve_closure(chain, input, point.state);
  fate.closure = values_of(closure.mean, n);
  fate.closure_sd = values_of(closure.variance, n).cwiseSqrt();
  const auto validity = moments::judge(chain, input, closure);
  fate.closure_valid = validity.valid;
  if (!validity.valid) fate.note = validity.note;
  if (!follow) return fate;
  if (smoothing)
    fate.ends_smoothed = survival(subject, input, point.state, moments::Rung::smoothed,
                                  settings.largest_ratio, fate.end_smoothed);
  if (chain.state_size() <= continuation::closure_limit)
    fate.ends_closure = survival(subject, input, point.state, moments::Rung::closure,
                                 settings.largest_ratio, fate.end_closure);
  auto sampling = settings.sampling;
  sampling.stream = stream;
  const Vector start = fate.closure.allFinite() ? fate.closure : point.state;
  const StationaryLaw law = ensemble::simulate_stationary(chain, input, start, sampling);
  fate.simulated = law.valid;
  if (!law.valid) {
    fate.note = "Monte Carlo: " + law.note;
    return fate;
  }
  fate.monte_carlo = values_of(law.mean, n);
  fate.standard_error = values_of(law.mean, n, true);
  fate.simulated_sd = values_of(law.variance, n).cwiseSqrt();
  return fate;
}

/// Largest gap between closure and simulation over what is allowed.
double closure_gap(const Fate& fate) {
  constexpr double settled = 1e-6;  // of a state that no noise reaches
  const double rms_sd = rms(fate.simulated_sd);
  const Vector allowed = 5.0 * fate.standard_error.array() + 0.1 * rms_sd +
                         settled * (1.0 + fate.monte_carlo.array().abs());
  return studies::worst((fate.closure - fate.monte_carlo).cwiseAbs().cwiseQuotient(allowed));
}

/// Points of a multistart that a list lacks.
Index lacking(const certification::List& list, const fixed_points::FixedPoints& found) {
  constexpr double same = 1e-6;
  Index count = 0;
  for (const auto& point : found.points)
    count += std::none_of(list.points.begin(), list.points.end(), [&](const auto& listed) {
      return (listed.point.state - point.state).template lpNorm<Eigen::Infinity>() <=
             same * (1.0 + point.state.template lpNorm<Eigen::Infinity>());
    });
  return count;
}

/// The tables of all inputs, saved after each of them.
struct Tables {
  io::Table inputs, points, states, shift, survival, sets;

  explicit Tables(Index input_size)
      : inputs(input_names(input_size)),
        points({"input",
                "point",
                "stability",
                "unstable_directions",
                "index",
                "proof",
                "radius",
                "residual",
                "on_kink",
                "largest_multiplier",
                "smoothed_shift",
                "closure_shift",
                "closure_valid",
                "monte_carlo_shift",
                "monte_carlo_shift_se",
                "ends_smoothed",
                "how_smoothed",
                "ends_closure",
                "how_closure",
                "note"}),
        states({"input", "point", "stability", "unit", "noise_free", "smoothed", "closure",
                "closure_valid", "monte_carlo", "monte_carlo_se", "sd"}),
        shift({"input", "point", "unit", "smoothed", "closure", "closure_valid", "monte_carlo",
               "monte_carlo_se"}),
        survival({"number", "input", "point", "smoothed", "closure"}),
        sets({"input", "dimension", "description"}) {}

  void save(io::Results& results) const {
    results.table("inputs", inputs);
    if (points.rows() > 0) {
      results.table("fixed_points", points);
      results.table("states", states);
    }
    if (shift.rows() > 0) results.table("shift", shift);
    if (survival.rows() > 0) results.table("survival", survival);
    if (sets.rows() > 0) results.table("fixed_sets", sets);
  }

 private:
  static std::vector<std::string> input_names(Index size) {
    std::vector<std::string> names = {"input", "conditions", "points",    "stable",
                                      "sets",  "complete",   "index_sum", "completeness"};
    for (Index k = 0; k < size; ++k) names.push_back("u_" + std::to_string(k));
    return names;
  }
};

/// Adds a fixed point and its fate to the tables.
void add_rows(Index input, Index number, const certification::ListedPoint& listed, const Fate& fate,
              Tables& tables) {
  const auto& point = listed.point;
  const std::string stability(to_string(point.stability));
  std::string on_kink;
  for (const Index unit : listed.on_kink)
    on_kink += (on_kink.empty() ? "" : " ") + std::to_string(unit);
  const double shift = rms(fate.monte_carlo - point.state);
  // The error of √(mean square) by its derivative; errors of units are taken as independent.
  const double shift_se =
      (fate.monte_carlo - point.state).cwiseProduct(fate.standard_error).norm() /
      (shift * static_cast<double>(point.state.size()));
  tables.points.row({input,
                     number,
                     stability,
                     point.unstable_directions,
                     static_cast<Index>(point.index),
                     std::string(to_string(listed.proof)),
                     listed.radius,
                     point.residual,
                     on_kink,
                     point.multipliers.size() > 0 ? std::abs(point.multipliers(0)) : not_a_number,
                     rms(fate.smoothed - point.state),
                     rms(fate.closure - point.state),
                     fate.closure_valid,
                     shift,
                     shift_se,
                     fate.ends_smoothed,
                     fate.end_smoothed,
                     fate.ends_closure,
                     fate.end_closure,
                     fate.note});
  for (Index i = 0; i < point.state.size(); ++i)
    tables.states.row({input, number, stability, i, point.state(i), fate.smoothed(i),
                       fate.closure(i), fate.closure_valid, fate.monte_carlo(i),
                       fate.standard_error(i), fate.simulated_sd(i)});
  if (fate.simulated)
    for (Index i = 0; i < point.state.size(); ++i)
      tables.shift.row({input, number, i, fate.smoothed(i) - point.state(i),
                        fate.closure(i) - point.state(i), fate.closure_valid,
                        fate.monte_carlo(i) - point.state(i), fate.standard_error(i)});
  if (!fate.end_smoothed.empty() || !fate.end_closure.empty())
    tables.survival.row(
        {tables.survival.rows(), input, number, fate.ends_smoothed, fate.ends_closure});
}

/// The plane in which the fixed points vary most; a network of one unit has a line.
void projection(const io::Table& states, Index n, io::Results& results) {
  const auto column = [&](const char* name) {
    const auto& values = states.column(name).numbers();
    return Matrix(
        Eigen::Map<const Matrix>(values.data(), n, static_cast<Index>(values.size()) / n));
  };
  const Matrix points = column("noise_free"), moved = column("closure");
  if (n < 2 || points.cols() < 2) return;
  const auto axes = statistics::principal_axes(points, 2);
  const Matrix plane = axes.project(points), plane_moved = axes.project(moved);
  const auto& stability = states.column("stability").texts();
  io::Table table({"kind", "pc_1", "pc_2", "moved_1", "moved_2"});
  for (const bool stable : {false, true})
    for (Index p = 0; p < points.cols(); ++p)
      if ((stability[p * n] == "stable") == stable)
        table.row({stable ? "stable" : "unstable", plane(0, p), plane(1, p),
                   plane_moved(0, p) - plane(0, p), plane_moved(1, p) - plane(1, p)});
  results.table("projection", table);
  results.table("principal_axes", {"axis", "variance_share"},
                {Vector(Vector::LinSpaced(2, 1.0, 2.0)),
                 Vector(axes.variance / std::max(axes.total_variance, 1e-300))});
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Competitive network;
  Settings settings;
  std::string file, window;
  std::vector<Index> inputs;
  studies::Options options("fixed_points", studies::about);
  const auto known = activations::activation_names();
  options.add("network", file, "network file (.toml), see README; else the options below")
      .add(
          "frozen-input", window,
          "t0:t1, with --network: the mean input over steps t0 + 1 to t1; default: the read window")
      .add("inputs", inputs,
           "with --network: numbers of the distinct inputs to look at; default: all up to three, "
           "else the first, a middle and the last",
           studies::Allowed::non_negative())
      .add("units", network.units, "units of the competitive network",
           studies::Allowed::between(1, 40))
      .add("inhibition", network.inhibition, "weight between two units, negative sign understood")
      .add("self", network.self, "weight of a unit on itself")
      .add("bias", network.bias, "constant input of every unit")
      .add("activation", network.activation, "activation f",
           studies::Allowed::one_of({known.begin(), known.end()}))
      .add("equation", network.equation, "equation of the network",
           studies::names(networks::all_equations))
      .add("leak", network.leak, "g = dt/tau", studies::Allowed::unit())
      .add("sigma", network.sigma,
           "noise of the competitive network: sd per step, as it stands in the equation",
           studies::Allowed::positive())
      .add("placement", network.placement, "where that noise enters",
           studies::names(networks::all_placements))
      .add("ratio", settings.ratio,
           "noise level of the shifts, relative to sigma, or to the file's training noise",
           studies::Allowed::positive())
      .add("largest-ratio", settings.largest_ratio, "where the survival in the noise stops looking",
           studies::Allowed::positive())
      .add("follow", settings.follow,
           "stable points of an input that are simulated and continued in the noise",
           studies::Allowed::between(0, 1e5))
      .add("certify-units", settings.list.certify_units,
           "largest smooth network that is searched completely; cost grows exponentially",
           studies::Allowed::between(0, 12))
      .add("max-seconds", settings.list.max_seconds,
           "for the complete search of a piecewise-linear network, one input",
           studies::Allowed::positive())
      .add("starts", settings.list.starts, "starts of the multistart",
           studies::Allowed::between(16, 1e6))
      .add("paths", settings.sampling.paths, "simulated networks a stable point",
           studies::Allowed::between(32, 1e8))
      .add("steps", settings.sampling.steps, "steps averaged over in each",
           studies::Allowed::between(1, 1e9));
  if (!options.parse(argc, argv)) return 0;
  // An option that would have no effect is a misunderstanding.
  for (const std::string name : {"units", "inhibition", "self", "bias", "activation", "equation",
                                 "leak", "sigma", "placement"})
    require(file.empty() || !options.given(name), "--" + name,
            "makes the competitive network and has no meaning with --network");
  for (const std::string name : {"frozen-input", "inputs"})
    require(!file.empty() || !options.given(name), "--" + name, "needs --network");
  options.quick_value("paths", settings.sampling.paths, 512)
      .quick_value("steps", settings.sampling.steps, 200)
      .quick_value("starts", settings.list.starts, 256)
      .quick_value("follow", settings.follow, 8);
  settings.list.threads = settings.sampling.threads = options.threads();
  settings.sampling.seed = options.seed();

  // 2. Model.
  const Subject subject = file.empty() ? competitive(network) : from_file(file, window, inputs);
  const Index n = subject.network.units();
  std::printf("%s: %td units, %s equation, %s, leak %g\n", subject.name.c_str(), n,
              std::string(networks::to_string(subject.network.equation)).c_str(),
              std::string(activations::name(subject.network.activation)).c_str(),
              subject.network.leak);
  for (const std::string& note : subject.notes) std::printf("note: %s\n", note.c_str());
  io::Results results = options.results();
  studies::Verdict verdict(results);
  verdict.field("network", subject.name);

  // 3. Every input: the list, a multistart against it, and the fate of every point.
  Tables tables(subject.network.inputs());
  const models::NoisyChain chain = subject.chain(settings.ratio);
  const Vector q = moments::smoothing_sd(chain);
  Index lacked = 0, total = 0, stable = 0, compared = 0, complete = 0, unproved = 0;
  double index_gap = 0.0, gap = 0.0;
  Progress progress("inputs", static_cast<Index>(subject.chosen.size()));
  for (const Index k : subject.chosen) {
    const Vector& u = subject.frozen.inputs[k];
    const auto list = certification::list_fixed_points(chain, u, subject.starts, settings.list);
    const auto found =
        fixed_points::find(chain, u, {}, subject.starts,
                           {.starts = settings.list.starts, .threads = options.threads()});
    if (list.sets.empty()) lacked += lacking(list, found);
    if (list.complete && list.expected_index_sum)
      index_gap = studies::worse(
          index_gap, static_cast<double>(std::abs(list.index_sum() - *list.expected_index_sum)));
    complete += list.complete;
    for (const auto& set : list.sets) tables.sets.row({k, set.dimension, to_string(set)});

    std::vector<fixed_points::FixedPoint> points;
    for (const auto& listed : list.points) points.push_back(listed.point);
    const auto moved =
        points.empty() ? std::vector<continuation::Shift>()
                       : continuation::shift(chain, u, q, points, {.threads = options.threads()});
    Index stable_here = 0;
    for (std::size_t p = 0; p < points.size(); ++p) {
      const bool is_stable = points[p].stability == fixed_points::Stability::stable;
      const bool follow = is_stable && stable_here < settings.follow;
      const Fate fate =
          fate_of(subject, settings, u, points[p], moved[p], follow, static_cast<std::uint32_t>(k));
      stable_here += is_stable;
      unproved += list.points[p].proof == certification::Proof::none;
      if (fate.simulated && fate.closure_valid) {
        ++compared;
        gap = studies::worse(gap, closure_gap(fate));
      }
      add_rows(k, static_cast<Index>(p), list.points[p], fate, tables);
    }
    total += static_cast<Index>(points.size());
    stable += stable_here;
    std::vector<io::Cell> row = {k,
                                 subject.frozen.conditions[k],
                                 static_cast<Index>(points.size()),
                                 stable_here,
                                 static_cast<Index>(list.sets.size()),
                                 list.complete,
                                 static_cast<Index>(list.index_sum()),
                                 list.completeness};
    for (const double value : u) row.emplace_back(value);
    tables.inputs.row(row);
    tables.save(results);
    progress.advance();
    std::printf("input %td: %zu fixed points, %td stable, %zu sets: %s\n", k, points.size(),
                stable_here, list.sets.size(), list.completeness.c_str());
    if (!list.report.ok()) std::printf("note: %s\n", list.report.message.c_str());
  }
  if (tables.points.rows() > 0) projection(tables.states, n, results);

  // 4. Judge, then draw.
  verdict.at_most("points of a multistart that the lists lack", static_cast<double>(lacked), 0.0);
  if (complete > 0)
    verdict.at_most("sum of indices against theory, complete lists", index_gap, 0.0);
  if (compared > 0)
    verdict.at_most("means of the closure where it holds, gap over 5 standard errors + 0.1 rms sd",
                    gap, 1.0);
  verdict.field("fixed_points", static_cast<std::int64_t>(total));
  verdict.field("stable", static_cast<std::int64_t>(stable));
  verdict.field("not_proved", static_cast<std::int64_t>(unproved));
  verdict.field("complete_lists", static_cast<std::int64_t>(complete));
  verdict.field("points_compared_with_monte_carlo", static_cast<std::int64_t>(compared));
  if (options.plots()) plots::fixed_points(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("fixed_points", run, argc, argv); }
