// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "solvers/continuation/bifurcation.hpp"
#include "solvers/continuation/continuation.hpp"
#include "solvers/continuation/curve.hpp"

/// How continuation.cpp follows one branch and finds its bifurcations. Included there only.
namespace stillpoint::continuation {

/// A point of the curve with what its multipliers say.
struct BranchNode {
  CurvePoint at;
  fixed_points::FixedPoint point;
  Index outside = 0;  // multipliers with |μ| > 1
  Index right = 0;    // multipliers with Re μ > 1
};

/// Change of a count, apart from the one real multiplier that passes 1 at a fold or a branch point.
inline Index rest_of_change(Index before, Index after, bool one_passes) {
  const Index change = after - before;
  return one_passes ? std::min(std::abs(change - 1), std::abs(change + 1)) : std::abs(change);
}

/// The k-th multiplier by falling real part.
inline std::complex<double> by_real_part(const fixed_points::FixedPoint& point, Index k) {
  std::vector<std::complex<double>> all(point.multipliers.begin(), point.multipliers.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
  });
  return all[static_cast<std::size_t>(k)];
}

/// One direction of a branch.
class BranchTracer {
 public:
  BranchTracer(const ParametricMap& map, const ContinuationOptions& options,
               const std::function<bool(const Bifurcation&)>& stop)
      : map_(map),
        options_(options),
        stop_(stop),
        curve_(fixed_point_curve(map, options.parameter_scale)) {}

  const Curve& curve() const { return curve_; }

  /// The point of the curve at this parameter, tangent towards larger ones.
  std::optional<CurvePoint> at_parameter(const Vector& y, double parameter) const {
    Vector u(y.size() + 1), normal = Vector::Zero(y.size() + 1);
    u << y, parameter;
    normal(y.size()) = options_.parameter_scale;
    auto point = correct(curve_, u, normal);
    if (point) point->u(y.size()) = parameter;
    return point;
  }

  /// Follows the curve from a point in the direction of its tangent. From a branch point the first
  /// interval is not searched for bifurcations: it begins with one.
  Branch follow(const CurvePoint& start, bool from_branch_point) {
    branch_ = {};
    const Vector& u = start.u;
    BranchNode node = describe_node(start);
    append(node);
    const double p = parameter_of(start), direction = start.tangent(u.size() - 1);
    if (!from_branch_point &&
        ((p <= options_.lower && direction <= 0.0) || (p >= options_.upper && direction >= 0.0)))
      return std::move(branch_);
    double length = options_.first_step;
    bool search = !from_branch_point;
    for (;;) {
      throw_if_interrupted();
      if (static_cast<Index>(branch_.points.size()) + 2 > options_.max_points) {
        fail(BranchEnd::max_points, Status::step_limit, "the branch has max_points points");
        break;
      }
      length = std::min(length, options_.largest_step);
      const auto step =
          step_along(curve_, node.at, length, options_.smallest_step, options_.max_angle);
      if (!step) {
        fail(BranchEnd::smallest_step, Status::no_convergence, "no safe step leads on");
        break;
      }
      const bool finest = 0.5 * step->length < options_.smallest_step;
      const BranchNode half = describe_node(step->half), full = describe_node(step->full);
      const bool admissible = !map_.admissible || (map_.admissible(half.point.state) &&
                                                   map_.admissible(full.point.state));
      if (!admissible) {
        if (finest) {
          branch_.ends = BranchEnd::not_admissible;
          break;
        }
        length = 0.5 * step->length;
        continue;
      }
      // Both halves, before anything is kept: a step with two events in one half is taken again.
      std::vector<BranchNode> ends = {half, full};
      std::vector<std::vector<Bifurcation>> events(2);
      std::size_t intervals = 2;
      bool resolved = true;
      std::optional<BranchEnd> over;
      for (std::size_t k = 0; k < intervals && resolved; ++k) {
        const BranchNode& before = k == 0 ? node : ends[0];
        over = bound_passed(before, ends[k]);
        if (over) intervals = k + 1;
        if (k == 0 && !search) continue;
        auto found = between(before, ends[k], finest);
        resolved = found.has_value();
        if (resolved) events[k] = std::move(*found);
      }
      if (!resolved) {
        length = 0.5 * step->length;
        continue;
      }
      search = true;
      for (std::size_t k = 0; k < intervals; ++k) {
        for (Bifurcation& event : events[k]) {
          event.after = static_cast<Index>(branch_.points.size()) - 1;
          branch_.bifurcations.push_back(event);
          if (stop_ && stop_(event)) {
            const fixed_points::Map map = map_.map(Vector::Constant(1, event.parameter));
            branch_.points.push_back(
                {event.parameter, event.tangent, fixed_points::describe(map, event.state)});
            branch_.ends = BranchEnd::stopped;
            return std::move(branch_);
          }
        }
        const BranchNode& before = k == 0 ? node : ends[0];
        if (branch_.points.size() >= 4 && passes(curve_, start, before.at, ends[k].at)) {
          append(describe_node(start));
          branch_.ends = BranchEnd::closed_loop;
          return std::move(branch_);
        }
        append(ends[k]);
      }
      if (over) {
        branch_.ends = *over;
        break;
      }
      node = full;
    }
    return std::move(branch_);
  }

