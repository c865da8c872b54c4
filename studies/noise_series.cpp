// SPDX-License-Identifier: GPL-3.0-or-later
// noise_series: how does noise move a fixed point, as a formula, and how far does it reach?
//
// Question    Mean, variance and third cumulant of one noisy neuron as power series in the noise
//             level sigma about its fixed point: what are the coefficients, in which order do the
//             errors vanish, where does the series end, and what does resummation save?
// Model       one neuron
//             rate     h' = (1−g) h + g f(w h + c + noise inside) + noise outside
//             current  x' = (1−g) x + g (w f(x + noise inside) + c) + noise outside or on the state
// Methods     order_n      noise series up to sigma^n, n = 0 … --order; order 0 is the fixed point
//             pade         Padé approximant of all its terms in sigma²
//             borel_pade   the same of its Borel transform
//             closure      Gaussian closure
//             uniform      activation with kinks: uniform expansion s psi(u/s), instead of Taylor's
//             exact        transfer operator
//             Monte Carlo of the chain, standard errors from independent paths
// Acceptance  Errors of the second- and fourth-order series, mean and variance, vanish with order 4
//             and 6 to within 0.1, at levels where the series itself says that the next term
//             changes the order by less and the exact law is exact enough. Where the fourth order
//             calls itself valid, its error is at most its remainder estimate. With a kink within
//             one standard deviation of the argument, at the largest sigma for which it is: the
//             uniform expansion's error of the mean is at most (r-1)/(r+1)/3 of Taylor's, r ≥ 1
//             the ratio of 1 − w f' on its two sides, see solvers/noise_series/uniform_expansion.
//             Monte Carlo agrees with the exact law within 5 standard errors. With more than one
//             stable fixed point the exact law is a mixture, and nothing is compared.
// Output      results/noise_series/: series (h0, m2, m4, v2, v4, k3: E h = h0 + m2 s² + m4 s⁴,
//             Var h = v2 s² + v4 s⁴, third cumulant k3 s⁴), coefficients (every order), moments,
//             errors, orders, validity, monte_carlo, formulas.tex (one neuron with this placement,
//             two neurons), manifest.json
// Figure      plots/noise_series.cpp
//
// Sample runs noise_series
//             noise_series --activation softplus --weight 0.5 --bias 0 --leak 0.5 --order 12
//             noise_series --activation relu --bias 0.05 --placement outside

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/activations/taylor.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/networks/single_unit.hpp"
#include "plots/noise_series.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/noise_series/noise_series.hpp"
#include "solvers/noise_series/resummation.hpp"
#include "solvers/noise_series/series_validity.hpp"
#include "solvers/noise_series/symbolic_series.hpp"
#include "solvers/noise_series/uniform_expansion.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "studies/support/about.hpp"
#include "studies/support/options.hpp"
#include "studies/support/verdict.hpp"

using namespace stillpoint;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

struct Neuron {
  std::string equation = "rate", activation = "tanh", placement = "inside", convention = "per_step";
  double weight = 0.5, bias = 0.5, leak = 0.3, start = 0.0;

  models::NoisyChain chain(double sigma) const {
    return {networks::single_unit(studies::named(equation, networks::all_equations),
                                  activations::make_activation(activation), weight, bias, leak),
            networks::white_noise(studies::named(placement, networks::all_placements), sigma,
                                  studies::named(convention, networks::all_conventions))};
  }
};

/// One method's mean and variance at one noise level.
struct Answer {
  double mean = not_a_number, variance = not_a_number;
  double mean_remainder = not_a_number, variance_remainder = not_a_number;
  bool valid = true;
  std::string note;
};

Answer exact_answer(const Neuron& neuron, double sigma) {
  const auto law = transfer_operator::solve_stationary(neuron.chain(sigma), Vector());
  if (!law.report.ok()) return {.valid = false, .note = law.report.message};
  return {.mean = law.mean, .variance = law.variance};
}

Answer series_answer(const noise_series::NoiseSeries& series, const activations::Activation& f,
                     double sigma, Index order) {
  const auto value = noise_series::evaluate(series, sigma, order);
  const auto verdict = noise_series::judge_series(series, f, sigma, order);
  return {value.mean(0),           value.covariance(0, 0),
          value.mean_remainder(0), value.covariance_remainder(0, 0),
          verdict.valid,           verdict.note};
}

