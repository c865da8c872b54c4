// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/cumulant_closure.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>
#include <sstream>

#include "lib/core/interrupt.hpp"
#include "lib/core/recoverable_error.hpp"
#include "lib/core/require.hpp"
#include "solvers/algebraic/central_jacobian.hpp"
#include "solvers/algebraic/solve.hpp"
#include "solvers/cumulants/cumulant_equations.hpp"
#include "solvers/moments/exact.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/ode/integrate.hpp"

namespace stillpoint::cumulants {
namespace {

using statistics::Series;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Above this size of a state only order 2 is offered, by the recursion of MomentMap.
constexpr Index largest_closed_state = 5;

/// What the two kinds of models have in common for a search of the stationary law.
struct Problem {
  Index order;
  /// What a step adds to the cumulants, or their rates.
  std::function<Series<double>(const CumulantLaw&)> change;
  /// Follows the moments for a while; empty where they do not survive.
  std::function<std::optional<CumulantLaw>(const CumulantLaw&)> settle;
  bool discrete = true;
  bool newton = true;
};

struct Search {
  Report report;
  CumulantLaw law;
  double stability = std::numeric_limits<double>::quiet_NaN();
};

/// sd_i^α_i …, the natural size of every cumulant; means are measured from those of the start.
Vector cumulant_scale(const CumulantLaw& law, const Vector& sd) {
  Vector scale(law.indices().size() - 1);
  for (Index p = 1; p < law.indices().size(); ++p) {
    scale(p - 1) = 1.0;
    for (Index i = 0; i < law.state_size(); ++i)
      scale(p - 1) *= std::pow(sd(i), law.indices()[p][static_cast<std::size_t>(i)]);
  }
  return scale;
}

Search search(const Problem& problem, const CumulantLaw& start, const Vector& sd,
              const CumulantOptions& options) {
  const Vector scale = cumulant_scale(start, sd);
  const auto law_at = [&](const Vector& x) {
    CumulantLaw law = start;
    for (Index p = 0; p < x.size(); ++p) law.cumulants()[p + 1] += scale(p) * x(p);
    return law;
  };
  const auto F = [&](const Vector& x, Vector& value) {
    throw_if_interrupted();
    const Series<double> change = problem.change(law_at(x));
    for (Index p = 0; p < value.size(); ++p) value(p) = change[p + 1] / scale(p);
    if (!value.allFinite()) throw RecoverableError("the moments are not finite");
  };
  const auto jacobian = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Matrix> J) {
    J = algebraic::central_jacobian(F, x);
  };
  const auto function = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
    Vector result(value.size());
    F(x, result);
    value = result;
  };
  algebraic::Options numerics{
      .tolerance = options.tolerance, .max_iterations = options.max_iterations, .max_step = 10.0};
  if (!problem.newton) {
    numerics.method = algebraic::Method::anderson;
    numerics.acceleration_depth = 8;
  }
  Search result{.report = {}, .law = start};
  try {
    const Vector zero = Vector::Zero(scale.size());
    const algebraic::Solution root = problem.newton
                                         ? algebraic::solve(function, jacobian, zero, numerics)
                                         : algebraic::solve(function, {}, zero, numerics);
    result.report = root.report;
    result.law = law_at(root.x);
    if (!root.report.ok() || !problem.newton) return result;
    const Matrix J = algebraic::central_jacobian(F, root.x);
    const auto values = J.eigenvalues();
    result.stability =
        problem.discrete ? (values.array() + 1.0).abs().maxCoeff() : values.real().maxCoeff();
  } catch (const RecoverableError& error) {
    result.report = Report::failure(Status::no_convergence, error.what());
  }
  return result;
}

