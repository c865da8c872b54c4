// SPDX-License-Identifier: GPL-3.0-or-later
// closure_orders: what does each order of a cumulant closure buy, and where does it break?
//
// Question    By how much do closures of order 1 to 6 miss mean, variance and skewness of a noisy
//             neuron, which orders help, and where do their moments stop being those of any law?
// Model       one neuron, rate equation, and its diffusion limit; s is the noise of one step:
//             inside   h' = (1−g) h + g f(w h + c + s ξ)
//             outside  h' = (1−g) h + g (f(w h + c) + s ξ)
//             Four cases by default: relu near its kink, relu mostly off, tanh, and tanh near a
//             second stable state. With --model: any formulas from a file.
// Methods     order k   cumulants to order k with exact averages of f (no Taylor series, so that
//                       kinks are no obstacle); 1 is the smoothed mean field, 2 the Gaussian
//                       closure
//             exact     chain: transfer operator; diffusion: Fokker–Planck law by quadrature
//             Monte Carlo of the chain at every other point, where it settles within 9000 steps
//             --model   moment equations as formulas, closed and solved at every order, and Monte
//                       Carlo of the formulas themselves
// Acceptance  Order 2 is the Gaussian closure of the ladder to 1e-9. Wherever a closure calls
//             itself valid (its own estimate of the error, of the mean in standard deviations or
//             of the variance, is below a tenth), the error is below a tenth. Where orders 2 and 4
//             are valid, order 4 has the smaller error of the mean in at least nine points of ten.
//             The exact moments lie within 5 standard errors of Monte Carlo. A point without an
//             exact answer is left out; at most half of them may be. That an order has no
//             stationary law somewhere is a result, not a failure, nor is a case that runs away.
//             With --model: orders are valid where all above them, two more at least, agree (mean
//             within 0.1 sd, variance within a tenth) and one stable state is seen without noise;
//             there mean and variance are as close to Monte Carlo, within 5 standard errors.
// Output      results/closure_orders/: orders, notes, exact, monte_carlo, gains, manifest.json;
//             with --model: equations.tex, moments, stationary, each with Monte Carlo
// Figure      plots/closure_orders.cpp
//
// Sample runs closure_orders
//             closure_orders --activation tanh --weight 1.2 --bias 0.05 --placement outside
//             closure_orders --vary leak --grid 0.05,0.1,0.2,0.5,1 --sigma 0.5
//             closure_orders --model tests/data/models/logistic_growth.toml --order 3
//               --closure derivative-matching --positive

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include "lib/activations/taylor.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/models/noisy_diffusion.hpp"
#include "lib/networks/single_unit.hpp"
#include "plots/closure_orders.hpp"
#include "solvers/cumulants/cumulant_closure.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/fokker_planck/line.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/formula_orders.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;
using networks::NoiseSource;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr Index highest_order = 6;
constexpr double rounding = 1e-11;  // an error below it has no order

/// A neuron, but for what is varied.
struct Case {
  std::string activation;
  double weight, bias;
  std::string placement;

  /// Without commas, which gnuplot takes for the end of a column even between quotes.
  std::string title() const {
    return activation + " " + placement + ": w " + io::to_text(weight) + "; c " + io::to_text(bias);
  }
};

struct Parameters {
  std::vector<std::string> activations = {"relu", "relu", "tanh", "tanh"};
  std::vector<double> weights = {0.5, 0.5, 0.5, 1.2}, biases = {0.2, -0.5, 0.2, 0.05};
  std::vector<std::string> placements = {"inside"};
  double leak = 0.2, sigma = 0.6;
  std::string vary = "sigma";
  std::vector<double> grid;
  Index paths = 20000;
  std::vector<Case> cases;
};

struct Moments {
  double mean = not_a_number, variance = not_a_number, skewness = not_a_number;
};

/// One neuron at one noise and leak.
struct Point {
  models::NoisyChain chain;
  double x = 0.0;  ///< What is varied.
  Moments chain_law, diffusion_law;
  double correlation_time = not_a_number;  ///< Of the chain, steps.
  std::vector<cumulants::CumulantSolution> chain_orders, diffusion_orders;
  Moments gaussian_closure;
};

