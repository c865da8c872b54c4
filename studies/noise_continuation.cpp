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
//                          its side after 30 tau, where at least 90 % are
//             dwell time   of the memory, the state that ends first: first passage of the chain
//                          beyond the plane through the saddle that the state meets at its end
//                          without noise, at multiples of the noise of its end, for each of
//                          --leaks; plain simulation, splitting where it is rare
//             folds        one neuron: of smoothed and closure in noise and weight together; a
//                          network: noise and gain (all weights times a number)
// Acceptance  Every bifurcation that ends the memory is known to 1e-10. One neuron: fold of either
//             rung equal to a direct solution of the fold equations by Gauss–Hermite sums, to
//             1e-10; the curve of smoothed folds reaches zero noise at the weight of the noise-free
//             fold, to 1e-10. Where the noise is at most half that of the fold and the closure
//             judges itself valid, its mean is within 5 standard errors of Monte Carlo + its stated
//             error (relative error of its variance × distance to the rung below). Whether the fold
//             marks the drop, that is, whether the dwell time falls tenfold or more from 0.9 to 1.1
//             of the fold's noise, is a result and no condition.
// Output      results/noise_continuation/: survival, branches, bifurcations, monte_carlo, dwell,
//             fold_curves, manifest.json
// Figure      plots/noise_continuation.cpp
//
// Sample runs noise_continuation
//             noise_continuation --placement outside
//             noise_continuation --weight 1.5 --bias 0 --activation erf --leaks 0.1,0.5
//             noise_continuation --network tests/data/networks/flipflop3_tanh_inside.toml

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lib/activations/gauss_hermite.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/networks/network_file.hpp"
#include "lib/networks/single_unit.hpp"
#include "plots/noise_continuation.hpp"
#include "solvers/algebraic/solve.hpp"
#include "solvers/ensemble/end_states.hpp"
#include "solvers/ensemble/first_passage.hpp"
#include "solvers/escape/splitting.hpp"
#include "solvers/fixed_points/closure_map.hpp"
#include "solvers/fixed_points/fold_continuation.hpp"
#include "solvers/fixed_points/survival.hpp"
#include "solvers/moments/closure_error.hpp"
#include "solvers/moments/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/frozen_inputs.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using fixed_points::Parameter;
using moments::Rung;
using statistics::Estimate;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double settled = 30.0;  // units of tau before the state is looked at

struct Settings {
  std::string network, activation = "tanh", placement = "inside";
  double weight = 1.5, bias = 0.05, leak = 0.1, largest = 0.0, longest = 3000.0;
  std::vector<double> leaks = {0.02, 0.5};
  std::vector<double> ratios = {0.8, 0.9, 1.0, 1.1, 1.2};
  Index condition = 0, unit = 0, paths = 20000, dwell_paths = 1000, starts = 512;
};

/// A network with its noise at level 1, and the states it can hold without noise.
struct System {
  fixed_points::Subject subject;
  std::vector<fixed_points::FixedPoint> points;
  Index unit = 0;  // whose state is shown

  models::NoisyChain chain(double level, double leak) const {
    return fixed_points::chain_at(subject, {Parameter::noise_level(), Parameter::leak()},
                                  Eigen::Vector2d(level, leak));
  }
  models::NoisyChain chain(double level) const { return chain(level, subject.network.leak); }
  fixed_points::Subject with_leak(double leak) const {
    fixed_points::Subject other = subject;
    other.network.leak = leak;
    return other;
  }
  bool offers(Rung rung) const {
    const models::NoisyChain loud = chain(1.0);
    return rung == Rung::smoothed ? moments::smoothing_applies(loud)
                                  : loud.state_size() <= fixed_points::closure_limit;
  }
  Vector start(Rung rung, const Vector& state) const {
    if (rung != Rung::closure) return state;
    const models::NoisyChain loud = chain(1.0);
    const Index m = loud.state_size();
    return fixed_points::closure_state({loud.initial_state(state), Matrix::Zero(m, m)});
  }
};

