// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/stationary.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/transfer_operator/backward_operator.hpp"
#include "solvers/transfer_operator/distribution.hpp"

namespace stillpoint::transfer_operator {
namespace {

using Extended = long double;

/// z beyond this has probability 1.5e-23: no path worth a rounding error leaves the hull.
constexpr double noise_bound = 10.0;
constexpr double least_activity = 1e-4;
constexpr double longest_correlation = 1e9;

/// Moments of the law about its mean, so that no two large numbers are subtracted.
template <typename Real>
struct Moments {
  Real mean, variance, skewness;

  Moments(const RealVector<Real>& nodes, const RealVector<Real>& weights) {
    mean = weights.dot(nodes);
    RealVector<Real> deviation = nodes.array() - mean;
    const Real correction = weights.dot(deviation);  // rounding of the first pass
    mean += correction;
    deviation.array() -= correction;
    variance = weights.dot(deviation.cwiseAbs2());
    skewness = weights.dot(deviation.cwiseAbs2().cwiseProduct(deviation)) /
               (variance * std::sqrt(variance));
  }
};

/// The stationary functional π, Pᵀ π = π, Σπ = 1, and what is left of the solution process.
template <typename Real>
class StationaryFunctional {
 public:
  StationaryFunctional(const ScalarChain& chain, const PanelGrid<Real>& grid, double refinement)
      : nodes(grid.nodes()) {
    RealMatrix<Real> system = transposed_backward_operator(chain, grid, refinement);
    const Index n = grid.size();
    system.diagonal().array() -= Real(1);
    Matrix shifted = system.template cast<double>();
    shifted.array() += 1.0 / static_cast<double>(n);
    factors_.compute(shifted);
    // Refinement with residuals in Real makes the solution as good as the matrix. They are those of
    // the matrix without the shift, whose rounding is as large in the tails, where t³ weighs it, as
    // anywhere; and columns that sum to zero but for rounding have an eigenvalue that is zero but
    // for rounding: the residual is that of its eigenvector.
    weights =
        factors_.solve(Vector::Constant(n, 1.0 / static_cast<double>(n))).template cast<Real>();
    Real last = std::numeric_limits<Real>::infinity();
    for (int pass = 0; pass < 8; ++pass) {
      weights /= weights.sum();
      const RealVector<Real> image = system * weights;
      const RealVector<Real> residual = image.sum() * weights - image;
      const RealVector<Real> correction =
          factors_.solve(residual.template cast<double>()).template cast<Real>();
      const Real size = correction.cwiseAbs().maxCoeff();
      if (!(size < last)) break;
      last = size;
      weights += correction;
    }
    weights /= weights.sum();
  }

  Moments<Real> moments() const { return {nodes, weights}; }

  /// g with (1 − P) g = v − E v, column by column, Σ g = 0.
  Matrix poisson_solutions(const Matrix& centred) const {
    return factors_.transpose().solve(-centred);
  }

  RealVector<Real> nodes;
  RealVector<Real> weights;

