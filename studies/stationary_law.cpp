// SPDX-License-Identifier: GPL-3.0-or-later
// stationary_law: one network at one input, every rung of the ladder side by side.
//
// Question    What is the stationary law of this noisy network, and which method gets it right?
// Model       rate     h' = (1−g) h + g f(W h + W_in u + b + noise inside) + noise outside
//             current  x' = (1−g) x + g (W f(x + noise inside) + W_in u + b) + noise outside
//             one neuron from the command line, or a network from a file at one of its inputs.
// Methods     deterministic      fixed point without noise, from the network's initial state
//             smoothed           fixed point with f replaced by its Gaussian average
//             closure            mean and covariance together, Gaussian closure
//             transfer_operator  exact, one neuron only
//             monte_carlo        the full network, standard errors from independent paths
// Acceptance  Mean, variance and skewness of the transfer operator lie within 5 standard errors of
//             Monte Carlo; means of the closure within 5 standard errors + 10 % of the standard
//             deviation, where the closure says that it holds. Deterministic and smoothed are
//             shown, not judged: they do not hold beyond their limits.
// Output      results/stationary_law/: rungs, density and density_marks (one neuron) or comparison
//             (network), manifest.json
// Figure      plots/stationary_law.cpp
//
// Sample runs stationary_law
//             stationary_law --activation tanh --weight 1.5 --bias 0.05 --placement outside
//             stationary_law --network NETWORK.toml --input 3 --methods closure monte_carlo

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/networks/network_file.hpp"
#include "lib/networks/single_unit.hpp"
#include "plots/stationary_law.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/moments/closure_error.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/transfer_operator/distribution.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using statistics::Estimate;
using statistics::StationaryLaw;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
/// What is left, relative, of the way to a noise-free fixed point after the simulation's burn-in.
constexpr double settled = 1e-6;

/// What is asked: a chain at a constant input, from an initial state.
struct Subject {
  models::NoisyChain chain;
  Vector input;
  Vector start;
  std::vector<std::string> notes;
};

/// The options that make one neuron.
struct Neuron {
  std::string equation = "rate", activation = "relu", placement = "inside", convention = "per_step";
  double weight = 0.5, bias = 0.3, leak = 0.2, sigma = 0.5, start = 0.0;
};

Subject one_neuron(const Neuron& neuron) {
  const auto network = networks::single_unit(
      studies::named(neuron.equation, networks::all_equations),
      activations::make_activation(neuron.activation), neuron.weight, neuron.bias, neuron.leak);
  const networks::NoiseSpec noise{
      {.where = studies::named(neuron.placement, networks::all_placements),
       .sigma = {neuron.sigma},
       .convention = studies::named(neuron.convention, networks::all_conventions)}};
  models::NoisyChain chain(network, noise);
  const auto notes = chain.noise().notes;
  return {std::move(chain), Vector(0), Vector::Constant(1, neuron.start), notes};
}

Subject from_file(const std::string& path, Index condition, double ratio) {
  const auto file = networks::load_network(path);
  const Index conditions = file.conditions();
  require(condition < conditions, "--input", "is ", condition, ", expected 0 to ", conditions - 1,
          ", the conditions of ", path);
  const Matrix& input = file.inputs[condition];
  const Index window = std::min<Index>(std::max<Index>(file.read_window, 1), input.cols());
  Subject subject{{file.network, file.noise_at(ratio * file.default_level())},
                  input.rightCols(window).rowwise().mean(),
                  file.h0,
                  file.notes};
  if (input.cols() > 1)
    subject.notes.push_back("the input varies in time: frozen at its mean over the last " +
                            std::to_string(window) + " steps");
  return subject;
}

/// The rungs in the order of the ladder; those that were asked for.
const std::vector<std::string> all_methods = {"deterministic", "smoothed", "closure",
                                              "transfer_operator", "monte_carlo"};

