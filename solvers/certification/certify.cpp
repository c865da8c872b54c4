// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/certification/certify.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "lib/intervals/functions.hpp"
#include "solvers/certification/branch_and_prune.hpp"
#include "solvers/certification/certified_root.hpp"
#include "solvers/certification/inertia.hpp"

namespace stillpoint::certification {
namespace {

using intervals::Interval;
using intervals::IntervalMatrix;
using intervals::IntervalVector;

constexpr auto where = "certify";

void require_valid(const CertifyOptions& options, Index n) {
  require(options.max_nodes > 0, where, "max_nodes = ", options.max_nodes, ", expected > 0");
  require(options.max_undecided > 0, where, "max_undecided = ", options.max_undecided,
          ", expected > 0");
  require(options.smallest_width > 0.0 && std::isfinite(options.smallest_width), where,
          "smallest_width = ", options.smallest_width, ", expected finite and > 0");
  require(options.box.size() == 0 || (options.box.size() == n && options.box.is_bounded()), where,
          "the box is not ", n, " bounded intervals, expected lower <= upper, or no box");
}

/// Box of values of f at all fixed points, if one is proved.
std::optional<IntervalVector> box_of_values(const ArgumentEquation& equation) {
  const Index n = equation.size();
  const auto range = activations::range(equation.f.activation());
  if (equation.f.bounded())
    return IntervalVector(Vector::Constant(n, range.lower), Vector::Constant(n, range.upper));
  // Softplus. From h ≤ W₊ h + d and W₊ u + d ≤ u with u, d > 0 follows ρ(W₊) < 1, then h ≤ u.
  const double k = std::get<activations::Softplus>(equation.f.activation()).sharpness();
  const Matrix positive = equation.W.cwiseMax(0.0);
  IntervalVector offset(n);
  for (Index i = 0; i < n; ++i)
    offset.set(i, relu(equation.c(i)) + log(Interval(2.0)) / Interval(k));
  const double slack = 1e-6 * offset.upper.maxCoeff();
  const Vector right = offset.upper.array() + slack;
  const Vector u = (Matrix::Identity(n, n) - positive).partialPivLu().solve(right);
  if (!u.allFinite() || !(u.array() > 0.0).all()) return {};
  const IntervalVector image = product(positive, IntervalVector(u)) + offset;
  if (!(image.upper.array() <= u.array()).all()) return {};
  return IntervalVector(Vector::Zero(n), u);
}

/// Range of ∂Φ/∂a = (1 − g) I + g W diag f' for these f'; the multipliers of both equations.
IntervalMatrix jacobian(const models::NoisyChain& chain, const IntervalVector& slopes) {
  const Index n = chain.units();
  const Interval leak = chain.leak();
  IntervalMatrix J = scaled_columns(IntervalMatrix(chain.network().W), slopes);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i)
      J.set(i, j, leak * J(i, j) + (i == j ? Interval(1.0) - leak : Interval(0.0)));
  return J;
}

Certificate certificate_of(const models::NoisyChain& chain, const CertifiedRoot& root,
                           bool prove_stability) {
  const bool rate = chain.equation() == networks::Equation::rate;
  Certificate certificate{.argument = root.box,
                          .state = rate ? root.values : root.box,
                          .alone = root.alone,
                          .index = root.index};
  certificate.radius = 0.5 * certificate.state.width().maxCoeff();
  if (prove_stability)
    certificate.unstable_directions = eigenvalues_outside_circle(jacobian(chain, root.slopes));
  return certificate;
}

Certificate certify_one(const models::NoisyChain& chain, const ArgumentEquation& equation,
                        NewtonOperator& newton, const Vector& argument,
                        const CertifyOptions& options) {
  require(argument.size() == equation.size() && argument.allFinite(), where, "a point has ",
          argument.size(), " finite arguments of f, expected ", equation.size());
  if (const auto root = certify_root(equation, newton, argument))
    return certificate_of(chain, *root, options.stability);
  Certificate none;
  none.report = Report::failure(
      Status::no_convergence,
      "undecided: no box around the point could be proved to hold one fixed point; there is none "
      "near, or a multiplier is too near 1 (a fold or pitchfork)");
  return none;
}

bool in_order(const Certificate& a, const Certificate& b) {
  return std::lexicographical_compare(a.state.lower.begin(), a.state.lower.end(),
                                      b.state.lower.begin(), b.state.lower.end());
}

void conclude(CertifiedPoints& result, const BranchAndPruneResult& search, bool bounded) {
  std::ostringstream text;
  const auto count = result.points.size();
  const std::string scope = result.contains_all ? "" : " inside this box";
  if (count == 0 && !result.undecided.empty()) {
    text << "no fixed point was proved to exist" << scope;
  } else {
    text << count << (count == 1 ? " fixed point" : " fixed points") << scope
         << (count == 1 ? ", proved to exist" : ", each proved to exist");
  }
  result.report.iterations = search.nodes;
  if (result.undecided.empty()) {
    text << "; proved that there is no other" << scope;
    const bool sum_known = result.complete() && bounded;
    if (sum_known) text << " (the indices add up to " << result.index_sum() << ")";
    result.completeness = text.str();
    if (sum_known && result.index_sum() != 1) {  // Brouwer's degree: one of the proofs is wrong
      result.report.status = Status::no_convergence;
      result.report.message = "the indices of a complete list add up to " +
                              std::to_string(result.index_sum()) +
                              " instead of 1: please report this network";
    }
    return;
  }
  double widest = 0.0;
  for (const IntervalVector& box : result.undecided)
    widest = std::max(widest, box.width().maxCoeff());
  const auto boxes = result.undecided.size();
  text << "; " << boxes << (boxes == 1 ? " box" : " boxes") << ", the widest of width " << widest
       << ", stayed undecided";
  if (search.ended_early)
    text << " when " << search.nodes << " nodes were used up or too many boxes were undecided";
  else
    text << ": a fixed point in " << (boxes == 1 ? "it" : "them")
         << " is degenerate or nearly so (a fold or pitchfork)";
  result.completeness = text.str();
  result.report.status = search.ended_early ? Status::step_limit : Status::no_convergence;
  result.report.message = text.str();
  result.report.residual = widest;
}

}  // namespace

