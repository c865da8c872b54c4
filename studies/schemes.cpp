// SPDX-License-Identifier: GPL-3.0-or-later
// schemes: which orders do the stochastic integrators reach, and what do multilevel sampling and
// variance reduction save?
//
// Question    Do the schemes converge on one path and in the mean as fast as they promise? What
// does
//             a wanted standard error cost by multilevel and by plain Monte Carlo?
//             What are antithetic pairs and control variates worth for a network?
// Model       multiplicative  dX = μ X dt + σ X dW (Itô), X(1) = exp((μ − σ²/2) + σ W(1))
//             additive        dX = (−X + tanh(w X)) dt + σ dW, a noisy bistable unit
//             network         16 tanh neurons, rate equation, random weights, noise outside
// Methods     A. strong order: mean |X_h(1) − X(1)| on common Brownian paths; the exact end
//                of the additive problem is SRA1's on a mesh 16 times finer than the finest
//             B. weak order: E X_h(1)² − E X(1)² on the same paths, multiplicative problem
//             C. multilevel Monte Carlo of E X(1) by Milstein's scheme, which chooses its
//                levels for a requested standard error ε and a bias of ε/2
//             D. the same request to Euler–Maruyama on one mesh, simulated where that is
//                affordable; its cost is V/ε² samples of as many steps as the bias asks for
//             E. stationary law of the network, plain, by antithetic pairs and by control
//                variates: (standard error)² × seconds, relative to plain
// Acceptance  Every observed order is at least the promised one less 3 standard errors less
//             0.1, its standard error at most 0.1. Cost of C ∝ ε^−2 ± 0.2 over two decades
//             of ε. Every estimate of C and D lies within 5 standard errors + its stated bias
//             of e^μ; the mean square error of 16 runs of C is that requested, at 5 standard
//             errors. Means and variances of E agree within 5 combined standard errors; control
//             variates divide the variance of a mean by 10 or more at the smallest noise.
// Output      results/schemes/: errors, orders, multilevel, single_level, cost_slopes,
//             variance_reduction, manifest.json
// Figure      plots/schemes.cpp
//
// Sample runs schemes
//             schemes --sigma 0.3 --paths 4000

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/io/results.hpp"
#include "lib/random/brownian_path.hpp"
#include "lib/statistics/regression.hpp"
#include "plots/schemes.hpp"
#include "solvers/ensemble/multilevel.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/sde/drift_implicit_euler.hpp"
#include "solvers/sde/euler_maruyama.hpp"
#include "solvers/sde/exponential_euler.hpp"
#include "solvers/sde/interpretation.hpp"
#include "solvers/sde/milstein.hpp"
#include "solvers/sde/platen_weak2.hpp"
#include "solvers/sde/simulate.hpp"
#include "solvers/sde/sra1.hpp"
#include "solvers/sde/sri1.hpp"
#include "solvers/sde/stochastic_heun.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using random::BrownianPath;
using statistics::Estimate;

namespace {

/// dX = μ X dt + σ X dW.
struct Multiplicative {
  static constexpr bool diagonal_noise = true;
  double mu = 0.5, sigma = 0.4;

  Index state_size() const { return 1; }
  Index noise_size() const { return 1; }
  void drift(double, const Vector& x, Vector& f) const { f(0) = mu * x(0); }
  void diffusion(double, const Vector& x, Matrix& G) const { G(0, 0) = sigma * x(0); }
  void diffusion_slope(double, const Vector&, Vector& slope) const { slope(0) = sigma; }
  double end(double W) const { return std::exp(mu - 0.5 * sigma * sigma + sigma * W); }
};

/// dX = (−X + tanh(w X)) dt + σ dW.
struct Additive {
  static constexpr bool additive_noise = true;
  double weight = 1.5, sigma = 0.6;

  Index state_size() const { return 1; }
  Index noise_size() const { return 1; }
  void drift(double, const Vector& x, Vector& f) const { f(0) = -x(0) + std::tanh(weight * x(0)); }
  void diffusion(double, const Vector&, Matrix& G) const { G(0, 0) = sigma; }
  void drift_jacobian(double, const Vector& x, Matrix& J) const {
    const double f = std::tanh(weight * x(0));
    J(0, 0) = -1.0 + weight * (1.0 - f * f);
  }
  Vector decay() const { return Vector::Ones(1); }
  void drift_remainder(double, const Vector& x, Vector& r) const {
    r(0) = std::tanh(weight * x(0));
  }
};

constexpr Index batches = 16;

template <typename S, typename Model>
double end_of(const Model& model, const BrownianPath& path, Index level, double x0) {
  S scheme(model);
  const auto result =
      sde::simulate(scheme, path, level, Vector::Constant(1, x0), sde::Record::last());
  return result.states(0, result.states.cols() - 1);
}

/// What a study of orders fills in.
struct Orders {
  const studies::Options& options;
  Index paths;
  io::Table errors{{"problem", "kind", "scheme", "step", "error", "error_se"}};
  io::Table orders{{"problem", "kind", "scheme", "order", "order_se", "promised"}};
  double worst_shortfall = -std::numeric_limits<double>::infinity(), worst_se = 0.0;