 private:
  double parameter_of(const CurvePoint& point) const { return point.u(map_.size); }

  BranchNode describe_node(const CurvePoint& at) const {
    BranchNode node{.at = at,
                    .point = fixed_points::describe(map_.map(at.u.tail(1)), at.u.head(map_.size))};
    for (const auto& multiplier : node.point.multipliers) {
      node.outside += std::norm(multiplier) > 1.0;
      node.right += multiplier.real() > 1.0;
    }
    return node;
  }

  void append(const BranchNode& node) {
    branch_.points.push_back({parameter_of(node.at), node.at.tangent, node.point});
  }

  void fail(BranchEnd end, Status status, const std::string& what) {
    std::ostringstream text;
    text << what << " at " << map_.names[0] << " = " << branch_.points.back().parameter;
    branch_.ends = end;
    branch_.report = Report::failure(status, text.str());
  }

  /// If a bound lies between two nodes, the second is moved onto it.
  std::optional<BranchEnd> bound_passed(const BranchNode& before, BranchNode& after) const {
    const double p = parameter_of(after.at);
    if (p < options_.lower || p > options_.upper) {
      const double bound = p < options_.lower ? options_.lower : options_.upper;
      const auto crossing =
          locate(curve_, before.at, curve_.dot(before.at.tangent, after.at.u - before.at.u),
                 [&](const CurvePoint& point) { return parameter_of(point) - bound; });
      if (crossing) {
        CurvePoint end = crossing->point;
        const auto exact = at_parameter(end.u.head(map_.size), bound);
        if (exact && curve_.norm(exact->u - end.u) < 1e-6) {
          const double side = curve_.dot(exact->tangent, end.tangent) < 0.0 ? -1.0 : 1.0;
          end.u = exact->u;
          end.tangent = side * exact->tangent;
        }
        after = describe_node(end);
        return BranchEnd::parameter_bound;
      }
    }
    if (p < options_.lower || p > options_.upper) return BranchEnd::parameter_bound;
    if (after.point.state.lpNorm<Eigen::Infinity>() > options_.state_bound)
      return BranchEnd::state_bound;
    return {};
  }

  /// The bifurcations between two nodes; nothing if there is more than one or one that cannot be
  /// told apart yet, unless `finest` says that no shorter step would be taken.
  std::optional<std::vector<Bifurcation>> between(const BranchNode& a, const BranchNode& b,
                                                  bool finest) const {
    const bool crosses = a.at.orientation != b.at.orientation;
    const bool turns = turn(a, b);
    const Index circle = rest_of_change(a.outside, b.outside, crosses != turns);
    const Index line =
        map_.has_flow ? rest_of_change(a.right, b.right, crosses != turns) : Index{0};
    std::vector<Bifurcation> found;
    if (!crosses && !turns && circle == 0 && line == 0) return found;
    const bool through_one = crosses || turns;
    if (through_one && circle == 0 && line == 0) {
      if (auto one = crosses ? branch_point(a, b) : fold(a, b)) return std::vector{std::move(*one)};
    } else if (!through_one && circle > 0) {
      auto one = on_circle(a, b);
      const bool both = line > 0 && one && one->kind != BifurcationKind::degenerate;
      if (one && !both) return std::vector{std::move(*one)};
    } else if (!through_one && line > 0) {
      if (auto one = on_line(a, b)) return std::vector{std::move(*one)};
    }
    if (!finest) return {};
    Bifurcation several = event(BifurcationKind::degenerate, a.at);
    several.error = std::abs(parameter_of(b.at) - parameter_of(a.at));
    several.note = "several bifurcations at once, or one that smallest_step does not resolve";
    return std::vector{several};
  }

  Bifurcation event(BifurcationKind kind, const CurvePoint& at) const {
    return {.kind = kind,
            .parameter = parameter_of(at),
            .state = at.u.head(map_.size),
            .tangent = at.tangent,
            .multiplier = 1.0};
  }

  /// True if the parameter turns back between two nodes.
  bool turn(const BranchNode& a, const BranchNode& b) const {
    return (a.at.tangent(map_.size) < 0.0) != (b.at.tangent(map_.size) < 0.0);
  }

  double distance(const BranchNode& a, const BranchNode& b) const {
    return curve_.dot(a.at.tangent, b.at.u - a.at.u);
  }

