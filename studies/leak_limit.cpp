// SPDX-License-Identifier: GPL-3.0-or-later
// leak_limit: how good is the diffusion limit of a noisy neuron whose step is not small?
//
// Question    By how much do the Fokker–Planck law, its corrections and the moment methods miss the
//             exact law of the chain, and how fast does that vanish with the leak g = dt/tau?
// Model       one smooth neuron, rate equation; s is the noise of one step and stays fixed:
//             inside   h' = (1−g) h + g f(w h + c + s ξ)
//             outside  h' = (1−g) h + g (f(w h + c) + s ξ)
// Methods     exact     transfer operator of the chain
//             fp0       Fokker–Planck law of the diffusion limit, spectral
//             fp1       the same with the second moment of a step, D + (g/2) A²
//             fp2       the same with the chain's backward error
//             cumulant  fp0 with the third cumulant of the noise in its skewness
//             closure, smoothed
//             Monte Carlo of the chain at the largest leak
// Acceptance  Observed orders over the three smallest leaks: mean of fp0 2, variance of fp0 1, mean
//             of smoothed (inside) 1, each within 0.3; a mean that symmetry makes exact has none.
//             The mean of the closure is as good as that of fp0 at every leak, or better. The third
//             cumulant reduces the error of the skewness at the smallest leak, inside, at least ten
//             times. The exact moments lie within 5 standard errors of Monte Carlo. Corrections
//             without an answer at a leak are left out: fp1 has power-law tails.
// Output      results/leak_limit/: moments, errors, orders, monte_carlo, manifest.json
// Figure      plots/leak_limit.cpp
//
// Sample runs leak_limit
//             leak_limit --activation softplus --bias 0 --sigma 1

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/statistics/regression.hpp"
#include "plots/leak_limit.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/fokker_planck/leak_corrections.hpp"
#include "solvers/fokker_planck/spectral.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using networks::NoiseSource;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double exact_by_symmetry = 1e-9;  // of the standard deviation

struct Neuron {
  activations::Activation activation;
  double weight = 0.5, bias = 0.5, sigma = 0.6;

  models::NoisyChain chain(NoiseSource::Where where, double leak) const {
    return {networks::single_unit(networks::Equation::rate, activation, weight, bias, leak),
            networks::white_noise(where, sigma)};
  }
};

struct Moments {
  double mean = not_a_number, variance = not_a_number, skewness = not_a_number;
};

/// Every method's moments at one placement and leak; the report is that of exact and fp0, which
/// have to have an answer.
struct Answers {
  std::map<std::string, Moments> of;
  Report report;
};

/// Moments that do not exist, or not to the tolerance, are NaN.
Moments density_moments(const fokker_planck::Coefficients& coefficients, const Moments& guess,
                        Report& report) {
  const auto law =
      fokker_planck::solve_spectral(coefficients, Vector::Constant(1, guess.mean),
                                    Matrix::Constant(1, 1, guess.variance), {.tolerance = 1e-10});
  report = law.report;
  if (!law.report.ok()) return {};
  return {law.mean(0), law.covariance(0, 0), law.skewness(0)};
}

/// Skewness with the third cumulant of f(u + sξ): derivatives of its averages by central
/// differences.
double corrected_skewness(const models::NoisyChain& chain, double bias, const Moments& diffusion) {
  const double w = chain.network().W(0, 0), s = chain.argument_sd()(0);
  const double u = w * diffusion.mean + bias, h = 1e-3;
  const auto at = [&](double x) { return activations::averages(chain.activation(), x, s); };
  const auto here = at(u), up = at(u + h), down = at(u - h);
  const double third =
      models::third_central_moment({.leak = chain.leak(),
                                    .variance = diffusion.variance,
                                    .slope = w * here.slope,
                                    .curvature = w * w * (up.slope - down.slope) / (2.0 * h),
                                    .variance_slope = w * (up.variance - down.variance) / (2.0 * h),
                                    .third_cumulant = here.third});
  return third / std::pow(diffusion.variance, 1.5);
}