models::NoisyChain neuron(const Parameters& p, const Case& one, double x) {
  const bool noise = p.vary == "sigma";
  return {
      networks::single_unit(networks::Equation::rate, activations::make_activation(one.activation),
                            one.weight, one.bias, noise ? p.leak : x),
      networks::white_noise(one.placement == "inside" ? NoiseSource::inside : NoiseSource::outside,
                            noise ? x : p.sigma)};
}

/// Beyond every bend of f the state grows by itself, w f' ≥ 1: there is no stationary law.
bool runs_away(const Case& one) {
  constexpr double far = 1e6;
  const auto f = activations::make_activation(one.activation);
  return one.weight > 0.0 && one.weight * std::max(activations::derivative(f, 1, far),
                                                   activations::derivative(f, 1, -far)) >=
                                 1.0;
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
  if (exact.report.ok()) {
    point.chain_law = {exact.mean, exact.variance, exact.skewness};
    point.correlation_time = exact.correlation_time;
  }
  if (std::isfinite(point.chain_law.variance))
    point.diffusion_law = diffusion_law(point.chain, point.chain_law);
  const models::NoisyDiffusion diffusion(point.chain, none);
  for (Index order = 1; order <= highest_order; ++order) {
    point.chain_orders.push_back(
        cumulants::solve_cumulants(point.chain, none, origin, {.order = order}));
    point.diffusion_orders.push_back(
        cumulants::solve_cumulants(diffusion, origin, {.order = order}));
  }
  const auto closure = moments::solve_closure(point.chain, none, origin);
  if (closure.valid) point.gaussian_closure = {closure.mean[0].value, closure.variance[0].value};
}

double median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return not_a_number;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Errors of a solution against the exact law: of the mean in standard deviations, of the variance
/// relative to it, of the skewness as it is; NaN for what an order does not know.
Moments errors(const cumulants::CumulantSolution& solution, const Moments& exact) {
  const auto& law = solution.law;
  Moments error;
  if (solution.report.status == Status::no_convergence) return error;
  error.mean = std::abs(law.mean()(0) - exact.mean) / std::sqrt(exact.variance);
  if (law.order() >= 2) error.variance = std::abs(law.cumulant(0, 2) / exact.variance - 1.0);
  if (law.order() >= 3) error.skewness = std::abs(law.skewness(0) - exact.skewness);
  if (law.order() == 2) error.skewness = std::abs(exact.skewness);
  return error;
}

/// For every case and process: the order with the smallest error of the mean at most points, and
/// where each order says that it is valid.
void print_orders(const Parameters& p, const io::Table& orders) {
  const std::size_t points = p.grid.size();
  const auto& errors = orders.column("mean_error").numbers();
  const auto& valid = orders.column("valid").texts();
  for (std::size_t curve = 0; curve < 2 * p.cases.size(); ++curve) {
    const Case& one = p.cases[curve % p.cases.size()];
    if (runs_away(one)) continue;
    const auto row = [&](Index order, std::size_t k) {
      return (curve * highest_order + static_cast<std::size_t>(order - 1)) * points + k;
    };
    std::vector<int> wins(highest_order + 1, 0);
    for (std::size_t k = 0; k < points; ++k) {
      Index best = 0;
      for (Index order = 1; order <= highest_order; ++order)
        if (std::isfinite(errors[row(order, k)]) &&
            (best == 0 || errors[row(order, k)] < errors[row(best, k)]))
          best = order;
      if (best > 0) ++wins[best];
    }
    std::printf("%s, %s: best order ", one.title().c_str(),
                curve < p.cases.size() ? "chain" : "diffusion");
    const auto most = std::max_element(wins.begin(), wins.end());
    if (*most > 0)
      std::printf("%td, at %d of %zu points", most - wins.begin(), *most, points);
    else
      std::printf("not known");
    std::printf("; valid");
    for (Index order = 2; order <= highest_order; ++order) {
      std::size_t count = 0, first = points;
      for (std::size_t k = points; k-- > 0;) valid[row(order, k)] == "yes" ? ++count : first = k;
      std::printf("%s order %td at %zu of %zu", order > 2 ? "," : "", order, count, points);
      if (first < points)
        std::printf(" (first not at %s %s)", p.vary.c_str(), io::to_text(p.grid[first]).c_str());
    }
    std::printf("\n");
  }
}

