// SPDX-License-Identifier: GPL-3.0-or-later
// memory_lifetime: how long does a bistable network remember under noise?
//
// Question    A network holds one of two states. How long until noise first carries it over the
//             ridge between them, and which theory predicts that?
// Model       h' = (1−g) h + g (f(W h + c) + s ξ), time in units of tau, a step lasts g: one neuron
//             with W = w, or two with W = ((w, k), (k, w)), bistable together: both units flip at
//             once. Start in the upper stable state h₊; over when the mean of the units is at h_u,
//             that of the saddle between the states. For c = 0 and odd f that is the separatrix.
// Methods     chain          one neuron: exact first passage of the discrete chain, Nyström
//             fokker_planck  its diffusion limit dh = (f(W h + c) − h) dt + s √g dω: double
//                            integral, or backward equation on a grid; the boundary is moved by
//                            0.5826 sd of a step along its normal: the chain is looked at every g
//             uncorrected    the same with the boundary at h_u: the diffusion itself
//             kramers        Eyring–Kramers with the prefactor of a drift that is no gradient,
//                            π/√(λ₊ |A'(h₊)|) · √(a_u/a₊) exp ∫ (a + ½K) dt · exp(U/(g s²)), where
//                            a and K are the drift's slope and the quasi-potential's curvature
//                            across the path, U = 2nΔV: Bouchet & Reygner (2016), Ann. H. Poincaré
//                            17, 3499
//             least action   the exponent again, of the diffusion and of the discrete chain
//             Monte Carlo    of the chain and of the diffusion (Euler–Maruyama with step g/5, its
//                            own boundary moved inwards), where the predicted time allows it
//             splitting      of the chain, wherever the escape is rare; its gain over Monte Carlo
//                            is relative variance × steps of the one over the other
// Acceptance  At every noise level where both exist: chain and Monte Carlo within 5 standard
//             errors, fokker_planck and Monte Carlo (uncorrected and that of the diffusion) within
//             3 standard errors + 5 %, splitting likewise. Least action and 2nΔV agree to 1e-3. By
//             default the levels cover at least four decades of time and five are simulated.
// Output      results/memory_lifetime/: lifetimes, states, manifest.json
// Figure      plots/memory_lifetime.cpp
//
// Sample runs memory_lifetime
//             memory_lifetime --units 1
//             memory_lifetime --units 1 --weight 1.3 --bias 0.02 --levels 0.3 0.35 0.4 0.5

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "plots/memory_lifetime.hpp"
#include "solvers/ensemble/first_passage.hpp"
#include "solvers/escape/minimum_action.hpp"
#include "solvers/escape/splitting.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/fokker_planck/chart.hpp"
#include "solvers/fokker_planck/line.hpp"
#include "solvers/fokker_planck/passage.hpp"
#include "solvers/ode/integrate.hpp"
#include "solvers/sde/euler_maruyama.hpp"
#include "solvers/transfer_operator/first_passage.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using statistics::Estimate;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Network {
  activations::Activation activation;
  Index units = 2;
  double weight = 0.9, coupling = 0.6, bias = 0.0, leak = 0.1;

  models::NoisyChain chain(double sigma) const {
    Matrix W = Matrix::Constant(units, units, coupling);
    W.diagonal().setConstant(weight);
    return {networks::make_network({.equation = networks::Equation::rate,
                                    .W = W,
                                    .b = Vector::Constant(units, bias),
                                    .activation = activation,
                                    .leak = leak}),
            networks::white_noise(networks::NoiseSource::outside, sigma)};
  }
  // On the diagonal, where all units are at h: drift A(h) of each, A'(h) along the diagonal, and
  // the slope a(h) and curvature of the drift across it (two units).
  double along() const { return weight + static_cast<double>(units - 1) * coupling; }
  double across() const { return weight - coupling; }
  double f(int order, double h) const {
    return activations::derivative(activation, order, along() * h + bias);
  }
  double drift(double h) const { return activations::value(activation, along() * h + bias) - h; }
  double slope(double h) const { return along() * f(1, h) - 1.0; }
  double slope_across(double h) const { return across() * f(1, h) - 1.0; }
};

/// The upper stable state, the unstable one below it, and the barrier between them.
struct Well {
  double stable, unstable, barrier;
};

