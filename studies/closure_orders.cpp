// SPDX-License-Identifier: GPL-3.0-or-later
// closure_orders: what does each order of a cumulant closure buy, and where does it break?
//
// Question    By how much do closures of order 1 to 6 miss mean, variance and skewness of a noisy
//             neuron, which orders help, and where do their moments stop being those of any law?
// Model       one neuron, rate equation, and its diffusion limit; s is the noise of one step:
//             inside   h' = (1−g) h + g f(w h + c + s ξ)
//             outside  h' = (1−g) h + g (f(w h + c) + s ξ)
// Methods     order k   cumulants to order k with exact averages of f (no Taylor series, so that
//                       kinks are no obstacle); 1 is the smoothed mean field, 2 the Gaussian
//                       closure
//             exact     chain: transfer operator; diffusion: Fokker–Planck law by quadrature
//             Monte Carlo of the chain at every other point
// Acceptance  Order 2 is the Gaussian closure of the ladder to 1e-9. Wherever a closure calls
// itself
//             valid, its mean is right to a tenth of a standard deviation and its variance to a
//             tenth. At the first point, with the least noise, order 4 is at least as good as order
//             2 in mean and variance (or exact to 1e-9). The exact moments lie within 5 standard
//             errors of Monte Carlo. A point without an exact answer is left out, half of them may
//             not be. That an order has no stationary law somewhere is a result, not a failure.
// Output      results/closure_orders/: orders, exact, monte_carlo, best_order, manifest.json; with
//             --model: equations.tex, moments, stationary
// Figure      plots/closure_orders.cpp
//
// Sample runs closure_orders
//             closure_orders --activation tanh --weight 1.2 --bias 0.05 --placement outside
//             closure_orders --vary leak --grid 0.05,0.1,0.2,0.5,1 --sigma 0.5
//             closure_orders --model tests/data/models/logistic_growth.toml --order 3
//               --closure derivative-matching --positive

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "plots/closure_orders.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/fokker_planck/line.hpp"
#include "solvers/moments/cumulant_closure.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using networks::NoiseSource;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr Index highest_order = 6;

struct Parameters {
  std::vector<std::string> activations = {"relu", "softplus", "tanh"};
  double weight = 0.5, bias = 0.2, leak = 0.2, sigma = 0.6;
  std::string placement = "inside", vary = "sigma";
  std::vector<double> grid;
  Index paths = 20000;
};

struct Moments {
  double mean = not_a_number, variance = not_a_number, skewness = not_a_number;
};

/// One neuron at one noise and leak.
struct Point {
  models::NoisyChain chain;
  double x = 0.0;  ///< What is varied.
  Moments chain_law, diffusion_law;
  std::vector<moments::CumulantSolution> chain_orders, diffusion_orders;
  Moments gaussian_closure;
};

models::NoisyChain neuron(const Parameters& p, const std::string& activation, double x) {
  const bool noise = p.vary == "sigma";
  return {
      networks::single_unit(networks::Equation::rate, activations::make_activation(activation),
                            p.weight, p.bias, noise ? p.leak : x),
      networks::white_noise(p.placement == "inside" ? NoiseSource::inside : NoiseSource::outside,
                            noise ? x : p.sigma)};
}

/// The diffusion's law on an interval around the chain's, widened until its ends hold nothing.
Moments diffusion_law(const models::NoisyChain& chain, const Moments& guess) {
  const models::NoisyDiffusion diffusion(chain, Vector());
  const double sd = std::sqrt(guess.variance);
  std::vector<double> breaks;
  if (chain.argument_sd().isZero(0.0))  // where the drift has its kinks
    for (const double kink : activations::kinks(chain.activation()))
      breaks.push_back((kink - chain.network().b(0)) / chain.network().W(0, 0));
  for (const double reach : {8.0, 12.0, 18.0}) {
    const double lower = guess.mean - reach * sd, upper = guess.mean + 1.5 * reach * sd;
    const auto law = fokker_planck::stationary_on_line(fokker_planck::coefficients_of(diffusion),
                                                       lower, upper, {.breaks = breaks});
    if (law.report.ok() && law.end_density < 1e-12) return {law.mean, law.variance, law.skewness};
  }
  return {};
}

