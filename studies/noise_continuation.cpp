// SPDX-License-Identifier: GPL-3.0-or-later
// noise_continuation: up to which noise does a memory state survive?
//
// Question    A bistable network holds a state. Where do its fixed points go as the noise rises, at
//             which noise is the memory gone, and is that where its dwell time drops?
// Model       Default: one neuron, rate equation, s the noise of one step, time in units of tau:
//             inside   h' = (1−g) h + g f(w h + c + s ξ)
//             outside  h' = (1−g) h + g (f(w h + c) + s ξ)
//             or any network from a file, at the mean input of a condition over its read window.
// Methods     smoothed     fixed points of the map with f averaged over its noise, by
//                          pseudo-arclength continuation in s; noise inside only
//             closure      mean and covariance of the Gaussian closure together, likewise; up to 32
//                          state variables. Its unstable branch is a broad law over both states,
//                          not the saddle of the network
//             Monte Carlo  of the chain from each stable state: mean over those that still are on
//                          its side of the saddles after 30 tau, where 90 % are
//             dwell time   of the memory, the state that ends first: first passage of the chain
//                          beyond the plane through a saddle of the noise-free network (smoothed:
//                          the one that the state meets at its fold, followed back; else the
//                          nearest), at multiples of the noise of its end, for each of --leaks;
//                          plain simulation, splitting where it is rare
//             folds        one neuron: of smoothed and closure in noise and weight together; a
//                          network: noise and gain (all weights times a number)
// Acceptance  Every bifurcation that ends the memory is known to 1e-10. One neuron: fold of either
//             rung equal to a direct solution of the fold equations by Gauss–Hermite sums, to
//             1e-10; the curve of smoothed folds reaches zero noise at the weight of the noise-free
//             fold, to 1e-10. Where the noise is at most half that of the fold and the closure
//             judges itself valid, its mean is within 5 standard errors of Monte Carlo + its stated
//             error (relative error of its variance × distance to the rung below). Whether the fold
//             marks the drop, that is, whether the dwell time falls tenfold or more (by two
//             standard errors) from 0.9 to 1.1 of the fold's noise, is a result and no condition.
//             So is a branch that is cut short, as at a kink: a note, unless all are.
// Output      results/noise_continuation/: survival, branches, bifurcations, monte_carlo, dwell,
//             fold_curves, cusps, noise_free, manifest.json
// Figure      plots/noise_continuation.cpp
//
// Sample runs noise_continuation
//             noise_continuation --placement outside
//             noise_continuation --weight 1.5 --bias 0 --activation erf --leaks 0.1,0.5
//             noise_continuation --network tests/data/networks/flipflop3_tanh_inside.toml

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/networks/network_file.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/statistics/estimate.hpp"
#include "plots/noise_continuation.hpp"
#include "solvers/continuation/closure_map.hpp"
#include "solvers/continuation/fold_continuation.hpp"
#include "solvers/continuation/survival.hpp"
#include "solvers/moments/closure_error.hpp"
#include "solvers/moments/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/branch_rows.hpp"
#include "studies/support/dwell_time.hpp"
#include "studies/support/frozen_inputs.hpp"
#include "studies/support/memory.hpp"
#include "studies/support/neuron_folds.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using continuation::Parameter;
using moments::Rung;
using statistics::Estimate;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

const std::vector<double> usual_ratios = {0.8, 0.9, 1.0, 1.1, 1.2};  // always there

struct Settings {
  std::string network, activation = "tanh", placement = "inside";
  double weight = 1.5, bias = 0.05, leak = 0.1, largest = 0.0, longest = 3000.0;
  std::vector<double> leaks = {0.02, 0.5}, ratios = usual_ratios;
  Index condition = 0, unit = 0, paths = 20000, dwell_paths = 1000, starts = 512;
};

/// A network with its noise at level 1, and the states it can hold without noise.
struct System {
  continuation::Subject subject;
  std::vector<fixed_points::FixedPoint> points;
  Index unit = 0;          // whose state is shown
  bool is_neuron = false;  // the single neuron of the options

