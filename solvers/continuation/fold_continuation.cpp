// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/fold_continuation.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "solvers/continuation/curve.hpp"

namespace stillpoint::continuation {
namespace {

constexpr auto where = "trace_folds";

/// One direction of the curve.
class FoldTracer {
 public:
  FoldTracer(const ParametricMap& map, const FoldContinuationOptions& options, Vector scales)
      : map_(map), options_(options), scales_(std::move(scales)) {}

  FoldBranch follow(const Fold& start, const CurvePoint& first) {
    FoldBranch branch;
    branch.points.push_back(start);
    CurvePoint at = first;
    Fold fold = start;
    double length = options_.first_step;
    if (leaves(at.u + 1e-9 * at.tangent)) return branch;
    for (;;) {
      throw_if_interrupted();
      if (static_cast<Index>(branch.points.size()) + 2 > options_.max_points)
        return failed(std::move(branch), BranchEnd::max_points, Status::step_limit,
                      "the curve of folds has max_points points");
      // Borders near the null vectors keep the augmented system regular.
      const Curve curve = fold_curve(map_, fold.left, fold.right, scales_);
      length = std::min(length, options_.largest_step);
      const auto step = step_along(curve, at, length, options_.smallest_step, options_.max_angle);
      if (!step)
        return failed(std::move(branch), BranchEnd::smallest_step, Status::no_convergence,
                      "no safe step leads on");
      for (const CurvePoint* next : {&step->half, &step->full}) {
        CurvePoint reached = *next;
        if (branch.points.size() >= 4 && passes(curve, first, at, reached)) {  // back at its start
          branch.points.push_back(start);
          branch.ends = BranchEnd::closed_loop;
          return branch;
        }
        const bool over = leaves(reached.u);
        if (over) reached = on_bound(curve, at, reached);
        const Fold there = fold_of(reached.u, fold);
        if (fold.quadratic * there.quadratic < 0.0) cusp(curve, at, reached, fold, branch);
        branch.points.push_back(there);
        at = reached;
        fold = there;
        if (over) return branch;
        if (there.state.lpNorm<Eigen::Infinity>() > options_.state_bound) {
          branch.ends = BranchEnd::state_bound;
          return branch;
        }
      }
    }
  }

 private:
  Fold fold_of(const Vector& u, const Fold& borders) const {
    return fold_at(map_, u.head(map_.size), u.tail(2), borders.left, borders.right);
  }

  bool leaves(const Vector& u) const {
    return (u.tail(2).array() < options_.lower.array()).any() ||
           (u.tail(2).array() > options_.upper.array()).any();
  }

  CurvePoint on_bound(const Curve& curve, const CurvePoint& from, const CurvePoint& to) const {
    const auto crossing =
        locate(curve, from, curve.dot(from.tangent, to.u - from.u), [&](const CurvePoint& point) {
          const auto p = point.u.tail(2).array();
          return std::max((options_.lower.array() - p).maxCoeff(),
                          (p - options_.upper.array()).maxCoeff());
        });
    if (!crossing) return to;
    CurvePoint end = crossing->point;
    for (Index k = 0; k < 2; ++k) {
      double& p = end.u(map_.size + k);
      for (const double bound : {options_.lower(k), options_.upper(k)})
        if (std::abs(p - bound) <= 1e-12 * (1.0 + std::abs(bound))) p = bound;
    }
    return end;
  }

  void cusp(const Curve& curve, const CurvePoint& from, const CurvePoint& to, const Fold& borders,
            FoldBranch& branch) const {
    const auto crossing =
        locate(curve, from, curve.dot(from.tangent, to.u - from.u),
               [&](const CurvePoint& point) { return fold_of(point.u, borders).quadratic; });
    if (!crossing || leaves(crossing->point.u)) return;
    const CurvePoint& at = crossing->point;
    const double turn = at.tangent.tail(2).lpNorm<Eigen::Infinity>();
    branch.cusps.push_back({.parameters = at.u.tail(2),
                            .state = at.u.head(map_.size),
                            .error = turn * crossing->width + at.error +
                                     4e-16 * at.u.tail(2).lpNorm<Eigen::Infinity>(),
                            .after = static_cast<Index>(branch.points.size()) - 1});
  }

