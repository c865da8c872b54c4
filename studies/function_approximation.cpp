// SPDX-License-Identifier: GPL-3.0-or-later
// function_approximation: networks trained with noise inside their activation, or outside, to
// compute a function of their input. At which test noise do they work best?
//
// Question    Does a network prefer the noise it was trained with, does theory predict at which
//             noise its loss is least, and where did training put its units?
// Model       inside   h' = (1−g) h + g f(W h + W_in u + b + s ξ)
//             outside  h' = (1−g) h + g (f(W h + W_in u + b) + s ξ),   z = W_out h + b_out
//             T steps from 0, loss (z − y(u))² over the last K. After Eckstein & Srinivasan (2026),
//             whose sizes are not published; the defaults are our own recipe.
// Methods     training     back-propagation through time, fresh noise in every iteration, Adam
//             closure      Gaussian closure over the same T and K: bias² + variance
//             Monte Carlo  of the trained network; every noise level sees the same draws
//             bootstrap    over the training seeds: 95 % interval of the least mean loss
// Acceptance  Where the closure says that it holds, up to 1.5 times the training noise, its loss
//             lies within 5 % + 5 standard errors of Monte Carlo. Its least loss lies within
//             0.1 of the training noise + the bootstrap interval of the simulated one, and there
//             the simulated loss is within 5 % + 5 standard errors of the lowest.
// Output      results/function_approximation/: loss (a row a network and level), networks (a row a
//             network), groups (of seeds), shift, manifest.json; the trained networks as files that
//             every study reads
// Figures     plots/function_approximation.cpp
//
// Sample runs function_approximation
//             function_approximation --activation softplus --sigmas 2 --units 100
//             function_approximation --target cubic --sigmas 0,0.5,1

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "lib/activations/bends.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/networks/initial_weights.hpp"
#include "lib/networks/save_network.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/statistics/bootstrap.hpp"
#include "lib/tasks/function_approximation.hpp"
#include "plots/function_approximation.hpp"
#include "solvers/training/train.hpp"
#include "studies/support/about.hpp"
#include "studies/support/loss_curve.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using networks::NetworkFile;
using networks::NoiseSource;
using studies::LossPoint;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Settings {
  std::string target = "sine", activation = "relu", equation = "rate";
  std::vector<std::string> placements = {"inside", "outside"};
  std::vector<double> sigmas = {0.5, 1.0};
  std::vector<double> ratios = {0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0};
  Index seeds = 5, units = 50, batch = 32, iterations = 1000, conditions = 41, paths = 400;
  double leak = 0.5, rate = 5e-3;
  tasks::FunctionApproximation task;
};

/// A trained network, and how it does at every test noise.
struct Run {
  NoiseSource::Where where;
  double sigma;
  Index seed;
  NetworkFile file;
  Report trained;
  double final_loss = not_a_number;  // mean over the last 50 batches
  double near_before = 0.0, near_after = 0.0;
  std::vector<LossPoint> curve;

  std::string placement() const { return std::string(networks::to_string(where)); }
  double reference() const { return file.default_level(); }
  const LossPoint& at_ratio(double ratio) const {
    return *std::min_element(curve.begin(), curve.end(), [&](const auto& a, const auto& b) {
      return std::abs(a.level - ratio * reference()) < std::abs(b.level - ratio * reference());
    });
  }
};

NetworkFile as_file(const Settings& settings, networks::Network network, NoiseSource::Where where,
                    double sigma, double reference, const std::string& name) {
  NetworkFile file{.name = name,
                   .network = std::move(network),
                   .unit_noise = networks::white_noise(where, 1.0),
                   .training_level = sigma,
                   .steps = settings.task.steps,
                   .read_window = settings.task.window,
                   .h0 = Vector::Zero(settings.units)};
  if (sigma == 0.0) file.reference_level = reference;
  for (const auto& condition : settings.task.conditions(settings.conditions, settings.units)) {
    file.inputs.push_back(condition.inputs);
    file.targets.push_back(condition.targets);
  }
  return file;
}

