// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/first_passage.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>
#include <vector>

#include "lib/activations/normal.hpp"
#include "lib/core/require.hpp"
#include "solvers/transfer_operator/gaussian_rule.hpp"
#include "solvers/transfer_operator/scalar_chain.hpp"

namespace stillpoint::transfer_operator {
namespace {

using Rule = LegendreRule<double>;
constexpr Index order = Rule::size;

struct Nodes {
  Vector x, weight;
};

/// Panels at most `width` wide between the ends, cut at the breaks.
Nodes make_nodes(double lower, double upper, std::vector<double> breaks, double width) {
  std::vector<double> edges = {lower};
  std::sort(breaks.begin(), breaks.end());
  for (const double x : breaks)
    if (x > lower && x < upper) edges.push_back(x);
  edges.push_back(upper);
  static const Rule rule;
  std::vector<double> x, weight;
  for (std::size_t k = 0; k + 1 < edges.size(); ++k) {
    const auto panels = static_cast<Index>(std::ceil((edges[k + 1] - edges[k]) / width));
    const double half = 0.5 * (edges[k + 1] - edges[k]) / static_cast<double>(panels);
    for (Index panel = 0; panel < panels; ++panel)
      for (Index i = 0; i < order; ++i) {
        x.push_back(edges[k] + half * (2.0 * static_cast<double>(panel) + 1.0 + rule.nodes[i]));
        weight.push_back(half * rule.weights[i]);
      }
  }
  const auto n = static_cast<Index>(x.size());
  return {Eigen::Map<const Vector>(x.data(), n), Eigen::Map<const Vector>(weight.data(), n)};
}

}  // namespace

PassageSteps first_passage(const models::NoisyChain& chain, const Vector& input, double start,
                           double threshold, double far_end, const PassageOptions& options) {
  constexpr auto where = "transfer_operator::first_passage";
  const ScalarChain scalar = make_scalar_chain(chain, input);
  require(!scalar.noise_inside() && scalar.noise_outside(), where,
          "expected noise outside or on the state, and none inside");
  require(std::isfinite(threshold) && std::isfinite(far_end) && threshold != far_end &&
              (start - threshold) * (far_end - start) > 0.0,
          where, "start = ", start, ", expected between threshold = ", threshold,
          " and far_end = ", far_end);
  require(options.tolerance > 0.0 && options.max_nodes >= 64, where,
          "tolerance = ", options.tolerance, ", max_nodes = ", options.max_nodes,
          ", expected > 0 and >= 64");
  const double sd = scalar.state_sd;
  const double side = far_end > threshold ? 1.0 : -1.0;
  const auto solve = [&](double width) {
    const Nodes nodes = make_nodes(std::min(threshold, far_end), std::max(threshold, far_end),
                                   scalar.state_kinks(), width);
    const Index n = nodes.x.size();
    const double density = 1.0 / (sd * std::sqrt(2.0 * std::numbers::pi));
    // Row of the kernel from y: to the nodes, and beyond the far end to the node nearest to it.
    Index nearest = 0;
    (nodes.x.array() - far_end).abs().minCoeff(&nearest);
    const auto kernel = [&](double y, auto&& row) {
      const double mean = scalar.next(y, 0.0, 0.0);
      row =
          density * nodes.weight.array() * (-0.5 * ((nodes.x.array() - mean) / sd).square()).exp();
      row(nearest) += activations::normal_distribution(side * (mean - far_end) / sd);
    };
    Matrix system(n, n);
    for (Index i = 0; i < n; ++i) kernel(nodes.x(i), system.row(i).transpose().array());
    const Matrix K = system;
    system = Matrix::Identity(n, n) - K;
    const Eigen::PartialPivLU<Matrix> lu(system);
    const Vector u = lu.solve(Vector::Ones(n));
    const Vector q = lu.solve(Vector::Ones(n) + 2.0 * K * u);
    Eigen::ArrayXd row(n);
    kernel(start, row);
    PassageSteps steps;
    steps.mean = 1.0 + row.matrix().dot(u);
    const double square = 1.0 + row.matrix().dot(q + 2.0 * u);
    steps.standard_deviation = std::sqrt(std::max(square - steps.mean * steps.mean, 0.0));
    steps.report.iterations = n;
    return steps;
  };
  // 16 nodes on a panel of 4 sd resolve the kernel to 1e-10 or so; halve until nothing changes.
  PassageSteps before = solve(6.0 * sd);
  for (double width = 4.0 * sd;; width *= 0.6) {
    PassageSteps steps = solve(width);
    steps.report.residual = std::abs(before.mean / steps.mean - 1.0);
    // 1/T is a difference of numbers near 1, so that T has a relative rounding error of T ε.
    const double rounding = 1e-15 * steps.mean;
    if (!(steps.mean > 0.0 && rounding < 1e-4)) {
      steps = {};
      steps.report = Report::failure(
          Status::outside_validity,
          "the chain stays for more than 1e11 steps, beyond what double precision resolves");
      return steps;
    }
    if (steps.report.residual <= std::max(options.tolerance, 10.0 * rounding)) return steps;
    const double next = static_cast<double>(steps.report.iterations) / 0.6;
    if (next > static_cast<double>(options.max_nodes)) {
      std::ostringstream text;
      text << "still changes by " << steps.report.residual << " with " << steps.report.iterations
           << " nodes, expected " << options.tolerance;
      steps.report.status = Status::no_convergence;
      steps.report.message = text.str();
      return steps;
    }
    before = steps;
  }
}

}  // namespace stillpoint::transfer_operator