int run_neurons(const studies::Options& options, const Parameters& p) {
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. Every order at every point, chain and diffusion, and the exact laws.
  std::vector<Point> points;
  for (const Case& one : p.cases)
    for (const double x : p.grid) points.push_back({.chain = neuron(p, one, x), .x = x});
  Progress progress("closures", static_cast<Index>(points.size()));
  parallel_for(static_cast<Index>(points.size()), options.threads(), [&](Index k) {
    solve(points[static_cast<std::size_t>(k)]);
    progress.advance();
  });

  // 3. Tables, and how far each order is off.
  io::Table exact_table({"case", "process", p.vary, "mean", "variance", "skewness"});
  io::Table orders({"case", "process", "order", p.vary, "mean", "variance", "skewness",
                    "mean_error", "variance_error", "skewness_error", "own_error", "correction",
                    "margin", "lost", "valid"});
  // By process, case, order and point, so that the rows of a curve are neighbours.
  std::vector<std::vector<io::Cell>> rows(2 * highest_order * points.size());
  io::Table notes({"case", "process", "order", p.vary, "note"});
  double worst_mean = 0.0, worst_variance = 0.0, worst_second = 0.0;
  Index missing = 0, expected = 0, lost = 0, unsolved = 0, rejected = 0, valid = 0;
  Index judged = 0, seconds = 0, compared = 0, better = 0;
  std::vector<std::vector<double>> gains(3 * (highest_order + 1));  // by quantity and order
  for (const std::string process : {"chain", "diffusion"})
    for (std::size_t k = 0; k < points.size(); ++k) {
      const Point& point = points[k];
      const std::string title = p.cases[k / p.grid.size()].title();
      const bool of_chain = process == "chain";
      const Moments exact = of_chain ? point.chain_law : point.diffusion_law;
      const bool known = std::isfinite(exact.mean);
      const bool stationary = !runs_away(p.cases[k / p.grid.size()]);
      expected += stationary;
      missing += stationary && !known;
      exact_table.row({title, process, point.x, exact.mean, exact.variance, exact.skewness});
      std::vector<Moments> error;
      std::vector<bool> trusted;
      for (Index order = 1; order <= highest_order; ++order) {
        const auto& solution =
            (of_chain ? point.chain_orders
                      : point.diffusion_orders)[static_cast<std::size_t>(order - 1)];
        const Moments off = errors(solution, exact);
        const auto own = cumulants::judge(solution);
        const bool is_lost = solution.report.status == Status::lost_positivity;
        error.push_back(off);
        trusted.push_back(own.valid && known);
        lost += is_lost;
        unsolved += order > 1 && solution.report.status == Status::no_convergence;
        (own.valid ? valid : rejected) += order > 1;
        const auto& law = solution.law;
        const std::size_t one = k / p.grid.size(), curve = (of_chain ? 0 : p.cases.size()) + one;
        rows[(curve * highest_order + static_cast<std::size_t>(order - 1)) * p.grid.size() +
             k % p.grid.size()] = {title,
                                   process,
                                   static_cast<double>(order),
                                   point.x,
                                   law.mean()(0),
                                   order >= 2 ? law.cumulant(0, 2) : not_a_number,
                                   order >= 3 ? law.skewness(0) : not_a_number,
                                   off.mean,
                                   off.variance,
                                   off.skewness,
                                   own.relative_error,
                                   solution.correction,
                                   solution.realizability.margin,
                                   is_lost,
                                   own.valid};
        if (!own.note.empty())
          notes.row({title, process, static_cast<double>(order), point.x, own.note});
        if (order < 2 || !trusted.back()) continue;
        ++judged;
        worst_mean = studies::worse(worst_mean, off.mean);
        worst_variance = studies::worse(worst_variance, off.variance);
        if (!trusted[static_cast<std::size_t>(order - 2)]) continue;
        const Moments& below = error[static_cast<std::size_t>(order - 2)];
        gains[order].push_back(below.mean / off.mean);
        gains[highest_order + 1 + order].push_back(below.variance / off.variance);
        gains[2 * (highest_order + 1) + order].push_back(below.skewness / off.skewness);
      }
      if (trusted[1] && trusted[3] && error[1].mean > rounding) {
        ++compared;
        better += error[3].mean < error[1].mean;
      }
      if (!of_chain || !std::isfinite(point.gaussian_closure.mean) ||
          !point.chain_orders[1].report.ok())
        continue;
      ++seconds;
      const auto& law = point.chain_orders[1].law;
      worst_second =
          studies::worse(worst_second, std::abs(law.mean()(0) - point.gaussian_closure.mean));
      worst_second = studies::worse(worst_second,
                                    std::abs(law.cumulant(0, 2) - point.gaussian_closure.variance));
    }
  for (const auto& row : rows) orders.row(row);
  results.table("exact", exact_table);
  results.table("orders", orders);
  if (notes.rows() > 0) results.table("notes", notes);
  io::Table gain_table({"order", "mean_gain", "variance_gain", "skewness_gain", "points"});
  for (Index order = 2; order <= highest_order; ++order)
    gain_table.row(
        {static_cast<double>(order), median(gains[order]), median(gains[highest_order + 1 + order]),
         median(gains[2 * (highest_order + 1) + order]), static_cast<double>(gains[order].size())});
  results.table("gains", gain_table);

  // 4. The exact law of the chain against simulation, at every other point.
  io::Table simulated(
      {"case", p.vary, "mean", "mean_se", "variance", "variance_se", "skewness", "skewness_se"});
  double worst_z = 0.0;
  Progress simulation("Monte Carlo", static_cast<Index>(points.size() + 1) / 2);
  for (std::size_t k = 0; k < points.size(); k += 2) {
    const Point& point = points[k];
    simulation.advance();
    // A run that would have to wait for rare transitions is no check of a stationary law.
    constexpr double longest_correlation = 300.0;
    if (!(point.correlation_time < longest_correlation)) continue;
    const double settled = 30.0 * std::max(point.correlation_time, 1.0 / point.chain.leak());
    const auto law = ensemble::simulate_stationary(point.chain, Vector(),
                                                   Vector::Constant(1, point.chain_law.mean),
                                                   {.paths = p.paths,
                                                    .seed = options.seed(),
                                                    .threads = options.threads(),
                                                    .steps = 200,
                                                    .burn_in = static_cast<Index>(settled)});
    if (!law.valid) continue;
    simulated.row({p.cases[k / p.grid.size()].title(), point.x, law.mean[0].value,
                   law.mean[0].standard_error, law.variance[0].value,
                   law.variance[0].standard_error, law.skewness[0].value,
                   law.skewness[0].standard_error});
    worst_z = studies::worse(worst_z, std::abs(z_score(law.mean[0], {point.chain_law.mean, 0.0})));
    worst_z = studies::worse(worst_z,
                             std::abs(z_score(law.variance[0], {point.chain_law.variance, 0.0})));
  }
  results.table("monte_carlo", simulated);

  // 5. Judge, draw.
  for (const Case& one : p.cases)
    if (runs_away(one))
      std::printf("%s: no stationary law, the state grows without bound\n", one.title().c_str());
  print_orders(p, orders);
  if (seconds > 0)
    verdict.at_most("order 2 against the Gaussian closure, largest difference", worst_second, 1e-9);
  if (judged > 0) {
    verdict.at_most("mean of closures called valid, worst error in standard deviations", worst_mean,
                    0.1);
    verdict.at_most("variance of closures called valid, worst relative error", worst_variance, 0.1);
  }
  if (compared > 0)
    verdict.at_least("order 4 better than order 2 in the mean, share of points",
                     static_cast<double>(better) / static_cast<double>(compared), 0.9);
  if (expected > 0)
    verdict.at_most("points without an exact law, share",
                    static_cast<double>(missing) / static_cast<double>(expected), 0.5);
  if (simulated.rows() > 0)
    verdict.at_most("Monte Carlo against transfer operator, standard errors", worst_z, 5.0);
  if (expected == 0) verdict.not_compared("no case has a stationary law");
  verdict.field("closures_called_valid", valid)
      .field("closures_rejected_by_themselves", rejected)
      .field("closures_that_lost_realisability", lost)
      .field("closures_without_a_stationary_state", unsolved);
  if (options.plots()) plots::closure_orders(results, p.vary);
  return verdict.exit_code();
}

