// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/plane.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "lib/core/require.hpp"
#include "solvers/transfer_operator/plane_functional.hpp"

namespace stillpoint::transfer_operator {
namespace {

using Eigen::Matrix2d;
using Eigen::Vector2d;
using Box = std::array<Interval, 2>;
using Lines = std::array<std::vector<double>, 2>;

constexpr Index first_nodes = 24;
constexpr double longest_correlation = 1e9;

/// Ends of the interval with the cuts inside it.
std::vector<double> edges_of(const Interval& interval, const std::vector<double>& cuts) {
  const double margin = 1e-3 * (interval.upper - interval.lower);
  std::vector<double> edges{interval.lower};
  for (const double cut : cuts)
    if (cut > edges.back() + margin && cut < interval.upper - margin) edges.push_back(cut);
  edges.push_back(interval.upper);
  return edges;
}

/// n nodes in each direction, half as many more for every cut.
PlaneGrid grid_of(const Box& box, const Lines& cuts, Index n) {
  const auto axis = [&](int k) {
    auto edges = edges_of(box[k], cuts[k]);
    const auto panels = static_cast<Index>(edges.size()) - 1;
    const Index order = (n * (panels + 1) + 2 * panels - 1) / (2 * panels);
    return PanelGrid<double>(std::move(edges), std::max<Index>(4, order));
  };
  return {axis(0), axis(1)};
}

PlaneFunctional functional(const PlaneChain& chain, const Box& box, Index n,
                           const PlaneFunctional* guess) {
  const Lines cuts = chain.cuts();
  const double refinement = n < 2 * first_nodes ? 1.0 : 1.5;
  // The fine grid's products and the coarse one's factors then cost about the same.
  const bool cut = !cuts[0].empty() || !cuts[1].empty();
  const Index coarse = std::min(n, cut ? 16 : std::clamp<Index>(3 * n / 8, 16, 24));
  return {chain, grid_of(box, cuts, n), grid_of(box, cuts, coarse), refinement, guess};
}

void fill(PlaneSolution& solution, const PlaneChain& chain, const PlaneFunctional& law) {
  solution.nodes = (chain.to_state * law.nodes()).colwise() + chain.origin;
  solution.weights = law.weights();
  solution.mass_outside = std::max(0.0, law.mass_outside());
  Vector mean = solution.nodes * solution.weights;
  Matrix deviation = solution.nodes.colwise() - mean;
  const Vector correction = deviation * solution.weights;  // rounding of the first pass
  mean += correction;
  deviation.colwise() -= correction;
  solution.mean = mean;
  solution.covariance = deviation * solution.weights.asDiagonal() * deviation.transpose();
  const Vector third = deviation.array().cube().matrix() * solution.weights;
  solution.skewness = third.array() / solution.covariance.diagonal().array().pow(1.5);
}

/// Sets the errors, changes from `before` to `solution` and what may be beyond the box, and the
/// residual: the largest in units of what is tolerated.
void compare(PlaneSolution& solution, const PlaneSolution& before, double tolerance) {
  solution.mean_error = (solution.mean - before.mean).cwiseAbs();
  solution.covariance_error = (solution.covariance - before.covariance).cwiseAbs();
  solution.skewness_error = (solution.skewness - before.skewness).cwiseAbs();
  const Vector width = solution.nodes.rowwise().maxCoeff() - solution.nodes.rowwise().minCoeff();
  const Vector sd = solution.covariance.diagonal().cwiseMax(0.0).cwiseSqrt();
  solution.mean_error += solution.mass_outside * width;
  solution.covariance_error += solution.mass_outside * width * width.transpose();
  solution.skewness_error += solution.mass_outside * (width.array() / sd.array()).cube().matrix();
  double worst = 0.0;
  const auto judge = [&](double error, double allowed) {
    if (error > 0.0) worst = std::max(worst, error / allowed);
  };
  for (Index i = 0; i < 2; ++i) {
    // A state without variance is known to rounding.
    const double scale = std::max(1.0, std::abs(solution.mean(i)));
    if (sd(i) <= 1e-7 * scale) {
      judge(solution.mean_error(i), tolerance * scale);
      continue;
    }
    judge(solution.mean_error(i), tolerance * std::max(std::abs(solution.mean(i)), 0.1 * sd(i)));
    judge(solution.skewness_error(i),
          100.0 * tolerance * std::max(std::abs(solution.skewness(i)), 0.1));
    for (Index j = 0; j < 2; ++j)
      judge(solution.covariance_error(i, j), 10.0 * tolerance * sd(i) * sd(j));
  }
  solution.report.residual = solution.mean.allFinite() && before.mean.allFinite()
                                 ? worst
                                 : std::numeric_limits<double>::infinity();
}

/// Distance from the mean of the point that has the share `tail` of the mass beyond it, looking
/// inwards through the nodes at these distances. `tail` is raised to what negative weights in the
/// outer part of the law, the grid's error, leave to be seen.
double tail_distance(const Vector& distances, const Vector& weights, double& tail) {
  constexpr double outer = 0.05;
  double beyond = 0.0, negative = 0.0;
  for (Index i = 0; i < weights.size() && beyond < outer; ++i) {
    beyond += std::abs(weights(i));
    negative -= std::min(weights(i), 0.0);
  }
  tail = std::max(tail, 4.0 * negative);
  double last = distances(0);
  beyond = 0.0;
  for (Index i = 0; i < weights.size() && (beyond += std::abs(weights(i))) < tail; ++i)
    last = distances(i);
  return last;
}

/// Chernoff's bound: the share beyond x is at most E e^{θt} e^{−θx} for every θ, t the distances
/// outwards. e^{θt} is entire, so that a law without a density does no harm.
double chernoff_distance(const Vector& distances, const Vector& weights, double sd, double share) {
  double least = std::numeric_limits<double>::infinity();
  for (const double theta : {2.0, 3.0, 4.0, 5.0}) {
    const double average = weights.dot((distances.array() * theta / sd).exp().matrix());
    if (average >= 1.0) least = std::min(least, (std::log(average) - std::log(share)) * sd / theta);
  }
  return least;
}

/// Where the law ends in one direction. Seen by its tail: beyond the point with a share of 1e-10
/// outside by as much as a tail between Gaussian and exponential needs to fall to `least`. Where
/// negative weights hide the tail, a rough grid still knows the standard deviation, and a fine one,
/// whose negative weights mean that the law has no density, Chernoff's bound.
Interval fitted(const PanelGrid<double>& grid, const Vector& marginal, const Interval& hull,
                double least) {
  constexpr double hidden = 1e-5, most_growth = 2.5;
  const Vector x = grid.nodes();
  const double mean = marginal.dot(x);
  const double variance = marginal.dot((x.array() - mean).square().matrix());
  const double width = grid.upper() - grid.lower();
  if (!(variance > 1e-12 * width * width)) return {grid.lower(), grid.upper()};
  const double sd = std::sqrt(variance);
  const auto reach = [&](double end, const Vector& distances, const Vector& weights) {
    double tail = 1e-10;
    double wanted = tail_distance(distances, weights, tail);
    if (tail < hidden)
      wanted *= 1.07 * std::sqrt(std::log(least) / std::log(tail));
    else if (grid.order() >= 40)
      wanted =
          std::clamp(chernoff_distance(distances, weights, sd, 100.0 * least), 7.5 * sd, 12.0 * sd);
    else
      wanted = end < 6.0 * sd || end > 12.0 * sd ? 7.5 * sd : end;
    return std::min(wanted, most_growth * end);
  };
  const double below = reach(mean - grid.lower(), (mean - x.array()).matrix(), marginal);
  const double above =
      reach(grid.upper() - mean, (x.array() - mean).reverse().matrix(), marginal.reverse());
  return {std::max(hull.lower, mean - below), std::min(hull.upper, mean + above)};
}

/// Largest relative move of an end of the box, seen from the middle of the law.
double move(const Box& from, const Box& to, const PlaneFunctional& law) {
  double largest = 1.0;
  for (int k = 0; k < 2; ++k) {
    const double mean = law.marginal(k).dot(law.grid()[k].nodes());
    const auto ratio = [&](double a, double b) {
      const double r = std::abs((b - mean) / (a - mean));
      largest = std::max({largest, r, 1.0 / r});
    };
    ratio(from[k].lower, to[k].lower);
    ratio(from[k].upper, to[k].upper);
  }
  return largest;
}

Box widened(const Box& box, double share, const Box& hull) {
  Box wide;
  for (int k = 0; k < 2; ++k) {
    const double more = share * (box[k].upper - box[k].lower);
    wide[k] = {std::max(hull[k].lower, box[k].lower - more),
               std::min(hull[k].upper, box[k].upper + more)};
  }
  return wide;
}

/// (1 + 2 Σ autocorrelations) of each state.
Vector correlation_times(const PlaneSolution& solution, const PlaneFunctional& law) {
  Vector times = Vector::Constant(2, PlaneSolution::unknown);
  for (Index i = 0; i < 2; ++i) {
    const double sd = std::sqrt(solution.covariance(i, i));
    if (!(sd > 1e-7 * std::max(1.0, std::abs(solution.mean(i))))) continue;
    const Vector t = (solution.nodes.row(i).transpose().array() - solution.mean(i)) / sd;
    times(i) = 2.0 * solution.weights.dot(law.poisson_solution(t).cwiseProduct(t)) - 1.0;
  }
  return times;
}

template <typename... Parts>
Report refusal(Status status, const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return Report::failure(status, text.str());
}

PlaneSolution solve(const PlaneChain& chain, const PlaneOptions& options) {
  PlaneSolution solution;
  if (!chain.separable) {
    solution.report = refusal(
        Status::outside_validity,
        "noise inside and outside at once in the current equation, and W mixes the units but is "
        "singular: no coordinates make the next state's components independent");
    return solution;
  }
  if (!chain.noise_inside() && !chain.noise_outside()) {
    solution.report = refusal(Status::outside_validity,
                              "there is no noise: the law is the fixed point of the network");
    return solution;
  }
  if (!chain.returns_from_infinity()) {
    solution.report = refusal(Status::outside_validity,
                              "noise drives the state to infinity: there is no stationary law");
    return solution;
  }

  constexpr int max_stages = 24;
  const Box hull = chain.hull();
  // A tail beyond that moves third moments by less than what is tolerated.
  const double least = std::max(1e-16, 1e-4 * options.tolerance);
  Box box = chain.first_box();
  Index n = first_nodes;
  std::unique_ptr<PlaneFunctional> law;
  Index stages = 0, evaluations = 0, repeats = 0;
  bool converged = false;
  while (stages < max_stages && n <= options.max_nodes) {
    // Neighbouring stages differ in the box as well as in the nodes.
    const Box wide = widened(box, stages % 2 == 0 ? 0.0 : 0.06, hull);
    auto next = std::make_unique<PlaneFunctional>(functional(chain, wide, n, law.get()));
    ++stages;
    evaluations += next->weights().size();
    PlaneSolution refined;
    refined.report = next->report();
    refined.box = wide;
    fill(refined, chain, *next);
    compare(refined, solution, options.tolerance);
    solution = std::move(refined);
    law = std::move(next);
    if (!solution.weights.allFinite()) {
      solution.report = refusal(Status::non_finite_state, "the functional is not finite");
      return solution;
    }
    Box fit;
    for (int k = 0; k < 2; ++k) fit[k] = fitted(law->grid()[k], law->marginal(k), hull[k], least);
    const double moved = move(box, fit, *law);
    converged = solution.report.ok() && solution.report.residual <= 1.0 && moved < 1.4;
    if (converged) break;
    if (moved > 1.15)
      box = fit;
    else if (solution.mass_outside > 100.0 * least)
      box = widened(box, 0.1, hull);
    const bool repeat =
        moved > 1.6 && ++repeats <= 2;  // with a box so wrong, nodes would be wasted
    if (repeat) continue;
    repeats = 0;
    n += n / 3;
  }
  solution.report.iterations = stages;
  solution.report.evaluations = evaluations;
  solution.correlation_time = correlation_times(solution, *law);
  const double slowest = solution.correlation_time.maxCoeff();
  if (slowest > longest_correlation || solution.correlation_time.minCoeff() < -1e-6) {
    solution.report.status = Status::outside_validity;
    solution.report.message =
        "two states exchange less than once in 1e9 steps: their weights are not resolved";
  } else if (!converged) {
    std::ostringstream text;
    text << "with " << solution.weights.size() << " nodes the last refinement still changes the "
         << "means by " << solution.mean_error.maxCoeff() << " and the covariance by "
         << solution.covariance_error.maxCoeff() << ", mass beyond the box "
         << solution.mass_outside << " included";
    if (chain.slanted_kinks()) text << "; kinks cross the grid, convergence is algebraic";
    solution.report.status = Status::no_convergence;
    solution.report.message = text.str();
  }
  return solution;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

PlaneSolution solve_plane(const models::NoisyChain& chain, const Vector& input,
                          const PlaneOptions& options) {
  constexpr auto where = "solve_plane";
  const auto start = std::chrono::steady_clock::now();
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.max_nodes >= first_nodes, where, "max_nodes = ", options.max_nodes,
          ", expected at least ", first_nodes);
  PlaneSolution solution = solve(make_plane_chain(chain, input), options);
  solution.seconds = seconds_since(start);
  return solution;
}

PlaneSolution collocate_plane(const models::NoisyChain& chain, const Vector& input,
                              const std::array<Interval, 2>& box, Index nodes) {
  constexpr auto where = "collocate_plane";
  const auto start = std::chrono::steady_clock::now();
  require(nodes >= 8, where, "nodes = ", nodes, ", expected at least 8");
  const PlaneChain plane = make_plane_chain(chain, input);
  require(plane.separable, where,
          "no coordinates make the components of the next state independent");
  const PlaneFunctional law = functional(plane, box, nodes, nullptr);
  PlaneSolution solution;
  solution.report = law.report();
  solution.box = box;
  fill(solution, plane, law);
  solution.seconds = seconds_since(start);
  return solution;
}

statistics::StationaryLaw stationary_law(const models::NoisyChain& chain, const Vector& input,
                                         const PlaneSolution& solution) {
  statistics::StationaryLaw law{.method = "transfer_operator"};
  for (Index i = 0; i < 2; ++i) {
    law.mean.push_back({.value = solution.mean(i)});
    law.variance.push_back({.value = solution.covariance(i, i)});
    law.skewness.push_back({.value = solution.skewness(i)});
  }
  law.covariance = solution.covariance;
  const Matrix& B = chain.argument_weights();
  law.argument_mean = B * solution.mean + chain.argument_offset(input);
  law.argument_sd =
      ((B * solution.covariance * B.transpose()).diagonal() + chain.argument_sd().cwiseAbs2())
          .cwiseMax(0.0)
          .cwiseSqrt();
  law.valid = solution.report.ok();
  law.note = solution.report.message;
  law.seconds = solution.seconds;

  const auto& network = chain.network();
  if (network.outputs() == 0) return law;
  Vector mean = solution.mean;
  Matrix covariance = solution.covariance;
  if (chain.reads_activation()) {
    const bool cut = chain.argument_sd().isZero(0.0);
    if (cut || activations::kinks(chain.activation()).empty()) {
      const Matrix f = solution.nodes.unaryExpr(
          [&](double y) { return activations::value(chain.activation(), y); });
      mean = f * solution.weights;
      const Matrix deviation = f.colwise() - mean;
      covariance = deviation * solution.weights.asDiagonal() * deviation.transpose();
    } else {
      mean.setConstant(PlaneSolution::unknown);
      covariance.setConstant(PlaneSolution::unknown);
    }
  }
  const Vector output = network.W_out * mean + network.b_out;
  const Matrix spread = network.W_out * covariance * network.W_out.transpose();
  for (Index k = 0; k < network.outputs(); ++k) {
    law.output_mean.push_back({.value = output(k)});
    law.output_variance.push_back({.value = spread(k, k)});
  }
  return law;
}

}  // namespace stillpoint::transfer_operator