/// Runs one rung; what it cannot do is a row that says so. A solution of the transfer operator
/// stays in `exact`, for the density.
StationaryLaw solve(const std::string& method, const Subject& subject,
                    const ensemble::StationaryOptions& sampling,
                    std::span<ensemble::Histogram> histograms,
                    std::optional<transfer_operator::Solution>& exact) {
  const auto& [chain, input, start, notes] = subject;
  if (method == "deterministic") return moments::solve_deterministic(chain, input, start);
  if (method == "smoothed") return moments::solve_smoothed(chain, input, start);
  if (method == "closure") {
    StationaryLaw law = moments::solve_closure(chain, input, start);
    if (law.valid) {
      const moments::Validity validity = moments::judge(chain, input, law);
      law.valid = validity.valid;
      law.note = validity.note;
    }
    return law;
  }
  if (method == "monte_carlo")
    return ensemble::simulate_stationary(chain, input, start, sampling, histograms);
  if (chain.units() > 1 || chain.state_size() > 1)
    return {.method = method,
            .valid = false,
            .note = "the transfer operator is for one neuron without coloured noise"};
  exact = transfer_operator::solve_stationary(chain, input);
  return transfer_operator::stationary_law(chain, input, *exact);
}

/// Edges of the cells of a density: mean ± 6 sd of the rung that knows most.
Vector density_edges(const StationaryLaw& law, Index cells) {
  const double m = law.mean[0].value, sd = std::sqrt(law.variance[0].value);
  return Vector::LinSpaced(cells + 1, m - 6.0 * sd, m + 6.0 * sd);
}

std::vector<std::string> selected(std::vector<std::string> asked, std::vector<std::string> all) {
  if (asked.empty()) return all;
  std::erase_if(all, [&](const std::string& method) {
    return std::find(asked.begin(), asked.end(), method) == asked.end();
  });
  return all;
}

const StationaryLaw* find(const std::vector<StationaryLaw>& laws, std::string_view method) {
  for (const StationaryLaw& law : laws)
    if (law.method == method && law.valid) return &law;
  return nullptr;
}

void print(const std::vector<StationaryLaw>& laws) {
  for (const StationaryLaw& law : laws) {
    if (law.mean.empty()) {
      std::printf("%-18s no answer: %s\n", law.method.c_str(), law.note.c_str());
      continue;
    }
    std::printf("%-18s mean %.9g", law.method.c_str(), law.mean[0].value);
    if (law.mean[0].standard_error > 0.0) std::printf(" ± %.2g", law.mean[0].standard_error);
    std::printf(", variance %.9g", law.variance[0].value);
    if (law.variance[0].standard_error > 0.0)
      std::printf(" ± %.2g", law.variance[0].standard_error);
    std::printf("  (%.3g s)%s%s%s\n", law.seconds, law.valid ? "" : "  not valid",
                law.note.empty() ? "" : ": ", law.note.c_str());
  }
}

/// Every requested rung as a row a neuron; a rung without an answer is one row that says so.
io::Table rung_table(const std::vector<StationaryLaw>& laws) {
  io::Table rungs({"method", "neuron", "mean", "mean_se", "variance", "variance_se", "skewness",
                   "skewness_se", "seconds", "valid", "note"});
  for (const StationaryLaw& law : laws) {
    const auto n = static_cast<Index>(std::max<std::size_t>(law.mean.size(), 1));
    for (Index i = 0; i < n; ++i) {
      const Estimate nothing;
      const auto at = [&](const std::vector<Estimate>& values) {
        return i < static_cast<Index>(values.size()) ? values[i] : nothing;
      };
      const Estimate mean = at(law.mean), variance = at(law.variance), skewness = at(law.skewness);
      rungs.row({law.method, i, mean.value, mean.standard_error, variance.value,
                 variance.standard_error, skewness.value, skewness.standard_error, law.seconds,
                 law.valid, law.note});
    }
  }
  return rungs;
}

