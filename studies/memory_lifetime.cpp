// SPDX-License-Identifier: GPL-3.0-or-later
// memory_lifetime: how long does a bistable neuron remember under noise?
//
// Question    A neuron holds one of two states. How long until noise first carries it over the
//             unstable state between them, and which theory predicts that?
// Model       h' = (1−g) h + g (f(w h + c) + s ξ), bistable; time in units of tau, a step lasts g.
//             Start in the upper stable state h₊; over at h_u, the unstable one.
// Methods     chain          exact first passage of the discrete chain, Nyström
//             fokker_planck  its diffusion limit dh = (f(wh + c) − h) dt + s √g dω by the
//                            double integral; the boundary is moved by 0.5826 sd of a
//                            step, because the chain is looked at only every g
//             uncorrected    the same with the boundary at h_u
//             kramers        π/√(V''(h₊)|V''(h_u)|) exp(2 ΔV/(g s²)), V' = h − f(wh + c)
//             Monte Carlo of the chain, where the predicted time allows it
// Acceptance  chain and Monte Carlo agree within 5 standard errors, fokker_planck and Monte Carlo
//             within 3 standard errors + 5 %, at every level where both exist. By default the
//             levels cover more than four decades of time.
// Output      results/memory_lifetime/: lifetimes, states, manifest.json
// Figure      plots/memory_lifetime.cpp
//
// Sample runs memory_lifetime
//             memory_lifetime --weight 1.3 --bias 0.02 --levels 0.3 0.35 0.4 0.5

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/random/normal.hpp"
#include "plots/memory_lifetime.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/fokker_planck/line.hpp"
#include "solvers/transfer_operator/first_passage.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using statistics::Estimate;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Neuron {
  activations::Activation activation;
  double weight = 1.5, bias = 0.0, leak = 0.1;

  models::NoisyChain chain(double sigma) const {
    return {networks::single_unit(networks::Equation::rate, activation, weight, bias, leak),
            networks::white_noise(networks::NoiseSource::outside, sigma)};
  }
  double drift(double h) const { return activations::value(activation, weight * h + bias) - h; }
  double slope(double h) const {
    return weight * activations::derivative(activation, 1, weight * h + bias) - 1.0;
  }
};

/// The upper stable state, the unstable one below it, and the barrier between them.
struct Well {
  double stable, unstable, barrier;
};

Well find_well(const Neuron& neuron, int threads) {
  const auto found = fixed_points::find(neuron.chain(0.0), Vector(0), {}, Vector::Zero(1),
                                        {.starts = 64, .threads = threads});
  std::vector<double> states;
  for (const auto& point : found.points) states.push_back(point.state(0));
  std::sort(states.begin(), states.end());
  require(states.size() == 3, "--weight", "the neuron has ", states.size(),
          " fixed point(s), expected three: choose a larger weight or a smaller bias");
  // ΔV = −∫ A dh from the stable to the unstable state, by Simpson's rule.
  constexpr Index pieces = 2000;
  const double from = states[2], h = (states[1] - from) / pieces;
  double integral = 0.0;
  for (Index k = 0; k < pieces; ++k) {
    const double left = from + h * static_cast<double>(k);
    integral += h / 6.0 *
                (neuron.drift(left) + 4.0 * neuron.drift(left + 0.5 * h) + neuron.drift(left + h));
  }
  return {states[2], states[1], -integral};
}