/// h0 + x R(x) for the mean, x R(x) for the variance, R the resummed rest, x = sigma².
template <typename Resum>
Answer resummed(const noise_series::NoiseSeries& series, double sigma, Resum&& resum) {
  std::vector<double> mean, variance;
  for (Index k = 1; k <= series.order / 2; ++k) {
    mean.push_back(series.mean[k](0));
    variance.push_back(series.covariance[k](0, 0));
  }
  const double x = sigma * sigma;
  const noise_series::Resummation m = resum(mean, x), v = resum(variance, x);
  return {.mean = m.reliable ? series.mean[0](0) + x * m.value : not_a_number,
          .variance = v.reliable ? x * v.value : not_a_number,
          .valid = m.reliable && v.reliable,
          .note = m.reliable ? v.note : m.note};
}

Answer law_answer(const statistics::StationaryLaw& law) {
  return {.mean = law.mean[0].value,
          .variance = law.variance[0].value,
          .valid = law.valid,
          .note = law.note};
}

/// What theory allows of the uniform expansion's error, in units of Taylor's, with a kink within
/// one standard deviation: see solve_uniform_expansion. NaN where one side has no rest. The kinks
/// of an activation have equal jumps.
double uniform_bound(const activations::Activation& f, double weight) {
  constexpr double rounding = 1e-9;
  const double kink = activations::kinks(f).front();
  const double left = 1.0 - weight * activations::derivative(f, 1, kink - 0.1),
               right = 1.0 - weight * activations::derivative(f, 1, kink + 0.1);
  if (left <= 0.0 || right <= 0.0) return not_a_number;
  return std::max(std::abs(left - right) / (left + right) / 3.0, rounding);
}

/// The observed order of the error of a sum that ends before the term `omitted`, of the mean
/// (variance false) or the variance.
struct ObservedOrder {
  double order = not_a_number, level = not_a_number;
  std::string note;
};

ObservedOrder observe_order(const Neuron& neuron, const noise_series::NoiseSeries& series,
                            Index omitted, bool variance) {
  const auto coefficient = [&](Index k) {
    return std::abs(variance ? series.covariance[k](0, 0) : series.mean[k](0));
  };
  const double c = coefficient(omitted);
  if (c == 0.0) return {.note = "the next term vanishes"};
  // x = sigma² at which the terms after the next would change the order by 0.03 at most.
  double x = 0.1 / series.argument_covariance(0, 0);
  for (Index k = 1; k <= 2; ++k)
    if (const double later = coefficient(omitted + k); later > 0.0)
      x = std::min(x, std::pow(0.02 * c / later, 1.0 / static_cast<double>(k)));
  const double high = std::sqrt(x), low = high / std::sqrt(2.0);
  const auto error = [&](double sigma) {
    const Answer exact = exact_answer(neuron, sigma);
    const auto sum = noise_series::evaluate(series, sigma, 2 * (omitted - 1));
    return std::abs(variance ? exact.variance - sum.covariance(0, 0) : exact.mean - sum.mean(0));
  };
  // What rounding leaves of the exact law: some last places of h0, of h0 sd for the variance.
  const double sd = low * std::sqrt(series.covariance[1](0, 0));
  const double rounding = 1e-15 * (std::abs(series.mean[0](0)) + sd) * (variance ? sd : 1.0);
  if (c * std::pow(0.5 * x, static_cast<double>(omitted)) < 100.0 * rounding)
    return {.note = "the error drowns in rounding before it is of one order"};
  const double order = std::log(error(high) / error(low)) / std::log(high / low);
  if (!std::isfinite(order)) return {.note = "no exact law at so small a noise"};
  return {.order = order, .level = low, .note = ""};
}

constexpr Index highest_formula = 6;  // above, formulas fill pages