  models::NoisyChain chain(double level, double leak) const {
    return continuation::chain_at(subject, {Parameter::noise_level(), Parameter::leak()},
                                  Eigen::Vector2d(level, leak));
  }
  models::NoisyChain chain(double level) const { return chain(level, subject.network.leak); }
  bool offers(Rung rung) const {
    const models::NoisyChain loud = chain(1.0);
    return rung == Rung::smoothed ? moments::smoothing_applies(loud)
                                  : loud.state_size() <= continuation::closure_limit;
  }
  Vector start(Rung rung, const Vector& state) const {
    return rung == Rung::closure ? continuation::closure_state(chain(1.0), state) : state;
  }
};

System make_system(const Settings& settings, const studies::Options& options) {
  System system;
  system.unit = settings.unit;
  system.is_neuron = settings.network.empty();
  if (system.is_neuron) {
    require(settings.condition == 0 && settings.unit == 0, "--condition and --unit",
            "belong to a network; give one by --network");
    const auto where = studies::named(settings.placement, networks::all_placements);
    system.subject = {
        .network = networks::single_unit(networks::Equation::rate,
                                         activations::make_activation(settings.activation),
                                         settings.weight, settings.bias, settings.leak),
        .noise = networks::white_noise(where, 1.0,
                                       where == networks::NoiseSource::state
                                           ? networks::NoiseConvention::raw_step
                                           : networks::NoiseConvention::per_step)};
  } else {
    for (const auto* option : {"weight", "bias", "leak", "activation", "placement"})
      require(!options.given(option), "--" + std::string(option),
              "belongs to the single neuron: the network has its own");
    const auto file = networks::load_network(settings.network);
    const auto frozen = studies::freeze_inputs(file, "");
    const auto conditions = static_cast<Index>(frozen.inputs.size());
    require(settings.condition < conditions, "--condition", settings.condition, ", expected below ",
            conditions, ", the number of distinct inputs");
    require(settings.unit < file.network.units(), "--unit", settings.unit, ", expected below ",
            file.network.units());
    system.subject = {.network = file.network,
                      .noise = file.unit_noise,
                      .input = frozen.inputs[static_cast<std::size_t>(settings.condition)]};
    for (const std::string& note : file.notes) std::printf("note: %s\n", note.c_str());
  }
  require(!system.chain(1.0).noise().silent(), "--network", "the network has no noise to raise");
  system.points = fixed_points::find(system.chain(0.0), system.subject.input, {}, {},
                                     {.starts = settings.starts, .threads = options.threads()})
                      .points;
  const auto stable = std::count_if(
      system.points.begin(), system.points.end(),
      [](const auto& point) { return point.stability == fixed_points::Stability::stable; });
  require(
      stable >= 2, system.is_neuron ? "--weight" : "--network", "the network has ", stable,
      " stable fixed point(s) without noise, expected two or more: it holds no memory; ",
      system.is_neuron ? "choose a larger weight or a smaller bias" : "try another --condition");
  return system;
}

/// The memory on a rung: the stable state that ends at the least noise.
struct Memory {
  Rung rung;
  Vector state, saddle;  // without noise, (n) each
  continuation::Survival survival;
};

std::string name_of(Rung rung) { return std::string(moments::to_string(rung)); }