/// Share of the units whose noise-free argument lies within the training noise of the nearest bend,
/// over all conditions.
double share_near_bend(const NetworkFile& file) {
  const studies::TaskResponse task(file);
  const auto& f = file.network.activation;
  Index near = 0, total = 0;
  for (Index c = 0; c < task.conditions(); ++c)
    for (const double argument : task.deterministic(c).argument_mean) {
      near += std::abs(activations::distance_to_bend(f, argument)) < file.default_level();
      ++total;
    }
  return static_cast<double>(near) / static_cast<double>(total);
}

void train(const Settings& settings, std::uint64_t study_seed, double reference, Run& run) {
  // A seed has the same start and trials at every noise level and placement.
  const std::uint64_t seed = 1000 * study_seed + static_cast<std::uint64_t>(run.seed);
  const auto start = networks::draw_network(
      {.equation = studies::named(settings.equation, networks::all_equations),
       .W = Matrix::Zero(settings.units, settings.units),
       .W_in = Matrix::Zero(settings.units, 1),
       .W_out = Matrix::Zero(1, settings.units),
       .activation = activations::make_activation(settings.activation),
       .leak = settings.leak},
      {}, {.seed = seed, .stream = 1});
  const std::string name =
      run.placement() + "_" + io::to_text(run.sigma) + "_seed_" + std::to_string(run.seed);
  run.near_before =
      share_near_bend(as_file(settings, start, run.where, run.sigma, reference, name));
  auto trained = training::train(start, networks::white_noise(run.where, run.sigma),
                                 [&](Index iteration) {
                                   return settings.task.draw(settings.batch, settings.units,
                                                             {.seed = seed, .stream = 2},
                                                             static_cast<std::uint32_t>(iteration));
                                 },
                                 {.iterations = settings.iterations,
                                  .schedule = {.rate = settings.rate},
                                  .seed = seed,
                                  .threads = 1});
  run.trained = trained.report;
  const auto last = static_cast<Index>(std::min<std::size_t>(trained.losses.size(), 50));
  if (last > 0)
    run.final_loss =
        Eigen::Map<const Vector>(trained.losses.data() + trained.losses.size() - last, last).mean();
  run.file = as_file(settings, std::move(trained.network), run.where, run.sigma, reference, name);
  run.near_after = share_near_bend(run.file);
}

void measure(const Settings& settings, std::uint64_t seed, int threads, Run& run) {
  const studies::TaskResponse task(run.file);
  for (const double ratio : settings.ratios) {
    const double level = ratio * run.reference();
    std::vector<statistics::WindowLaw> sampled;
    for (Index c = 0; c < task.conditions(); ++c)
      sampled.push_back(task.monte_carlo(c, level, settings.paths, seed, threads));
    run.curve.push_back(studies::loss_point(level, task.closure(level, threads), sampled));
  }
}

/// The seeds of one placement and training noise.
struct Group {
  std::vector<const Run*> runs;

  Vector mean(bool predicted, const std::vector<Index>& members) const {
    Vector losses = Vector::Zero(static_cast<Index>(runs.front()->curve.size()));
    for (const Index member : members)
      for (Index k = 0; k < losses.size(); ++k) {
        const LossPoint& point = runs[static_cast<std::size_t>(member)]->curve[k];
        losses(k) += (predicted ? point.predicted : point.simulated.value) /
                     static_cast<double>(members.size());
      }
    return losses;
  }
  /// Test noise of the least mean loss, relative to the training noise.
  double preferred(const Settings& settings, bool predicted,
                   const std::vector<Index>& members) const {
    const Eigen::Map<const Vector> ratios(settings.ratios.data(),
                                          static_cast<Index>(settings.ratios.size()));
    return algebraic::minimum_of_samples(ratios, mean(predicted, members)).argument;
  }
  std::vector<Index> everyone() const {
    std::vector<Index> members;
    for (std::size_t k = 0; k < runs.size(); ++k) members.push_back(static_cast<Index>(k));
    return members;
  }
};