/// Density of one neuron on the cells of the histogram, exact where the transfer operator holds.
void density_table(const Subject& subject,
                   const std::optional<transfer_operator::Solution>& solution,
                   const ensemble::Histogram& histogram, io::Results& results) {
  const Index cells = histogram.fraction.size();
  Vector exact = Vector::Constant(cells, not_a_number);
  if (solution && solution->report.ok()) {
    const auto distribution =
        transfer_operator::solve_distribution(subject.chain, subject.input, *solution);
    if (!distribution.report.ok())
      std::printf("note: no exact density: %s\n", distribution.report.message.c_str());
    else
      exact = distribution.bin_probabilities(
          {histogram.edges.data(), histogram.edges.data() + histogram.edges.size()});
  }
  const Vector width = histogram.edges.tail(cells) - histogram.edges.head(cells);
  results.table(
      "density", {"left", "right", "centre", "transfer_operator", "monte_carlo", "monte_carlo_se"},
      {Vector(histogram.edges.head(cells)), Vector(histogram.edges.tail(cells)),
       Vector(histogram.edges.head(cells) + 0.5 * width), Vector(exact.cwiseQuotient(width)),
       Vector(histogram.fraction.cwiseQuotient(width)),
       Vector(histogram.standard_error.cwiseQuotient(width))});
}

/// Means and variances of many neurons, a column a method.
void comparison_table(const std::vector<StationaryLaw>& laws, io::Results& results) {
  std::vector<std::string> names = {"neuron"};
  std::vector<io::Column> columns;
  const auto column = [&](const std::string& name, const std::vector<Estimate>& values,
                          bool error) {
    std::vector<double> numbers;
    for (const Estimate& value : values)
      numbers.push_back(error ? value.standard_error : value.value);
    names.push_back(name);
    columns.emplace_back(numbers);
  };
  for (const StationaryLaw& law : laws) {
    if (law.mean.empty()) continue;
    if (columns.empty()) {
      std::vector<double> neurons(law.mean.size());
      std::iota(neurons.begin(), neurons.end(), 0.0);
      columns.emplace_back(neurons);
    }
    column(law.method + "_mean", law.mean, false);
    column(law.method + "_variance", law.variance, false);
    if (law.method != "monte_carlo") continue;
    column("monte_carlo_mean_se", law.mean, true);
    column("monte_carlo_variance_se", law.variance, true);
  }
  if (!columns.empty()) results.table("comparison", names, columns);
}