// 2. Up to which noise each stable state survives; one memory a rung.
std::vector<Memory> survive(const System& system, const std::vector<Rung>& rungs, double horizon,
                            io::Results& results, studies::Verdict& verdict) {
  io::Table table({"rung", "leak", "point", "state", "sigma", "error", "end", "note"});
  std::vector<Memory> memories;
  Progress progress("survival", static_cast<Index>(rungs.size() * system.points.size()));
  for (const Rung rung : rungs) {
    std::optional<Memory> memory;
    for (std::size_t k = 0; k < system.points.size(); ++k, progress.advance()) {
      const auto& point = system.points[k];
      if (point.stability != fixed_points::Stability::stable) continue;
      auto found = continuation::survival_noise(system.subject, point.state, rung,
                                                {.upper = horizon, .largest_step = 0.1});
      table.row({name_of(rung), system.subject.network.leak, static_cast<Index>(k),
                 point.state(system.unit), found.level, found.error,
                 std::string(to_string(found.end)), found.report.message});
      if (!found.report.ok())
        std::printf("note: state %zu, %s: %s\n", k, name_of(rung).c_str(),
                    found.report.message.c_str());
      const bool ends = found.end != continuation::SurvivalEnd::survives && found.report.ok();
      if (ends && (!memory || found.level < memory->survival.level))
        memory = Memory{rung, point.state, {}, std::move(found)};
    }
    if (!memory) continue;
    memory->saddle = studies::saddle_of(system.subject, system.points, memory->state, rung,
                                        memory->survival, horizon);
    const auto& survival = memory->survival;
    std::printf("%s: the memory, unit %td at %.6g, ends at noise %.12g +- %.1e (%s)\n",
                name_of(rung).c_str(), system.unit, memory->state(system.unit), survival.level,
                survival.error, std::string(to_string(survival.bifurcation)).c_str());
    verdict.at_most(name_of(rung) + ": error of the noise at which the memory ends", survival.error,
                    1e-10);
    verdict.field(name_of(rung) + "_survival_noise", survival.level);
    if (system.is_neuron && survival.end == continuation::SurvivalEnd::fold) {
      Vector guess(survival.state.size() + 1);
      guess << survival.state, survival.level;
      const double direct = studies::direct_fold(system.chain(1.0), rung, guess);
      verdict.at_most(name_of(rung) + ": fold against a direct solution",
                      std::abs(survival.level - direct), 1e-10);
    }
    memories.push_back(std::move(*memory));
  }
  results.table("survival", table);
  if (memories.empty()) std::printf("Result: no memory ends up to noise %g.\n", horizon);
  return memories;
}

// 3. The branches: on the closure from the stable states only, the others have no law.
void trace_branches(const System& system, const std::vector<Rung>& rungs, double largest,
                    io::Results& results, studies::Verdict& verdict) {
  io::Table branches({"rung", "branch", "sigma", "state", "stable", "unstable_directions"});
  io::Table events({"rung", "branch", "kind", "sigma", "error", "state", "note"});
  for (const Rung rung : rungs) {
    const auto map = continuation::network_map(system.subject, {Parameter::noise_level()}, rung);
    std::vector<Vector> starts;
    for (const auto& point : system.points)
      if (rung == Rung::smoothed || point.stability == fixed_points::Stability::stable)
        starts.push_back(system.start(rung, point.state));
    const auto diagram = continuation::trace_diagram(
        map, starts, 0.0, {.upper = largest, .parameter_scale = std::max(1.0, largest / 2.0)});
    const auto cut_short =
        std::count_if(diagram.branches.begin(), diagram.branches.end(),
                      [](const continuation::Branch& branch) { return !branch.report.ok(); });
    if (!diagram.report.ok())
      std::printf("note: %s, %td of %zu branches are cut short: %s\n", name_of(rung).c_str(),
                  cut_short, diagram.branches.size(), diagram.report.message.c_str());
    verdict.solved(name_of(rung) + ": branches",
                   cut_short < std::ssize(diagram.branches) ? Report{} : diagram.report);
    verdict.field(name_of(rung) + "_branches_cut_short", static_cast<std::int64_t>(cut_short));
    for (std::size_t k = 0; k < diagram.branches.size(); ++k) {
      const auto number = static_cast<Index>(k);
      studies::append_branch(branches, name_of(rung), number, diagram.branches[k], system.unit);
      for (const auto& event : diagram.branches[k].bifurcations)
        events.row({name_of(rung), number, to_string(event.kind), event.parameter, event.error,
                    event.state(system.unit), event.note});
    }
  }
  results.table("branches", branches);
  if (events.rows() > 0) results.table("bifurcations", events);
}

