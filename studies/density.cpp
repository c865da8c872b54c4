// SPDX-License-Identifier: GPL-3.0-or-later
// density: where does a noisy network spend its time?
//
// Question    What is the stationary density of one or two noisy neurons, what flows in it, and do
//             Fokker–Planck, simulation and, for the discrete chain, the transfer operator agree?
// Model       noise outside: dh = (−h + f(W h + c)) dt + G dω, and the chain
//             h' = (1−g) h + g (f(W h + c) + s ξ), √g s = G; inside, of correlation R:
//             dh = (−h + f_s(W h + c)) dt + √g F(h)^½ dω, F = Cov f(u + s∘ξ), ξ ~ N(0, R)
//             Cases: one neuron, monostable and bistable; two neurons, bistable; noise of
//             correlation 0.95 and sd 1 : 1 and 1 : 10, outside (tanh) and inside (relu); noise
//             along (1, 0.3) alone
// Methods     fokker_planck      positive finite volumes on a chart of the law
//             transfer_operator  exact, of the chain
//             Monte Carlo of diffusion and chain: independent paths, one state each
// Acceptance  In every case: mass 1 to 1e-12, no negative cell; bins of the diffusion's states fit
//             the density (chi-square within 5 of its standard deviations); mean and covariance of
//             the chain's states within 5 standard errors of the transfer operator. The order in
//             the mesh is at least 1.9 but for the noise of rank one, whose order is a result.
// Output      results/density/: cases, line, marginals, chain, density_CASE, current_CASE,
//             states_CASE, manifest.json
// Figure      plots/density.cpp: density, density_marginals, density_plane
//
// Sample runs density
//             density --cases bistable_pair rank_one --paths 4000

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/activations/relu.hpp"
#include "lib/core/progress.hpp"
#include "lib/io/results.hpp"
#include "lib/models/shared_noise_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/statistics/chi_square.hpp"
#include "lib/statistics/estimate_mean.hpp"
#include "plots/density.hpp"
#include "solvers/ensemble/end_states.hpp"
#include "solvers/fokker_planck/evolve.hpp"
#include "solvers/fokker_planck/stationary.hpp"
#include "solvers/sde/euler_maruyama.hpp"
#include "solvers/sde/sra1.hpp"
#include "solvers/transfer_operator/distribution.hpp"
#include "solvers/transfer_operator/plane.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using fokker_planck::Coefficients;
using fokker_planck::StationaryDensity;

namespace {

constexpr double duration = 15.0;  // of a simulated path, units of tau

/// dh = (−h + tanh(W h + c)) dt + G dω.
struct NoiseOutside {
  static constexpr bool additive_noise = true;
  Matrix W;
  Vector c;
  Matrix G;

  Index state_size() const { return W.rows(); }
  Index noise_size() const { return G.cols(); }
  void drift(double, const Vector& h, Vector& drift) const {
    drift = c;
    drift.noalias() += W * h;
    for (Index i = 0; i < drift.size(); ++i) drift(i) = std::tanh(drift(i)) - h(i);
  }
  void diffusion(double, const Vector&, Matrix& diffusion) const { diffusion = G; }
};

/// A diffusion with the law of another that has more noises than states: G is the Cholesky factor
/// of its covariance.
struct FewerNoises {
  models::SharedNoiseDiffusion model;