Answers solve(const Neuron& neuron, NoiseSource::Where where, double leak) {
  const models::NoisyChain chain = neuron.chain(where, leak);
  const Vector none;
  Answers answers;
  const auto exact = transfer_operator::solve_stationary(chain, none);
  if (!exact.report.ok()) answers.report = exact.report;
  const Moments truth{exact.mean, exact.variance, exact.skewness};
  answers.of["exact"] = truth;

  const models::NoisyDiffusion diffusion(chain, none);
  const auto limit = fokker_planck::coefficients_of(diffusion);
  const double width = 0.02 * std::sqrt(exact.variance);
  Report report;
  answers.of["fp0"] = density_moments(limit, truth, report);
  if (!report.ok()) answers.report = report;
  answers.of["fp1"] =
      density_moments(fokker_planck::with_second_moment(limit, leak), truth, report);
  answers.of["fp2"] =
      density_moments(fokker_planck::with_backward_error(limit, leak, width), truth, report);
  if (where == NoiseSource::inside) {
    answers.of["cumulant"] = answers.of["fp0"];
    answers.of["cumulant"].skewness = corrected_skewness(chain, neuron.bias, answers.of["fp0"]);
    const auto smoothed = moments::solve_smoothed(chain, none, Vector::Zero(1));
    answers.of["smoothed"] = {smoothed.mean[0].value};
  }
  const auto closure = moments::solve_closure(chain, none, Vector::Zero(1));
  answers.of["closure"] = {closure.mean[0].value, closure.variance[0].value};
  return answers;
}