struct Tables {
  io::Table loss{{"placement", "sigma", "seed", "ratio", "level", "predicted",
                  "predicted_bias_squared", "predicted_variance", "valid", "note", "monte_carlo",
                  "monte_carlo_se"}};
  io::Table networks{{"placement", "sigma", "seed", "final_training_loss", "loss_without_noise",
                      "loss_at_training_noise", "loss_ratio", "preferred_simulated",
                      "preferred_predicted", "near_bend_before", "near_bend_after"}};
  io::Table curves{{"placement", "sigma", "ratio", "predicted", "monte_carlo", "monte_carlo_se"}};
  io::Table groups{{"placement", "sigma", "seeds", "preferred_simulated", "lower", "upper",
                    "preferred_predicted", "least_loss"}};
  io::Table shift{{"placement", "sigma", "condition", "unit", "distance", "closure", "monte_carlo",
                   "monte_carlo_se", "closure_valid"}};
};

struct Findings {
  double gap = 0.0, gap_of_minimum = 0.0, loss_at_predicted = 0.0;
  Index compared = 0, invalid = 0;
  bool claim = true;  // of the paper: inside near the training noise, outside at none
};

void judge(const Settings& settings, const Run& run, Tables& tables, Findings& findings) {
  for (std::size_t k = 0; k < run.curve.size(); ++k) {
    const LossPoint& point = run.curve[k];
    tables.loss.row({run.placement(), run.sigma, run.seed, settings.ratios[k], point.level,
                     point.predicted, point.bias_squared, point.variance, point.valid, point.note,
                     point.simulated.value, point.simulated.standard_error});
    if (settings.ratios[k] > 1.5) continue;
    findings.invalid += !point.valid;
    if (!point.comparable()) continue;
    ++findings.compared;
    findings.gap = studies::worse(findings.gap, point.gap(0.05));
  }
  const double quiet = run.at_ratio(0.0).simulated.value, noisy = run.at_ratio(1.0).simulated.value;
  const auto simulated = studies::least_simulated(run.curve);
  const auto predicted = studies::least_predicted(run.curve);
  const double preferred = simulated.level / run.reference();
  tables.networks.row({run.placement(), run.sigma, run.seed, run.final_loss, quiet, noisy,
                       quiet / noisy, preferred, predicted.level / run.reference(), run.near_before,
                       run.near_after});
  if (run.sigma > 0.0)
    findings.claim =
        findings.claim && (run.where == NoiseSource::inside
                               ? preferred >= 0.8 && preferred <= 1.1 && quiet > 5.0 * noisy
                               : preferred <= 0.25 && quiet < 0.7 * noisy);
  if (!std::isfinite(predicted.level)) return;
  const auto& there = run.at_ratio(predicted.level / run.reference());
  const auto lowest = std::min_element(
      run.curve.begin(), run.curve.end(),
      [](const auto& a, const auto& b) { return a.simulated.value < b.simulated.value; });
  const double allowed =
      0.05 * lowest->simulated.value +
      5.0 * std::hypot(there.simulated.standard_error, lowest->simulated.standard_error) + 1e-15;
  findings.loss_at_predicted = studies::worse(
      findings.loss_at_predicted, (there.simulated.value - lowest->simulated.value) / allowed);
}

