// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/enumerate.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "solvers/piecewise_linear/chain_system.hpp"

namespace stillpoint::piecewise_linear {
namespace {

void print(std::ostream& out, const Eigen::Ref<const Vector>& v) {
  out << '(';
  for (Index i = 0; i < v.size(); ++i) out << (i == 0 ? "" : ", ") << v(i);
  out << ')';
}

bool precedes(const PiecewisePoint& a, const PiecewisePoint& b) {
  const fixed_points::FixedPoint &p = a.point, &q = b.point;
  if (p.unstable_directions != q.unstable_directions)
    return p.unstable_directions < q.unstable_directions;
  return std::lexicographical_compare(p.state.begin(), p.state.end(), q.state.begin(),
                                      q.state.end());
}

/// What Σ index must be, by conditions that are cheap to check.
std::optional<int> expected_sum(const models::NoisyChain& chain) {
  const activations::Range range = activations::range(chain.activation());
  if (std::isfinite(range.lower) && std::isfinite(range.upper)) return 1;
  // (W + Wᵀ)/2 < 1 and slopes in [0, 1]: det(I − W S) > 0 for all of them. The margin is far above
  // the rounding of the eigenvalues.
  const Matrix& W = chain.network().W;
  const Matrix symmetric = 0.5 * (W + W.transpose());
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(symmetric, Eigen::EigenvaluesOnly);
  const double largest = solver.eigenvalues().maxCoeff();
  if (largest < 1.0 - 1e-9 * std::max(1.0, symmetric.norm())) return 1;
  return {};
}

std::string completeness(const Enumeration& result, const SearchCounts& counts) {
  std::ostringstream sentence;
  if (result.effort.open_branches > 0) {
    sentence << sentence_on_limit(counts);
  } else {
    sentence << "these are all fixed points: of " << counts.nodes
             << " nodes every branch without points was pruned on a proof (" << counts.rounded
             << " in doubles with error bounds, " << counts.exact << " in rational numbers), "
             << counts.leaves << (counts.leaves == 1 ? " pattern was" : " patterns were")
             << " solved in rational numbers";
  }
  const auto kinks = std::count_if(result.points.begin(), result.points.end(),
                                   [](const auto& point) { return !point.on_kink.empty(); });
  if (kinks > 0) sentence << "; " << kinks << " with units exactly on a kink";
  for (const FixedSet& set : result.sets) sentence << "; " << to_string(set);
  if (!result.sets.empty()) return sentence.str();
  if (result.indices_known && result.effort.open_branches == 0) {
    sentence << "; the indices add up to " << result.index_sum();
    if (result.expected_index_sum) {
      sentence << (result.index_sum() == *result.expected_index_sum ? ", as they must"
                                                                    : ", which is impossible");
    }
  }
  return sentence.str();
}

}  // namespace

std::string to_string(const FixedSet& set) {
  std::ostringstream text;
  text.precision(6);
  const Index vertices = set.vertices.cols(), rays = set.rays.cols();
  if (set.dimension == 1 && vertices == 2) {
    text << "a segment from ";
    print(text, set.vertices.col(0));
    text << " to ";
    print(text, set.vertices.col(1));
  } else if (set.dimension == 1 && vertices == 1) {
    text << (rays == 1 ? "a half-line from " : "a line through ");
    print(text, set.vertices.col(0));
    text << " along ";
    print(text, set.rays.col(rays - 1));
  } else {
    text << "a set of dimension " << set.dimension << " with " << vertices
         << (vertices == 1 ? " vertex and " : " vertices and ") << rays
         << (rays == 1 ? " ray" : " rays");
  }
  return text.str();
}

int Enumeration::index_sum() const {
  int sum = 0;
  for (const PiecewisePoint& point : points) sum += point.point.index;
  return sum;
}

Enumeration enumerate(const models::NoisyChain& chain, const Vector& input,
                      const EnumerateOptions& options) {
  const SearchLimits limits = search_limits(options);
  const PiecewiseLinearSystem system = orbit_system(chain, input, 1);
  Solutions solutions = all_solutions(system, limits, options.max_points);
  Enumeration result;
  result.effort = effort_of(solutions.counts);
  result.expected_index_sum = expected_sum(chain);
  result.indices_known = solutions.sets.empty();
  for (Solution& solution : solutions.points) {
    PiecewisePoint& point = result.points.emplace_back();
    point.point = describe_orbit(chain, input, solution);
    const std::optional<int> index = index_of(system, solution);
    result.indices_known = result.indices_known && index;
    point.point.index = index.value_or(0);
    point.pattern = std::move(solution.pattern);
    point.on_kink = std::move(solution.on_kink);
  }
  std::sort(result.points.begin(), result.points.end(), precedes);
  for (const SolutionSet& set : solutions.sets) result.sets.push_back(fixed_set(chain, set));
  result.completeness = completeness(result, solutions.counts);
  result.report.iterations = result.effort.nodes;
  result.report.evaluations = result.effort.patterns;
  if (!solutions.complete()) {
    result.report.status = Status::step_limit;
    result.report.message = "enumerate: " + sentence_on_limit(solutions.counts);
  } else if (result.indices_known && result.expected_index_sum &&
             *result.expected_index_sum != result.index_sum()) {
    result.report.status = Status::outside_validity;
    result.report.message = "enumerate: the indices add up to " +
                            std::to_string(result.index_sum()) + ", they must add up to " +
                            std::to_string(*result.expected_index_sum);
  }
  return result;
}

}  // namespace stillpoint::piecewise_linear