/// Order in which errors vanish with the leak.
double order_of(const std::vector<double>& leaks, const std::vector<double>& errors) {
  const auto count = static_cast<Index>(leaks.size());
  return statistics::observed_order(Eigen::Map<const Vector>(leaks.data(), count),
                                    Eigen::Map<const Vector>(errors.data(), count));
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Neuron neuron;
  std::string activation = "tanh";
  std::vector<double> leaks = {0.4, 0.2, 0.1, 0.05, 0.025};
  Index paths = 20000;
  studies::Options options("leak_limit", studies::about);
  options
      .add("activation", activation, "smooth activation f",
           studies::Allowed::one_of({"tanh", "logistic", "softplus", "erf"}))
      .add("weight", neuron.weight, "self-coupling w", studies::Allowed::between(-5.0, 0.95))
      .add("bias", neuron.bias, "constant input c")
      .add("sigma", neuron.sigma, "noise s, sd per step", studies::Allowed::positive())
      .add("leaks", leaks, "leaks g = dt/tau, at least three",
           {.lower = 1e-3, .upper = 0.9, .choices = {}})
      .add("paths", paths, "simulated neurons", studies::Allowed::between(64, 1e8));
  if (!options.parse(argc, argv)) return 0;
  std::sort(leaks.begin(), leaks.end(), std::greater<>());
  leaks.erase(std::unique(leaks.begin(), leaks.end()), leaks.end());
  require(leaks.size() >= 3, "--leaks", "holds ", leaks.size(),
          " different numbers, expected at least three");
  options.quick_value("paths", paths, 4000);
  neuron.activation = activations::make_activation(activation);
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. Every method at every leak.
  const std::vector<NoiseSource::Where> placements = {NoiseSource::inside, NoiseSource::outside};
  std::vector<Answers> answers(placements.size() * leaks.size());
  parallel_for(static_cast<Index>(answers.size()), options.threads(), [&](Index k) {
    answers[k] = solve(neuron, placements[k / leaks.size()], leaks[k % leaks.size()]);
  });

  // 3. Errors, exact − approximation, and the orders in which they vanish.
  io::Table moments({"placement", "method", "leak", "mean", "variance", "skewness"});
  io::Table errors(
      {"placement", "method", "leak", "mean_error", "variance_error_relative", "skewness_error"});
  io::Table orders({"placement", "method", "mean_order", "variance_order", "skewness_order"});
  std::map<std::string, double> mean_order, variance_order, closure_over_fp0;
  std::map<std::string, bool> symmetric;  // the mean is exact at every leak
  Report report;
  double gain = not_a_number;  // of the third cumulant, at the smallest leak
  for (std::size_t p = 0; p < placements.size(); ++p) {
    const std::string placement(networks::to_string(placements[p]));
    const auto at = [&](std::size_t k) -> const Answers& { return answers[p * leaks.size() + k]; };
    for (std::size_t k = 0; k < leaks.size(); ++k)
      if (!at(k).report.ok()) report = at(k).report;
    for (const auto& [method, unused] : at(0).of) {
      std::vector<double> all_mean_errors, last_leaks, mean_errors, variance_errors,
          skewness_errors;
      for (std::size_t k = 0; k < leaks.size(); ++k) {
        const Moments& answer = at(k).of.at(method);
        const Moments& exact = at(k).of.at("exact");
        moments.row({placement, method, leaks[k], answer.mean, answer.variance, answer.skewness});
        if (method == "exact") continue;
        const double mean = std::abs(exact.mean - answer.mean);
        const double variance = std::abs(1.0 - answer.variance / exact.variance);
        const double skewness = std::abs(exact.skewness - answer.skewness);
        errors.row({placement, method, leaks[k], mean, variance, skewness});
        all_mean_errors.push_back(mean);
        if (k + 3 < leaks.size()) continue;
        last_leaks.push_back(leaks[k]);
        mean_errors.push_back(mean);
        variance_errors.push_back(variance);
        skewness_errors.push_back(skewness);
      }
      if (method == "exact") continue;
      const double sd = std::sqrt(at(0).of.at("exact").variance);
      symmetric[placement] = symmetric[placement] ||
                             *std::max_element(all_mean_errors.begin(), all_mean_errors.end()) <
                                 exact_by_symmetry * sd;
      mean_order[placement + method] = order_of(last_leaks, mean_errors);
      variance_order[placement + method] = order_of(last_leaks, variance_errors);
      orders.row({placement, method, mean_order[placement + method],
                  variance_order[placement + method], order_of(last_leaks, skewness_errors)});
    }
    for (std::size_t k = 0; k < leaks.size(); ++k) {
      const auto error = [&](const std::string& method) {
        return std::abs(at(k).of.at("exact").mean - at(k).of.at(method).mean);
      };
      closure_over_fp0[placement] =
          studies::worse(closure_over_fp0[placement], error("closure") / error("fp0"));
    }
    if (placements[p] != NoiseSource::inside) continue;
    const Answers& smallest = at(leaks.size() - 1);
    const double exact = smallest.of.at("exact").skewness;
    gain = std::abs(exact - smallest.of.at("fp0").skewness) /
           std::abs(exact - smallest.of.at("cumulant").skewness);
  }
  results.table("moments", moments);
  results.table("errors", errors);
  results.table("orders", orders);

  // 4. The exact law against the simulated chain, where the step is largest.
  io::Table simulated({"placement", "leak", "mean", "mean_se", "variance", "variance_se"});
  double worst_z = 0.0;
  for (std::size_t p = 0; p < placements.size(); ++p) {
    const auto law = ensemble::simulate_stationary(
        neuron.chain(placements[p], leaks[0]), Vector(), Vector::Zero(1),
        {.paths = paths, .seed = options.seed(), .threads = options.threads()});
    const Moments& exact = answers[p * leaks.size()].of.at("exact");
    simulated.row({std::string(networks::to_string(placements[p])), leaks[0], law.mean[0].value,
                   law.mean[0].standard_error, law.variance[0].value,
                   law.variance[0].standard_error});
    worst_z = studies::worse(worst_z, std::abs(z_score(law.mean[0], {exact.mean, 0.0})));
    worst_z = studies::worse(worst_z, std::abs(z_score(law.variance[0], {exact.variance, 0.0})));
  }
  results.table("monte_carlo", simulated);

  // 5. Judge, draw.
  verdict.solved("transfer operator and Fokker–Planck", report);
  for (const auto where : placements) {
    const std::string placement(networks::to_string(where));
    const auto near = [&](const std::string& what, double order, double theory) {
      verdict.at_most(placement + ": order of the " + what + ", distance to theory",
                      std::abs(order - theory), 0.3);
    };
    near("variance of fp0", variance_order[placement + "fp0"], 1.0);
    if (symmetric[placement]) continue;
    near("mean of fp0", mean_order[placement + "fp0"], 2.0);
    verdict.at_most(placement + ": error of the mean, closure over fp0, worst leak",
                    closure_over_fp0[placement], 1.0);
    if (where == NoiseSource::inside)
      near("smoothed mean", mean_order[placement + "smoothed"], 1.0);
  }
  verdict.at_least("inside: error of the skewness, without over with third cumulant", gain, 10.0);
  verdict.at_most("Monte Carlo against transfer operator, standard errors", worst_z, 5.0);
  if (options.plots()) plots::leak_limit(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("leak_limit", run, argc, argv); }