/// Judges theory by the simulation; returns the number of methods compared.
Index compare(const std::vector<StationaryLaw>& laws, const StationaryLaw& truth,
              studies::Verdict& verdict) {
  Index compared = 0;
  if (const StationaryLaw* exact = find(laws, "transfer_operator")) {
    ++compared;
    // A silent neuron has no standard error, and moments that vanish in theory.
    const auto sampled = [](Estimate estimate) {
      constexpr double smallest = 1e-12;
      estimate.standard_error =
          std::max(estimate.standard_error, smallest * (1.0 + std::abs(estimate.value)));
      return estimate;
    };
    verdict.agrees("mean, transfer operator and Monte Carlo", exact->mean[0],
                   sampled(truth.mean[0]));
    verdict.agrees("variance, transfer operator and Monte Carlo", exact->variance[0],
                   sampled(truth.variance[0]));
    if (truth.variance[0].value > 0.0)
      verdict.agrees("skewness, transfer operator and Monte Carlo", exact->skewness[0],
                     sampled(truth.skewness[0]));
  }
  if (const StationaryLaw* closure = find(laws, "closure")) {
    ++compared;
    double worst = 0.0;
    for (std::size_t i = 0; i < truth.mean.size(); ++i)
      worst = studies::worse(worst, std::abs(closure->mean[i].value - truth.mean[i].value) /
                                        (5.0 * truth.mean[i].standard_error +
                                         0.1 * std::sqrt(truth.variance[i].value) +
                                         settled * (1.0 + std::abs(truth.mean[i].value))));
    verdict.at_most("means of the closure, gap over 5 standard errors + 0.1 sd", worst, 1.0);
  }
  return compared;
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Neuron neuron;
  std::string network;
  Index input = 0;
  double ratio = 1.0;
  std::vector<std::string> methods;
  ensemble::StationaryOptions sampling{.paths = 20000};
  Index cells = 60;
  studies::Options options("stationary_law", studies::about);
  const auto known = activations::activation_names();
  options.add("network", network, "network file (.toml); else one neuron made of the options below")
      .add("input", input, "which of the file's input conditions, from 0",
           studies::Allowed::non_negative())
      .add("ratio", ratio, "noise relative to the file's training (or reference) noise",
           studies::Allowed::non_negative())
      .add("weight", neuron.weight, "self-coupling w")
      .add("bias", neuron.bias, "constant input c")
      .add("leak", neuron.leak, "g = dt/tau", studies::Allowed::unit())
      .add("sigma", neuron.sigma, "noise, in the unit of its convention",
           studies::Allowed::non_negative())
      .add("convention", neuron.convention,
           "what sigma means; raw_step if not given with placement state",
           studies::names(networks::all_conventions))
      .add("placement", neuron.placement, "where the noise enters",
           studies::names(networks::all_placements))
      .add("equation", neuron.equation, "equation of the neuron",
           studies::names(networks::all_equations))
      .add("activation", neuron.activation, "activation f",
           studies::Allowed::one_of({known.begin(), known.end()}))
      .add("start", neuron.start, "initial state of the neuron")
      .add("methods", methods, "rungs to compute; all if empty",
           studies::Allowed::one_of(all_methods))
      .add("paths", sampling.paths, "simulated networks", studies::Allowed::between(2, 1e9))
      .add("steps", sampling.steps, "steps averaged over", studies::Allowed::between(1, 1e9))
      .add("burn-in", sampling.burn_in, "steps thrown away first; 0: 30/leak. Bistable: many more",
           studies::Allowed::non_negative())
      .add("cells", cells, "cells of the density of one neuron", studies::Allowed::between(4, 1e4));
  if (!options.parse(argc, argv)) return 0;
  // An option that would have no effect is a misunderstanding.
  const std::vector<std::string> of_neuron = {"weight",   "bias",       "leak",
                                              "sigma",    "convention", "placement",
                                              "equation", "activation", "start"};
  for (const std::string& name : of_neuron)
    require(network.empty() || !options.given(name), "--" + name,
            "makes one neuron and has no meaning with --network");
  for (const std::string name : {"input", "ratio"})
    require(!network.empty() || !options.given(name), "--" + name, "needs --network");
  if (neuron.placement == "state" && !options.given("convention")) neuron.convention = "raw_step";
  options.quick_value("paths", sampling.paths, 2000);
  sampling.seed = options.seed();
  sampling.threads = options.threads();
  methods = selected(methods, all_methods);

  // 2. Model.
  const Subject subject = network.empty() ? one_neuron(neuron) : from_file(network, input, ratio);
  for (const std::string& note : subject.notes) std::printf("note: %s\n", note.c_str());
  io::Results results = options.results();
  const bool single = subject.chain.units() == 1;

  // 3. Every rung; the cells of the density come from the rungs before the simulation.
  std::vector<StationaryLaw> laws;
  std::vector<ensemble::Histogram> histograms;
  std::optional<transfer_operator::Solution> solution;
  for (const std::string& method : methods) {
    if (method == "monte_carlo" && single)
      for (const StationaryLaw& law : laws)
        if (law.valid && law.variance[0].value > 0.0)
          histograms = {{.edges = density_edges(law, cells)}};
    laws.push_back(solve(method, subject, sampling, histograms, solution));
  }

  // 4. The rungs.
  results.table("rungs", rung_table(laws));
  print(laws);

  // 5. What the figure needs: the density of one neuron, or the moments of many side by side.
  const StationaryLaw* truth = find(laws, "monte_carlo");
  if (single && !histograms.empty()) density_table(subject, solution, histograms.front(), results);
  if (!single) comparison_table(laws, results);

  // 6. Judge, then draw.
  studies::Verdict verdict(results);
  Index answers = 0;
  for (const StationaryLaw& law : laws) answers += law.valid;
  verdict.at_least("methods that give an answer", static_cast<double>(answers), 1.0);
  const Index compared = truth ? compare(laws, *truth, verdict) : 0;
  verdict.field("methods_compared", static_cast<std::int64_t>(compared));
  if (compared == 0)
    std::printf(
        "note: no theory was compared with a simulation; the verdict is about answers only\n");
  if (options.plots()) plots::stationary_law(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("stationary_law", run, argc, argv); }