  Index state_size() const { return model.state_size(); }
  Index noise_size() const { return model.state_size(); }
  void drift(double t, const Vector& h, Vector& drift) const { model.drift(t, h, drift); }
  void diffusion(double t, const Vector& h, Matrix& diffusion) const {
    Matrix columns(h.size(), model.noise_size());
    model.diffusion(t, h, columns);
    diffusion = (columns * columns.transpose()).llt().matrixL();
  }
};

Matrix plane(double a, double b, double c, double d) {
  Matrix matrix(2, 2);
  matrix << a, b, c, d;
  return matrix;
}

/// Noise of two units with this correlation and these standard deviations.
Matrix correlated(double correlation, double first, double second) {
  return plane(first, 0.0, correlation * second,
               std::sqrt(1.0 - correlation * correlation) * second);
}

struct Case {
  std::string name;
  Matrix starts;  ///< Of the paths and of the trajectories that find the law, (n, k).
  std::function<Coefficients()> coefficients;
  std::function<Matrix(Index paths)> sample;
  std::optional<models::NoisyChain> chain = {};
  bool full_rank = true;
};

/// A model with how to simulate it; both live as long as the case.
template <typename Scheme, typename Model>
Case make_case(std::string name, Model model, Matrix starts, double step,
               const studies::Options& options, std::uint32_t stream) {
  const auto shared = std::make_shared<const Model>(std::move(model));
  const auto steps = static_cast<Index>(std::lround(duration / step));
  return {.name = std::move(name),
          .starts = starts,
          .coefficients =
              [shared] {
                auto coefficients = fokker_planck::coefficients_of(*shared);
                return Coefficients{coefficients.dimension,
                                    [shared, drift = coefficients.drift](
                                        const Vector& x, Vector& value) { drift(x, value); },
                                    coefficients.tensor};
              },
          .sample =
              [shared, starts, step, steps, stream, &options](Index paths) {
                return ensemble::end_states(ensemble::SchemeProcess(Scheme(*shared), step), starts,
                                            steps, paths, {options.seed(), stream},
                                            options.threads());
              }};
}

/// The chain whose diffusion limit has the noise √g s = `noise` outside.
models::NoisyChain chain_of(const NoiseOutside& model, double leak) {
  networks::Network network{.W = model.W, .b = model.c, .leak = leak};
  return {networks::make_network(network),
          {{.where = networks::NoiseSource::outside, .sigma = {model.G(0, 0) / std::sqrt(leak)}}}};
}

/// Two relu neurons, noise inside of sd s and correlation 0.95: a common part and one of their own.
FewerNoises noise_inside(const Matrix& W, const Vector& c, const Vector& s, double leak) {
  constexpr double correlation = 0.95;
  const networks::Network network =
      networks::make_network({.W = W, .b = c, .activation = activations::Relu{}, .leak = leak});
  const Vector own = std::sqrt(1.0 - correlation) * s;
  return {{network,
           {{.where = networks::NoiseSource::inside, .sigma = {own(0), own(1)}}},
           {.argument = std::sqrt(correlation) * s, .nodes = 24},
           Vector(0)}};
}

std::vector<Case> make_cases(double leak, const studies::Options& options) {
  using Sra1 = sde::Sra1<NoiseOutside>;
  using EulerMaruyama = sde::EulerMaruyama<FewerNoises>;
  const Vector none = Vector::Zero(2), half = Vector::Constant(2, 0.5);
  // The second of the pairs lets little of the noisy unit into the quiet one, in its units.
  const Matrix circulating = plane(0.6, 0.3, -0.2, 0.5), scaled = plane(0.6, 0.05, -0.2, 0.5);
  const auto line = [](double w, double c, double noise) {
    return NoiseOutside{Matrix::Constant(1, 1, w), Vector::Constant(1, c),
                        Matrix::Constant(1, 1, noise)};
  };
  const Matrix both = (Matrix(1, 2) << 1.0, -1.0).finished();
  const NoiseOutside mono = line(0.5, 0.5, 0.5), bi = line(1.5, 0.0, 0.45),
                     pair{plane(1.4, 0.15, 0.15, 1.4), none, 0.45 * Matrix::Identity(2, 2)};
  std::vector<Case> cases;
  const auto add = [&](Case next) { cases.push_back(std::move(next)); };
  add(make_case<Sra1>("monostable", mono, Matrix::Constant(1, 1, 0.6), 0.05, options, 0));
  cases.back().chain = chain_of(mono, leak);
  add(make_case<Sra1>("bistable", bi, both, 0.05, options, 1));
  cases.back().chain = chain_of(bi, leak);
  add(make_case<Sra1>("bistable_pair", pair, plane(1.0, -1.0, 1.0, -1.0), 0.05, options, 2));
  cases.back().chain = chain_of(pair, leak);
  add(make_case<Sra1>("outside_1_1", NoiseOutside{circulating, half, correlated(0.95, 0.5, 0.5)},
                      none, 0.05, options, 3));
  add(make_case<Sra1>("outside_1_10", NoiseOutside{scaled, half, correlated(0.95, 0.05, 0.5)}, none,
                      0.05, options, 4));
  add(make_case<EulerMaruyama>("inside_1_1", noise_inside(circulating, half, Vector::Ones(2), leak),
                               Vector{{1.8, 0.7}}, 0.02, options, 5));
  add(make_case<EulerMaruyama>("inside_1_10", noise_inside(scaled, half, Vector{{0.15, 1.5}}, leak),
                               Vector{{1.4, 1.0}}, 0.02, options, 6));
  add(make_case<Sra1>("rank_one", NoiseOutside{circulating, half, 0.5 * Vector{{1.0, 0.3}}}, none,
                      0.05, options, 7));
  cases.back().full_rank = false;
  return cases;
}

/// Calls visit(x, mass) for parts of every cell, four an axis.
template <typename Visit>
void for_each_part(const StationaryDensity& density, Visit&& visit) {
  constexpr Index parts = 4;
  const auto& grid = density.grid->grid;
  const Index n = grid.dimension(), count = n == 1 ? parts : parts * parts;
  Vector xi, at;
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, xi);
    for (Index part = 0; part < count; ++part) {
      at = xi;
      for (Index i = 0, rest = part; i < n; ++i, rest /= parts)
        at(i) += ((static_cast<double>(rest % parts) + 0.5) / parts - 0.5) * grid.axis(i).width();
      visit(density.chart.position(at), density.grid->masses(cell) / static_cast<double>(count));
    }
  }
}