  FoldBranch failed(FoldBranch branch, BranchEnd end, Status status, const char* what) const {
    std::ostringstream text;
    text << what << " at " << map_.names[0] << " = " << branch.points.back().parameters(0) << ", "
         << map_.names[1] << " = " << branch.points.back().parameters(1);
    branch.ends = end;
    branch.report = Report::failure(status, text.str());
    return branch;
  }

  const ParametricMap& map_;
  const FoldContinuationOptions& options_;
  Vector scales_;
};

}  // namespace

FoldBranch trace_folds(const ParametricMap& map, const Vector& y, const Vector& p,
                       const FoldContinuationOptions& options) {
  require(map.map && map.parameters() == 2, where, "the map has ", map.parameters(),
          " parameters, expected two");
  require(y.size() == map.size && y.allFinite() && p.size() == 2 && p.allFinite(), where,
          "the start has ", y.size(), " states and ", p.size(), " parameters, expected ", map.size,
          " and 2, all finite");
  require(options.lower.size() == 2 && options.upper.size() == 2 && options.lower.allFinite() &&
              options.upper.allFinite() && (options.lower.array() < options.upper.array()).all(),
          where, "lower and upper have ", options.lower.size(), " and ", options.upper.size(),
          " entries, expected two finite ones each, lower < upper");
  require((options.lower.array() >= map.lower.array()).all() &&
              (options.upper.array() <= map.upper.array()).all(),
          where, "the bounds leave the domain of the parameters");
  require((p.array() >= options.lower.array()).all() && (p.array() <= options.upper.array()).all(),
          where, "the start lies outside the bounds");
  require(options.scales.size() == 0 ||
              (options.scales.size() == 2 && (options.scales.array() > 0.0).all()),
          where, "scales has ", options.scales.size(), " entries, expected two > 0, or none");
  require(options.smallest_step > 0.0 && options.first_step >= options.smallest_step &&
              options.largest_step >= options.first_step && options.max_angle > 0.0 &&
              options.max_angle <= 1.0 && options.max_points > 1 && options.state_bound > 0.0,
          where,
          "a step, an angle or a limit is out of range, expected 0 < smallest <= first <= "
          "largest step, max_angle in (0, 1], max_points > 1, state_bound > 0");
  const Vector scales = options.scales.size() == 2 ? options.scales : Vector(Vector::Ones(2));
  const auto fold = solve_fold(map, y, p, 0);
  require(
      fold.has_value(), where,
      "no fold near the start; give the state and the parameters of one that trace_branch() has "
      "found");
  const Curve curve = fold_curve(map, fold->left, fold->right, scales);
  Vector u(map.size + 2), normal = Vector::Zero(map.size + 2);
  u << fold->state, fold->parameters;
  normal(map.size + 1) = scales(1);
  auto first = correct(curve, u, normal);
  if (!first) {  // at a cusp, or where the curve turns back in the second parameter
    normal.setZero();
    normal.head(map.size) = fold->right;
    first = correct(curve, u, normal / curve.norm(normal));
  }
  require(first.has_value() && curve.norm(first->u - u) < 1e-6 * (1.0 + curve.norm(u)), where,
          "the fold at the start cannot be followed: a pitchfork that symmetry keeps is no fold");
  FoldTracer tracer(map, options, scales);
  const Fold start = fold_at(map, fold->state, fold->parameters, fold->left, fold->right);
  FoldBranch forward = tracer.follow(start, *first);
  if (forward.ends == BranchEnd::closed_loop) {
    forward.begins = BranchEnd::closed_loop;
    return forward;
  }
  CurvePoint back = *first;
  back.tangent *= -1.0;
  FoldBranch backward = tracer.follow(start, back);
  const auto behind = static_cast<Index>(backward.points.size()) - 1;
  std::reverse(backward.points.begin(), backward.points.end());
  std::reverse(backward.cusps.begin(), backward.cusps.end());
  for (Cusp& cusp : backward.cusps) cusp.after = behind - 1 - cusp.after;
  for (Cusp& cusp : forward.cusps) cusp.after += behind;
  FoldBranch both = std::move(backward);
  both.begins = both.ends;
  both.ends = forward.ends;
  if (both.report.ok()) both.report = forward.report;
  both.points.insert(both.points.end(), std::next(forward.points.begin()), forward.points.end());
  both.cusps.insert(both.cusps.end(), forward.cusps.begin(), forward.cusps.end());
  return both;
}

}  // namespace stillpoint::continuation