void solve(Point& point) {
  const Vector none, origin = Vector::Zero(1);
  const auto exact = transfer_operator::solve_stationary(point.chain, none);
  if (exact.report.ok()) point.chain_law = {exact.mean, exact.variance, exact.skewness};
  if (std::isfinite(point.chain_law.variance))
    point.diffusion_law = diffusion_law(point.chain, point.chain_law);
  const models::NoisyDiffusion diffusion(point.chain, none);
  for (Index order = 1; order <= highest_order; ++order) {
    point.chain_orders.push_back(
        moments::solve_cumulants(point.chain, none, origin, {.order = order}));
    point.diffusion_orders.push_back(moments::solve_cumulants(diffusion, origin, {.order = order}));
  }
  const auto closure = moments::solve_closure(point.chain, none, origin);
  if (closure.valid) point.gaussian_closure = {closure.mean[0].value, closure.variance[0].value};
}

/// Errors of a solution against the exact law: of the mean in standard deviations, of the variance
/// relative to it, of the skewness as it is; NaN for what an order does not know.
Moments errors(const moments::CumulantSolution& solution, const Moments& exact) {
  const auto& law = solution.law;
  Moments error;
  if (solution.report.status == Status::no_convergence) return error;
  error.mean = std::abs(law.mean()(0) - exact.mean) / std::sqrt(exact.variance);
  if (law.order() >= 2) error.variance = std::abs(law.cumulant(0, 2) / exact.variance - 1.0);
  if (law.order() >= 3) error.skewness = std::abs(law.skewness(0) - exact.skewness);
  if (law.order() == 2) error.skewness = std::abs(exact.skewness);
  return error;
}