/// A marginal density of one unit in bins, with its sampled counterpart.
struct Marginal {
  double lower, width;
  Vector theory, counts;

  Marginal(const StationaryDensity& density, const Matrix& states, Index unit) {
    constexpr Index bins = 40;
    const double sd = std::sqrt(density.covariance(unit, unit));
    lower = density.mean(unit) - 3.5 * sd;
    width = 7.0 * sd / bins;
    theory = counts = Vector::Zero(bins);
    const auto add = [&](Vector& sums, double x, double mass) {
      const auto bin = static_cast<Index>(std::floor((x - lower) / width));
      if (bin >= 0 && bin < bins) sums(bin) += mass;
    };
    for_each_part(density, [&](const Vector& x, double mass) { add(theory, x(unit), mass); });
    for (Index path = 0; path < states.cols(); ++path) add(counts, states(unit, path), 1.0);
  }
};

/// How well independent states fit a density: bins are cut at the deciles of each unit.
double chi_square(const StationaryDensity& density, const Matrix& states) {
  constexpr Index pieces = 10;
  const Index n = states.rows();
  std::vector<std::vector<double>> cuts(static_cast<std::size_t>(n));
  for (Index unit = 0; unit < n; ++unit) {
    std::vector<std::pair<double, double>> parts;
    for_each_part(density,
                  [&](const Vector& x, double mass) { parts.emplace_back(x(unit), mass); });
    std::sort(parts.begin(), parts.end());
    double sum = 0.0;
    for (const auto& [x, mass] : parts) {
      sum += mass;
      if (sum >= static_cast<double>(cuts[static_cast<std::size_t>(unit)].size() + 1) / pieces &&
          cuts[static_cast<std::size_t>(unit)].size() + 1 < pieces)
        cuts[static_cast<std::size_t>(unit)].push_back(x);
    }
  }
  const auto bin_of = [&](const auto& x) {
    Index bin = 0;
    for (Index unit = n - 1; unit >= 0; --unit) {
      const auto& edges = cuts[static_cast<std::size_t>(unit)];
      bin = bin * pieces + (std::upper_bound(edges.begin(), edges.end(), x(unit)) - edges.begin());
    }
    return bin;
  };
  const Index bins = n == 1 ? pieces : pieces * pieces;
  Vector expected = Vector::Zero(bins), counted = expected;
  for_each_part(density, [&](const Vector& x, double mass) { expected(bin_of(x)) += mass; });
  for (Index path = 0; path < states.cols(); ++path) counted(bin_of(states.col(path))) += 1.0;
  return statistics::chi_square_deviation(counted, expected);
}