Well find_well(const Network& network, int threads) {
  const auto found =
      fixed_points::find(network.chain(0.0), Vector(0), {}, Matrix::Zero(network.units, 1),
                         {.starts = 128, .threads = threads});
  std::vector<double> states;
  bool together = true;
  for (const auto& point : found.points) {
    states.push_back(point.state(0));
    together = together && point.unstable_directions <= 1 &&
               point.state.maxCoeff() - point.state.minCoeff() < 1e-6;
  }
  std::sort(states.begin(), states.end());
  require(
      states.size() == 3, "--weight", "the network has ", states.size(),
      " fixed point(s), expected three: choose a larger weight or a smaller bias, for two units "
      "a coupling so large that they flip together");
  require(together, "--coupling",
          "the units do not flip together over a saddle: choose a larger "
          "coupling and a smaller weight");
  // ΔV = −∫ A dh from the stable to the unstable state, by Simpson's rule.
  constexpr Index pieces = 2000;
  const double from = states[2], h = (states[1] - from) / pieces;
  double integral = 0.0;
  for (Index k = 0; k < pieces; ++k) {
    const double left = from + h * static_cast<double>(k);
    integral +=
        h / 6.0 *
        (network.drift(left) + 4.0 * network.drift(left + 0.5 * h) + network.drift(left + h));
  }
  return {states[2], states[1], -integral};
}

/// Prefactor of the Eyring–Kramers time to the ridge; NaN where the quasi-potential folds on the
/// way.
double kramers_prefactor(const Network& network, const Well& well) {
  const double down = -network.slope(well.stable), up = network.slope(well.unstable);
  double prefactor = M_PI / std::sqrt(down * up);
  if (network.units == 1) return prefactor;
  // The path out is the time-reversed path in, h' = −A(h). Across it the quasi-potential is ½ K v²,
  // and its Hamilton–Jacobi equation to that order is the Riccati equation for K.
  const auto field = [&](double, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> rate) {
    const double A = network.drift(x(0)), a = network.slope_across(x(0)), K = x(1),
                 bend = network.f(2, x(0)) * network.across() * network.across();
    rate << -A, 2.0 * A * bend - 2.0 * a * K - K * K, a + 0.5 * K;
  };
  const double at_start = network.slope_across(well.stable);
  Vector start(3), times(2);
  start << well.stable + 1e-7 * (well.unstable - well.stable), -2.0 * at_start, 0.0;
  times << 0.0, 40.0 / down + 40.0 / up;
  const auto path = ode::integrate(field, start, times);
  if (!path.report.ok() || !(path.states(1, 1) > 0.0)) return not_a_number;
  return prefactor * std::sqrt(network.slope_across(well.unstable) / at_start) *
         std::exp(path.states(2, 1));
}

/// A first passage of the diffusion, in units of tau.
struct Passage {
  Report report;
  double mean = not_a_number;
  double error = 0.0;  // estimated, relative
};

/// @param[in] boundary  Of the mean of the units.
Passage solve_passage(const Network& network, const Well& well,
                      const models::NoisyDiffusion& diffusion, double sigma, double boundary,
                      Index cells) {
  const double variance = network.leak * sigma * sigma;  // of a unit's noise, a time
  const double n = static_cast<double>(network.units);
  const double sd = std::sqrt(variance / n / (-2.0 * network.slope(well.stable)));
  const double far_end = well.stable + 10.0 * sd + 10.0 * network.leak * sigma;
  const auto coefficients = fokker_planck::coefficients_of(diffusion);
  if (network.units == 1) {
    const auto time = fokker_planck::first_passage(coefficients, well.stable, boundary, far_end);
    return {time.report, time.mean, time.report.residual};
  }
  // Coordinates: the mean of the units, and half their difference, which spreads most where its
  // slope is least.
  fokker_planck::Chart chart = fokker_planck::Chart::identity(2);
  chart.axes << 1.0, 1.0, 1.0, -1.0;
  const double softest =
      std::max(network.slope_across(well.stable), network.slope_across(well.unstable));
  const double reach = 8.0 * std::sqrt(variance / 2.0 / (-2.0 * softest));
  const fokker_planck::Grid grid({{.lower = boundary,
                                   .upper = far_end,
                                   .cells = cells,
                                   .lower_side = fokker_planck::Side::absorbing},
                                  {.lower = -reach, .upper = reach, .cells = cells / 2}});
  const auto times =
      fokker_planck::first_passage_times(fokker_planck::on_chart(coefficients, chart), grid, {});
  const Vector start = (Vector(2) << well.stable, 0.0).finished();
  return {times.report, times.report.ok() ? times.mean_from(start) : not_a_number, times.error};
}