  /// error(path, level) is that of one path.
  template <typename Error>
  void add(const std::string& problem, const std::string& kind, const std::string& scheme,
           double promised, Index first, Index last, Error&& error) {
    // Weak errors are differences of means: more paths, on the coarse meshes they are seen on.
    const Index samples = kind == "weak" ? 6 * paths : paths;
    const Index levels = last - first + 1, each = std::max<Index>(samples / batches, 1);
    Matrix means = Matrix::Zero(levels, batches);
    parallel_for(batches, options.threads(), [&](Index batch) {
      for (Index k = 0; k < each; ++k) {
        const BrownianPath path({options.seed(), 1}, static_cast<std::uint64_t>(batch * each + k),
                                1, 1.0);
        for (Index level = 0; level < levels; ++level)
          means(level, batch) += error(path, first + level) / static_cast<double>(each);
      }
    });
    Vector steps(levels);
    for (Index level = 0; level < levels; ++level) {
      steps(level) = std::exp2(-static_cast<double>(first + level));
      const double mean = means.row(level).mean();
      const double se =
          std::sqrt((means.row(level).array() - mean).square().sum() / (batches * (batches - 1.0)));
      errors.row({problem, kind, scheme, steps(level), std::abs(mean), se});
    }
    const Estimate order = statistics::estimate_order(steps, means);
    orders.row({problem, kind, scheme, order.value, order.standard_error, promised});
    worst_shortfall =
        studies::worse(worst_shortfall, promised - order.value - 3.0 * order.standard_error);
    worst_se = studies::worse(worst_se, order.standard_error);
  }

  template <typename S>
  void multiplicative(const std::string& name, const Multiplicative& model) {
    add("multiplicative", "strong", name, S::strong_order, 3, 7,
        [&](const BrownianPath& path, Index level) {
          return std::abs(end_of<S>(model, path, level, 1.0) -
                          model.end(path.whole().increment.dW(0)));
        });
    add("multiplicative", "weak", name, S::weak_order, 2, 5,
        [&](const BrownianPath& path, Index level) {
          const double end = end_of<S>(model, path, level, 1.0);
          const double exact = model.end(path.whole().increment.dW(0));
          return end * end - exact * exact;
        });
  }