/// Density and current on a regular grid over ± 3.5 standard deviations, and some states.
void save_plane(io::Results& results, const std::string& name, const StationaryDensity& density,
                const Coefficients& coefficients, const Matrix& states) {
  constexpr Index points = 80, arrows = 13, shown = 400;
  constexpr double reach = 3.5;
  const Vector sd = density.covariance.diagonal().cwiseSqrt();
  const auto at = [&](Index i, Index j, Index count) {
    const auto s = [count](Index k) {
      return reach * (2.0 * (static_cast<double>(k) + 0.5) / static_cast<double>(count) - 1.0);
    };
    return Vector{{density.mean(0) + s(i) * sd(0), density.mean(1) + s(j) * sd(1)}};
  };
  std::vector<double> values;
  double most = 0.0;
  for (Index j = 0; j < points; ++j)
    for (Index i = 0; i < points; ++i) {
      values.push_back(density.density(at(i, j, points)));
      most = std::max(most, values.back());
    }
  io::Table table({"h1", "h2", "density", "relative"});
  for (Index j = 0, k = 0; j < points; ++j)
    for (Index i = 0; i < points; ++i, ++k) {
      const Vector x = at(i, j, points);
      table.row({x(0), x(1), values[static_cast<std::size_t>(k)],
                 values[static_cast<std::size_t>(k)] / most});
    }
  results.table("density_" + name, table);

  // The current of the chart's coordinates, carried over to h: J_h = (∂h/∂ξ) J_ξ/|∂h/∂ξ|.
  const auto& grid = density.grid->grid;
  const auto generator =
      fokker_planck::make_generator(fokker_planck::on_chart(coefficients, density.chart), grid);
  const Matrix current =
      fokker_planck::probability_current(generator.rates, grid, density.grid->masses);
  struct Arrow {
    Vector x, flow;
  };
  std::vector<Arrow> flows;
  double longest = 0.0;
  for (Index j = 0; j < arrows; ++j)
    for (Index i = 0; i < arrows; ++i) {
      const Vector x = at(i, j, arrows), xi = density.chart.coordinates(x);
      Vector flow(2);
      for (Index k = 0; k < 2; ++k)
        flow(k) = fokker_planck::interpolate(grid, current.row(k).transpose(), xi);
      flow = density.chart.jacobian(xi) * flow / density.chart.volume_factor(xi);
      longest = std::max(longest, flow.cwiseQuotient(sd).norm());
      flows.push_back({x, flow});
    }
  io::Table vectors({"h1", "h2", "current1", "current2", "arrow1", "arrow2"});
  for (const auto& [x, flow] : flows) {
    // Drawn with the root of its strength, centred.
    const double size = flow.cwiseQuotient(sd).norm();
    const Vector arrow =
        size > 1e-3 * longest ? Vector(flow * (0.5 / std::sqrt(size * longest))) : Vector::Zero(2);
    vectors.row(
        {x(0) - 0.5 * arrow(0), x(1) - 0.5 * arrow(1), flow(0), flow(1), arrow(0), arrow(1)});
  }
  results.table("current_" + name, vectors);
  io::Table cloud({"h1", "h2"});
  for (Index path = 0; path < std::min(shown, states.cols()); ++path)
    cloud.row({states(0, path), states(1, path)});
  results.table("states_" + name, cloud);
}

/// Mean and covariance of sampled states against exact ones: the largest deviation, in standard
/// errors.
double worst_deviation(const Matrix& states, const Vector& mean, const Matrix& covariance) {
  double worst = 0.0;
  const auto judge = [&](const Vector& samples, double exact) {
    worst =
        studies::worse(worst, std::abs(z_score(statistics::estimate_mean(samples), {exact, 0.0})));
  };
  for (Index i = 0; i < states.rows(); ++i) {
    judge(states.row(i), mean(i));
    for (Index j = 0; j <= i; ++j)
      judge(((states.row(i).array() - mean(i)) * (states.row(j).array() - mean(j))).matrix(),
            covariance(i, j));
  }
  return worst;
}