/// Gap over what 3 standard errors + 5 % allow.
double gap(const Estimate& simulated, double theory) {
  return std::abs(theory - simulated.value) /
         (3.0 * simulated.standard_error + 0.05 * simulated.value);
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Network network;
  std::string activation = "tanh";
  std::vector<double> levels = {0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.85, 1.0};
  Index paths = 2000, cells = 192;
  double longest = 1500.0;
  studies::Options options("memory_lifetime", studies::about);
  options.add("units", network.units, "neurons, 1 or 2", studies::Allowed::between(1, 2))
      .add("activation", activation, "smooth activation f",
           studies::Allowed::one_of({"tanh", "erf", "logistic"}))
      .add("weight", network.weight,
           "self-coupling w, default 0.9 for two neurons and 1.5 for one; large enough, with the "
           "coupling, for two stable states")
      .add("coupling", network.coupling, "weight k between two neurons")
      .add("bias", network.bias, "constant input c of each neuron")
      .add("leak", network.leak, "g = dt/tau", studies::Allowed::unit())
      .add("levels", levels,
           "noise levels s, sd per step; the default is sqrt(2) times larger for two neurons",
           studies::Allowed::positive())
      .add("paths", paths, "simulated networks", studies::Allowed::between(64, 1e8))
      .add("longest", longest, "simulate where the predicted time is at most this, in units of tau",
           studies::Allowed::positive())
      .add("cells", cells, "two neurons: cells of the grid along the way, half as many across",
           studies::Allowed::between(32, 2048));
  if (!options.parse(argc, argv)) return 0;
  const double n = static_cast<double>(network.units);
  require(network.units == 2 || !options.given("coupling"), "--coupling",
          "one neuron has no other to be coupled to: use --units 2");
  if (network.units == 1 && !options.given("weight")) network.weight = 1.5;
  if (!options.given("levels"))
    for (double& level : levels) level *= std::sqrt(n);
  escape::SplittingOptions rare{.replicas = 64, .threads = options.threads()};
  options.quick_value("paths", paths, 400).quick_value("cells", cells, 96);
  if (options.quick()) rare.replicas = 12;
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  bool standard = true;  // the acceptance's claim of range is one about the default network
  for (const auto* option : {"activation", "weight", "coupling", "bias", "leak", "levels"})
    standard = standard && !options.given(option);
  network.activation = activations::make_activation(activation);
  const double g = network.leak;
  const Well well = find_well(network, options.threads());
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. Exponents, U/s² = (least action): 2nΔV/g by quadrature, and by minimising at s = 1.
  const Vector start = Vector::Constant(network.units, well.stable);
  const auto ridge = escape::Target::plane(Vector::Constant(network.units, 1.0 / n), well.unstable);
  const double exponent = 2.0 * n * well.barrier / g;
  const models::NoisyDiffusion loud(network.chain(1.0), Vector(0));
  const auto action = escape::minimum_action(escape::fields_of(loud), start, ridge);
  const auto chain_action = escape::minimum_action(network.chain(1.0), Vector(0), start, ridge);
  const double prefactor = kramers_prefactor(network, well);
  io::Table states({"units", "stable", "unstable", "barrier", "exponent", "action", "chain_action",
                    "kramers_prefactor"});
  states.row({network.units, well.stable, well.unstable, well.barrier, exponent, action.action,
              chain_action.action, prefactor});
  results.table("states", states);

  // 3. Every noise level by every method.
  io::Table lifetimes({"sigma", "inverse_noise", "chain", "chain_valid", "fokker_planck",
                       "fokker_planck_error", "uncorrected", "kramers", "kramers_error",
                       "monte_carlo", "monte_carlo_se", "diffusion", "diffusion_se", "splitting",
                       "splitting_se", "splitting_valid", "splitting_gain"});
  Report passage;
  double worst_chain = 0.0, worst_corrected = 0.0, worst_diffusion = 0.0, worst_splitting = 0.0,
         best_gain = 0.0, kramers_error = not_a_number,
         least = std::numeric_limits<double>::infinity(), most = 0.0;
  Index compared = 0, split = 0, exact_splits = 0;
  double worst_exact_splitting = 0.0;
  const auto over = [n](const Vector& h) { return -h.sum() / n; };
  const auto in_time = [](const Estimate& steps, double step) {
    return Estimate{step * steps.value, step * steps.standard_error};
  };
  Progress progress("noise levels", static_cast<Index>(levels.size()));
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const double sigma = levels[k], noise = g * sigma * sigma;
    const auto stream = static_cast<std::uint32_t>(3 * k);
    const auto chain = network.chain(sigma);
    const models::NoisyDiffusion diffusion(chain, Vector(0));
    const auto shift = [&](double step) {  // of the boundary of what is looked at every step
      return fokker_planck::monitoring_shift * std::sqrt(noise * step / n);
    };
    const auto corrected =
        solve_passage(network, well, diffusion, sigma, well.unstable - shift(g), cells);
    const auto plain = solve_passage(network, well, diffusion, sigma, well.unstable, cells);
    if (!corrected.report.ok()) passage = corrected.report;
    if (!plain.report.ok()) passage = plain.report;
    double exact = not_a_number;
    if (network.units == 1) {
      const auto steps = transfer_operator::first_passage(
          chain, Vector(0), well.stable, well.unstable,
          well.stable + 10.0 * std::sqrt(noise / (-2.0 * network.slope(well.stable))) +
              10.0 * g * sigma,
          {.tolerance = 1e-6});
      if (steps.report.ok()) exact = g * steps.mean;
    }
    const double kramers = prefactor * std::exp(exponent / (sigma * sigma));
    if (k == 0) kramers_error = kramers / plain.mean - 1.0;

    // Monte Carlo, where it is cheap enough.
    Estimate chain_time{not_a_number, not_a_number}, diffusion_time = chain_time;
    if (corrected.mean <= longest) {
      const auto found = ensemble::simulate_first_passage(
          ensemble::ChainProcess(chain, Vector(0)), over, start, -well.unstable,
          {.paths = paths, .stream = {options.seed(), stream}, .threads = options.threads()});
      const double step = g / 5.0;
      const auto fine = ensemble::simulate_first_passage(
          ensemble::SchemeProcess(sde::EulerMaruyama<models::NoisyDiffusion>(diffusion), step),
          over, start, -(well.unstable + shift(step)),
          {.paths = paths, .stream = {options.seed(), stream + 1}, .threads = options.threads()});
      chain_time = in_time(found.lifetime, g);
      diffusion_time = in_time(fine.lifetime, step);
      ++compared;
      if (std::isfinite(exact))
        worst_chain = studies::worse(worst_chain, std::abs(z_score(chain_time, {exact, 0.0})));
      worst_corrected = studies::worse(worst_corrected, gap(chain_time, corrected.mean));
      worst_diffusion = studies::worse(worst_diffusion, gap(diffusion_time, plain.mean));
    }

    // Splitting; a level so loud that nothing is rare about the escape says so.
    rare.stream = {options.seed(), stream + 2};
    const auto found = escape::splitting(ensemble::ChainProcess(chain, Vector(0)), over, start,
                                         -well.unstable, rare);
    const bool good = found.report.ok();
    const Estimate splitting = in_time(found.lifetime, g);
    if (good) {
      ++split;
      worst_splitting = studies::worse(worst_splitting, gap(splitting, corrected.mean));
      best_gain = std::max(best_gain, found.gain);
      if (std::isfinite(exact)) {
        ++exact_splits;
        // The rate is what is unbiased.
        worst_exact_splitting =
            studies::worse(worst_exact_splitting, std::abs(z_score(found.rate, {g / exact, 0.0})));
      }
    }
    least = std::min(least, corrected.mean);
    most = std::max(most, corrected.mean);
    lifetimes.row({sigma, n / noise, exact, std::isfinite(exact), corrected.mean, corrected.error,
                   plain.mean, kramers, kramers / plain.mean - 1.0, chain_time.value,
                   chain_time.standard_error, diffusion_time.value, diffusion_time.standard_error,
                   splitting.value, splitting.standard_error, good, found.gain});
    results.table("lifetimes", lifetimes);
    progress.advance();
  }

  // 4. Judge, draw.
  verdict.solved("first passage by Fokker–Planck", passage);
  verdict.solved("path of least action, diffusion", action.report);
  verdict.solved("path of least action, chain", chain_action.report);
  verdict.at_most("least action against 2nΔV, relative", std::abs(action.action / exponent - 1.0),
                  1e-3);
  verdict.at_least("noise levels simulated", static_cast<double>(compared), standard ? 5.0 : 0.0);
  if (compared > 0) {
    if (network.units == 1)
      verdict.at_most("chain against Monte Carlo, standard errors", worst_chain, 5.0);
    verdict.at_most("Fokker–Planck against Monte Carlo of the chain, gap over 3 s.e. + 5 %",
                    worst_corrected, 1.0);
    verdict.at_most("uncorrected against Monte Carlo of the diffusion, gap over 3 s.e. + 5 %",
                    worst_diffusion, 1.0);
  }
  verdict.at_least("noise levels split", static_cast<double>(split), standard ? 3.0 : 0.0);
  if (split > 0)
    verdict.at_most("Fokker–Planck against splitting, gap over 3 s.e. + 5 %", worst_splitting, 1.0);
  if (exact_splits > 0)
    verdict.at_most("chain against splitting, standard errors", worst_exact_splitting, 5.0);
  const double decades = std::log10(most / least);
  if (standard) verdict.at_least("decades of lifetime", decades, 4.0);
  verdict.field("decades_of_lifetime", decades);
  verdict.field("levels_compared", static_cast<std::int64_t>(compared));
  verdict.field("kramers_error_at_least_noise", kramers_error);
  verdict.field("largest_gain_of_splitting", best_gain);
  if (options.plots()) plots::memory_lifetime(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("memory_lifetime", run, argc, argv); }
