// SPDX-License-Identifier: GPL-3.0-or-later
// schemes: which orders do the stochastic integrators reach, and what does multilevel sampling
// save?
//
// Question    Do the schemes converge on one path and in the mean as fast as they promise? What
// does
//             a wanted standard error cost by multilevel and by plain Monte Carlo?
// Model       multiplicative  dX = μ X dt + σ X dW (Itô), X(1) = exp((μ − σ²/2) + σ W(1))
//             additive        dX = (−X + tanh(w X)) dt + σ dW, a noisy bistable unit
// Methods     A. strong order: mean |X_h(1) − X(1)| on common Brownian paths; the exact end
//                of the additive problem is SRA1's on a mesh 16 times finer than the finest
//             B. weak order: E X_h(1)² − E X(1)² on the same paths, multiplicative problem
//             C. multilevel Monte Carlo of E X(1) by Milstein's scheme, which chooses its
//                levels, and the cost of plain Monte Carlo with the same bias and error
// Acceptance  Every observed order is at least the promised one less 3 standard errors less
//             0.1, its standard error at most 0.1. Cost of C ∝ error^−2 ± 0.2 over two
//             decades. Every multilevel estimate lies within 5 standard errors + twice its
//             bias of e^μ.
// Output      results/schemes/: errors, orders, multilevel, manifest.json
// Figure      plots/schemes.cpp
//
// Sample runs schemes
//             schemes --sigma 0.3 --paths 4000

#include <algorithm>
#include <cmath>
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
void sample_difference(const Multiplicative& model, std::uint64_t seed, Index level,
                       Index first_path, Vector& difference) {
  const random::Stream stream{seed, static_cast<std::uint32_t>(100 + level)};
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

int run(int argc, char** argv) {
  // 1. Parameters.
  Multiplicative multiplicative;
  Additive additive;
  Index paths = 8000;
  double finest = 3e-4;
  studies::Options options("schemes", studies::about);
  options.add("mu", multiplicative.mu, "growth rate μ", studies::Allowed::between(-2.0, 2.0))
      .add("sigma", multiplicative.sigma, "noise σ of the multiplicative problem",
           studies::Allowed::between(0.05, 2.0))
      .add("paths", paths, "Brownian paths for the orders", studies::Allowed::between(160, 1e7))
      .add("finest", finest,
           "smallest standard error of the multilevel estimate; the largest is 100 "
           "times that",
           studies::Allowed::between(1e-5, 1e-1));
  if (!options.parse(argc, argv)) return 0;
  if (options.quick()) {
    paths = std::min<Index>(paths, 3200);
    finest = std::max(finest, 4e-4);
  }
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

  // 3. Cost against error: multilevel as it went, plain Monte Carlo by its own formula, samples
  // V/ε² of as many steps as halve the bias to the same size.
  io::Table multilevel({"wanted", "estimate", "standard_error", "bias", "levels", "cost",
                        "plain_cost", "weak_order", "variance_order"});
  const double exact = std::exp(multiplicative.mu);
  double worst = 0.0;
  constexpr Index errors = 5;
  Vector reached(errors), cost(errors);
  Report report;
  for (Index k = 0; k < errors; ++k) {
    const double wanted = finest * std::pow(10.0, 0.5 * static_cast<double>(errors - 1 - k));
    const auto answer = ensemble::multilevel(
        [&](Index level, Index first_path, Vector& difference) {
          sample_difference(multiplicative, options.seed(), level, first_path, difference);
        },
        [](Index level) {
          return std::exp2(static_cast<double>(level)) * (level == 0 ? 1.0 : 1.5);
        },
        {.standard_error = wanted, .pilot = 32, .threads = options.threads()});
    if (!answer.report.ok()) report = answer.report;
    const double variance = exact * exact * std::expm1(multiplicative.sigma * multiplicative.sigma);
    const double steps = std::exp2(static_cast<double>(answer.levels.size() - 1));
    const double plain = variance / (wanted * wanted) * steps;
    multilevel.row({wanted, answer.estimate.value, answer.estimate.standard_error, answer.bias,
                    static_cast<Index>(answer.levels.size()), answer.cost, plain, answer.weak_order,
                    answer.variance_order});
    worst = studies::worse(worst, std::abs(answer.estimate.value - exact) /
                                      (5.0 * answer.estimate.standard_error + 2.0 * answer.bias));
    reached(k) = answer.estimate.standard_error;
    cost(k) = answer.cost;
  }
  results.table("multilevel", multilevel);
  const double slope = statistics::observed_order(reached, cost);

  // 4. Judge, draw.
  verdict.at_most("orders, largest shortfall beyond 3 standard errors", orders.worst_shortfall,
                  0.1);
  verdict.at_most("orders, largest standard error", orders.worst_se, 0.1);
  verdict.solved("multilevel Monte Carlo", report);
  verdict.at_most("multilevel, slope of cost against error, distance to -2", std::abs(slope + 2.0),
                  0.2);
  verdict.at_most("multilevel, error over 5 standard errors + 2 biases", worst, 1.0);
  verdict.field("multilevel_slope", slope);
  if (options.plots()) plots::schemes(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("schemes", run, argc, argv); }