// 4. Means of the chain, and the closure beside them. `half` is half the noise of the fold.
void compare_means(const System& system, double largest, double half, Index paths,
                   const studies::Options& options, io::Results& results,
                   studies::Verdict& verdict) {
  constexpr Index levels = 12;
  io::Table table({"point", "sigma", "monte_carlo", "monte_carlo_se", "share", "closure",
                   "closure_error", "closure_valid"});
  double worst_gap = 0.0, rounding = 1e-12;
  Index compared = 0;
  Progress progress("means", levels * static_cast<Index>(system.points.size()));
  for (std::size_t k = 0; k < system.points.size(); ++k) {
    const auto& point = system.points[k];
    if (point.stability != fixed_points::Stability::stable) continue;
    for (Index level = 1; level <= levels; ++level, progress.advance()) {
      const double sigma = largest * static_cast<double>(level) / levels;
      const auto chain = system.chain(sigma);
      const studies::Held held =
          studies::hold(chain, system.subject.input, system.points, point.state,
                        {.unit = system.unit,
                         .paths = paths,
                         .stream = {options.seed(), 0},
                         .threads = options.threads()});
      double closure = not_a_number, error = not_a_number;
      bool valid = false;
      if (system.offers(Rung::closure)) {
        const auto law = moments::solve_closure(chain, system.subject.input, point.state);
        const auto below = moments::solve_smoothed(chain, system.subject.input, point.state);
        const auto validity = moments::judge(chain, system.subject.input, law);
        valid = law.valid && validity.valid;
        closure = law.mean[system.unit].value;
        error = validity.relative_error * std::abs(closure - below.mean[system.unit].value);
        if (valid && sigma <= half && std::isfinite(held.mean.value)) {
          ++compared;
          worst_gap =
              studies::worse(worst_gap, std::abs(closure - held.mean.value) /
                                            (5.0 * held.mean.standard_error + error + rounding));
        }
      }
      table.row({static_cast<Index>(k), sigma, held.mean.value, held.mean.standard_error,
                 held.share, closure, error, valid});
    }
  }
  if (table.rows() > 0) results.table("monte_carlo", table);
  if (compared > 0)
    verdict.at_most("closure against Monte Carlo, gap over 5 s.e. + stated error", worst_gap, 1.0);
  verdict.field("means_compared", static_cast<std::int64_t>(compared));
}

// 5. Dwell times around the end of the memory: does it mark the drop?
void compare_dwell_times(const System& system, const std::vector<Memory>& memories,
                         const Settings& settings, const studies::Options& options,
                         io::Results& results, studies::Verdict& verdict) {
  if (memories.empty()) return;
  io::Table table({"rung", "leak", "end", "ratio", "sigma", "dwell", "dwell_se", "method"});
  std::string statement;
  bool every_drop = true, any_drop = false, steeper_below = true;
  Progress progress("dwell times", static_cast<Index>(memories.size() * settings.leaks.size() *
                                                      settings.ratios.size()));
  std::uint32_t stream = 1;
  for (const Memory& memory : memories) {
    const std::string rung = name_of(memory.rung);
    std::map<double, studies::Drop> drops;
    for (const double leak : settings.leaks) {
      continuation::Subject subject = system.subject;
      subject.network.leak = leak;  // the end of the memory depends on it
      auto survival = memory.survival;
      if (leak != system.subject.network.leak)
        survival =
            continuation::survival_noise(subject, memory.state, memory.rung,
                                         {.upper = 20.0 * survival.level, .largest_step = 0.1});
      const bool ends = survival.report.ok() && survival.end != continuation::SurvivalEnd::survives;
      if (memory.saddle.size() == 0 || !ends) {
        std::printf("note: %s, leak %g: no dwell times, no %s found\n", rung.c_str(), leak,
                    ends ? "saddle with one way down" : "end of the memory");
        continue;
      }
      std::map<double, Estimate> at;
      for (const double ratio : settings.ratios) {
        const double sigma = ratio * survival.level;
        const auto found = studies::estimate_dwell_time(
            system.chain(sigma, leak), system.subject.input, memory.state, memory.saddle,
            {.paths = settings.dwell_paths,
             .longest = settings.longest,
             .replicas = options.quick() ? 8 : 32,
             .stream = {options.seed(), stream},
             .threads = options.threads()});
        stream += 2;
        at[ratio] = found.time;
        table.row({rung, leak, survival.level, ratio, sigma, found.time.value,
                   found.time.standard_error, found.method});
        progress.advance();
      }
      const Estimate through = studies::fall(at[0.9], at[1.1]);
      const double below = studies::fall(at[0.8], at[1.0]).value;
      const double above = studies::fall(at[1.0], at[1.2]).value;
      drops[leak] = studies::judge_fall(through);
      const bool marked = drops[leak] == studies::Drop::drops;
      every_drop = every_drop && marked;
      any_drop = any_drop || marked;
      steeper_below = steeper_below && (!marked || below > through.value);
      std::printf(
          "%s, leak %g, end at noise %.6g: dwell time %.4g +- %.2g, %.4g +- %.2g, "
          "%.4g +- %.2g tau at 0.9, 1 and 1.1 of it, a fall by %.3g +- %.2g "
          "(from 0.8 to 1 by %.3g, from 1 to 1.2 by %.3g)\n",
          rung.c_str(), leak, survival.level, at[0.9].value, at[0.9].standard_error, at[1.0].value,
          at[1.0].standard_error, at[1.1].value, at[1.1].standard_error, through.value,
          through.standard_error, below, above);
      const std::string name = rung + "_fall_of_dwell_at_leak_" + io::to_text(leak);
      verdict.field(name, through.value).field(name + "_se", through.standard_error);
    }
    if (drops.empty()) continue;
    const bool fold = memory.survival.end == continuation::SurvivalEnd::fold;
    statement += (statement.empty() ? "" : "; ") + rung + ": the " +
                 (fold ? "fold" : "end of the branch") + " " + studies::list_drops(drops);
  }
  if (table.rows() == 0) return;
  results.table("dwell", table);
  if (any_drop && steeper_below)
    statement += "; where it does, the fall ends there: from 0.8 to 1 it is steeper still";
  std::printf("Result: %s (a drop: tenfold or more from 0.9 to 1.1 of its noise).\n",
              statement.c_str());
  verdict.field("fold_marks_the_drop", every_drop);
  verdict.field("statement", statement);
}