 private:
  Eigen::PartialPivLU<Matrix> factors_;
};

/// Where the law ends: twice as far from the mean as the point with 1e-12 of the mass beyond,
/// because a Gaussian tail has 1e-45 and an exponential one 1e-24 there. In a slowly mixing chain
/// rounding hides such tails; there the point with a larger share serves.
Interval support(const StationaryFunctional<double>& law, double mean, const Interval& grid,
                 const Interval& hull, double correlation_time) {
  constexpr double stretch = 2.0;
  const Index n = law.nodes.size();
  const double rounding = 1e-14 * static_cast<double>(n) * correlation_time;
  const double tail = std::clamp(rounding, 1e-12, 1e-9);
  Index first = 0, last = n - 1;
  double below = 0.0, above = 0.0;
  while (first < n && (below += std::abs(law.weights(first))) < tail) ++first;
  while (last >= 0 && (above += std::abs(law.weights(last))) < tail) --last;
  const double lower = first > 0 ? law.nodes(first - 1) : grid.lower;
  const double upper = last + 1 < n ? law.nodes(last + 1) : grid.upper;
  return {std::max(hull.lower, mean - stretch * (mean - lower)),
          std::min(hull.upper, mean + stretch * (upper - mean))};
}

/// Edges cut or extended to the interval, with every kink inside it an edge.
std::vector<double> fitted(const std::vector<double>& edges, const Interval& interval,
                           const std::vector<double>& kinks) {
  const double width = interval.upper - interval.lower;
  std::vector<double> fit{interval.lower};
  const auto add = [&](const std::vector<double>& points, double margin) {
    for (const double e : points) {
      if (e > interval.lower + margin && e < interval.upper - margin) fit.push_back(e);
    }
  };
  add(kinks, 0.0);
  for (const double e : edges) {
    const bool at_a_kink = std::any_of(kinks.begin(), kinks.end(), [&](double kink) {
      return std::abs(e - kink) < 1e-14 * width;
    });
    if (!at_a_kink) add({e}, 1e-3 * width);
  }
  fit.push_back(interval.upper);
  std::sort(fit.begin(), fit.end());
  return fit;
}

struct Adaptation {
  std::vector<double> edges;
  double correlation_time = std::numeric_limits<double>::quiet_NaN();
  Index stages = 0;
  bool resolved = false;
};

bool mixes(double correlation_time) {
  return correlation_time > -1e-6 && correlation_time < longest_correlation;
}

/// Bisects panels until the interpolation error of the Poisson solutions, weighted with the law, is
/// below `tolerance` (in standard deviations to the first, second, third power) everywhere.
Adaptation adapt(const ScalarChain& chain, const Interval& hull, double tolerance,
                 double refinement, const Options& options) {
  constexpr int max_stages = 60;
  // A panel much wider than the law writes its moments as differences of large terms, and hides
  // where the law ends.
  constexpr double widest_panel = 6.0;  // in standard deviations
  const auto kinks = chain.state_kinks();
  const Index p = options.nodes_per_panel;
  Adaptation result;
  std::vector<double> edges;
  for (int k = 0; k <= 4; ++k) edges.push_back(hull.lower + (hull.upper - hull.lower) * k / 4);
  edges = fitted(edges, hull, kinks);

  int frozen_stages = 0;
  while (result.stages++ < max_stages) {
    const PanelGrid<double> grid(edges, p);
    if (grid.size() > options.max_nodes) break;
    const StationaryFunctional<double> law(chain, grid, refinement);
    if (!law.weights.allFinite()) break;
    const auto moments = law.moments();
    const bool positive = moments.variance > 0.0;
    const Vector deviation = law.nodes.array() - moments.mean;
    const double sd =
        std::sqrt(positive ? moments.variance : law.weights.cwiseAbs().dot(deviation.cwiseAbs2()));
    const double skewness = positive ? moments.skewness : 0.0;
    const Vector t = deviation / sd;
    Matrix powers(grid.size(), 3);
    powers.col(0) = t;
    powers.col(1) = t.cwiseAbs2().array() - 1.0;
    powers.col(2) = t.cwiseAbs2().cwiseProduct(t).array() - skewness;
    const Matrix poisson = law.poisson_solutions(powers);
    result.correlation_time = 2.0 * law.weights.dot(poisson.col(0).cwiseProduct(t)) - 1.0;

    std::vector<double> next{edges.front()};
    bool split_any = false, any_wide = false;
    for (Index k = 0; k < grid.panels(); ++k) {
      const double mass = law.weights.segment(k * p, p).cwiseAbs().sum();
      const Matrix coefficients = grid.to_coefficients() * poisson.middleRows(k * p, p);
      const bool wide = mass > 1e-3 && (!positive || edges[k + 1] - edges[k] > widest_panel * sd);
      bool split = wide;
      any_wide = any_wide || wide;
      for (Index v = 0; v < 3; ++v) {
        const double size = coefficients.col(v).cwiseAbs().maxCoeff();
        const double tail = coefficients.col(v).tail(3).cwiseAbs().maxCoeff();
        const double unit = v == 2 ? std::max(1.0, std::abs(skewness)) : 1.0;
        const double rounding = 64.0 * std::numeric_limits<double>::epsilon() * size;
        split = split || (tail > rounding && mass * tail > tolerance * unit);
      }
      if (split) next.push_back(0.5 * (edges[k] + edges[k + 1]));
      next.push_back(edges[k + 1]);
      split_any = split_any || split;
    }

    const Interval ends =
        support(law, moments.mean, {edges.front(), edges.back()}, hull, result.correlation_time);
    const auto off = [&](double end, double edge) {
      const double ratio = (end - moments.mean) / (edge - moments.mean);
      return ratio < 0.8 || ratio > 1.1;
    };
    const bool refit =
        !any_wide && (off(ends.lower, edges.front()) || off(ends.upper, edges.back()));
    result.edges = edges;
    if (!split_any && !refit) {
      result.resolved = positive;
      break;
    }
    frozen_stages = mixes(result.correlation_time) ? 0 : frozen_stages + 1;
    if (frozen_stages == 4) break;  // the null space is two-dimensional: no grid will help
    edges = refit ? fitted(next, ends, kinks) : next;
  }
  return result;
}

/// The grid of the check: both ends moved out by a tenth of the width, inside the hull.
std::vector<double> widened(std::vector<double> edges, const Interval& hull) {
  const double more = 0.1 * (edges.back() - edges.front());
  edges.front() = std::max(hull.lower, edges.front() - more);
  edges.back() = std::min(hull.upper, edges.back() + more);
  return edges;
}

/// 1 − P(the argument lies on that outer flat piece of f where it mostly lies).
double activity(const ScalarChain& chain, const Solution& solution) {
  if (chain.kinks.empty()) return 1.0;
  const auto [first, last] = std::minmax_element(chain.kinks.begin(), chain.kinks.end());
  const double low = *first, high = *last;
  const auto flat_at = [&](double u) {
    return activations::value(chain.activation, u) == activations::value(chain.activation, 2.0 * u);
  };
  const auto above = [&](double kink) {
    return solution.expectation([&](double y) {
      const double distance = chain.argument(y) - kink;
      if (!(chain.argument_sd > 0.0)) return distance > 0.0 ? 1.0 : 0.0;
      return 0.5 * std::erfc(-distance / (chain.argument_sd * std::sqrt(2.0)));
    });
  };
  double active = 1.0;
  if (flat_at(low - 1.0 - std::abs(low))) active = std::min(active, above(low));
  if (flat_at(high + 1.0 + std::abs(high))) active = std::min(active, 1.0 - above(high));
  return active;
}

void fill(Solution& solution, const StationaryFunctional<Extended>& law) {
  const auto moments = law.moments();
  solution.nodes = law.nodes.cast<double>();
  solution.weights = law.weights.cast<double>();
  solution.mean = static_cast<double>(moments.mean);
  solution.variance = static_cast<double>(moments.variance);
  solution.skewness = static_cast<double>(moments.skewness);
}

std::string sentence(auto... parts) {
  std::ostringstream text;
  text.precision(3);
  (text << ... << parts);
  return text.str();
}

/// A law without width.
Solution point_mass(double state, Report report) {
  Solution solution;
  solution.nodes = Vector::Constant(1, state);
  solution.weights = Vector::Ones(1);
  solution.mean = state;
  solution.variance = 0.0;
  solution.report = std::move(report);
  return solution;
}

Solution solve(const ScalarChain& chain, const Options& options) {
  require(options.tolerance > 0.0, "transfer_operator", "tolerance = ", options.tolerance,
          ", expected > 0");
  require(options.nodes_per_panel >= 8 && options.nodes_per_panel <= 64, "transfer_operator",
          "nodes_per_panel = ", options.nodes_per_panel, ", expected 8 to 64");
  Solution solution;
  if (!chain.noise_inside() && !chain.noise_outside()) {
    if (chain.gain == 0.0) {
      return point_mass(chain.state_offset / (1.0 - chain.retention),
                        {.message = "the noise does not reach the state: its law is a point"});
    }
    solution.report =
        Report::failure(Status::outside_validity, "there is no noise: use the deterministic rung");
    return solution;
  }
  const Interval hull = invariant_interval(chain, noise_bound);
  if (hull.empty()) {
    solution.report = Report::failure(
        Status::outside_validity, "noise drives the state to infinity: there is no stationary law");
    return solution;
  }
  const double width = hull.upper - hull.lower;
  if (width <= 1e-12 * std::max(std::abs(hull.lower), std::abs(hull.upper))) {
    solution = point_mass(hull.lower, Report::failure(Status::outside_validity,
                                                      "no noise within ten standard deviations "
                                                      "passes the activation"));
    solution.activity = 0.0;
    return solution;
  }

  constexpr int rounds = 3;
  double indicator_tolerance = 1e-12, refinement = 1.0;
  bool converged = false;
  Report& report = solution.report;
  for (int round = 0; round < rounds; ++round) {
    const Adaptation adapted = adapt(chain, hull, indicator_tolerance, refinement, options);
    report.iterations += adapted.stages;
    solution.edges = adapted.edges;
    solution.correlation_time = adapted.correlation_time;
    if (!adapted.resolved) break;
    const Index p = options.nodes_per_panel;
    const StationaryFunctional<Extended> half(chain, {adapted.edges, p}, refinement);
    const StationaryFunctional<Extended> full(chain, {widened(adapted.edges, hull), 2 * p},
                                              1.5 * refinement);
    const auto moments = half.moments();
    fill(solution, full);
    report.evaluations += half.nodes.size() + full.nodes.size();
    solution.mean_error = std::abs(solution.mean - static_cast<double>(moments.mean));
    solution.variance_error = std::abs(solution.variance - static_cast<double>(moments.variance));
    solution.skewness_error = std::abs(solution.skewness - static_cast<double>(moments.skewness));
    const double sd = std::sqrt(solution.variance);
    report.residual = std::max(
        {solution.mean_error / (options.tolerance * std::max(std::abs(solution.mean), 0.1 * sd)),
         solution.variance_error / (10.0 * options.tolerance * solution.variance),
         solution.skewness_error /
             (100.0 * options.tolerance * std::max(std::abs(solution.skewness), 0.1))});
    converged = report.residual <= 1.0 && solution.variance > 0.0;
    if (converged) break;
    indicator_tolerance *= 1e-2;
    refinement *= 2.0;
  }

  if (!mixes(solution.correlation_time)) {
    report.status = Status::outside_validity;
    report.message =
        "two states exchange less than once in 1e9 steps: their weights are not resolved";
    return solution;
  }
  if (solution.variance > 0.0) solution.activity = activity(chain, solution);
  const bool rare = solution.activity < least_activity;
  const std::string how_rare =
      rare ? sentence("the neuron is active with probability ", solution.activity) : "";
  if (rare && !chain.noise_outside()) {
    report.status = Status::outside_validity;
    report.message = how_rare + ", below 1e-4: relative accuracy is lost";
  } else if (!converged) {
    report.status = Status::no_convergence;
    report.message =
        solution.nodes.size() == 0
            ? sentence("the law is not resolved by ", options.max_nodes, " nodes")
            : sentence("doubling ", solution.nodes.size() / 2, " nodes still changes the mean by ",
                       solution.mean_error, " and the variance by ", solution.variance_error);
  } else if (rare) {
    report.message = how_rare +
                     ": mean and skewness are accurate relative to the standard deviation, not to "
                     "themselves";
  }
  return solution;
}

struct ReadOutMoments {
  double mean, variance;
};

/// Moments of what the read-out weighs: the state (rate) or f of it (current).
ReadOutMoments read_out_moments(const models::NoisyChain& chain, const Vector& input,
                                const Solution& solution) {
  if (!chain.reads_activation()) return {solution.mean, solution.variance};
  const auto f = [&](double y) { return activations::value(chain.activation(), y); };
  const auto kinks = activations::kinks(chain.activation());
  if (kinks.empty() || !(chain.argument_sd()(0) > 0.0)) {
    const double mean = solution.expectation(f);
    return {mean, solution.expectation([&](double y) { return std::pow(f(y) - mean, 2); })};
  }
  // Noise inside: the kinks of f are not edges of the panels, the distribution function serves.
  const auto law = solve_distribution(chain, input, solution);
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  if (!law.report.ok()) return {unknown, unknown};
  const auto slope = [&](double y) { return activations::derivative(chain.activation(), 1, y); };
  const double mean = law.expectation(f, slope, kinks);
  return {mean, law.expectation([&](double y) { return std::pow(f(y) - mean, 2); },
                                [&](double y) { return 2.0 * (f(y) - mean) * slope(y); }, kinks)};
}

}  // namespace

Solution solve_stationary(const models::NoisyChain& chain, const Vector& input,
                          const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  Solution solution = solve(make_scalar_chain(chain, input), options);
  solution.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

Solution collocate(const models::NoisyChain& chain, const Vector& input, std::vector<double> edges,
                   Index nodes_per_panel) {
  const ScalarChain scalar = make_scalar_chain(chain, input);
  Solution solution;
  solution.edges = edges;
  const PanelGrid<Extended> grid(std::move(edges), nodes_per_panel);
  fill(solution, StationaryFunctional<Extended>(scalar, grid, 1.0));
  return solution;
}

statistics::StationaryLaw stationary_law(const models::NoisyChain& chain, const Vector& input,
                                         const Solution& solution) {
  statistics::StationaryLaw law{.method = "transfer_operator"};
  law.mean = {{.value = solution.mean}};
  law.variance = {{.value = solution.variance}};
  law.skewness = {{.value = solution.skewness}};
  law.covariance = Matrix::Constant(1, 1, solution.variance);
  const auto& to_argument = chain.argument_weights();
  law.argument_mean = to_argument * solution.mean + chain.argument_offset(input);
  law.argument_sd = Vector::Constant(
      1, std::hypot(to_argument(0, 0) * std::sqrt(solution.variance), chain.argument_sd()(0)));
  law.valid = solution.report.ok();
  law.note = solution.report.message;

  const auto& network = chain.network();
  if (network.outputs() > 0 && solution.nodes.size() > 0) {
    const auto [mean, variance] = read_out_moments(chain, input, solution);
    for (Index k = 0; k < network.outputs(); ++k) {
      const double weight = network.W_out(k, 0);
      law.output_mean.push_back({.value = weight * mean + network.b_out(k)});
      law.output_variance.push_back({.value = weight * weight * variance});
    }
  }
  law.seconds = solution.seconds;
  return law;
}

}  // namespace stillpoint::transfer_operator