/// From the law of the order below; after a failure once more from where the moments settle.
Search solve_order(const Problem& problem, const CumulantLaw& below, const Vector& sd,
                   const CumulantOptions& options) {
  const CumulantLaw start = below.with_order(problem.order);
  Search first = search(problem, start, sd, options);
  const bool stable = !(first.stability >= (problem.discrete ? 1.0 : 0.0));
  if (first.report.ok() && stable) return first;
  const std::optional<CumulantLaw> settled = problem.settle(start);
  if (!settled) return first;
  Search second = search(problem, *settled, sd, options);
  return second.report.ok() ? second : first;
}

/// Largest change of a mean in sd, or of a variance relative to it.
double change_between(const CumulantLaw& a, const CumulantLaw& b, bool with_variance) {
  double largest = 0.0;
  for (Index i = 0; i < a.state_size(); ++i) {
    const double variance = a.cumulant(i, 2);
    if (!(variance > 0.0)) continue;
    largest = std::max(largest, std::abs(a.mean()(i) - b.mean()(i)) / std::sqrt(variance));
    if (with_variance) largest = std::max(largest, std::abs(1.0 - b.cumulant(i, 2) / variance));
  }
  return largest;
}

/// Stable rest states of one unit's averaged dynamics, sign changes of its drift from + to −. They
/// lie in `reach`, where the averages of f hold the state; without an end of it f is convex, its
/// averages are, and a convex or concave drift has one such change at most.
Index count_rest_states(const std::function<double(double)>& drift, const Support& reach) {
  constexpr int cells = 1200;
  const double lower = reach.lower(0), width = (reach.upper(0) - lower) / cells;
  if (!std::isfinite(width)) return 1;
  Index count = 0;
  double before = drift(lower - width);
  for (int k = 0; k <= cells + 1; ++k) {
    const double here = drift(lower + k * width);
    count += before > 0.0 && here <= 0.0;
    before = here;
  }
  return count;
}

/// Largest correction to the law of an argument.
double argument_correction(const models::NoisyChain& chain, const GramCharlier& state) {
  const Matrix A = chain.argument_weights() * state.root();
  double largest = 0.0;
  for (Index j = 0; j < chain.units(); ++j) {
    const double q = std::hypot(A.row(j).norm(), chain.argument_sd()(j));
    if (q > 0.0) largest = std::max(largest, state.correction(A.row(j).transpose() / q));
  }
  return largest;
}

void finish(CumulantSolution& solution, const Search& found, const models::NoisyChain& chain,
            const Support& bounds, bool discrete, const GramCharlier::Tables& tables) {
  const Index order = found.law.order();
  solution.report = found.report;
  solution.law = found.law;
  solution.stability = found.stability;
  solution.realizability = check_realizability(found.law, bounds);
  try {
    solution.correction = argument_correction(chain, GramCharlier(found.law, tables));
  } catch (const RecoverableError&) {
    solution.correction = std::numeric_limits<double>::infinity();
  }
  std::ostringstream text;
  text.precision(3);
  if (!found.report.ok()) {
    text << "order " << order << ": no stationary cumulants found (" << found.report.message << ")";
    solution.report.message = text.str();
  } else if (!solution.realizability.possible) {
    text << "order " << order << ": the stationary cumulants are those of no law, "
         << solution.realizability.violated;
    solution.report.status = Status::lost_positivity;
    solution.report.message = text.str();
  } else if (found.stability >= (discrete ? 1.0 : 0.0)) {
    text << "order " << order << ": the stationary cumulants are not stable, "
         << (discrete ? "a step multiplies a deviation by " : "a deviation grows at the rate ")
         << found.stability;
    solution.report.status = Status::outside_validity;
    solution.report.message = text.str();
  }
}