  std::optional<Bifurcation> fold(const BranchNode& a, const BranchNode& b) const {
    const Index n = map_.size;
    const double length = distance(a, b);
    const auto near = locate(
        curve_, a.at, length, [n](const CurvePoint& point) { return point.tangent(n); }, 12);
    if (!near) return {};
    Bifurcation result = event(BifurcationKind::fold, near->point);
    const auto exact = solve_fold(map_, result.state, near->point.u.tail(1));
    Vector u(n + 1);
    if (exact) u << exact->state, exact->parameters;
    if (!exact || curve_.norm(u - near->point.u) > length) return {};
    result.parameter = exact->parameters(0);
    result.error = exact->error;
    result.state = exact->state;
    return result;
  }

  std::optional<Bifurcation> branch_point(const BranchNode& a, const BranchNode& b) const {
    constexpr double broken = 1e-9;    // an unfolding above it is a gap, not a crossing
    constexpr double vertical = 1e-5;  // share of the parameter in a tangent of a pitchfork
    const Index n = map_.size;
    const double length = distance(a, b);
    const Vector middle = 0.5 * (a.at.u + b.at.u);
    const auto exact = solve_branch_point(map_, curve_, middle);
    if (!exact || exact->unfolding > broken || curve_.norm(exact->u - middle) > length) return {};
    Vector chord = b.at.u - a.at.u;
    chord /= curve_.norm(chord);
    const auto along = [&](int k) { return curve_.dot(exact->tangents[k], chord); };
    const int own = std::abs(along(0)) > std::abs(along(1)) ? 0 : 1;
    if (std::abs(along(own)) < 0.9) return {};
    Bifurcation result = event(BifurcationKind::transcritical, a.at);
    result.parameter = exact->u(n);
    result.error = exact->error;
    result.state = exact->u.head(n);
    result.tangent = std::copysign(1.0, along(own)) * exact->tangents[own];
    result.other_tangent = exact->tangents[1 - own];
    const auto is_vertical = [&](const Vector& tangent) {
      return std::abs(tangent(n)) < vertical * options_.parameter_scale;
    };
    if (is_vertical(result.tangent) || is_vertical(result.other_tangent))
      result.kind = BifurcationKind::pitchfork;
    // A branch that turns back without being the vertical one has a fold beside the crossing.
    if (turn(a, b) != is_vertical(result.tangent)) return {};
    return result;
  }

  /// A multiplier or a pair that passes the unit circle elsewhere than at 1.
  std::optional<Bifurcation> on_circle(const BranchNode& a, const BranchNode& b) const {
    const Index k = std::min(a.outside, b.outside);
    const auto crossing = locate(curve_, a.at, distance(a, b), [&](const CurvePoint& point) {
      return std::abs(describe_node(point).point.multipliers(k)) - 1.0;
    });
    if (!crossing) return {};
    const std::complex<double> multiplier = describe_node(crossing->point).point.multipliers(k);
    const bool real = std::abs(multiplier.imag()) < 1e-6;
    const bool pair = rest_of_change(a.outside, b.outside, false) == 2;
    const BifurcationKind kind = !real && pair ? BifurcationKind::neimark_sacker
                                 : real && !pair && multiplier.real() < 0.0
                                     ? BifurcationKind::flip
                                     : BifurcationKind::degenerate;
    Bifurcation result = event(kind, crossing->point);
    result.multiplier = multiplier;
    result.error = crossing_error(*crossing);
    if (kind == BifurcationKind::degenerate)
      result.note = "an even number of real multipliers passes the unit circle at once";
    return result;
  }

  /// A pair that passes the line Re μ = 1: a Hopf bifurcation of the flow.
  std::optional<Bifurcation> on_line(const BranchNode& a, const BranchNode& b) const {
    const Index k = std::min(a.right, b.right);
    const auto crossing = locate(curve_, a.at, distance(a, b), [&](const CurvePoint& point) {
      return by_real_part(describe_node(point).point, k).real() - 1.0;
    });
    if (!crossing) return {};
    Bifurcation result = event(BifurcationKind::hopf, crossing->point);
    result.multiplier = by_real_part(describe_node(crossing->point).point, k);
    if (std::abs(result.multiplier.imag()) < 1e-6) return {};
    result.error = crossing_error(*crossing);
    return result;
  }

  double crossing_error(const Crossing& crossing) const {
    const CurvePoint& at = crossing.point;
    return std::abs(at.tangent(map_.size)) * crossing.width + at.error +
           4e-16 * std::abs(parameter_of(at));
  }

  const ParametricMap& map_;
  const ContinuationOptions& options_;
  const std::function<bool(const Bifurcation&)>& stop_;
  Curve curve_;
  Branch branch_;
};

}  // namespace stillpoint::continuation
