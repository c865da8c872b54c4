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
// Acceptance  Multistart finds no point that a complete list lacks, where points are isolated. The
//             sum of the indices is what theory says, where the list is complete. Where the closure
//             calls itself valid and the point has not ended in it, its means lie within 5 standard
//             errors + 0.1 of the units' rms sd of Monte Carlo.
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
#include <cstdint>
#include <cstdio>
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
#include "solvers/fixed_points/state_index.hpp"
#include "solvers/moments/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/fate.hpp"
#include "studies/support/fate_rows.hpp"
#include "studies/support/frozen_inputs.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;

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

  Index chain_size() const { return models::NoisyChain(network, noise).state_size(); }
};

struct Settings {
  double ratio = 1.0, largest_ratio = 10.0;
  Index follow = 24, moved = 200;
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
  for (const Index k : inputs.empty() ? spread(count) : inputs)
    if (std::find(subject.chosen.begin(), subject.chosen.end(), k) == subject.chosen.end())
      subject.chosen.push_back(k);
  return subject;
}

/// Points of a multistart that a list lacks.
Index lacking(const certification::List& list, const fixed_points::FixedPoints& found) {
  constexpr double same = 1e-6;
  std::vector<Vector> states;
  for (const auto& listed : list.points) states.push_back(listed.point.state);
  const fixed_points::StateIndex index(std::move(states));
  return std::count_if(found.points.begin(), found.points.end(), [&](const auto& point) {
    return !index.holds(point.state, same * (1.0 + point.state.template lpNorm<Eigen::Infinity>()));
  });
}

