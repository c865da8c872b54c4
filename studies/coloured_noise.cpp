// SPDX-License-Identifier: GPL-3.0-or-later
// coloured_noise: how far noise inside an activation moves the mean depends on its colour.
//
// Question    Noise of one and the same variance inside the activation: how does the shift of the
//             mean state depend on the time over which that noise is correlated?
// Model       h' = (1−g) h + g f(w h + c + η),   η' = ρ η + s √(1−ρ²) ξ,   ρ = exp(−g/t_c)
// Methods     joint     exact law of (h, η): collocation of the backward operator
//             white     noise fresh every step, ρ = 0: transfer operator of one neuron
//             smoothed  f replaced by its average, the limit of fast noise as g → 0
//             quenched  E h*(η), the limit of slow noise: the state follows its fixed point
//             closure   mean and covariance of (h, η) together
//             Monte Carlo of the chain
// Acceptance  At every correlation time where the joint law reached its tolerance of 1e-5, its mean
//             and variance lie within 5 standard errors of Monte Carlo; that is so at half of the
//             times at least. The fastest noise, if t_c ≤ g/5, moves the mean as white noise does,
//             to 1 % of the shift.
// Output      results/coloured_noise/: shift, limits, manifest.json
// Figure      plots/coloured_noise.cpp
//
// Sample runs coloured_noise
//             coloured_noise --activation softplus --bias 0 --sigma 1

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/networks/single_unit.hpp"
#include "plots/coloured_noise.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/transfer_operator/coloured.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using networks::NoiseSource;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double tolerance = 1e-5;  // of the joint law, relative: far below the simulation's

struct Neuron {
  activations::Activation activation;
  double weight = 0.8, bias = 0.5, leak = 0.1, sigma = 0.5;

  models::NoisyChain with(const networks::NoiseSpec& noise) const {
    return {networks::single_unit(networks::Equation::rate, activation, weight, bias, leak), noise};
  }
  models::NoisyChain coloured(double correlation_time) const {
    return with({{.where = NoiseSource::inside,
                  .sigma = {sigma},
                  .convention = networks::NoiseConvention::stationary_sd,
                  .correlation_time = correlation_time}});
  }
};

int run(int argc, char** argv) {
  // 1. Parameters.
  Neuron neuron;
  std::string activation = "tanh";
  std::vector<double> times = {0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0};
  Index paths = 20000;
  studies::Options options("coloured_noise", studies::about);
  options
      .add("activation", activation, "smooth activation f",
           studies::Allowed::one_of({"tanh", "logistic", "softplus", "erf"}))
      .add("weight", neuron.weight, "self-coupling w; one fixed point only",
           studies::Allowed::between(-5.0, 0.95))
      .add("bias", neuron.bias, "constant input c")
      .add("leak", neuron.leak, "g = dt/tau", studies::Allowed::unit())
      .add("sigma", neuron.sigma, "standard deviation of the noise η, at every colour",
           studies::Allowed::positive())
      .add("times", times, "correlation times t_c, in units of tau",
           {.lower = 1e-4, .upper = 1e3, .choices = {}})
      .add("paths", paths, "simulated neurons", studies::Allowed::between(64, 1e8));
  if (!options.parse(argc, argv)) return 0;
  options.quick_value("paths", paths, 2000);
  if (options.quick() && !options.given("times"))
    std::erase_if(times, [](double time) { return time > 3.0; });
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  neuron.activation = activations::make_activation(activation);
  io::Results results = options.results();
  studies::Verdict verdict(results);
  const Vector none;
  const auto count = static_cast<Index>(times.size());

  // 2. The limits: without noise, white, smoothed, quenched.
  const double rest =
      moments::solve_deterministic(neuron.with({}), none, Vector::Zero(1)).mean[0].value;
  const auto white = transfer_operator::solve_stationary(
      neuron.with(networks::white_noise(NoiseSource::inside, neuron.sigma)), none);
  const auto any = neuron.coloured(1.0);
  const double smoothed = moments::solve_smoothed(any, none, Vector::Zero(1)).mean[0].value;
  const double quenched = transfer_operator::quenched_mean(any, none);
  io::Table limits({"limit", "mean", "shift"});
  limits.row({"noise_free", rest, 0.0})
      .row({"white", white.mean, white.mean - rest})
      .row({"smoothed", smoothed, smoothed - rest})
      .row({"quenched", quenched, quenched - rest});
  results.table("limits", limits);

  // 3. Every colour: the joint law and the closure, then the simulation.
  std::vector<transfer_operator::ColouredSolution> joint(times.size());
  parallel_for(count, options.threads(), [&](Index k) {
    joint[k] = transfer_operator::solve_coloured(neuron.coloured(times[k]), none,
                                                 {.tolerance = tolerance});
  });
  io::Table shift({"correlation_time", "mean", "shift", "variance", "skewness", "valid", "note",
                   "closure_shift", "monte_carlo", "monte_carlo_shift", "monte_carlo_se",
                   "monte_carlo_variance", "monte_carlo_variance_se"});
  double worst_z = 0.0;
  Index valid = 0;
  Progress progress("correlation times", count);
  for (Index k = 0; k < count; ++k) {
    const auto chain = neuron.coloured(times[k]);
    const auto closure = moments::solve_closure(chain, none, Vector::Zero(1));
    const auto sampled = ensemble::simulate_stationary(
        chain, none, Vector::Zero(1),
        {.paths = paths, .seed = options.seed(), .threads = options.threads()});
    const auto mean = sampled.mean[0], variance = sampled.variance[0];
    const bool good = joint[k].report.ok();
    shift.row({times[k], joint[k].mean, joint[k].mean - rest, joint[k].variance, joint[k].skewness,
               good, joint[k].report.message,
               closure.valid ? closure.mean[0].value - rest : not_a_number, mean.value,
               mean.value - rest, mean.standard_error, variance.value, variance.standard_error});
    if (good) {
      ++valid;
      worst_z = studies::worse(worst_z, std::abs(z_score(mean, {joint[k].mean, 0.0})));
      worst_z = studies::worse(worst_z, std::abs(z_score(variance, {joint[k].variance, 0.0})));
    }
    progress.advance();
  }
  results.table("shift", shift);

  // 4. Judge, draw.
  verdict.solved("white noise, transfer operator", white.report);
  verdict.at_least("share of correlation times with a joint law",
                   static_cast<double>(valid) / static_cast<double>(count), 0.5);
  if (valid > 0)
    verdict.at_most("Monte Carlo against the joint law, standard errors", worst_z, 5.0);
  if (times.front() <= 0.2 * neuron.leak && joint.front().report.ok() && white.report.ok())
    verdict.at_most(
        "fastest noise against white noise, share of the shift",
        std::abs(joint.front().mean - white.mean) / std::max(std::abs(white.mean - rest), 1e-9),
        0.01);
  verdict.field("shift_fast_over_slow", (white.mean - rest) / (quenched - rest));
  if (options.plots()) plots::coloured_noise(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("coloured_noise", run, argc, argv); }