// 6. Folds in two parameters: noise and weight, or noise and gain.
void trace_fold_curves(const System& system, const std::vector<Memory>& memories, double largest,
                       io::Results& results, studies::Verdict& verdict) {
  io::Table folds({"rung", "parameter", "sigma"}), noise_free({"parameter", "sigma"});
  io::Table cusps({"rung", "parameter", "sigma", "error"});
  const auto& network = system.subject.network;
  const double usual = system.is_neuron ? network.W(0, 0) : 1.0;
  const Parameter second = system.is_neuron ? Parameter::weight(0, 0) : Parameter::gain();
  for (const Memory& memory : memories) {
    if (memory.survival.end != continuation::SurvivalEnd::fold) continue;
    const auto map =
        continuation::network_map(system.subject, {Parameter::noise_level(), second}, memory.rung);
    const auto curve = continuation::trace_folds(
        map, memory.survival.state, Eigen::Vector2d(memory.survival.level, usual),
        {.lower = Eigen::Vector2d(0.0, 0.3 * usual),
         .upper = Eigen::Vector2d(2.0 * largest, 2.0 * usual),
         .scales = Eigen::Vector2d(std::max(1.0, largest / 2.0), usual)});
    const std::string rung = name_of(memory.rung);
    if (const auto& report = curve.report; !report.ok())
      std::printf("note: %s, curve of folds: %s\n", rung.c_str(), report.message.c_str());
    for (const auto& point : curve.points)
      folds.row({rung, point.parameters(1), point.parameters(0)});
    folds.row({rung, not_a_number, not_a_number});
    for (const auto& cusp : curve.cusps)
      cusps.row({rung, cusp.parameters(1), cusp.parameters(0), cusp.error});
    if (!system.is_neuron || memory.rung != Rung::smoothed) continue;
    for (const auto* end : {&curve.points.front(), &curve.points.back()}) {
      if (end->parameters(0) != 0.0) continue;
      const double weight = end->parameters(1);
      const double exact =
          studies::noise_free_fold(network.activation, network.b(0),
                                   Eigen::Vector2d(weight * end->state(0) + network.b(0), weight));
      verdict.at_most("smoothed: fold at zero noise, weight " + std::to_string(weight) +
                          ", against the noise-free fold",
                      std::abs(weight - exact), 1e-10);
      noise_free.row({exact, 0.0});
    }
  }
  if (folds.rows() > 0) results.table("fold_curves", folds);
  if (cusps.rows() > 0) results.table("cusps", cusps);
  if (noise_free.rows() > 0) results.table("noise_free", noise_free);
}