void judge(const Settings& settings, const Group& group, std::uint64_t seed, Tables& tables,
           Findings& findings) {
  const Run& first = *group.runs.front();
  const auto everyone = group.everyone();
  const auto seeds = static_cast<Index>(everyone.size());
  const double preferred = group.preferred(settings, false, everyone),
               predicted = group.preferred(settings, true, everyone);
  const auto interval =
      seeds < 2
          ? statistics::ConfidenceInterval{preferred, preferred}
          : statistics::bootstrap_interval(
                seeds,
                [&](const auto& members) { return group.preferred(settings, false, members); },
                seed);
  const Vector losses = group.mean(false, everyone), theory = group.mean(true, everyone);
  tables.groups.row({first.placement(), first.sigma, seeds, preferred, interval.lower,
                     interval.upper, predicted, losses.minCoeff()});
  for (Index k = 0; k < losses.size(); ++k) {
    double variance = 0.0;
    for (const Run* run : group.runs)
      variance += std::pow(run->curve[k].simulated.standard_error / static_cast<double>(seeds), 2);
    tables.curves.row({first.placement(), first.sigma, settings.ratios[k], theory(k), losses(k),
                       std::sqrt(variance)});
  }
  const double beyond = std::max({interval.lower - predicted, predicted - interval.upper, 0.0});
  findings.gap_of_minimum = studies::worse(findings.gap_of_minimum, beyond);
  std::printf("noise %s, trained at %g: least loss at %.2f of it [%.2f, %.2f], predicted %.2f\n",
              first.placement().c_str(), first.sigma, preferred, interval.lower, interval.upper,
              predicted);
}