/// First passages of simulated chains, in units of tau.
Estimate simulate(const Neuron& neuron, const Well& well, double sigma, Index paths,
                  std::uint32_t stream, const studies::Options& options) {
  constexpr Index block = 16;
  const double sd = neuron.leak * sigma;
  std::vector<double> steps(static_cast<std::size_t>(paths));
  std::visit(
      [&](const auto& f) {
        parallel_for((paths + block - 1) / block, options.threads(), [&](Index k) {
          for (Index path = k * block; path < std::min(paths, (k + 1) * block); ++path) {
            double h = well.stable;
            std::uint32_t t = 0;
            while (h > well.unstable) {
              h = (1.0 - neuron.leak) * h + neuron.leak * f(neuron.weight * h + neuron.bias) +
                  sd * random::normal({options.seed(), stream}, static_cast<std::uint64_t>(path), t,
                                      0);
              ++t;
            }
            steps[static_cast<std::size_t>(path)] = t;
          }
        });
      },
      neuron.activation);
  const Eigen::Map<const Vector> times(steps.data(), paths);
  const double mean = times.mean(), n = static_cast<double>(paths);
  const double se = std::sqrt((times.array() - mean).square().sum() / (n * (n - 1.0)));
  return {neuron.leak * mean, neuron.leak * se};
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Neuron neuron;
  std::string activation = "tanh";
  std::vector<double> levels = {0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.85, 1.0};
  Index paths = 2000;
  double longest = 5e3;
  studies::Options options("memory_lifetime", studies::about);
  options
      .add("activation", activation, "smooth activation f",
           studies::Allowed::one_of({"tanh", "erf", "logistic"}))
      .add("weight", neuron.weight, "self-coupling w; large enough for two stable states")
      .add("bias", neuron.bias, "constant input c")
      .add("leak", neuron.leak, "g = dt/tau", studies::Allowed::unit())
      .add("levels", levels, "noise levels s, sd per step", studies::Allowed::positive())
      .add("paths", paths, "simulated neurons", studies::Allowed::between(64, 1e8))
      .add("longest", longest, "simulate where the predicted time is at most this, in units of tau",
           studies::Allowed::positive());
  if (!options.parse(argc, argv)) return 0;
  if (options.quick()) {
    paths = std::min<Index>(paths, 500);
    longest = std::min(longest, 3000.0);
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  neuron.activation = activations::make_activation(activation);
  const Well well = find_well(neuron, options.threads());
  io::Results results = options.results();
  studies::Verdict verdict(results);
  io::Table states({"stable", "unstable", "barrier"});
  states.row({well.stable, well.unstable, well.barrier});
  results.table("states", states);

  // 2. Every noise level by every method.
  io::Table lifetimes({"sigma", "inverse_noise", "chain", "chain_valid", "fokker_planck",
                       "uncorrected", "kramers", "kramers_error", "monte_carlo", "monte_carlo_se"});
  Report passage;
  double worst_chain = 0.0, worst_diffusion = 0.0, least = std::numeric_limits<double>::infinity(),
         most = 0.0;
  Index compared = 0;
  Progress progress("noise levels", static_cast<Index>(levels.size()));
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double sigma = levels[k], g = neuron.leak, noise = g * sigma * sigma;
    const models::NoisyChain chain = neuron.chain(sigma);
    const models::NoisyDiffusion diffusion(chain, Vector(0));
    const auto coefficients = fokker_planck::coefficients_of(diffusion);
    const double sd = std::sqrt(noise / (-2.0 * neuron.slope(well.stable)));
    const double far_end = well.stable + 10.0 * sd + 10.0 * g * sigma;

    const auto exact = transfer_operator::first_passage(
        chain, Vector(0), well.stable, well.unstable, far_end, {.tolerance = 1e-6});
    const double boundary = well.unstable - fokker_planck::monitoring_shift * g * sigma;
    const auto corrected =
        fokker_planck::first_passage(coefficients, well.stable, boundary, far_end);
    const auto plain =
        fokker_planck::first_passage(coefficients, well.stable, well.unstable, far_end);
    if (!corrected.report.ok()) passage = corrected.report;
    const double kramers = M_PI /
                           std::sqrt(-neuron.slope(well.stable) * neuron.slope(well.unstable)) *
                           std::exp(2.0 * well.barrier / noise);
    Estimate simulated{not_a_number, not_a_number};
    if (corrected.mean <= longest) {
      simulated = simulate(neuron, well, sigma, paths, static_cast<std::uint32_t>(k), options);
      ++compared;
      if (exact.report.ok())
        worst_chain =
            studies::worse(worst_chain, std::abs(z_score(simulated, {g * exact.mean, 0.0})));
      worst_diffusion = studies::worse(
          worst_diffusion, std::abs(corrected.mean - simulated.value) /
                               (3.0 * simulated.standard_error + 0.05 * simulated.value));
    }
    least = std::min(least, corrected.mean);
    most = std::max(most, corrected.mean);
    lifetimes.row({sigma, 1.0 / noise, g * exact.mean, exact.report.ok(), corrected.mean,
                   plain.mean, kramers, kramers / plain.mean - 1.0, simulated.value,
                   simulated.standard_error});
    progress.advance();
  }
  results.table("lifetimes", lifetimes);

  // 3. Judge, draw.
  verdict.solved("first passage by Fokker–Planck", passage);
  verdict.at_least("noise levels simulated", static_cast<double>(compared), 1.0);
  if (compared > 0) {
    verdict.at_most("chain against Monte Carlo, standard errors", worst_chain, 5.0);
    verdict.at_most("Fokker–Planck against Monte Carlo, gap over 3 standard errors + 5 %",
                    worst_diffusion, 1.0);
  }
  verdict.field("decades_of_lifetime", std::log10(most / least));
  verdict.field("levels_compared", static_cast<std::int64_t>(compared));
  if (options.plots()) plots::memory_lifetime(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("memory_lifetime", run, argc, argv); }