/// One entry an activation: as given, or the one given for all.
template <typename T>
T entry(const std::vector<T>& list, std::size_t k, std::size_t cases, std::string_view option) {
  require(list.size() == 1 || list.size() == cases, option, "has ", list.size(),
          " entries, expected one, or one for each of the ", cases, " activations");
  return list[list.size() == 1 ? 0 : k];
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Parameters p;
  studies::FormulaOrders formulas;
  studies::Options options("closure_orders", studies::about);
  options.add("activation", p.activations, "activations f, one to four of them, a case each")
      .add("weight", p.weights, "self-coupling w, one, or one a case",
           studies::Allowed::between(-5.0, 5.0))
      .add("bias", p.biases, "constant input c, one, or one a case")
      .add("placement", p.placements,
           "where the noise enters, inside or outside, one, or one a case",
           studies::Allowed::one_of({"inside", "outside"}))
      .add("leak", p.leak, "leak g = dt/tau, where sigma is varied", studies::Allowed::unit())
      .add("sigma", p.sigma, "noise s, sd per step, where the leak is varied",
           studies::Allowed::positive())
      .add("vary", p.vary, "what is varied", studies::Allowed::one_of({"sigma", "leak"}))
      .add("grid", p.grid, "its values, two at least; default: sigma 0.1 to 2, leak 0.02 to 1",
           studies::Allowed::positive())
      .add("paths", p.paths, "simulated neurons, or paths of a model",
           studies::Allowed::between(64, 1e8))
      .add("model", formulas.file,
           "a model of formulas (.toml) instead of neurons; README.md, \"Your own formulas\", has "
           "the keys")
      .add("order", formulas.order, "of a model: highest order of its moments",
           studies::Allowed::between(1, 8))
      .add("closure", formulas.closure, "of a model: how higher moments are replaced",
           studies::Allowed::one_of({"normal", "log-normal", "derivative-matching"}))
      .add("positive", formulas.positive, "of a model: its states are positive")
      .add("taylor", formulas.taylor,
           "of a model: degree of Taylor polynomials about the mean; 0: it is polynomial",
           studies::Allowed::between(0, 8))
      .add("start", formulas.start, "of a model: initial state; default 0, positive states 1")
      .add("time", formulas.time, "of a model: time, or steps, to follow the moments for",
           studies::Allowed::between(1.0, 1e5));
  if (!options.parse(argc, argv)) return 0;
  if (!formulas.file.empty()) {
    for (const char* name :
         {"activation", "weight", "bias", "placement", "leak", "sigma", "vary", "grid"})
      require(!options.given(name), std::string("--") + name,
              "makes the neurons and has no meaning with --model");
    options.quick_value("paths", p.paths, 2000);
    return studies::run_formulas(options, formulas, p.paths);
  }
  for (const char* name : {"order", "closure", "positive", "taylor", "start", "time"})
    require(!options.given(name), std::string("--") + name, "is an option of --model FILE.toml");
  const std::size_t cases = p.activations.size();
  require(cases >= 1 && cases <= 4, "--activation", "names ", cases,
          " activations, expected one to four");
  if (options.given("activation")) {  // the defaults of the four cases are not for others
    if (!options.given("weight")) p.weights = {0.5};
    if (!options.given("bias")) p.biases = {0.2};
    if (!options.given("placement")) p.placements = {"inside"};
  }
  for (std::size_t k = 0; k < cases; ++k)
    p.cases.push_back({p.activations[k], entry(p.weights, k, cases, "--weight"),
                       entry(p.biases, k, cases, "--bias"),
                       entry(p.placements, k, cases, "--placement")});
  for (const Case& one : p.cases)
    require(one.weight != 0.0, "--weight",
            "is 0: a neuron without recurrence has no moments to close; take another number");
  if (p.grid.empty())
    p.grid = p.vary == "sigma"
                 ? std::vector<double>{0.1, 0.14, 0.2, 0.3, 0.4, 0.56, 0.8, 1.1, 1.5, 2.0}
                 : std::vector<double>{0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.7, 1.0};
  if (options.quick()) {
    p.paths = std::min<Index>(p.paths, 2000);
    if (!options.given("grid") && p.vary == "sigma") p.grid = {0.1, 0.4, 1.2};
  }
  std::sort(p.grid.begin(), p.grid.end());
  p.grid.erase(std::unique(p.grid.begin(), p.grid.end()), p.grid.end());
  require(p.grid.size() >= 2, "--grid", "holds ", p.grid.size(),
          " different numbers, expected two at least");
  require(p.vary == "sigma" || p.grid.back() <= 1.0, "--grid", "holds the leak ", p.grid.back(),
          ", expected numbers in (0, 1]");
  for (const Case& one : p.cases) neuron(p, one, p.grid[0]);  // names and numbers are good
  return run_neurons(options, p);
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("closure_orders", run, argc, argv); }