int run(int argc, char** argv) {
  // 1. Parameters and model.
  Settings settings;
  studies::Options options("noise_continuation", studies::about);
  const auto size = studies::Allowed::between(-1e4, 1e4);
  const auto leak = studies::Allowed::between(1e-4, 1.0);
  options
      .add("network", settings.network,
           "network file (.toml), see README; default: the neuron of the next five options")
      .add("weight", settings.weight, "self-coupling w, large enough for two stable states", size)
      .add("bias", settings.bias, "constant input c; 0: symmetric, a pitchfork", size)
      .add("leak", settings.leak, "g = dt/tau of closure and Monte Carlo", leak)
      .add("activation", settings.activation, "smooth activation f",
           studies::Allowed::one_of({"tanh", "erf", "logistic"}))
      .add("placement", settings.placement, "where the noise enters",
           studies::names(networks::all_placements))
      .add("condition", settings.condition, "network: which of its distinct inputs",
           studies::Allowed::non_negative())
      .add("unit", settings.unit, "network: the unit whose state is shown",
           studies::Allowed::non_negative())
      .add("largest", settings.largest,
           "largest noise followed, unit of s (network: its level); 0: 1.5 times the memory's end",
           studies::Allowed::between(0.0, 1e4))
      .add("leaks", settings.leaks,
           "leaks g at which the dwell time is simulated; network: its own", leak)
      .add("ratios", settings.ratios,
           "noise of the dwell times over that of the memory's end, beside 0.8, 0.9 ... 1.2",
           studies::Allowed::positive())
      .add("paths", settings.paths,
           "simulated networks for the means; of a file's network a tenth by default",
           studies::Allowed::between(64, 1e8))
      .add("dwell-paths", settings.dwell_paths, "simulated networks for a dwell time",
           studies::Allowed::between(32, 1e8))
      .add("longest", settings.longest,
           "dwell times much longer than this are left to splitting, units of tau",
           studies::Allowed::positive())
      .add("starts", settings.starts, "starts of the search for fixed points without noise",
           studies::Allowed::between(1, 1e6));
  if (!options.parse(argc, argv)) return 0;
  const bool from_file = !settings.network.empty();
  if (from_file && !options.given("paths")) settings.paths /= 10;
  options.quick_value("paths", settings.paths, from_file ? 200 : 2000)
      .quick_value("dwell-paths", settings.dwell_paths, 100)
      .quick_value("longest", settings.longest, 300.0)
      .quick_value("starts", settings.starts, 64);
  const System system = make_system(settings, options);
  if (!system.is_neuron && !options.given("leaks")) settings.leaks = {system.subject.network.leak};
  settings.ratios.insert(settings.ratios.end(), usual_ratios.begin(), usual_ratios.end());
  for (auto* list : {&settings.ratios, &settings.leaks}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  std::vector<Rung> rungs;
  for (const Rung rung : {Rung::smoothed, Rung::closure})
    if (system.offers(rung)) rungs.push_back(rung);
  require(!rungs.empty(), "--network",
          "all noise enters after the activation, which the smoothed rung does not see, and the "
          "closure is offered up to ",
          continuation::closure_limit, " state variables only");
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2.–6. Each part saves its tables.
  const double horizon = settings.largest > 0.0 ? settings.largest : 20.0;
  const std::vector<Memory> memories = survive(system, rungs, horizon, results, verdict);
  double largest = settings.largest;
  if (largest == 0.0) {
    for (const Memory& memory : memories) largest = std::max(largest, 1.5 * memory.survival.level);
    if (memories.empty()) largest = 1.0;
  }
  trace_branches(system, rungs, largest, results, verdict);
  const double half = 0.5 * (memories.empty() ? largest : memories.back().survival.level);
  compare_means(system, largest, half, settings.paths, options, results, verdict);
  compare_dwell_times(system, memories, settings, options, results, verdict);
  trace_fold_curves(system, memories, largest, results, verdict);

  if (options.plots()) plots::noise_continuation(results, system.is_neuron, system.unit);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("noise_continuation", run, argc, argv); }