fixed_points::Stability stability(const Certificate& certificate) {
  const auto& unstable = certificate.unstable_directions;
  if (!unstable) return fixed_points::Stability::marginal;
  if (*unstable == 0) return fixed_points::Stability::stable;
  return *unstable == certificate.argument.size() ? fixed_points::Stability::unstable
                                                  : fixed_points::Stability::saddle;
}

int CertifiedPoints::index_sum() const {
  int sum = 0;
  for (const Certificate& point : points) sum += point.index;
  return sum;
}

std::optional<IntervalVector> box_of_all(const models::NoisyChain& chain, const Vector& input) {
  const ArgumentEquation equation = argument_equation(chain, input);
  const auto values = box_of_values(equation);
  if (!values) return {};
  return product(equation.W, *values) + equation.c;
}

CertifiedPoints certify_all(const models::NoisyChain& chain, const Vector& input,
                            const CertifyOptions& options) {
  const ArgumentEquation equation = argument_equation(chain, input);
  require_valid(options, equation.size());
  CertifiedPoints result;
  const auto all = box_of_all(chain, input);
  require(all || options.box.size() > 0, where,
          "no box is known to hold all fixed points of softplus when the spectral radius of "
          "max(W, 0) is 1 or more, expected options.box, a box of arguments to search");
  result.box = options.box.size() > 0 ? options.box : *all;
  result.contains_all = all && result.box.contains(*all);
  const IntervalVector start = all ? intersection(result.box, *all) : result.box;
  BranchAndPruneResult search;
  if (!start.is_empty())
    search = branch_and_prune(equation, start,
                              {options.max_nodes, options.smallest_width, options.max_undecided});
  for (const CertifiedRoot& root : search.roots)
    if (!intersection(root.box, result.box).is_empty())
      result.points.push_back(certificate_of(chain, root, options.stability));
  std::sort(result.points.begin(), result.points.end(), in_order);
  result.undecided = search.undecided;
  conclude(result, search, equation.f.bounded());
  return result;
}

std::vector<Certificate> certify(const models::NoisyChain& chain, const Vector& input,
                                 const std::vector<fixed_points::FixedPoint>& points,
                                 const CertifyOptions& options) {
  const ArgumentEquation equation = argument_equation(chain, input);
  require_valid(options, equation.size());
  std::vector<Certificate> certificates(points.size());
  constexpr std::size_t block_size = 32;  // points a thread takes at a time
  const auto blocks = static_cast<Index>((points.size() + block_size - 1) / block_size);
  parallel_for(blocks, options.threads, [&](Index block) {
    NewtonOperator newton(equation.W, equation.c);
    const std::size_t first = static_cast<std::size_t>(block) * block_size;
    for (std::size_t k = first; k < std::min(first + block_size, points.size()); ++k)
      certificates[k] = certify_one(chain, equation, newton, points[k].argument, options);
  });
  return certificates;
}

Certificate certify(const models::NoisyChain& chain, const Vector& input, const Vector& argument,
                    const CertifyOptions& options) {
  const ArgumentEquation equation = argument_equation(chain, input);
  require_valid(options, equation.size());
  NewtonOperator newton(equation.W, equation.c);
  return certify_one(chain, equation, newton, argument, options);
}

}  // namespace stillpoint::certification