void require_numbers(const Vector& h0, Index units, Index state_size,
                     const CumulantOptions& options) {
  constexpr std::string_view where = "cumulants::solve_cumulants";
  require(h0.size() == units && h0.allFinite(), where, "h0 has ", h0.size(),
          " entries or holds a NaN, expected ", units, " finite numbers");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.max_iterations > 0, where, "max_iterations = ", options.max_iterations,
          ", expected > 0");
  require(options.order >= 1 && options.order <= largest_order(state_size), where,
          "order = ", options.order, ", expected 1 to ", largest_order(state_size),
          " for a state of size ", state_size);
}

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Orders 2 to k, one from the other; `make` gives the problem of an order. On entry the solution
/// is that of order 1. Then the next orders, for the error.
template <typename Make, typename Finish>
void continue_orders(CumulantLaw law, const Vector& sd, const CumulantOptions& options,
                     CumulantSolution& solution, Make&& make, Finish&& finish_order) {
  CumulantLaw below = solution.law;
  bool has_below = below.finite();
  for (Index order = 2; order <= options.order; ++order) {
    const Search found = solve_order(make(order), law, sd, options);
    finish_order(solution, found, order);
    solution.change = has_below ? change_between(found.law, below, order > 2) : not_a_number;
    has_below = solution.report.ok();
    if (has_below) below = law = found.law;
  }
  if (!options.estimate_error || !solution.report.ok()) return;
  const Index m = law.state_size(), last = options.order + (m == 1 ? 4 : m == 2 ? 2 : 1);
  for (Index order = options.order + 1; order <= std::min(last, largest_order(m)); ++order) {
    const Search above = solve_order(make(order), law, sd, options);
    CumulantSolution judged = solution;
    finish_order(judged, above, order);
    const double error = judged.report.ok()
                             ? 2.0 * change_between(above.law, solution.law, options.order > 1)
                             : std::numeric_limits<double>::infinity();
    solution.error = std::isnan(solution.error) ? error : std::max(solution.error, error);
    law = above.law;
    if (std::isinf(error)) return;
  }
}

}  // namespace

CumulantSolution solve_cumulants(const models::NoisyChain& chain, const Vector& input,
                                 const Vector& h0, const CumulantOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  require_numbers(h0, chain.units(), chain.state_size(), options);
  const Index m = chain.state_size(), n = chain.units();
  const Support bounds = support(chain, input);

  CumulantSolution solution{.report = {}, .law = CumulantLaw(m, 1), .realizability = {}};
  const statistics::StationaryLaw smoothed = moments::solve_smoothed(chain, input, h0);
  Vector mean = Vector::Zero(m);
  for (Index i = 0; i < n; ++i) mean(i) = smoothed.mean[static_cast<std::size_t>(i)].value;
  solution.law.set_mean(mean);
  if (!smoothed.valid)
    solution.report = Report::failure(Status::outside_validity, "order 1: " + smoothed.note);
  if (options.order == 1 && (!options.estimate_error || m > largest_closed_state)) {
    solution.seconds = since(start);
    return solution;
  }

  const moments::StationaryMoments gaussian =
      moments::iterate_moments(chain, input, h0, moments::Rung::full_closure);
  const moments::Moments& closure = gaussian.moments;
  const Vector sd = closure.covariance.diagonal().cwiseSqrt();
  if (!closure.mean.allFinite() || !(sd.array() > 0.0).all()) {
    solution.seconds = since(start);
    if (options.order == 1) return solution;
    solution.law = solution.law.with_order(options.order);
    solution.report = Report::failure(
        Status::outside_validity,
        "a state has no noise, or the moments overflow: there are no cumulants to close");
    solution.seconds = since(start);
    return solution;
  }
  CumulantLaw law(m, 2);
  law.set_mean(closure.mean);
  law.set_covariance(closure.covariance);
  if (m > largest_closed_state) {  // order 2, which the recursion has solved
    const double change = smoothed.valid ? change_between(law, solution.law, false) : not_a_number;
    solution.law = law;
    solution.change = change;
    solution.report = gaussian.reached
                          ? Report{}
                          : Report::failure(Status::no_convergence, "order 2: " + gaussian.note);
    solution.realizability = check_realizability(law, bounds);
    solution.seconds = since(start);
    return solution;
  }
  const auto equations = [&](Index order) {
    return std::make_shared<CumulantChain>(chain, input, order,
                                           order == options.order ? options.degree : 0);
  };
  const auto make = [&](Index order) {
    const auto map = equations(order);
    return Problem{.order = order,
                   .change =
                       [map](const CumulantLaw& here) {
                         Series<double> change = map->step(here).cumulants();
                         for (std::size_t p = 0; p < change.size(); ++p)
                           change[p] -= here.cumulants()[p];
                         return change;
                       },
                   .settle = [map, &chain](const CumulantLaw& from) -> std::optional<CumulantLaw> {
                     try {
                       CumulantLaw moving = from;
                       const auto steps = static_cast<Index>(20.0 / chain.leak()) + 20;
                       for (Index t = 0; t < steps; ++t) {
                         throw_if_interrupted();
                         moving = map->step(moving);
                       }
                       return moving;
                     } catch (const RecoverableError&) {
                       return std::nullopt;
                     }
                   },
                   .discrete = true,
                   .newton = n <= 2};
  };
  continue_orders(law, sd, options, solution, make,
                  [&](CumulantSolution& at, const Search& found, Index order) {
                    finish(at, found, chain, bounds, true, equations(order)->tables());
                  });
  if (m == 1) {
    const Vector c = chain.argument_offset(input), d = chain.state_offset(input);
    solution.rest_states = count_rest_states(
        [&](double y) {
          const double u = chain.argument_weights()(0, 0) * y + c(0);
          return (chain.retention()(0) - 1.0) * y + d(0) +
                 chain.gain()(0, 0) *
                     activations::averages(chain.activation(), u, chain.argument_sd()(0)).mean;
        },
        noiseless_support(chain, input));
  }
  solution.seconds = since(start);
  return solution;
}