/// Shift of every unit at the training noise, against how far it sits from the bend.
void add_shifts(const Settings& settings, const Run& run, std::uint64_t seed, int threads,
                Tables& tables) {
  const studies::TaskResponse task(run.file);
  const double level = run.reference();
  const auto closure = task.closure(level, threads);
  for (Index c = 0; c < task.conditions(); c += 4) {
    const auto quiet = task.deterministic(c);
    const auto noisy = task.monte_carlo(c, level, 10 * settings.paths, seed, threads);
    const auto& law = closure.conditions[static_cast<std::size_t>(c)];
    for (Index i = 0; i < run.file.network.units(); ++i) {
      const double rest = quiet.state_mean[i].value;
      tables.shift.row(
          {run.placement(), run.sigma, c, i,
           activations::distance_to_bend(run.file.network.activation, quiet.argument_mean(i)) /
               law.argument_sd(i),
           law.state_mean[i].value - rest, noisy.state_mean[i].value - rest,
           noisy.state_mean[i].standard_error, law.valid});
    }
  }
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Settings settings;
  studies::Options options("function_approximation", studies::about);
  std::vector<std::string> known;
  for (const auto name : activations::activation_names())
    if (name != "heaviside") known.emplace_back(name);
  options
      .add("target", settings.target, "function y(u): sine, sin(pi u), or cubic, 2u^3 - u",
           studies::names(tasks::all_targets))
      .add("activation", settings.activation, "activation f", studies::Allowed::one_of(known))
      .add("equation", settings.equation, "equation of the network",
           studies::names(networks::all_equations))
      .add("placements", settings.placements, "where the noise enters",
           studies::Allowed::one_of({"inside", "outside"}))
      .add("sigmas", settings.sigmas,
           "training noises, sd a step as it stands in the equation; 0 is the control, tested at "
           "multiples of the smallest other",
           studies::Allowed::between(0, 100))
      .add("ratios", settings.ratios, "test noises relative to the training noise",
           studies::Allowed::between(0, 10))
      .add("seeds", settings.seeds, "networks of each placement and noise",
           studies::Allowed::between(1, 1000))
      .add("units", settings.units, "units n", studies::Allowed::between(1, 2000))
      .add("leak", settings.leak, "g = dt/tau", studies::Allowed::between(1e-3, 1))
      .add("steps", settings.task.steps, "T", studies::Allowed::between(1, 1e4))
      .add("window", settings.task.window, "K, the last steps, which are read",
           studies::Allowed::between(1, 1e4))
      .add("iterations", settings.iterations, "training steps", studies::Allowed::between(1, 1e7))
      .add("batch", settings.batch, "trials a training step", studies::Allowed::between(1, 1e5))
      .add("rate", settings.rate, "learning rate at the start; it falls to 2 % by a cosine",
           studies::Allowed::between(1e-8, 1))
      .add("conditions", settings.conditions, "inputs from -1 to 1 of the test",
           studies::Allowed::between(2, 1e4))
      .add("paths", settings.paths, "simulated networks an input and noise",
           studies::Allowed::between(32, 1e7));
  if (!options.parse(argc, argv)) return 0;
  options.quick_value("seeds", settings.seeds, 2)
      .quick_value("conditions", settings.conditions, 21)
      .quick_value("paths", settings.paths, 200)
      .quick_value("sigmas", settings.sigmas, {1.0});
  for (const double ratio : {0.0, 1.0}) settings.ratios.push_back(ratio);
  for (auto* list : {&settings.ratios, &settings.sigmas}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  require(settings.task.window <= settings.task.steps, "--window", "is ", settings.task.window,
          ", expected at most --steps, ", settings.task.steps);
  const auto smallest = std::find_if(settings.sigmas.begin(), settings.sigmas.end(),
                                     [](double sigma) { return sigma > 0.0; });
  require(smallest != settings.sigmas.end(), "--sigmas",
          "holds no noise above 0, expected one to test at");
  settings.task.target = studies::named(settings.target, tasks::all_targets);
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. Train every network, one a thread.
  std::vector<Run> runs;
  for (const std::string& placement : settings.placements)
    for (const double sigma : settings.sigmas)
      for (Index seed = 1; seed <= settings.seeds; ++seed)
        runs.push_back({.where = studies::named(placement, networks::all_placements),
                        .sigma = sigma,
                        .seed = seed});
  {
    Progress progress("training", static_cast<Index>(runs.size()));
    parallel_for(static_cast<Index>(runs.size()), options.threads(), [&](Index k) {
      Run& one = runs[static_cast<std::size_t>(k)];
      train(settings, options.seed(), *smallest, one);
      networks::save_network(results.folder() / (one.file.name + ".toml"), one.file);
      progress.advance();
    });
  }
  for (const Run& one : runs) {
    for (const char* ending : {".toml", ".npz"}) results.list(one.file.name + ending);
    if (!one.trained.ok())
      std::printf("note: %s: %s\n", one.file.name.c_str(), one.trained.message.c_str());
  }

  // 3. Test them: prediction and simulation.
  Tables tables;
  Findings findings;
  Progress progress("loss against noise", static_cast<Index>(runs.size()));
  for (Run& one : runs) {
    measure(settings, options.seed(), options.threads(), one);
    judge(settings, one, tables, findings);
    results.table("loss", tables.loss);
    results.table("networks", tables.networks);
    progress.advance();
  }
  for (std::size_t k = 0; k < runs.size(); k += static_cast<std::size_t>(settings.seeds)) {
    Group group;
    for (std::size_t s = 0; s < static_cast<std::size_t>(settings.seeds); ++s)
      group.runs.push_back(&runs[k + s]);
    judge(settings, group, options.seed(), tables, findings);
    if (runs[k].sigma == settings.sigmas.back())
      add_shifts(settings, runs[k], options.seed(), options.threads(), tables);
  }
  results.table("curves", tables.curves);
  results.table("groups", tables.groups);
  results.table("shift", tables.shift);

  // 4. Draw, judge.
  verdict.field("networks", static_cast<std::int64_t>(runs.size()));
  verdict.field("levels_compared", static_cast<std::int64_t>(findings.compared));
  verdict.field("levels_marked_invalid", static_cast<std::int64_t>(findings.invalid));
  verdict.field("claim_confirmed", findings.claim);
  std::printf(
      "%td levels up to 1.5 of the training noise compared, %td marked invalid by the closure; "
      "inside within 0.8 to 1.1 of the training noise with L(0) > 5 L, outside at 0 to 0.25 with "
      "L(0) < 0.7 L, in every network: %s\n",
      findings.compared, findings.invalid, findings.claim ? "yes" : "no");
  if (findings.compared > 0) {
    verdict.at_most("predicted loss, gap over 5 % + 5 standard errors", findings.gap, 1.0);
    verdict.at_most("predicted preferred noise outside its interval, of the training noise",
                    findings.gap_of_minimum, 0.1);
    verdict.at_most("loss at the predicted noise above the lowest, over 5 % + 5 standard errors",
                    findings.loss_at_predicted, 1.0);
  }
  if (options.plots()) plots::function_approximation(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
  return studies::guarded("function_approximation", run, argc, argv);
}