  template <typename S>
  void additive(const std::string& name, const Additive& model) {
    add("additive", "strong", name, S::strong_order, 3, 6,
        [&](const BrownianPath& path, Index level) {
          return std::abs(end_of<S>(model, path, level, 0.3) -
                          end_of<sde::Sra1<Additive>>(model, path, 10, 0.3));
        });
  }
};

/// X(1) on 2^level steps less X(1) on half of them, the same Brownian path.
void sample_difference(const Multiplicative& model, const random::Stream& stream, Index level,
                       Index first_path, Vector& difference) {
  const Index steps = Index{1} << level;
  const double h = 1.0 / static_cast<double>(steps);
  sde::Milstein<Multiplicative> scheme(model);
  random::Increment fine{Vector(1), Vector(1)}, coarse{Vector(1), Vector(1)};
  Vector x(1), y(1);
  for (Index k = 0; k < difference.size(); ++k) {
    x(0) = y(0) = 1.0;
    coarse.dW(0) = 0.0;
    for (Index t = 0; t < steps; ++t) {
      fine.dW(0) = std::sqrt(h) * random::normal(stream, static_cast<std::uint64_t>(first_path + k),
                                                 static_cast<std::uint32_t>(t), 0);
      scheme.step(h * static_cast<double>(t), h, fine, x);
      coarse.dW += fine.dW;
      if (t % 2 == 0) continue;
      scheme.step(h * static_cast<double>(t - 1), 2.0 * h, coarse, y);
      coarse.dW(0) = 0.0;
    }
    difference(k) = level == 0 ? x(0) : x(0) - y(0);
  }
}

/// X(1) by Euler–Maruyama on one mesh; samples of equal number, their mean and its standard error.
Estimate simulate_single_level(const Multiplicative& model, const studies::Options& options,
                               Index steps, Index samples) {
  constexpr Index chunk = 1024;
  const Index chunks = (samples + chunk - 1) / chunk;
  Matrix sums(2, chunks);
  const double h = 1.0 / static_cast<double>(steps);
  const double centre = std::exp(model.mu);
  parallel_for(chunks, options.threads(), [&](Index k) {
    sde::EulerMaruyama<Multiplicative> scheme(model);
    random::Increment increment{Vector(1), Vector(1)};
    Vector x(1);
    double sum = 0.0, squares = 0.0;
    for (Index path = k * chunk; path < std::min(samples, (k + 1) * chunk); ++path) {
      x(0) = 1.0;
      for (Index t = 0; t < steps; ++t) {
        increment.dW(0) =
            std::sqrt(h) * random::normal({options.seed(), 99}, static_cast<std::uint64_t>(path),
                                          static_cast<std::uint32_t>(t), 0);
        scheme.step(h * static_cast<double>(t), h, increment, x);
      }
      sum += x(0) - centre;
      squares += (x(0) - centre) * (x(0) - centre);
    }
    sums.col(k) << sum, squares;
  });
  const double n = static_cast<double>(samples), mean = sums.row(0).sum() / n;
  return {centre + mean, std::sqrt((sums.row(1).sum() / n - mean * mean) / (n - 1.0))};
}

/// 16 tanh neurons with weights N(0, 0.8²/16) and biases N(0, 0.3²).
models::NoisyChain make_network(std::uint64_t seed, double sigma) {
  constexpr Index n = 16;
  networks::Network network{.activation = activations::Tanh{}, .leak = 0.2};
  network.W.resize(n, n);
  network.b.resize(n);
  const auto draw = [&](Index row, Index column) {
    return random::normal({seed, 98}, static_cast<std::uint64_t>(row), 0,
                          static_cast<std::uint32_t>(column));
  };
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) network.W(i, j) = 0.2 * draw(i, j);
    network.b(i) = 0.3 * draw(i, n);
  }
  return {network, {{.where = networks::NoiseSource::outside, .sigma = {sigma}}}};
}

/// Mean over neurons of the squared standard error.
double mean_square(const std::vector<Estimate>& estimates) {
  double sum = 0.0;
  for (const Estimate& estimate : estimates) sum += std::pow(estimate.standard_error, 2);
  return sum / static_cast<double>(estimates.size());
}

/// What the study of variance reduction fills in.
struct Reduction {
  static constexpr std::array levels = {0.2, 0.4, 0.8, 1.6, 3.2};  // noise σ
  io::Table table{{"method", "sigma", "mean_variance", "variance_variance", "seconds",
                   "mean_factor", "variance_factor", "mean_gain", "variance_gain"}};
  std::vector<statistics::StationaryLaw> plain;
  double worst = 0.0;   // gap to plain Monte Carlo, combined standard errors
  double factor = 0.0;  // of a mean by the last method, at the smallest noise
  bool valid = true;

  /// One method at every noise level; plain first.
  void add(const std::string& method, ensemble::StationaryOptions sampling) {
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const models::NoisyChain chain = make_network(sampling.seed, levels[level]);
      const auto law =
          ensemble::simulate_stationary(chain, Vector(), Vector::Zero(chain.units()), sampling);
      valid = valid && law.valid && law.note.empty();
      if (method == "plain") plain.push_back(law);
      const statistics::StationaryLaw& base = plain[level];
      const double mean = mean_square(law.mean), variance = mean_square(law.variance);
      const double mean_factor = mean_square(base.mean) / mean;
      const double variance_factor = mean_square(base.variance) / variance;
      const double time = base.seconds / law.seconds;
      table.row({method, levels[level], mean, variance, law.seconds, mean_factor, variance_factor,
                 mean_factor * time, variance_factor * time});
      std::printf(
          "%-10s at noise %-3g: gain in variance %.3g (means), %.3g (variances); in "
          "variance x time %.3g, %.3g\n",
          method.c_str(), levels[level], mean_factor, variance_factor, mean_factor * time,
          variance_factor * time);
      if (level == 0) factor = mean_factor;
      for (std::size_t i = 0; i < law.mean.size(); ++i) {
        worst = studies::worse(worst, std::abs(z_score(law.mean[i], base.mean[i])));
        worst = studies::worse(worst, std::abs(z_score(law.variance[i], base.variance[i])));
      }
    }
  }
};