CumulantSolution solve_cumulants(const models::NoisyDiffusion& diffusion, const Vector& h0,
                                 const CumulantOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const models::NoisyChain& chain = diffusion.chain();
  require_numbers(h0, chain.units(), chain.state_size(), options);
  const Index m = chain.state_size();

  // Scales from the chain's closure, whose law is that of the diffusion to first order in g.
  const Vector input = Vector::Zero(chain.inputs());
  CumulantLaw law(m, 2);
  law.set_mean(chain.initial_state(h0));
  const auto rates = [&](Index order) {
    return std::make_shared<CumulantDiffusion>(diffusion, order,
                                               order == options.order ? options.degree : 0);
  };
  const auto settle = [](const std::shared_ptr<CumulantDiffusion>& rate, const CumulantLaw& from,
                         double time) -> std::optional<CumulantLaw> {
    const Index size = from.indices().size();
    const auto field = [&](double, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> dxdt) {
      throw_if_interrupted();
      CumulantLaw moving = from;
      for (Index p = 1; p < size; ++p) moving.cumulants()[p] = x(p - 1);
      const Series<double> change = rate->rate(moving);
      for (Index p = 1; p < size; ++p) dxdt(p - 1) = change[p];
    };
    const Vector x0 = Eigen::Map<const Vector>(from.cumulants().data() + 1, size - 1);
    Vector times(2);
    times << 0.0, time;
    try {
      const auto path = ode::integrate(field, x0, times);
      if (!path.report.ok()) return std::nullopt;
      CumulantLaw end = from;
      for (Index p = 1; p < size; ++p)
        end.cumulants()[p] = path.states(p - 1, path.states.cols() - 1);
      return end;
    } catch (const RecoverableError&) {
      return std::nullopt;
    }
  };
  const auto make = [&](Index order) {
    const auto rate = rates(order);
    return Problem{
        .order = order,
        .change = [rate](const CumulantLaw& here) { return rate->rate(here); },
        .settle = [rate, settle](const CumulantLaw& from) { return settle(rate, from, 20.0); },
        .discrete = false,
        .newton = true};
  };

  CumulantSolution solution{.report = {}, .law = law.with_order(1), .realizability = {}};
  const Support bounds;  // a diffusion's noise reaches everywhere
  const auto settled = settle(rates(1), law.with_order(1), 100.0);
  if (settled) {
    const Search found = solve_order(make(1), *settled, Vector::Ones(m), options);
    finish(solution, found, chain, bounds, false, rates(1)->tables());
  } else {
    solution.report = Report::failure(Status::no_convergence, "order 1: no rest state found");
  }
  solution.seconds = since(start);
  if (options.order == 1 && !options.estimate_error) return solution;

  const auto spread = settle(rates(2), law, 100.0);
  const Vector sd = spread ? Vector(spread->covariance().diagonal().cwiseMax(0.0).cwiseSqrt())
                           : Vector(Vector::Zero(m));
  if (!(sd.array() > 0.0).all()) {
    if (options.order == 1) return solution;
    solution.law = solution.law.with_order(options.order);
    solution.report = Report::failure(
        Status::outside_validity,
        "a state has no noise, or the moments overflow: there are no cumulants to close");
    return solution;
  }
  continue_orders(*spread, sd, options, solution, make,
                  [&](CumulantSolution& at, const Search& found, Index order) {
                    finish(at, found, chain, bounds, false, rates(order)->tables());
                  });
  if (m == 1) {
    Vector y(1), A(1);
    solution.rest_states = count_rest_states(
        [&](double state) {
          y(0) = state;
          diffusion.drift(0.0, y, A);
          return A(0);
        },
        noiseless_support(chain, input));
  }
  solution.seconds = since(start);
  return solution;
}

