// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/formula_orders.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "lib/io/results.hpp"
#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/model_file.hpp"
#include "plots/closure_orders.hpp"
#include "solvers/cumulants/formula_simulation.hpp"
#include "solvers/cumulants/moment_validity.hpp"
#include "studies/support/verdict.hpp"

namespace stillpoint::studies {
namespace {

using cumulants::MomentClosure;
using cumulants::MomentSolution;
using statistics::Estimate;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr Index orders_above = 2;  // that an order is judged by, beyond the highest wanted
constexpr Index highest_degree = 8;

MomentClosure closure_named(const std::string& name) {
  if (name == "normal") return MomentClosure::normal;
  return name == "log-normal" ? MomentClosure::log_normal : MomentClosure::derivative_matching;
}

/// What the options make of a refusal by the library.
std::string advice(const std::string& sentence) {
  if (sentence.find("no polynomial") != std::string::npos) return " (--taylor D)";
  if (sentence.find(" terms") != std::string::npos || sentence.find("moments") != std::string::npos)
    return "; try a lower --order or --taylor";
  return "";
}

/// The closed equations of every order.
class Closures {
 public:
  Closures(const symbolic::Model& model, const FormulaOrders& wanted)
      : model_(model), wanted_(wanted), closure_(closure_named(wanted.closure)) {}

  bool powers() const { return closure_ != MomentClosure::normal; }
  cumulants::MomentEquations open(Index order, Index taylor) const {
    return cumulants::derive_moment_equations(
        model_, {.order = order,
                 .form = powers() ? cumulants::MomentForm::raw : cumulants::MomentForm::central,
                 .taylor_degree = taylor});
  }
  cumulants::MomentEquations close(const cumulants::MomentEquations& equations) const {
    return cumulants::close(equations, closure_, wanted_.positive);
  }
  cumulants::MomentSystem system(Index order, Index taylor) const {
    return cumulants::MomentSystem(close(open(order, taylor)), wanted_.positive);
  }
  std::string_view name() const { return to_string(closure_); }