int run(int argc, char** argv) {
  // 1. Parameters.
  Multiplicative multiplicative;
  Additive additive;
  Index paths = 16000, network_paths = 8192;
  double finest = 1e-4, budget = 2e8;
  studies::Options options("schemes", studies::about);
  options.add("mu", multiplicative.mu, "growth rate μ", studies::Allowed::between(-2.0, 2.0))
      .add("sigma", multiplicative.sigma, "noise σ of the multiplicative problem",
           studies::Allowed::between(0.05, 2.0))
      .add("paths", paths, "Brownian paths for the orders", studies::Allowed::between(160, 1e7))
      .add("finest", finest,
           "smallest requested standard error of the multilevel estimate; the largest is 100 "
           "times that",
           studies::Allowed::between(1e-5, 1e-1))
      .add("budget", budget, "steps that a single-level run may cost to be simulated",
           studies::Allowed::between(0.0, 1e12))
      .add("network-paths", network_paths, "paths of the network's stationary law, even",
           studies::Allowed::between(512, 1e7));
  if (!options.parse(argc, argv)) return 0;
  options.quick_value("paths", paths, 8000)
      .quick_value("finest", finest, 3e-4)
      .quick_value("budget", budget, 1e7)
      .quick_value("network-paths", network_paths, 2048);
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. Orders. The Stratonovich scheme gets the equation in its own interpretation.
  Orders orders{options, paths};
  const auto stratonovich = sde::ito_to_stratonovich(multiplicative);
  Progress progress("orders", 9);
  const auto done = [&progress] { progress.advance(); };
  orders.multiplicative<sde::EulerMaruyama<Multiplicative>>("Euler–Maruyama", multiplicative),
      done();
  orders.multiplicative<sde::Milstein<Multiplicative>>("Milstein", multiplicative), done();
  orders.multiplicative<sde::PlatenWeak2<Multiplicative>>("Platen", multiplicative), done();
  orders.multiplicative<sde::Sri1<Multiplicative>>("SRI1", multiplicative), done();
  using Heun = sde::StochasticHeun<sde::ConvertedDrift<Multiplicative>>;
  orders.add("multiplicative", "strong", "Heun", Heun::strong_order, 3, 7,
             [&](const BrownianPath& path, Index level) {
               return std::abs(end_of<Heun>(stratonovich, path, level, 1.0) -
                               multiplicative.end(path.whole().increment.dW(0)));
             });
  done();
  orders.paths = std::max<Index>(paths / 8, batches);
  orders.additive<sde::EulerMaruyama<Additive>>("Euler–Maruyama", additive), done();
  orders.additive<sde::ExponentialEuler<Additive>>("exponential Euler", additive), done();
  orders.additive<sde::DriftImplicitEuler<Additive>>("drift-implicit Euler", additive), done();
  orders.additive<sde::Sra1<Additive>>("SRA1", additive), done();
  results.table("errors", orders.errors);
  results.table("orders", orders.orders);

  // 3. Cost against requested error: multilevel as it went, and Euler–Maruyama on one mesh, where
  // E X_h(1) = (1 + μ h)^{1/h} gives the bias and the step it asks for.
  io::Table multilevel({"wanted", "runs", "rms_error", "standard_error", "bias", "levels", "cost"});
  io::Table single_level(
      {"wanted", "steps", "samples", "cost", "simulated", "estimate", "standard_error", "bias"});
  const double mu = multiplicative.mu, exact = std::exp(mu);
  const double variance = exact * exact * std::expm1(multiplicative.sigma * multiplicative.sigma);
  constexpr double bias_share = 0.5;
  double worst = 0.0, worst_single = 0.0, worst_rms = 0.0;
  Index simulated = 0;
  constexpr Index errors = 5;
  Vector requested(errors), cost(errors), single_cost(errors);
  Report report;
  for (Index k = 0; k < errors; ++k) {
    const double wanted = finest * std::pow(10.0, 0.5 * static_cast<double>(errors - 1 - k));
    // How many levels are drawn is chance where samples are few: the mean cost of several runs.
    const Index runs = k < 3 ? 16 : k < 4 ? 4 : 1;
    double levels = 0.0, squares = 0.0, error_se = 0.0, bias_bound = 0.0;
    cost(k) = 0.0;
    for (Index run = 0; run < runs; ++run) {
      const auto answer = ensemble::multilevel(
          [&](Index level, Index first_path, Vector& difference) {
            const auto stream = static_cast<std::uint32_t>(100 + 32 * run + level);
            sample_difference(multiplicative, {options.seed(), stream}, level, first_path,
                              difference);
          },
          [](Index level) {
            return std::exp2(static_cast<double>(level)) * (level == 0 ? 1.0 : 1.5);
          },
          {.standard_error = wanted,
           .bias_share = bias_share,
           .pilot = 32,
           .max_level = 16,
           .threads = options.threads()});
      if (!answer.report.ok()) report = answer.report;
      const double error = answer.estimate.value - exact;
      worst = studies::worse(
          worst, std::abs(error) / (5.0 * answer.estimate.standard_error + answer.bias));
      const double share = 1.0 / static_cast<double>(runs);
      squares += share * error * error;
      error_se += share * answer.estimate.standard_error;
      bias_bound += share * answer.bias;
      levels += share * static_cast<double>(answer.levels.size());
      cost(k) += share * answer.cost;
    }
    // The square of one error has sd √2 times its mean: the mean of 16, at 5 standard errors.
    if (runs == 16)
      worst_rms =
          studies::worse(worst_rms, squares / (wanted * wanted * (1.0 + bias_share * bias_share)));
    requested(k) = wanted;
    multilevel.row({wanted, runs, std::sqrt(squares), error_se, bias_bound, levels, cost(k)});

    // Bias e^μ μ² h/2 to first order in h.
    const Index steps = std::max<Index>(
        1, static_cast<Index>(std::ceil(exact * mu * mu / (2.0 * bias_share * wanted))));
    const double samples = std::ceil(variance / (wanted * wanted));
    single_cost(k) = samples * static_cast<double>(steps);
    const double h = 1.0 / static_cast<double>(steps);
    const double bias = std::abs(exact - std::exp(std::log1p(mu * h) / h));
    Estimate estimate{.standard_error = std::numeric_limits<double>::quiet_NaN()};
    const bool affordable = single_cost(k) <= budget && samples >= 2.0;
    if (affordable) {
      ++simulated;
      estimate = simulate_single_level(multiplicative, options, steps, static_cast<Index>(samples));
      worst_single = studies::worse(
          worst_single, std::abs(estimate.value - exact) / (5.0 * estimate.standard_error + bias));
    }
    single_level.row({wanted, steps, samples, single_cost(k), affordable, estimate.value,
                      estimate.standard_error, bias});
  }
  results.table("multilevel", multilevel);
  results.table("single_level", single_level);
  const double slope = statistics::observed_order(requested, cost);
  const double single_slope = statistics::observed_order(requested, single_cost);
  io::Table slopes({"method", "slope"});
  slopes.row({"multilevel", slope}).row({"single_level", single_slope});
  results.table("cost_slopes", slopes);

  // 4. What variance reduction is worth, from small noise to large.
  // Streams of their own, so that gaps can be judged.
  Reduction reduction;
  ensemble::StationaryOptions sampling{
      .paths = network_paths, .seed = options.seed(), .threads = options.threads()};
  reduction.add("plain", sampling);
  sampling.stream = 1;
  sampling.variance_reduction = ensemble::VarianceReduction::antithetic;
  reduction.add("antithetic", sampling);
  sampling.stream = 2;
  sampling.variance_reduction = ensemble::VarianceReduction::control;
  reduction.add("control", sampling);
  results.table("variance_reduction", reduction.table);

  // 5. Judge, draw.
  verdict.at_most("orders, largest shortfall beyond 3 standard errors", orders.worst_shortfall,
                  0.1);
  verdict.at_most("orders, largest standard error", orders.worst_se, 0.1);
  verdict.solved("multilevel Monte Carlo", report);
  verdict.at_most("multilevel, slope of cost against error, distance to -2", std::abs(slope + 2.0),
                  0.2);
  verdict.at_most("multilevel, error over 5 standard errors + bias", worst, 1.0);
  verdict.at_most("multilevel, mean square error of 16 runs over the requested one", worst_rms,
                  1.0 + 5.0 * std::sqrt(2.0 / 16.0));
  if (simulated > 0)
    verdict.at_most("single level, error over 5 standard errors + bias", worst_single, 1.0);
  verdict.at_least("variance reduction, every run valid", reduction.valid, 1.0);
  verdict.at_most("variance reduction, largest gap to plain in standard errors", reduction.worst,
                  5.0);
  verdict.at_least("control variates, factor of a mean at the smallest noise", reduction.factor,
                   10.0);
  verdict.field("multilevel_slope", slope);
  verdict.field("single_level_slope", single_slope);
  verdict.field("multilevel_saves", single_cost(errors - 1) / cost(errors - 1));
  if (options.plots()) plots::schemes(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("schemes", run, argc, argv); }