CumulantVerdict judge(const CumulantSolution& solution, double tolerance) {
  const double error = std::isnan(solution.error) ? solution.change : solution.error;
  CumulantVerdict verdict{.valid = true, .relative_error = error, .note = ""};
  std::ostringstream text;
  text.precision(3);
  const auto reject = [&](const auto&... parts) {
    if (!verdict.valid) return;
    verdict.valid = false;
    (text << ... << parts);
  };
  if (!solution.report.ok()) reject(solution.report.message);
  if (solution.rest_states > 1)
    reject("the averaged dynamics has ", solution.rest_states,
           " stable rest states: the law may be a mixture, which low cumulants do not hold");
  if (solution.correction > 1.0)
    reject("the corrections to the Gaussian are ", solution.correction,
           " in size, expected below 1: the law is far from Gaussian");
  if (std::isinf(error)) reject("a next order has no stationary law: no estimate of the error");
  if (error > tolerance)
    reject("by its neighbouring orders the mean or variance is wrong by up to ", error,
           ", more than ", tolerance);
  verdict.note = text.str();
  return verdict;
}

statistics::StationaryLaw stationary_law(const models::NoisyChain& chain,
                                         const CumulantSolution& solution) {
  const Index n = chain.units(), order = solution.law.order();
  Vector variance(n), skewness(n);
  for (Index i = 0; i < n; ++i) {
    variance(i) =
        order >= 2 ? solution.law.cumulant(i, 2) : std::numeric_limits<double>::quiet_NaN();
    skewness(i) = order >= 3 ? solution.law.skewness(i) : std::numeric_limits<double>::quiet_NaN();
  }
  const CumulantVerdict verdict = judge(solution);
  statistics::StationaryLaw law{.method = "cumulants " + std::to_string(order),
                                .mean = moments::exact(solution.law.mean().head(n)),
                                .variance = moments::exact(variance),
                                .skewness = moments::exact(skewness),
                                .valid = verdict.valid,
                                .note = verdict.note,
                                .seconds = solution.seconds};
  if (order >= 2) law.covariance = solution.law.covariance().topLeftCorner(n, n);
  if (chain.reads_activation() || order < 2) return law;
  const Matrix& W_out = chain.network().W_out;
  law.output_mean = moments::exact(W_out * solution.law.mean().head(n) + chain.network().b_out);
  law.output_variance =
      moments::exact((W_out * law.covariance).cwiseProduct(W_out).rowwise().sum());
  return law;
}

}  // namespace stillpoint::cumulants