std::string counted(Index count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// The columns of the table inputs.
std::vector<std::string> input_names(Index size) {
  std::vector<std::string> names = {"input", "conditions", "points",    "stable",
                                    "sets",  "complete",   "index_sum", "completeness"};
  for (Index k = 0; k < size; ++k) names.push_back("u_" + std::to_string(k));
  return names;
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
  const auto& valid = states.column("closure_valid").texts();
  io::Table table({"kind", "pc_1", "pc_2", "moved_1", "moved_2", "closure_valid"});
  for (const bool stable : {false, true})
    for (Index p = 0; p < points.cols(); ++p)
      if ((stability[p * n] == "stable") == stable)
        table.row({stable ? "stable" : "unstable", plane(0, p), plane(1, p),
                   plane_moved(0, p) - plane(0, p), plane_moved(1, p) - plane(1, p), valid[p * n]});
  results.table("projection", table);
  results.table("principal_axes", {"axis", "variance_share"},
                {Vector(Vector::LinSpaced(2, 1.0, 2.0)),
                 Vector(axes.variance / std::max(axes.total_variance, 1e-300))});
}

struct Counts {
  Index total = 0, stable = 0, unproved = 0;       // points
  Index complete = 0, searched = 0, indexed = 0;   // lists
  Index lacked = 0;                                // points of multistarts
  Index followed = 0, rejected = 0, compared = 0;  // stable points
  double index_gap = 0.0, gap = 0.0;
};

/// The fate of the points of one input, into the tables and the terminal.
void look_at_noise(const studies::NoiseQuestion& question, const Settings& settings, Index input,
                   const certification::List& list, studies::FateTables& tables, Counts& counts) {
  constexpr Index together = 32;  // points whose shifts are computed side by side
  const models::NoisyChain chain = question.chain();
  const Vector q = moments::smoothing_sd(chain);
  const Index count = static_cast<Index>(list.points.size());
  const Index moved = std::min(count, settings.moved);
  std::string rejections;
  studies::FateLines lines;
  Index followed = 0, rejected = 0;
  if (moved > 0) {
    Progress progress("points of input " + std::to_string(input), moved);
    for (Index begin = 0; begin < moved; begin += together) {
      std::vector<fixed_points::FixedPoint> points;
      for (Index p = begin; p < std::min(moved, begin + together); ++p)
        points.push_back(list.points[p].point);
      const auto shifts =
          continuation::shift(chain, question.input, q, points, {.threads = settings.list.threads});
      for (std::size_t s = 0; s < points.size(); ++s, progress.advance()) {
        const Index p = begin + static_cast<Index>(s);
        const bool follow =
            points[s].stability == fixed_points::Stability::stable && followed < settings.follow;
        const studies::Fate fate = studies::fate_of(question, points[s], shifts[s], follow,
                                                    static_cast<std::uint32_t>(input));
        followed += follow;
        if (!fate.rejected.empty() && rejected++ == 0)
          rejections = "point " + std::to_string(p) + ": " + fate.rejected;
        if (fate.simulated && fate.closure_valid) {
          ++counts.compared;
          counts.gap = studies::worse(counts.gap, fate.closure_gap());
        }
        lines.add(p, list.points[p], fate);
        tables.add(input, p, list.points[p], fate, settings.largest_ratio);
      }
    }
  }
  std::fputs(lines.text().c_str(), stdout);
  studies::Fate unknown(chain.units());
  unknown.note = "beyond the first " + std::to_string(moved) + " points, see --moved";
  for (Index p = moved; p < count; ++p)
    tables.add(input, p, list.points[p], unknown, settings.largest_ratio);
  if (moved < count)
    std::printf(
        "note: the noise was looked at in the first %td of %td points, stable ones first; "
        "--moved says how many\n",
        moved, count);
  if (rejected > 0)
    std::printf("note: Monte Carlo was rejected at %td of %s: %s\n", rejected,
                counted(followed, "simulated point").c_str(), rejections.c_str());
  counts.followed += followed;
  counts.rejected += rejected;
  counts.unproved += std::count_if(list.points.begin(), list.points.end(), [](const auto& listed) {
    return listed.proof == certification::Proof::none;
  });
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Competitive network;
  Settings settings;
  std::string file, window;
  std::vector<Index> inputs;
  studies::Options options("fixed_points", studies::about);
  const auto known = activations::activation_names();
  const auto size = studies::Allowed::between(-1e6, 1e6);
  const studies::Allowed noise{.lower = 0.0, .upper = 1e6, .open_lower = true};
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
      .add("inhibition", network.inhibition, "weight between two units, negative sign understood",
           size)
      .add("self", network.self, "weight of a unit on itself", size)
      .add("bias", network.bias, "constant input of every unit", size)
      .add("activation", network.activation, "activation f",
           studies::Allowed::one_of({known.begin(), known.end()}))
      .add("equation", network.equation, "equation of the network",
           studies::names(networks::all_equations))
      .add("leak", network.leak, "g = dt/tau", studies::Allowed::between(1e-4, 1.0))
      .add("sigma", network.sigma,
           "noise of the competitive network: sd per step, as it stands in the equation", noise)
      .add("placement", network.placement, "where that noise enters",
           studies::names(networks::all_placements))
      .add("ratio", settings.ratio,
           "noise level of the shifts, relative to sigma, or to the file's training noise", noise)
      .add("largest-ratio", settings.largest_ratio, "where the survival in the noise stops looking",
           noise)
      .add("moved", settings.moved,
           "points of an input at which the noise is looked at, stable ones first",
           studies::Allowed::between(0, 1e6))
      .add("follow", settings.follow,
           "stable points of an input that are simulated and continued in the noise",
           studies::Allowed::between(0, 1e5))
      .add("certify-units", settings.list.certify_units,
           "largest smooth network that is searched completely; cost grows exponentially",
           studies::Allowed::between(0, 12))
      .add("max-seconds", settings.list.max_seconds,
           "for the complete search of a piecewise-linear network, one input; not for what follows",
           studies::Allowed::positive())
      .add("starts", settings.list.starts, "starts of the multistart",
           studies::Allowed::between(16, 1e6))
      .add("paths", settings.sampling.paths, "simulated networks a stable point",
           studies::Allowed::between(32, 1e8))
      .add("steps", settings.sampling.steps, "steps averaged over in each",
           studies::Allowed::between(1, 1e9))
      .add("burn-in", settings.sampling.burn_in,
           "steps thrown away first; 0: 30/leak + 30 correlation times",
           studies::Allowed::between(0, 1e9));
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
      .quick_value("moved", settings.moved, 50)
      .quick_value("follow", settings.follow, 8);
  settings.list.threads = settings.sampling.threads = options.threads();
  settings.sampling.seed = options.seed();

  // 2. Model.
  const Subject subject = file.empty() ? competitive(network) : from_file(file, window, inputs);
  const Index n = subject.network.units();
  std::printf(
      "%s: %s, %s equation, %s, leak %g\n", subject.name.c_str(), counted(n, "unit").c_str(),
      std::string(networks::to_string(subject.network.equation)).c_str(),
      std::string(activations::name(subject.network.activation)).c_str(), subject.network.leak);
  for (const std::string& note : subject.notes) std::printf("note: %s\n", note.c_str());
  if (subject.chain_size() > continuation::closure_limit)
    std::printf("note: the closure is not continued in the noise above %td state variables\n",
                continuation::closure_limit);
  io::Results results = options.results();
  studies::Verdict verdict(results);
  verdict.field("network", subject.name);

  // 3. Every input: the list, a multistart against it, and the fate of every point.
  studies::FateTables tables;
  io::Table inputs_table(input_names(subject.network.inputs()));
  io::Table sets_table({"input", "dimension", "description"});
  studies::NoiseQuestion question{.network = subject.network,
                                  .noise = subject.noise,
                                  .ratio = settings.ratio,
                                  .largest_ratio = settings.largest_ratio,
                                  .sampling = settings.sampling};
  const models::NoisyChain chain = question.chain();
  Counts counts;
  for (const Index k : subject.chosen) {
    const Vector& u = question.input = subject.frozen.inputs[k];
    const auto list = certification::list_fixed_points(chain, u, subject.starts, settings.list);
    if (list.complete && list.sets.empty()) {
      const auto found =
          fixed_points::find(chain, u, {}, subject.starts,
                             {.starts = settings.list.starts, .threads = options.threads()});
      counts.lacked += lacking(list, found);
      ++counts.searched;
    }
    if (list.complete && list.expected_index_sum) {
      counts.index_gap = studies::worse(
          counts.index_gap,
          static_cast<double>(std::abs(list.index_sum() - *list.expected_index_sum)));
      ++counts.indexed;
    }
    counts.complete += list.complete;
    for (const auto& set : list.sets) sets_table.row({k, set.dimension, to_string(set)});
    const Index here = static_cast<Index>(list.points.size());
    const Index stable =
        std::count_if(list.points.begin(), list.points.end(), [](const auto& listed) {
          return listed.point.stability == fixed_points::Stability::stable;
        });
    const std::string sets =
        list.sets.empty() ? ""
                          : ", " + counted(std::ssize(list.sets), "set") + " of them not isolated";
    std::printf("input %td: %s, %td stable%s: %s\n", k, counted(here, "fixed point").c_str(),
                stable, sets.c_str(), list.completeness.c_str());
    if (!list.report.ok() && (list.complete || list.points.empty()))
      std::printf("note: %s\n", list.report.message.c_str());
    counts.total += here;
    counts.stable += stable;
    look_at_noise(question, settings, k, list, tables, counts);
    std::vector<io::Cell> row = {k,
                                 subject.frozen.conditions[k],
                                 here,
                                 stable,
                                 static_cast<Index>(list.sets.size()),
                                 list.complete,
                                 static_cast<Index>(list.index_sum()),
                                 list.completeness};
    for (const double value : u) row.emplace_back(value);
    inputs_table.row(row);
    results.table("inputs", inputs_table);
    if (sets_table.rows() > 0) results.table("fixed_sets", sets_table);
    tables.save(results);
  }
  if (tables.points.rows() > 0) projection(tables.states, n, results);

  // 4. Judge, then draw.
  if (counts.searched > 0)
    verdict.at_most("points of a multistart that complete lists lack",
                    static_cast<double>(counts.lacked), 0.0);
  if (counts.indexed > 0)
    verdict.at_most("sum of indices against theory, complete lists", counts.index_gap, 0.0);
  if (counts.compared > 0) {
    verdict.at_most("means of the closure where it holds, gap over 5 standard errors + 0.1 rms sd",
                    counts.gap, 1.0);
  } else {
    std::printf("note: no mean was compared with Monte Carlo: %s\n",
                counts.stable == 0     ? "no point is stable"
                : counts.followed == 0 ? "no stable point was simulated (--follow, --moved)"
                : counts.rejected == counts.followed
                    ? "every simulation was rejected"
                    : "the closure holds at none of the simulated points");
    if (counts.searched + counts.indexed > 0)
      verdict.compares("complete lists and independent checks of them");
  }
  verdict.field("fixed_points", static_cast<std::int64_t>(counts.total));
  verdict.field("stable", static_cast<std::int64_t>(counts.stable));
  verdict.field("not_proved", static_cast<std::int64_t>(counts.unproved));
  verdict.field("complete_lists", static_cast<std::int64_t>(counts.complete));
  verdict.field("points_compared_with_monte_carlo", static_cast<std::int64_t>(counts.compared));
  verdict.field("simulations_rejected", static_cast<std::int64_t>(counts.rejected));
  if (options.plots()) plots::fixed_points(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("fixed_points", run, argc, argv); }