std::string formulas(const Neuron& neuron, Index order) {
  const noise_series::SymbolicModel model{
      .equation = studies::named(neuron.equation, networks::all_equations),
      .where = studies::named(neuron.placement, networks::all_placements)};
  const std::string kind = neuron.equation + " equation";
  return "\\documentclass{article}\n\\usepackage{amsmath}\n\\allowdisplaybreaks\n"
         "\\begin{document}\n\\small\n\\noindent One neuron, " +
         kind + ", noise " + neuron.placement +
         (neuron.placement == "state" ? ", of standard deviation $\\nu s$ a step" : "") +
         ". $f_{k}$ is the $k$-th derivative of $f$ at the fixed point, $M_{k,n}$ the coefficient "
         "of "
         "$s^{n}$ in $\\operatorname{E}(y-y_{0})^{k}$." +
         (order > highest_formula
              ? " The series continues; its coefficients to $s^{" + std::to_string(order) +
                    "}$ are in coefficients.csv as numbers, formulas end at $s^{" +
                    std::to_string(highest_formula) + "}$."
              : std::string()) +
         "\n" +
         noise_series::to_latex(
             noise_series::make_neuron_series(model, std::min(order, highest_formula)),
             "one neuron, " + kind) +
         "\\noindent Two neurons, " + kind +
         ". $f_{k,j}$ is the $k$-th derivative of $f$ at unit $j$, $s_{j} s$ the noise inside, "
         "$\\nu_{j} s$ that on the state a step; $C$, $D$ and $K$ solve linear equations.\n" +
         noise_series::to_latex(noise_series::make_two_neuron_series(model),
                                "two neurons, " + kind) +
         "\\end{document}\n";
}