int run(int argc, char** argv) {
  // 1. Parameters.
  std::vector<std::string> names;
  double leak = 0.1, tolerance = 5e-4;
  Index paths = 20000;
  studies::Options options("density", studies::about);
  options
      .add("cases", names, "cases to run; none: all",
           studies::Allowed::one_of({"monostable", "bistable", "bistable_pair", "outside_1_1",
                                     "outside_1_10", "inside_1_1", "inside_1_10", "rank_one"}))
      .add("leak", leak, "g = dt/tau of the chains", studies::Allowed::between(1e-3, 0.5))
      .add("tolerance", tolerance, "wanted L1 error of the finite volumes",
           studies::Allowed::between(1e-6, 0.1))
      .add("paths", paths, "simulated paths of each case", studies::Allowed::between(500, 1e7));
  if (!options.parse(argc, argv)) return 0;
  options.quick_value("paths", paths, 3000).quick_value("tolerance", tolerance, 2e-3);
  io::Results results = options.results();
  studies::Verdict verdict(results);
  auto cases = make_cases(leak, options);
  if (!names.empty())
    std::erase_if(cases, [&](const Case& one) {
      return std::find(names.begin(), names.end(), one.name) == names.end();
    });

  // 2. Every case: density, simulation, comparison.
  io::Table summary({"case", "cells", "error", "order", "mass_error", "least_cell", "chi_square",
                     "mean1", "sd1", "note"}),
      line({"case", "h", "fokker_planck", "transfer_operator", "monte_carlo", "monte_carlo_se",
            "chain", "chain_se"}),
      marginals({"case", "unit", "h", "fokker_planck", "monte_carlo", "monte_carlo_se"}),
      chains({"case", "unit", "exact_mean", "exact_sd", "diffusion_mean", "diffusion_sd",
              "sampled_mean", "sampled_sd"});
  const auto save = [&] {  // after every case: an interrupted run keeps what is finished
    results.table("cases", summary);
    results.table("marginals", marginals);
    results.table("line", line);
    results.table("chain", chains);
  };
  Progress progress("cases", static_cast<Index>(cases.size()));
  for (const Case& one : cases) {
    const Coefficients coefficients = one.coefficients();
    const Index n = coefficients.dimension;
    const auto density = fokker_planck::solve_stationary(
        coefficients, fokker_planck::guess_law(coefficients, one.starts, 100.0),
        {.method = fokker_planck::StationaryMethod::finite_volume,
         .tolerance = one.full_rank ? tolerance : 20.0 * tolerance});
    verdict.solved(one.name + ", Fokker–Planck", density.report);
    if (!density.report.ok()) {
      save();
      continue;
    }
    const Matrix states = one.sample(paths);
    const double mass = std::abs(density.grid->masses.sum() - 1.0),
                 least = density.grid->masses.minCoeff(), fit = chi_square(density, states);
    summary.row({one.name, density.grid->masses.size(), density.error, density.grid->order, mass,
                 least, fit, density.mean(0), std::sqrt(density.covariance(0, 0)),
                 density.report.message});
    verdict.at_most(one.name + ", mass minus one", mass, 1e-12);
    verdict.at_least(one.name + ", least cell", least, 0.0);
    verdict.at_most(one.name + ", chi-square against Monte Carlo, standard deviations", fit, 5.0);
    if (one.full_rank)
      verdict.at_least(one.name + ", order in the mesh", density.grid->order, 1.9);
    else
      verdict.field("order_rank_one", density.grid->order);

    std::optional<transfer_operator::Distribution> exact;
    Matrix chain_states;
    if (one.chain) {
      chain_states = ensemble::end_states(ensemble::ChainProcess(*one.chain, Vector(0)), one.starts,
                                          static_cast<Index>(std::lround(duration / leak)), paths,
                                          {options.seed(), 100}, options.threads());
      Vector mean(n);
      Matrix covariance(n, n);
      Report solved;
      if (n == 1) {
        const auto law = transfer_operator::solve_stationary(*one.chain, Vector(0));
        exact = transfer_operator::solve_distribution(*one.chain, Vector(0), law);
        mean(0) = law.mean;
        covariance(0, 0) = law.variance;
        solved = law.report;
      } else {
        const auto law = transfer_operator::solve_plane(*one.chain, Vector(0), {.tolerance = 1e-5});
        mean = law.mean;
        covariance = law.covariance;
        solved = law.report;
      }
      verdict.solved(one.name + ", transfer operator", solved);
      verdict.at_most(one.name + ", chain against transfer operator, standard errors",
                      worst_deviation(chain_states, mean, covariance), 5.0);
      for (Index unit = 0; unit < n; ++unit) {
        const Eigen::ArrayXd samples = chain_states.row(unit).transpose().array();
        chains.row({one.name, unit + 1, mean(unit), std::sqrt(covariance(unit, unit)),
                    density.mean(unit), std::sqrt(density.covariance(unit, unit)), samples.mean(),
                    std::sqrt((samples - samples.mean()).square().mean())});
      }
    }
    for (Index unit = 0; unit < n; ++unit) {
      const Marginal marginal(density, states, unit);
      const double scale = 1.0 / marginal.width, each = scale / static_cast<double>(states.cols());
      std::optional<Marginal> of_chain;
      if (n == 1 && one.chain) of_chain.emplace(density, chain_states, 0);
      for (Index bin = 0; bin < marginal.theory.size(); ++bin) {
        const double h = marginal.lower + (static_cast<double>(bin) + 0.5) * marginal.width,
                     count = marginal.counts(bin);
        marginals.row({one.name, unit + 1, h, scale * marginal.theory(bin), each * count,
                       each * std::sqrt(count)});
        if (of_chain)
          line.row({one.name, h, density.density(Vector::Constant(1, h)), exact->density(h),
                    each * count, each * std::sqrt(count), each * of_chain->counts(bin),
                    each * std::sqrt(of_chain->counts(bin))});
      }
    }
    if (n == 2) save_plane(results, one.name, density, coefficients, states);
    save();
    progress.advance();
  }

  // 3. Judge, draw.
  if (options.plots()) plots::density(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("density", run, argc, argv); }