 private:
  const symbolic::Model& model_;
  const FormulaOrders& wanted_;
  MomentClosure closure_;
};

struct Followed {
  cumulants::MomentPath path;
  MomentSolution rest;
};

Followed follow(const cumulants::MomentSystem& system, const Vector& start, double time) {
  const bool chain = system.equations().model.kind == symbolic::Model::Kind::chain;
  const Vector begin = system.certain(start);
  auto path = chain ? system.iterate(begin, static_cast<Index>(time))
                    : system.integrate(begin, Vector::LinSpaced(201, 0.0, time));
  auto rest = system.solve(path.moments.rightCols(1));
  if (!path.report.ok())
    rest.report.message =
        path.report.message + (rest.report.ok() ? "" : "; " + rest.report.message);
  return {std::move(path), std::move(rest)};
}

/// The stationary law of an order that serves to judge others; none if it is too large to derive.
std::optional<MomentSolution> judge_of(const Closures& closures, const Vector& start, double time,
                                       Index order, Index taylor) {
  throw_if_interrupted();
  try {
    return follow(closures.system(order, taylor), start, time).rest;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::string document(const Closures& closures, const cumulants::MomentEquations& open) {
  const std::string order = std::to_string(open.order);
  return "\\documentclass{article}\n\\usepackage{amsmath}\n\\allowdisplaybreaks\n"
         "\\begin{document}\n\\small\n\\noindent Moment equations to order " +
         order +
         (open.taylor_degree > 0
              ? ", Taylor polynomials of degree " + std::to_string(open.taylor_degree)
              : std::string(", exact")) +
         ".\n\\[\n" + cumulants::to_latex(open) +
         "\n\\]\n\\noindent Closed: " + std::string(closures.name()) + ".\n\\[\n" +
         cumulants::to_latex(closures.close(open)) + "\n\\]\n\\end{document}\n";
}

/// Mean, variance and skewness of a state; NaN for what an order does not know.
std::array<double, 3> moments_of(const cumulants::CumulantLaw& law, Index i) {
  return {law.mean()(i), law.order() >= 2 ? law.cumulant(i, 2) : not_a_number,
          law.order() >= 3 ? law.skewness(i) : not_a_number};
}

/// |theory − simulation| less five standard errors, in units of `scale`; ≥ 0.
double beyond_errors(double theory, const Estimate& simulated, double scale) {
  const double excess = std::abs(theory - simulated.value) - 5.0 * simulated.standard_error;
  return std::isnan(excess) ? excess : std::max(0.0, excess / scale);
}

}  // namespace

int run_formulas(const Options& options, const FormulaOrders& wanted, Index paths) {
  // 1. The model and its equations.
  const symbolic::Model model = symbolic::load_model(wanted.file);
  const Index n = model.state_size();
  Vector start = Vector::Constant(n, wanted.positive ? 1.0 : 0.0);
  if (!wanted.start.empty()) {
    require(static_cast<Index>(wanted.start.size()) == n, "--start", "has ", wanted.start.size(),
            " numbers, but the model has ", n, " states");
    start = Eigen::Map<const Vector>(wanted.start.data(), n);
  }
  require(!wanted.positive || start.minCoeff() > 0.0, "--start",
          "holds a number <= 0, but the states are said to be positive");
  const Closures closures(model, wanted);
  const Index lowest = closures.powers() ? 2 : 1;
  std::vector<cumulants::MomentSystem> systems;
  Index degree = 0;  // of the Taylor polynomials; 0: exact
  std::string tex;
  try {
    const auto open = closures.open(wanted.order, wanted.taylor);
    degree = open.taylor_degree;
    tex = document(closures, open);
    for (Index order = lowest; order <= wanted.order; ++order)
      systems.push_back(closures.system(order, wanted.taylor));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(wanted.file + ": " + error.what() + advice(error.what()));
  }
  io::Results results = options.results();
  Verdict verdict(results);
  results.file("equations.tex", tex);

  // 2. Every order; two more to judge them by, and another Taylor degree.
  std::vector<Followed> followed;
  for (const auto& system : systems) {
    throw_if_interrupted();
    followed.push_back(follow(system, start, wanted.time));
  }
  std::vector<MomentSolution> solutions;
  for (const Followed& each : followed) solutions.push_back(each.rest);
  for (Index order = wanted.order + 1; order <= wanted.order + orders_above; ++order) {
    auto solution = judge_of(closures, start, wanted.time, order, wanted.taylor);
    if (!solution) break;
    solutions.push_back(std::move(*solution));
  }
  const auto best = std::find_if(solutions.rbegin(), solutions.rend(), [](const auto& solution) {
    return solution.report.ok() && solution.law.order() >= 2;
  });
  cumulants::RestStates rest;
  if (best != solutions.rend())
    rest = cumulants::find_rest_states(model, start, best->law.mean(),
                                       best->law.covariance().diagonal().cwiseSqrt(),
                                       10.0 * wanted.time, wanted.positive);
  const Index other_degree = degree + (degree + 2 <= highest_degree ? 2 : -2);
  std::vector<cumulants::MomentVerdict> verdicts;
  for (std::size_t k = 0; k < systems.size(); ++k) {
    const std::vector<MomentSolution> above(solutions.begin() + static_cast<std::ptrdiff_t>(k) + 1,
                                            solutions.end());
    auto judged = cumulants::judge_moments(solutions[k], above, rest);
    if (judged.valid && degree > 0) {
      const auto other =
          judge_of(closures, start, wanted.time, lowest + static_cast<Index>(k), other_degree);
      const std::string name = "Taylor degree " + std::to_string(other_degree);
      judged = other ? cumulants::compare_moments(solutions[k], *other, name)
                     : cumulants::MomentVerdict{false, name + " is too large to judge by"};
    }
    if (judged.valid) judged.note = solutions[k].report.message;
    verdicts.push_back(judged);
  }

  // 3. Monte Carlo of the formulas.
  const auto simulated = cumulants::simulate_formulas(model, start, wanted.time,
                                                      {.paths = paths,
                                                       .positive = wanted.positive,
                                                       .seed = options.seed(),
                                                       .threads = options.threads()});
  const bool comparable = simulated.report.ok();

  // 4. Tables.
  io::Table along({"order", "state", "time", "mean", "variance", "skewness", "possible",
                   "monte_carlo_mean", "monte_carlo_mean_se", "monte_carlo_variance",
                   "monte_carlo_variance_se"});
  io::Table table({"order", "state", "mean", "variance", "skewness", "stability", "valid",
                   "monte_carlo_mean", "monte_carlo_mean_se", "monte_carlo_variance",
                   "monte_carlo_variance_se", "note"});
  double worst_mean = 0.0, worst_variance = 0.0;
  Index answers = 0, valid = 0, best_order = 0;
  for (std::size_t k = 0; k < systems.size(); ++k) {
    const Index order = lowest + static_cast<Index>(k);
    const auto& path = followed[k].path;
    const auto& law = solutions[k].law;
    answers += solutions[k].report.ok();
    valid += verdicts[k].valid;
    if (verdicts[k].valid) best_order = order;
    for (Index i = 0; i < n; ++i) {
      const std::string state = symbolic::to_text(model.states[i]);
      Index record = 0;
      for (Index t = 0; t < path.moments.cols(); ++t) {
        const auto [mean, variance, skewness] = moments_of(systems[k].law(path.moments.col(t)), i);
        while (record + 1 < simulated.times.size() &&
               simulated.times(record) < path.times(t) * (1.0 - 1e-9))
          ++record;
        const bool here = std::abs(simulated.times(record) - path.times(t)) <= 1e-9 * wanted.time;
        const Estimate m = here ? simulated.mean[record][i] : Estimate{not_a_number, not_a_number};
        const Estimate v =
            here ? simulated.variance[record][i] : Estimate{not_a_number, not_a_number};
        along.row({order, state, path.times(t), mean, variance, skewness,
                   path.first_loss < 0 || t < path.first_loss, m.value, m.standard_error, v.value,
                   v.standard_error});
      }
      const auto [mean, variance, skewness] = moments_of(law, i);
      const Estimate &m = simulated.late_mean[i], &v = simulated.late_variance[i];
      table.row({order, state, mean, variance, skewness, solutions[k].stability, verdicts[k].valid,
                 m.value, m.standard_error, v.value, v.standard_error, verdicts[k].note});
      if (!verdicts[k].valid || !comparable) continue;
      worst_mean = worse(worst_mean, beyond_errors(mean, m, std::sqrt(v.value)));
      if (order >= 2) worst_variance = worse(worst_variance, beyond_errors(variance, v, v.value));
    }
  }
  results.table("moments", along);
  results.table("stationary", table);

  // 5. Say, judge, draw.
  for (std::size_t k = 0; k < systems.size(); ++k) {
    if (!solutions[k].report.ok()) {
      const std::string head = "order " + std::to_string(lowest + static_cast<Index>(k)) + ": ";
      const std::string& note = verdicts[k].note;
      fmt::print("{}{}\n", note.starts_with(head) ? "" : head, note);
      continue;
    }
    fmt::print("order {}:", lowest + static_cast<Index>(k));
    for (Index i = 0; i < n; ++i) {
      const auto [mean, variance, skewness] = moments_of(solutions[k].law, i);
      fmt::print(" {} {:.4g}", symbolic::to_text(model.states[i]), mean);
      if (std::isfinite(variance)) fmt::print(", variance {:.4g}", variance);
      fmt::print(";");
    }
    fmt::print(" {}{}\n", verdicts[k].valid ? "valid" : "not valid: ",
               verdicts[k].valid ? "" : verdicts[k].note);
  }
  fmt::print("Monte Carlo, {} paths:", simulated.paths);
  for (Index i = 0; i < n; ++i)
    fmt::print(" {} {:.4g} ± {:.1g}, variance {:.4g} ± {:.1g};", symbolic::to_text(model.states[i]),
               simulated.late_mean[i].value, simulated.late_mean[i].standard_error,
               simulated.late_variance[i].value, simulated.late_variance[i].standard_error);
  fmt::print("{}\n", comparable ? "" : " " + simulated.report.message);
  if (best_order > 0) fmt::print("best: order {}, the highest valid one\n", best_order);
  verdict.field("orders_with_a_stationary_law", answers).field("orders_called_valid", valid);
  if (answers == 0) {
    verdict.not_compared("no order has a stationary law that is reached from --start");
  } else if (valid == 0) {
    verdict.not_compared("no order is valid");
  } else if (!comparable) {
    verdict.not_compared(simulated.report.message + "; try another --time");
  } else {
    verdict.at_most("mean of orders called valid, worst error in sd, 5 s.e. taken off", worst_mean,
                    0.1);
    if (best_order >= 2)
      verdict.at_most("variance of orders called valid, worst relative error, 5 s.e. taken off",
                      worst_variance, 0.1);
  }
  if (options.plots()) plots::moments_along_time(results);
  return verdict.exit_code();
}

}  // namespace stillpoint::studies