System make_system(const Settings& settings, const studies::Options& options) {
  System system;
  system.unit = settings.unit;
  if (settings.network.empty()) {
    require(settings.condition == 0 && settings.unit == 0, "--condition and --unit",
            "belong to a network; give one by --network");
    const auto where = settings.placement == "inside"    ? networks::NoiseSource::inside
                       : settings.placement == "outside" ? networks::NoiseSource::outside
                                                         : networks::NoiseSource::state;
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
  require(stable >= 2, settings.network.empty() ? "--weight" : "--network", "the network has ",
          stable,
          " stable fixed point(s) without noise, expected two or more: it holds no memory; ",
          settings.network.empty() ? "choose a larger weight or a smaller bias"
                                   : "try another --condition");
  return system;
}

/// The memory state on a rung: the stable one that ends at the least noise.
struct Memory {
  Rung rung = Rung::smoothed;
  Vector state;   // without noise, (n)
  Vector saddle;  // without noise, (n); empty if none was found
  fixed_points::Survival survival;
};

/// What the state meets at its end, followed back to zero noise on the smoothed or the
/// deterministic network: the saddle nearest to it across which it is lost.
Vector saddle_of(const System& system, const Vector& state) {
  Vector best;
  for (const auto& point : system.points)
    if (point.unstable_directions == 1 &&
        (best.size() == 0 || (point.state - state).norm() < (best - state).norm()))
      best = point.state;
  return best;
}

/// The unstable fixed point without noise that the memory's smoothed branch comes back to.
Vector partner_of(const System& system, const Memory& memory, double largest) {
  if (memory.rung != Rung::smoothed || memory.survival.end != fixed_points::SurvivalEnd::fold)
    return saddle_of(system, memory.state);
  const auto map =
      fixed_points::network_map(system.subject, {Parameter::noise_level()}, Rung::smoothed);
  const auto branch = fixed_points::trace_branch(map, memory.state, 0.0, true, {.upper = largest});
  const auto& last = branch.points.back();
  return last.parameter == 0.0 ? last.point.state : saddle_of(system, memory.state);
}

/// f_q, f_q' and v_q by Gauss–Hermite sums: another way than the one the solvers go.
struct Averages {
  double mean = 0.0, slope = 0.0, variance = 0.0;

  Averages(const activations::Activation& f, double u, double q) {
    static const auto rule = activations::gauss_hermite(120);
    for (Index k = 0; k < rule.nodes.size(); ++k) {
      const double x = u + q * rule.nodes(k);
      mean += rule.weights(k) * activations::value(f, x);
      slope += rule.weights(k) * activations::derivative(f, 1, x);
    }
    for (Index k = 0; k < rule.nodes.size(); ++k)
      variance +=
          rule.weights(k) * std::pow(activations::value(f, u + q * rule.nodes(k)) - mean, 2);
  }
};

/// The fold's noise of one neuron straight from its equations, from a guess of it; NaN where the
/// solver fails. Smoothed: m = f_s(w m + c), 1 = w f_s'. Closure: its two equations for m and V,
/// and the determinant of their derivatives.
double direct_fold(const System& system, const Memory& memory) {
  const models::NoisyChain chain = system.chain(1.0);
  const auto& f = chain.activation();
  const double w = chain.network().W(0, 0), c = chain.network().b(0), g = chain.leak();
  const double inside = chain.argument_sd()(0), added = chain.state_sd()(0);
  algebraic::Function equations;
  Vector guess(memory.survival.state.size() + 1);
  guess << memory.survival.state, memory.survival.level;
  if (memory.rung == Rung::smoothed) {
    equations = [=](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
      const Averages f_q(f, w * x(0) + c, inside * x(1));
      value << x(0) - f_q.mean, 1.0 - w * f_q.slope;
    };
  } else {
    const auto closure = [=](double m, double V, double s) {
      const double q = std::sqrt(std::max(w * w * V + inside * inside * s * s, 0.0));
      const Averages f_q(f, w * m + c, q);
      return Eigen::Vector2d(m - f_q.mean, (2.0 - g) * V - 2.0 * (1.0 - g) * w * V * f_q.slope -
                                               g * f_q.variance - added * added * s * s / g);
    };
    equations = [=](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
      const double h = 1e-4, k = 1e-4 * x(1);
      const auto slope = [](const auto& at, double step) {
        return Eigen::Vector2d((8.0 * (at(step) - at(-step)) - at(2.0 * step) + at(-2.0 * step)) /
                               (12.0 * step));
      };
      Eigen::Matrix2d derivative;
      derivative << slope([&](double d) { return closure(x(0) + d, x(1), x(2)); }, h),
          slope([&](double d) { return closure(x(0), x(1) + d, x(2)); }, k);
      value << closure(x(0), x(1), x(2)), derivative.determinant();
    };
  }
  // Away from the answer first, so that Newton has to come back to it.
  const auto solved = algebraic::solve(equations, {}, 1.001 * guess, {.tolerance = 1e-11});
  return solved.report.ok() ? solved.x(solved.x.size() - 1) : not_a_number;
}

/// Weight at which the noise-free fold is: u = w f(u) + c, 1 = w f'(u).
double noise_free_fold(const System& system, const Vector& guess) {
  const auto& network = system.subject.network;
  const auto solved = algebraic::solve(
      [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
        value << x(0) - x(1) * activations::value(network.activation, x(0)) - network.b(0),
            1.0 - x(1) * activations::derivative(network.activation, 1, x(0));
      },
      {}, guess, {.tolerance = 1e-14});
  return solved.report.residual < 1e-12 ? solved.x(1) : not_a_number;
}

/// Rows of a branch: the points, each bifurcation that ends stability twice, and a row that breaks
/// the line.
void append_branch(io::Table& table, const System& system, Rung rung, Index number,
                   const fixed_points::Branch& branch) {
  const std::string name(moments::to_string(rung));
  const auto row = [&](double level, const Vector& state, const std::string& stable,
                       Index directions) {
    table.row({name, number, level, state(system.unit), stable, directions});
  };
  const auto is_stable = [](const fixed_points::BranchedPoint& point) {
    return point.point.unstable_directions == 0 ? "yes" : "no";
  };
  for (std::size_t k = 0; k < branch.points.size(); ++k) {
    const auto& point = branch.points[k];
    row(point.parameter, point.point.state, is_stable(point), point.point.unstable_directions);
    for (const auto& event : branch.bifurcations) {
      if (event.after != static_cast<Index>(k) || k + 1 == branch.points.size()) continue;
      for (const auto* side : {&point, &branch.points[k + 1]})
        row(event.parameter, event.state, is_stable(*side), side->point.unstable_directions);
    }
  }
  row(not_a_number, branch.points.back().point.state, "end", 0);
}

/// Share of states on their own side of the saddle, and mean of the shown unit over them.
struct Held {
  double share = 0.0;
  Estimate mean{not_a_number, not_a_number};
};

Held hold(const System& system, double level, const Vector& state, const Vector& saddle,
          const Settings& settings, const studies::Options& options) {
  const models::NoisyChain chain = system.chain(level);
  const auto steps = static_cast<Index>(std::ceil(settled / chain.leak()));
  const Matrix ends = ensemble::end_states(ensemble::ChainProcess(chain, system.subject.input),
                                           chain.initial_state(state), steps, settings.paths,
                                           {options.seed(), 0}, options.threads());
  const Vector way = saddle - state;
  std::vector<double> kept;
  for (Index k = 0; k < ends.cols(); ++k)
    if (way.dot(ends.col(k).head(way.size()) - state) < way.squaredNorm())
      kept.push_back(ends(system.unit, k));
  Held held{static_cast<double>(kept.size()) / static_cast<double>(settings.paths)};
  if (held.share >= 0.9)
    held.mean = statistics::estimate_mean(
        Eigen::Map<const Vector>(kept.data(), static_cast<Index>(kept.size())));
  return held;
}

/// Mean time until the chain is beyond the saddle, in units of tau.
struct Dwell {
  Estimate time{not_a_number, not_a_number};
  std::string method = "none";
};

Dwell dwell(const models::NoisyChain& chain, const Vector& input, const Vector& state,
            const Vector& saddle, std::uint32_t stream, const Settings& settings,
            const studies::Options& options) {
  const double g = chain.leak();
  const Vector way = (saddle - state) / (saddle - state).squaredNorm();
  const auto over = [way, state](const Vector& y) { return way.dot(y.head(way.size()) - state); };
  const ensemble::ChainProcess process(chain, input);
  const Vector start = chain.initial_state(state);
  // A few paths first: are all of them there soon enough?
  ensemble::FirstPassageOptions numerics{
      .paths = 32,
      .max_steps = static_cast<Index>(std::ceil(settings.longest / g)),
      .stream = {options.seed(), stream},
      .threads = options.threads()};
  const auto pilot = ensemble::simulate_first_passage(process, over, start, 1.0, numerics);
  if (pilot.report.ok()) {
    numerics.paths = settings.dwell_paths;
    numerics.max_steps *= 100;
    const auto found = ensemble::simulate_first_passage(process, over, start, 1.0, numerics);
    if (found.report.ok())
      return {{g * found.lifetime.value, g * found.lifetime.standard_error}, "simulation"};
    return {};
  }
  const auto found = escape::splitting(process, over, start, 1.0,
                                       {.replicas = options.quick() ? 8 : 32,
                                        .stream = {options.seed(), stream + 1},
                                        .threads = options.threads()});
  if (!found.report.ok()) return {};
  return {{g * found.lifetime.value, g * found.lifetime.standard_error}, "splitting"};
}

int run(int argc, char** argv) {
  // 1. Parameters and model.
  Settings settings;
  studies::Options options("noise_continuation", studies::about);
  options
      .add("network", settings.network,
           "network file (.toml), see README; default: the single neuron of the next five options")
      .add("weight", settings.weight, "self-coupling w, so large that there are two stable states")
      .add("bias", settings.bias, "constant input c; 0 is the symmetric case, a pitchfork")
      .add("leak", settings.leak, "g = dt/tau of closure and Monte Carlo", studies::Allowed::unit())
      .add("activation", settings.activation, "smooth activation f",
           studies::Allowed::one_of({"tanh", "erf", "logistic"}))
      .add("placement", settings.placement, "where the noise enters",
           studies::Allowed::one_of({"inside", "outside", "state"}))
      .add("condition", settings.condition, "network: which of its distinct inputs",
           studies::Allowed::non_negative())
      .add("unit", settings.unit, "network: the unit whose state is shown",
           studies::Allowed::non_negative())
      .add(
          "largest", settings.largest,
          "largest noise followed, in the unit of s (network: its noise level); 0: 1.5 times where "
          "the memory ends",
          studies::Allowed::non_negative())
      .add("leaks", settings.leaks,
           "leaks g at which the dwell time is simulated; network: its own",
           studies::Allowed::unit())
      .add("ratios", settings.ratios,
           "noise of the dwell times, relative to the end of the memory; 0.9, 1 and 1.1 are always "
           "there",
           studies::Allowed::positive())
      .add("paths", settings.paths, "simulated networks for the means",
           studies::Allowed::between(64, 1e8))
      .add("dwell-paths", settings.dwell_paths, "simulated networks for a dwell time",
           studies::Allowed::between(32, 1e8))
      .add("longest", settings.longest,
           "dwell times much longer than this are left to splitting, units of tau",
           studies::Allowed::positive())
      .add("starts", settings.starts, "starts of the search for fixed points without noise",
           studies::Allowed::between(1, 1e6));
  if (!options.parse(argc, argv)) return 0;
  if (options.quick()) {
    settings.paths = std::min<Index>(settings.paths, 2000);
    settings.dwell_paths = std::min<Index>(settings.dwell_paths, 100);
    settings.longest = std::min(settings.longest, 300.0);
    settings.starts = std::min<Index>(settings.starts, 64);
  }
  const System system = make_system(settings, options);
  const bool neuron = settings.network.empty();
  if (!neuron && !options.given("leaks")) settings.leaks = {system.subject.network.leak};
  for (const double always : {0.9, 1.0, 1.1}) settings.ratios.push_back(always);
  for (auto* list : {&settings.ratios, &settings.leaks}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  std::vector<Rung> rungs;
  for (const Rung rung : {Rung::smoothed, Rung::closure})
    if (system.offers(rung)) rungs.push_back(rung);
  require(!rungs.empty(), "--network",
          "all noise enters after the activation, which the smoothed "
          "rung does not see, and the closure is offered up to ",
          fixed_points::closure_limit, " state variables only");
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. Up to which noise each stable state survives.
  io::Table survival({"rung", "state", "value", "level", "error", "end", "note"});
  std::vector<Memory> memories;  // one a rung
  const double horizon = settings.largest > 0.0 ? settings.largest : 20.0;
  Progress progress("survival", static_cast<Index>(rungs.size() * system.points.size()));
  for (const Rung rung : rungs) {
    std::optional<Memory> memory;
    for (std::size_t k = 0; k < system.points.size(); ++k, progress.advance()) {
      const auto& point = system.points[k];
      if (point.stability != fixed_points::Stability::stable) continue;
      auto found = fixed_points::survival_noise(system.subject, point.state, rung,
                                                {.upper = horizon, .largest_step = 0.1});
      survival.row({std::string(moments::to_string(rung)), static_cast<Index>(k),
                    point.state(system.unit), found.level, found.error,
                    std::string(to_string(found.end)), found.report.message});
      const bool ends = found.end != fixed_points::SurvivalEnd::survives && found.report.ok();
      if (!found.report.ok())
        std::printf("note: state %zu, %s: %s\n", k, std::string(moments::to_string(rung)).c_str(),
                    found.report.message.c_str());
      if (ends && (!memory || found.level < memory->survival.level))
        memory = Memory{rung, point.state, {}, std::move(found)};
    }
    if (memory) memories.push_back(std::move(*memory));
  }
  results.table("survival", survival);
  double largest = settings.largest;
  for (Memory& memory : memories) {
    memory.saddle = partner_of(system, memory, horizon);
    if (settings.largest == 0.0) largest = std::max(largest, 1.5 * memory.survival.level);
    const std::string rung(moments::to_string(memory.rung));
    std::printf("%s: the memory at %.6g ends at noise %.12g +- %.1e (%s)\n", rung.c_str(),
                memory.state(system.unit), memory.survival.level, memory.survival.error,
                std::string(to_string(memory.survival.bifurcation)).c_str());
    verdict.at_most(rung + ": error of the noise at which the memory ends", memory.survival.error,
                    1e-10);
    verdict.field(rung + "_survival_noise", memory.survival.level);
    if (!neuron || memory.survival.end != fixed_points::SurvivalEnd::fold) continue;
    verdict.at_most(rung + ": fold against a direct solution",
                    std::abs(memory.survival.level - direct_fold(system, memory)), 1e-10);
  }
  if (largest == 0.0) largest = 1.0;

  // 3. The branches.
  io::Table branches({"rung", "branch", "sigma", "state", "stable", "unstable_directions"});
  io::Table events({"rung", "branch", "kind", "sigma", "error", "state", "note"});
  for (const Rung rung : rungs) {
    const auto map = fixed_points::network_map(system.subject, {Parameter::noise_level()}, rung);
    std::vector<Vector> starts;
    for (const auto& point : system.points)
      if (rung == Rung::smoothed || point.stability == fixed_points::Stability::stable)
        starts.push_back(system.start(rung, point.state));
    const auto diagram = fixed_points::trace_diagram(
        map, starts, 0.0, {.upper = largest, .parameter_scale = std::max(1.0, largest / 2.0)});
    verdict.solved(std::string(moments::to_string(rung)) + ": branches", diagram.report);
    for (std::size_t k = 0; k < diagram.branches.size(); ++k) {
      const auto number = static_cast<Index>(k);
      append_branch(branches, system, rung, number, diagram.branches[k]);
      for (const auto& event : diagram.branches[k].bifurcations)
        events.row({std::string(moments::to_string(rung)), number, to_string(event.kind),
                    event.parameter, event.error, event.state(system.unit), event.note});
    }
  }
  results.table("branches", branches);
  if (events.rows() > 0) results.table("bifurcations", events);

  // 4. Means of the chain, and the closure beside them.
  io::Table means({"state", "sigma", "monte_carlo", "monte_carlo_se", "share", "closure",
                   "closure_error", "closure_valid"});
  double worst_gap = 0.0;
  Index compared = 0;
  const double fold = memories.empty() ? largest : memories.back().survival.level;
  constexpr Index levels = 12;
  for (std::size_t k = 0; k < system.points.size(); ++k) {
    const auto& point = system.points[k];
    if (point.stability != fixed_points::Stability::stable) continue;
    const Vector saddle = saddle_of(system, point.state);
    if (saddle.size() == 0) continue;
    for (Index level = 1; level <= levels; ++level) {
      const double sigma = largest * static_cast<double>(level) / levels;
      const Held held = hold(system, sigma, point.state, saddle, settings, options);
      double closure = not_a_number, error = not_a_number;
      bool valid = false;
      if (system.offers(Rung::closure) && neuron) {
        const auto chain = system.chain(sigma);
        const auto law = moments::solve_closure(chain, system.subject.input, point.state);
        const auto below = moments::solve_smoothed(chain, system.subject.input, point.state);
        const auto validity = moments::judge(chain, system.subject.input, law);
        valid = law.valid && validity.valid;
        closure = law.mean[system.unit].value;
        error = validity.relative_error * std::abs(closure - below.mean[system.unit].value);
        if (valid && sigma <= 0.5 * fold && std::isfinite(held.mean.value)) {
          ++compared;
          worst_gap = studies::worse(worst_gap, std::abs(closure - held.mean.value) /
                                                    (5.0 * held.mean.standard_error + error));
        }
      }
      means.row({static_cast<Index>(k), sigma, held.mean.value, held.mean.standard_error,
                 held.share, closure, error, valid});
    }
  }
  results.table("monte_carlo", means);
  if (compared > 0)
    verdict.at_most("closure against Monte Carlo, gap over 5 s.e. + stated error", worst_gap, 1.0);
  verdict.field("means_compared", static_cast<std::int64_t>(compared));

  // 5. Dwell times around the end of the memory: does it mark the drop?
  io::Table dwells({"rung", "leak", "end", "ratio", "sigma", "dwell", "dwell_se", "method"});
  bool every_drop = true, any_drop = false;
  std::string statement;
  Progress waiting("dwell times", static_cast<Index>(memories.size() * settings.leaks.size() *
                                                     settings.ratios.size()));
  std::uint32_t stream = 1;
  for (const Memory& memory : memories) {
    if (memory.saddle.size() == 0) continue;
    const std::string rung(moments::to_string(memory.rung));
    for (const double leak : settings.leaks) {
      // The closure's fold depends on the leak, the smoothed one does not.
      const auto survives =
          fixed_points::survival_noise(system.with_leak(leak), memory.state, memory.rung,
                                       {.upper = 4.0 * horizon, .largest_step = 0.1});
      if (!survives.report.ok() || survives.end == fixed_points::SurvivalEnd::survives) continue;
      Estimate before, at, after;
      for (const double ratio : settings.ratios) {
        const double sigma = ratio * survives.level;
        const Dwell found = dwell(system.chain(sigma, leak), system.subject.input, memory.state,
                                  memory.saddle, stream, settings, options);
        stream += 2;
        dwells.row({rung, leak, survives.level, ratio, sigma, found.time.value,
                    found.time.standard_error, found.method});
        if (ratio == 0.9) before = found.time;
        if (ratio == 1.0) at = found.time;
        if (ratio == 1.1) after = found.time;
        waiting.advance();
      }
      const double factor = before.value / after.value;
      const double factor_se = factor * std::hypot(before.standard_error / before.value,
                                                   after.standard_error / after.value);
      const bool drop = factor >= 10.0;
      every_drop = every_drop && drop;
      any_drop = any_drop || drop;
      std::printf(
          "%s, leak %g, end at noise %.6g: dwell time %.4g +- %.2g, %.4g +- %.2g, %.4g +- %.2g tau "
          "at 0.9, 1 and 1.1 of it, a fall by %.3g +- %.2g: it %s the drop\n",
          rung.c_str(), leak, survives.level, before.value, before.standard_error, at.value,
          at.standard_error, after.value, after.standard_error, factor, factor_se,
          drop ? "marks" : "does not mark");
      const std::string name = rung + "_fall_of_dwell_at_leak_" + io::to_text(leak);
      verdict.field(name, factor);
      verdict.field(name + "_se", factor_se);
    }
  }
  if (dwells.rows() > 0) {
    results.table("dwell", dwells);
    statement = every_drop ? "the end of the memory marks the drop of its dwell time at every leak"
                : any_drop
                    ? "it marks the drop at small leaks only: at large ones the dwell time "
                      "falls gradually, with no trace of it"
                    : "it does not mark the drop at any of these leaks: the dwell time falls "
                      "gradually";
    std::printf(
        "Verdict on the fold: %s (a drop is a fall tenfold or more from 0.9 to 1.1 of its "
        "noise).\n",
        statement.c_str());
    verdict.field("fold_marks_the_drop", every_drop);
    verdict.field("statement", statement);
  }

  // 6. Folds in two parameters.
  io::Table folds({"rung", "parameter", "sigma"});
  io::Table cusps({"rung", "parameter", "sigma", "error"});
  io::Table noise_free({"rung", "parameter", "sigma"});
  for (const Memory& memory : memories) {
    if (memory.survival.end != fixed_points::SurvivalEnd::fold) continue;
    const std::string rung(moments::to_string(memory.rung));
    const double usual = neuron ? settings.weight : 1.0;
    const Parameter second = neuron ? Parameter::weight(0, 0) : Parameter::gain();
    const auto map =
        fixed_points::network_map(system.subject, {Parameter::noise_level(), second}, memory.rung);
    const auto curve = fixed_points::trace_folds(
        map, memory.survival.state, Eigen::Vector2d(memory.survival.level, usual),
        {.lower = Eigen::Vector2d(0.0, 0.3 * usual),
         .upper = Eigen::Vector2d(2.0 * largest, 2.0 * usual),
         .scales = Eigen::Vector2d(std::max(1.0, largest / 2.0), usual)});
    if (!curve.report.ok())
      std::printf("note: %s, curve of folds: %s\n", rung.c_str(), curve.report.message.c_str());
    for (const auto& point : curve.points)
      folds.row({rung, point.parameters(1), point.parameters(0)});
    folds.row({rung, not_a_number, not_a_number});
    for (const auto& cusp : curve.cusps)
      cusps.row({rung, cusp.parameters(1), cusp.parameters(0), cusp.error});
    if (!neuron || memory.rung != Rung::smoothed) continue;
    for (const auto* end : {&curve.points.front(), &curve.points.back()}) {
      if (end->parameters(0) != 0.0) continue;
      const double weight = end->parameters(1);
      const double exact = noise_free_fold(
          system, Eigen::Vector2d(weight * end->state(0) + settings.bias, 1.001 * weight));
      verdict.at_most("smoothed: weight of the fold at zero noise against the noise-free fold",
                      std::abs(weight - exact), 1e-10);
      noise_free.row({rung, exact, 0.0});
    }
  }
  if (folds.rows() > 0) results.table("fold_curves", folds);
  if (cusps.rows() > 0) results.table("cusps", cusps);
  if (noise_free.rows() > 0) results.table("noise_free", noise_free);

  if (options.plots()) plots::noise_continuation(results, neuron);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("noise_continuation", run, argc, argv); }