int run_neurons(const studies::Options& options, const Parameters& p) {
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. Every order at every point, chain and diffusion, and the exact laws.
  std::vector<Point> points;
  for (const std::string& activation : p.activations)
    for (const double x : p.grid) points.push_back({.chain = neuron(p, activation, x), .x = x});
  Progress progress("closures", static_cast<Index>(points.size()));
  parallel_for(static_cast<Index>(points.size()), options.threads(), [&](Index k) {
    solve(points[static_cast<std::size_t>(k)]);
    progress.advance();
  });

  // 3. Tables, and how far each order is off.
  io::Table exact_table({"activation", "process", p.vary, "mean", "variance", "skewness"});
  io::Table orders({"activation", "process", "order", p.vary, "mean", "variance", "skewness",
                    "mean_error", "variance_error", "skewness_error", "change", "correction",
                    "margin", "lost", "valid", "note"});
  io::Table best({"activation", "process", p.vary, "best_mean", "best_variance", "best_skewness"});
  double worst_valid_mean = 0.0, worst_valid_variance = 0.0, worst_second = 0.0, worst_fourth = 0.0;
  Index missing = 0, lost = 0, unsolved = 0, rejected = 0, valid = 0;
  for (const std::string process : {"chain", "diffusion"}) {
    const bool of_chain = process == "chain";
    for (std::size_t a = 0; a < p.activations.size(); ++a) {
      const std::string& activation = p.activations[a];
      const auto at = [&](std::size_t k) -> const Point& { return points[a * p.grid.size() + k]; };
      const auto law_at = [&](std::size_t k) {
        return of_chain ? at(k).chain_law : at(k).diffusion_law;
      };
      for (std::size_t k = 0; k < p.grid.size(); ++k) {
        const Moments exact = law_at(k);
        missing += !std::isfinite(exact.mean);
        exact_table.row({activation, process, at(k).x, exact.mean, exact.variance, exact.skewness});
      }
      std::vector<std::vector<Moments>> error(p.grid.size());
      for (Index order = 1; order <= highest_order; ++order)
        for (std::size_t k = 0; k < p.grid.size(); ++k) {
          const auto& solution =
              (of_chain ? at(k).chain_orders
                        : at(k).diffusion_orders)[static_cast<std::size_t>(order - 1)];
          const Moments off = errors(solution, law_at(k));
          error[k].push_back(off);
          const auto own = moments::judge(solution);
          const bool is_lost = solution.report.status == Status::lost_positivity;
          lost += is_lost;
          unsolved += order > 1 && solution.report.status == Status::no_convergence;
          (own.valid ? valid : rejected) += order > 1;
          const auto& law = solution.law;
          orders.row({activation, process, static_cast<double>(order), at(k).x, law.mean()(0),
                      order >= 2 ? law.cumulant(0, 2) : not_a_number,
                      order >= 3 ? law.skewness(0) : not_a_number, off.mean, off.variance,
                      off.skewness, solution.change, solution.correction,
                      solution.realizability.margin, is_lost ? 1.0 : 0.0, own.valid ? 1.0 : 0.0,
                      own.note});
          if (order < 2 || !own.valid || !std::isfinite(law_at(k).mean)) continue;
          worst_valid_mean = studies::worse(worst_valid_mean, off.mean);
          worst_valid_variance = studies::worse(worst_valid_variance, off.variance);
        }
      for (std::size_t k = 0; k < p.grid.size(); ++k) {
        const auto least = [&](double Moments::*which, std::size_t first) {
          double order = not_a_number, smallest = std::numeric_limits<double>::infinity();
          for (std::size_t o = first; o < error[k].size(); ++o)
            if (error[k][o].*which < smallest) {
              smallest = error[k][o].*which;
              order = static_cast<double>(o + 1);
            }
          return order;
        };
        best.row({activation, process, at(k).x, least(&Moments::mean, 0),
                  least(&Moments::variance, 1), least(&Moments::skewness, 1)});
      }
      if (std::isfinite(law_at(0).mean)) {
        constexpr double rounding = 1e-9;
        const Moments second = error[0][1], fourth = error[0][3];
        worst_fourth = studies::worse(worst_fourth, fourth.mean / std::max(second.mean, rounding));
        worst_fourth =
            studies::worse(worst_fourth, fourth.variance / std::max(second.variance, rounding));
      }
    }
  }
  for (const Point& point : points) {
    if (!std::isfinite(point.gaussian_closure.mean) || !point.chain_orders[1].report.ok()) continue;
    const auto& law = point.chain_orders[1].law;
    worst_second =
        studies::worse(worst_second, std::abs(law.mean()(0) - point.gaussian_closure.mean));
    worst_second = studies::worse(worst_second,
                                  std::abs(law.cumulant(0, 2) - point.gaussian_closure.variance));
  }
  results.table("exact", exact_table);
  results.table("orders", orders);
  results.table("best_order", best);

  // 4. The exact law of the chain against simulation, at every other point.
  io::Table simulated({"activation", p.vary, "mean", "mean_se", "variance", "variance_se",
                       "skewness", "skewness_se"});
  double worst_z = 0.0;
  Progress simulation("Monte Carlo", static_cast<Index>(points.size() + 1) / 2);
  for (std::size_t k = 0; k < points.size(); k += 2) {
    const Point& point = points[k];
    const auto law = ensemble::simulate_stationary(
        point.chain, Vector(), Vector::Zero(1),
        {.paths = p.paths, .seed = options.seed(), .threads = options.threads(), .steps = 200});
    simulation.advance();
    if (!law.valid) continue;  // not settled in its time: no estimate of the stationary law
    simulated.row({p.activations[k / p.grid.size()], point.x, law.mean[0].value,
                   law.mean[0].standard_error, law.variance[0].value,
                   law.variance[0].standard_error, law.skewness[0].value,
                   law.skewness[0].standard_error});
    if (!std::isfinite(point.chain_law.mean)) continue;
    worst_z = studies::worse(worst_z, std::abs(z_score(law.mean[0], {point.chain_law.mean, 0.0})));
    worst_z = studies::worse(worst_z,
                             std::abs(z_score(law.variance[0], {point.chain_law.variance, 0.0})));
  }
  results.table("monte_carlo", simulated);

  // 5. Judge, draw.
  verdict.at_most("order 2 against the Gaussian closure, largest difference", worst_second, 1e-9);
  verdict.at_most("mean of closures called valid, worst error in standard deviations",
                  worst_valid_mean, 0.1);
  verdict.at_most("variance of closures called valid, worst relative error", worst_valid_variance,
                  0.1);
  verdict.at_most("least noise: error of order 4 over that of order 2", worst_fourth, 1.0);
  verdict.at_most("points without an exact law, share",
                  static_cast<double>(missing) / (2.0 * static_cast<double>(points.size())), 0.5);
  verdict.at_most("Monte Carlo against transfer operator, standard errors", worst_z, 5.0);
  verdict.field("closures_called_valid", valid)
      .field("closures_rejected_by_themselves", rejected)
      .field("closures_that_lost_realisability", lost)
      .field("closures_without_a_stationary_state", unsolved);
  if (options.plots()) plots::closure_orders(results, p.vary);
  return verdict.exit_code();
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Parameters p;
  studies::Options options("closure_orders", studies::about);
  options.add("activation", p.activations, "activations f, one to four of them")
      .add("weight", p.weight, "self-coupling w", studies::Allowed::between(-5.0, 5.0))
      .add("bias", p.bias, "constant input c")
      .add("leak", p.leak, "leak g = dt/tau, where sigma is varied", studies::Allowed::unit())
      .add("sigma", p.sigma, "noise s, sd per step, where the leak is varied",
           studies::Allowed::positive())
      .add("placement", p.placement, "where the noise enters",
           studies::Allowed::one_of({"inside", "outside"}))
      .add("vary", p.vary, "what is varied", studies::Allowed::one_of({"sigma", "leak"}))
      .add("grid", p.grid,
           "its values, positive, ascending, two at least; default: sigma 0.1 to 2, leak 0.02 to 1")
      .add("paths", p.paths, "simulated neurons", studies::Allowed::between(64, 1e8));
  if (!options.parse(argc, argv)) return 0;
  require(!p.activations.empty() && p.activations.size() <= 4, "--activation", "names ",
          p.activations.size(), " activations, expected one to four");
  require(p.weight != 0.0, "--weight",
          "is 0: a neuron without recurrence has no moments to close; take another number");
  if (p.grid.empty())
    p.grid = p.vary == "sigma"
                 ? std::vector<double>{0.1, 0.14, 0.2, 0.28, 0.4, 0.56, 0.8, 1.1, 1.5, 2.0}
                 : std::vector<double>{0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.7, 1.0};
  if (options.quick()) {
    p.paths = std::min<Index>(p.paths, 2000);
    if (!options.given("grid") && p.vary == "sigma") p.grid = {0.1, 0.3, 1.0};
  }
  std::sort(p.grid.begin(), p.grid.end());
  p.grid.erase(std::unique(p.grid.begin(), p.grid.end()), p.grid.end());
  require(p.grid.size() >= 2, "--grid", "holds ", p.grid.size(),
          " different numbers, expected two at least");
  require(p.grid.front() > 0.0, "--grid", "holds ", p.grid.front(), ", expected numbers > 0");
  require(p.vary == "sigma" || p.grid.back() <= 1.0, "--grid", "holds the leak ", p.grid.back(),
          ", expected numbers in (0, 1]");
  for (const std::string& activation : p.activations) neuron(p, activation, p.grid[0]);
  return run_neurons(options, p);
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("closure_orders", run, argc, argv); }