int run(int argc, char** argv) {
  // 1. Parameters.
  Neuron neuron;
  double sigma_max = 1.0;
  Index order = 8, points = 49, paths = 8192;
  studies::Options options("noise_series", studies::about);
  options
      .add("activation", neuron.activation, "activation f",
           studies::Allowed::one_of(
               {"tanh", "logistic", "softplus", "erf", "relu", "leaky_relu", "saturating_linear"}))
      .add("weight", neuron.weight, "self-coupling w", studies::Allowed::between(-20.0, 20.0))
      .add("bias", neuron.bias, "constant input c", studies::Allowed::between(-20.0, 20.0))
      .add("leak", neuron.leak, "leak g = dt/tau", studies::Allowed::unit())
      .add("placement", neuron.placement, "where the noise enters",
           studies::names(networks::all_placements))
      .add("equation", neuron.equation, "equation of the neuron",
           studies::names(networks::all_equations))
      .add("convention", neuron.convention,
           "what sigma means; noise on the state: raw_step unless given",
           studies::names(networks::all_conventions))
      .add("start", neuron.start, "state from which the fixed point is reached without noise")
      .add("order", order, "highest power of sigma, even", studies::Allowed::between(4, 20))
      .add("sigma-max", sigma_max, "largest noise level, unit of its convention",
           studies::Allowed::positive())
      .add("points", points, "noise levels from sigma-max/50 to sigma-max",
           studies::Allowed::between(5, 1000))
      .add("paths", paths, "simulated neurons", studies::Allowed::between(64, 1e8));
  if (!options.parse(argc, argv)) return 0;
  require(order % 2 == 0, "--order", "is ", order, ", expected an even number");
  if (neuron.placement == "state" && !options.given("convention")) neuron.convention = "raw_step";
  options.quick_value("paths", paths, 2048).quick_value("points", points, 17);
  const models::NoisyChain unit_noise = neuron.chain(1.0);
  io::Results results = options.results();
  studies::Verdict verdict(results);

  // 2. The fixed point, and whether it is the only stable one.
  const auto settled = moments::solve_deterministic(
      unit_noise, Vector(), Vector::Constant(1, neuron.start), {.tolerance = 1e-15});
  require(settled.valid, "--start", "no fixed point is reached from ", neuron.start,
          " without noise (", settled.note, "); try a weaker weight or a smaller leak");
  const Vector h0 = Vector::Constant(1, settled.mean[0].value);
  const activations::Activation f = unit_noise.activation();
  const double argument = neuron.equation == "rate" ? neuron.weight * h0(0) + neuron.bias : h0(0);
  const double multiplier =
      1.0 - neuron.leak + neuron.leak * neuron.weight * activations::derivative(f, 1, argument);
  require(std::abs(multiplier) < 1.0, "--start", neuron.start, " leads to the fixed point ", h0(0),
          ", which is not stable: a step multiplies a deviation by ", multiplier,
          "; try another start, or a weight for which there is a stable one");
  Index stable = 0;
  for (const auto& point : fixed_points::find(unit_noise, Vector(), {}, h0).points)
    stable += point.stability == fixed_points::Stability::stable;
  const bool alone = stable <= 1;
  if (!alone)
    std::printf(
        "note: %td stable fixed points; the series is about %.6g, the exact law a mixture\n",
        stable, h0(0));

  // 3. The series.
  const bool smooth = activations::kinks(f).empty();
  const auto series = noise_series::solve_noise_series(unit_noise, Vector(), h0, order);
  if (!series.report.ok()) return verdict.solved("noise series", series.report).exit_code();
  std::printf(
      "fixed point %.6g\nE h = %.6g %+.6g s^2 %+.6g s^4, Var h = %.6g s^2 %+.6g s^4, third "
      "cumulant %.6g s^4\n",
      h0(0), series.mean[0](0), series.mean[1](0), series.mean[2](0), series.covariance[1](0, 0),
      series.covariance[2](0, 0), series.third[2][0](0, 0));
  io::Table coefficients({"order", "mean", "variance", "third_cumulant"});
  for (Index k = 0; k <= order / 2; ++k)
    coefficients.row(
        {2 * k, series.mean[k](0), series.covariance[k](0, 0), series.third[k][0](0, 0)});
  results.table("series", io::Table({"h0", "m2", "m4", "v2", "v4", "k3"})
                              .row({series.mean[0](0), series.mean[1](0), series.mean[2](0),
                                    series.covariance[1](0, 0), series.covariance[2](0, 0),
                                    series.third[2][0](0, 0)}));
  results.table("coefficients", coefficients);
  results.file("formulas.tex", formulas(neuron, order));
  if (order > highest_formula)
    std::printf("formulas.tex ends at s^%td, the numbers at s^%td\n", highest_formula, order);

  // 4. Every method at every noise level.
  std::vector<double> sigmas;
  for (Index k = 0; k < points; ++k)
    sigmas.push_back(
        sigma_max * std::pow(50.0, static_cast<double>(k) / static_cast<double>(points - 1) - 1.0));
  std::vector<std::string> methods = {"exact", "pade", "borel_pade", "closure"};
  if (!smooth) methods.emplace_back("uniform");
  for (Index n = 0; n <= order; n += 2) methods.push_back("order_" + std::to_string(n));
  std::vector<std::map<std::string, Answer>> answers(sigmas.size());
  std::vector<double> kink_distance(sigmas.size(), std::numeric_limits<double>::infinity());
  parallel_for(static_cast<Index>(sigmas.size()), options.threads(), [&](Index i) {
    const double sigma = sigmas[i];
    auto& at = answers[i];
    const models::NoisyChain chain = neuron.chain(sigma);
    at["exact"] = exact_answer(neuron, sigma);
    at["pade"] = resummed(series, sigma, noise_series::pade);
    at["borel_pade"] = resummed(series, sigma, noise_series::borel_pade);
    at["closure"] = law_answer(moments::solve_closure(chain, Vector(), h0));
    if (!smooth) {
      const auto uniform = noise_series::solve_uniform_expansion(chain, Vector(), h0);
      at["uniform"] = law_answer(uniform.law);
      kink_distance[i] = uniform.kink_distance(0);
    }
    for (Index n = 0; n <= order; n += 2)
      at["order_" + std::to_string(n)] = series_answer(series, f, sigma, n);
  });
  io::Table table({"method", "sigma", "mean", "variance", "mean_remainder", "variance_remainder",
                   "valid", "note"});
  io::Table errors({"method", "sigma", "mean_error", "variance_error"});
  for (const std::string& method : methods)
    for (std::size_t i = 0; i < sigmas.size(); ++i) {
      const Answer& answer = answers[i].at(method);
      const Answer& exact = answers[i].at("exact");
      table.row({method, sigmas[i], answer.mean, answer.variance, answer.mean_remainder,
                 answer.variance_remainder, answer.valid, answer.note});
      if (method != "exact")
        errors.row({method, sigmas[i], std::abs(answer.mean - exact.mean),
                    std::abs(answer.variance - exact.variance)});
    }
  results.table("moments", table);
  results.table("errors", errors);

  // 5. How far the fourth order may be trusted, and how it does there; kinks.
  double valid_up_to = 0.0, over_remainder = 0.0, uniform_over_taylor = 0.0;
  std::string limit_note;
  for (std::size_t i = 0; i < sigmas.size(); ++i) {
    const Answer& fourth = answers[i].at("order_4");
    const Answer& exact = answers[i].at("exact");
    if (fourth.valid && limit_note.empty()) valid_up_to = sigmas[i];
    if (!fourth.valid && limit_note.empty()) limit_note = fourth.note;
    if (!exact.valid || !alone) continue;
    const double slack = 1e-11 * (1.0 + std::abs(exact.mean));  // the exact law's tolerance
    const double error = std::abs(fourth.mean - exact.mean);
    if (fourth.valid)
      over_remainder = studies::worse(over_remainder, error / (fourth.mean_remainder + slack));
    else if (kink_distance[i] <= 1.0)  // the largest sigma with a kink so near stays
      uniform_over_taylor =
          std::abs(answers[i].at("uniform").mean - exact.mean) / std::max(error, slack);
  }
  results.table("validity", io::Table({"order", "valid_up_to", "stable_points", "note"})
                                .row({4, valid_up_to, stable, limit_note}));
  const char* const scope = alone ? "" : ", for the law around this point alone,";
  if (limit_note.empty())
    std::printf("fourth order valid%s at least up to sigma = %.3g, the largest looked at\n", scope,
                valid_up_to);
  else if (valid_up_to > 0.0)
    std::printf("fourth order valid%s up to sigma = %.3g: beyond, %s\n", scope, valid_up_to,
                limit_note.c_str());
  else
    std::printf("fourth order not valid at any sigma looked at: %s\n", limit_note.c_str());
  verdict.field("valid_up_to_sigma", valid_up_to);

  // 6. Orders in which the errors vanish.
  io::Table orders({"quantity", "series_order", "observed", "expected", "sigma", "note"});
  for (const bool variance : {false, true})
    for (const Index n : {2, 4}) {
      const std::string quantity = variance ? "variance" : "mean";
      ObservedOrder observed{.note = smooth ? "more than one stable point" : "f has a kink"};
      if (smooth && alone) observed = observe_order(neuron, series, n / 2 + 1, variance);
      orders.row({quantity, n, observed.order, n + 2, observed.level, observed.note});
      if (observed.note.empty())
        verdict.at_most(quantity + ", order " + std::to_string(n) + ": observed order to " +
                            std::to_string(n + 2),
                        std::abs(observed.order - static_cast<double>(n + 2)), 0.1);
      else
        std::printf("order of the %s, series of order %td: not measured, %s\n", quantity.c_str(), n,
                    observed.note.c_str());
    }
  results.table("orders", orders);

  // 7. Monte Carlo against the exact law.
  io::Table simulated({"sigma", "mean", "mean_se", "variance", "variance_se"});
  double worst_z = 0.0;
  Index simulations = 0;  // that can be compared
  const std::size_t runs = options.quick() ? 3 : 6;
  for (std::size_t r = 1; r <= runs && alone; ++r) {
    const std::size_t i = (sigmas.size() - 1) - (runs - r) * sigmas.size() / (2 * runs);
    const auto law = ensemble::simulate_stationary(
        neuron.chain(sigmas[i]), Vector(), h0,
        {.paths = paths, .seed = options.seed(), .threads = options.threads()});
    simulated.row({sigmas[i], law.mean[0].value, law.mean[0].standard_error, law.variance[0].value,
                   law.variance[0].standard_error});
    const Answer& exact = answers[i].at("exact");
    if (!exact.valid) continue;
    ++simulations;
    worst_z = studies::worse(worst_z, std::abs(z_score(law.mean[0], {exact.mean, 0.0})));
    worst_z = studies::worse(worst_z, std::abs(z_score(law.variance[0], {exact.variance, 0.0})));
  }
  results.table("monte_carlo", simulated);

  // 8. Judge, draw.
  if (alone) {
    if (valid_up_to > 0.0)
      verdict.at_most("error of the fourth-order mean over its remainder, where valid",
                      over_remainder, 1.0);
    if (const double bound = smooth ? not_a_number : uniform_bound(f, neuron.weight);
        uniform_over_taylor > 0.0 && std::isfinite(bound))
      verdict.at_most("error of the uniform expansion over Taylor's, kink within one sd",
                      uniform_over_taylor, bound);
    if (simulations > 0)
      verdict.at_most("Monte Carlo against the exact law, standard errors", worst_z, 5.0);
  } else {
    verdict.not_compared("with several stable fixed points the exact law is a mixture");
  }
  if (options.plots()) plots::noise_series(results);
  return verdict.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return studies::guarded("noise_series", run, argc, argv); }
