// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/continuation.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <optional>
#include <sstream>
#include <utility>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "solvers/fixed_points/curve.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::fixed_points {
namespace {

/// A point of the curve with what its multipliers say.
struct Node {
  CurvePoint at;
  FixedPoint point;
  Index outside = 0;  // multipliers with |μ| > 1
  Index right = 0;    // multipliers with Re μ > 1
};

/// Change of a count, apart from the one real multiplier that passes 1 at a fold or a branch point.
Index rest_of_change(Index before, Index after, bool one_passes) {
  const Index change = after - before;
  return one_passes ? std::min(std::abs(change - 1), std::abs(change + 1)) : std::abs(change);
}

/// The k-th multiplier by falling real part.
std::complex<double> by_real_part(const FixedPoint& point, Index k) {
  std::vector<std::complex<double>> all(point.multipliers.begin(), point.multipliers.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
  });
  return all[static_cast<std::size_t>(k)];
}

/// One direction of a branch.
class Tracer {
 public:
  Tracer(const ParametricMap& map, const ContinuationOptions& options,
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
    Node node = describe_node(start);
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
      const Node half = describe_node(step->half), full = describe_node(step->full);
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
      std::vector<Node> ends = {half, full};
      std::vector<std::vector<Bifurcation>> events(2);
      std::size_t intervals = 2;
      bool resolved = true;
      std::optional<BranchEnd> over;
      for (std::size_t k = 0; k < intervals && resolved; ++k) {
        const Node& before = k == 0 ? node : ends[0];
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
            const Map map = map_.map(Vector::Constant(1, event.parameter));
            branch_.points.push_back({event.parameter, event.tangent, describe(map, event.state)});
            branch_.ends = BranchEnd::stopped;
            return std::move(branch_);
          }
        }
        if (closes(start, k == 0 ? node : ends[0], ends[k])) {
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

  Node describe_node(const CurvePoint& at) const {
    Node node{.at = at, .point = describe(map_.map(at.u.tail(1)), at.u.head(map_.size))};
    for (const auto& multiplier : node.point.multipliers) {
      node.outside += std::norm(multiplier) > 1.0;
      node.right += multiplier.real() > 1.0;
    }
    return node;
  }

  void append(const Node& node) {
    branch_.points.push_back({parameter_of(node.at), node.at.tangent, node.point});
  }

  void fail(BranchEnd end, Status status, const std::string& what) {
    std::ostringstream text;
    text << what << " at " << map_.names[0] << " = " << branch_.points.back().parameter;
    branch_.ends = end;
    branch_.report = Report::failure(status, text.str());
  }

  /// If a bound lies between two nodes, the second is moved onto it.
  std::optional<BranchEnd> bound_passed(const Node& before, Node& after) const {
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

  /// True if the branch has come back to its start between two nodes.
  bool closes(const CurvePoint& start, const Node& before, const Node& after) const {
    if (branch_.points.size() < 4) return false;
    const double s = curve_.dot(before.at.tangent, start.u - before.at.u);
    const double length = curve_.dot(before.at.tangent, after.at.u - before.at.u);
    if (s < 0.0 || s > length || curve_.norm(start.u - before.at.u) > 2.0 * length) return false;
    const auto there = advance(curve_, before.at, s);
    return there && curve_.norm(there->u - start.u) < 1e-7 * (1.0 + curve_.norm(start.u));
  }

  /// The bifurcations between two nodes; nothing if there is more than one or one that cannot be
  /// told apart yet, unless `finest` says that no shorter step would be taken.
  std::optional<std::vector<Bifurcation>> between(const Node& a, const Node& b, bool finest) const {
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
  bool turn(const Node& a, const Node& b) const {
    return (a.at.tangent(map_.size) < 0.0) != (b.at.tangent(map_.size) < 0.0);
  }

  double distance(const Node& a, const Node& b) const {
    return curve_.dot(a.at.tangent, b.at.u - a.at.u);
  }

  std::optional<Bifurcation> fold(const Node& a, const Node& b) const {
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

  std::optional<Bifurcation> branch_point(const Node& a, const Node& b) const {
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
  std::optional<Bifurcation> on_circle(const Node& a, const Node& b) const {
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
  std::optional<Bifurcation> on_line(const Node& a, const Node& b) const {
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

void require_valid(const ParametricMap& map, const Vector& start, double parameter,
                   const ContinuationOptions& options) {
  constexpr auto where = "fixed_points::trace_branch";
  require(map.map && map.parameters() == 1, where, "the map has ", map.parameters(),
          " parameters, expected one");
  require(start.size() == map.size && start.allFinite(), where, "the start has ", start.size(),
          " entries, expected ", map.size, " finite numbers");
  require(
      std::isfinite(options.lower) && std::isfinite(options.upper) && options.lower < options.upper,
      where, "lower = ", options.lower, ", upper = ", options.upper,
      ", expected finite and lower < upper");
  require(options.lower >= map.lower(0) && options.upper <= map.upper(0), where, "[", options.lower,
          ", ", options.upper, "] leaves the domain of ", map.names[0], ", [", map.lower(0), ", ",
          map.upper(0), "]");
  require(parameter >= options.lower && parameter <= options.upper, where,
          "parameter = ", parameter, ", expected in [", options.lower, ", ", options.upper, "]");
  require(options.state_bound > 0.0, where, "state_bound = ", options.state_bound,
          ", expected > 0");
  require(options.smallest_step > 0.0 && options.first_step >= options.smallest_step &&
              options.largest_step >= options.first_step,
          where, "steps ", options.smallest_step, ", ", options.first_step, ", ",
          options.largest_step, ", expected 0 < smallest <= first <= largest");
  require(options.max_angle > 0.0 && options.max_angle <= 1.0, where,
          "max_angle = ", options.max_angle, ", expected in (0, 1]");
  require(options.parameter_scale > 0.0, where, "parameter_scale = ", options.parameter_scale,
          ", expected > 0");
  require(options.max_points > 1 && options.max_branches > 0, where,
          "max_points = ", options.max_points, ", max_branches = ", options.max_branches,
          ", expected > 1 and > 0");
}

/// The start on the curve. @throws std::invalid_argument if it is no fixed point.
CurvePoint first_point(const Tracer& tracer, const Vector& start, double parameter) {
  const auto point = tracer.at_parameter(start, parameter);
  require(point.has_value() && (point->u.head(start.size()) - start).lpNorm<Eigen::Infinity>() <=
                                   1e-3 * scale_of(start),
          "fixed_points::trace_branch",
          "the start is no regular fixed point at this parameter; give one that "
          "fixed_points::find() has found, not at a bifurcation");
  return *point;
}

/// Backwards and forwards from one start as one branch.
Branch joined(Branch backward, Branch forward) {
  Branch both;
  both.begins = backward.ends;
  both.ends = forward.ends;
  both.report = backward.report.ok() ? forward.report : backward.report;
  const auto behind = static_cast<Index>(backward.points.size()) - 1;
  for (Index k = behind; k > 0; --k) {
    both.points.push_back(std::move(backward.points[static_cast<std::size_t>(k)]));
    both.points.back().tangent *= -1.0;
  }
  for (auto event = backward.bifurcations.rbegin(); event != backward.bifurcations.rend();
       ++event) {
    event->tangent *= -1.0;
    event->after = behind - 1 - event->after;
    both.bifurcations.push_back(std::move(*event));
  }
  for (auto& point : forward.points) both.points.push_back(std::move(point));
  for (auto& event : forward.bifurcations) {
    event.after += behind;
    both.bifurcations.push_back(std::move(event));
  }
  return both;
}

Branch both_ways(Tracer& tracer, const CurvePoint& start) {
  Branch forward = tracer.follow(start, false);
  if (forward.ends == BranchEnd::closed_loop) {
    forward.begins = BranchEnd::closed_loop;
    return forward;
  }
  CurvePoint back = start;
  back.tangent *= -1.0;
  back.orientation *= -1;
  return joined(tracer.follow(back, false), std::move(forward));
}

/// A branch point of a diagram and which of the four ways out of it have been followed.
struct Crossroads {
  Vector u;
  std::array<Vector, 4> ways;  // unit vectors out of it
  std::array<bool, 4> followed = {};
  Index branch = 0, bifurcation = 0;  // where it was found first

  std::size_t way_along(const Curve& curve, const Vector& direction) const {
    std::size_t best = 0;
    for (std::size_t k = 1; k < ways.size(); ++k)
      if (curve.dot(ways[k], direction) > curve.dot(ways[best], direction)) best = k;
    return best;
  }
};

/// True if the branch holds this fixed point at this parameter.
bool holds(const Tracer& tracer, const Branch& branch, const CurvePoint& start) {
  const Index n = start.u.size() - 1;
  const auto value = [&](const BranchedPoint& point) {
    Vector u(n + 1);
    u << point.point.state, point.parameter;
    return u;
  };
  for (std::size_t k = 0; k + 1 < branch.points.size(); ++k) {
    const Vector a = value(branch.points[k]), b = value(branch.points[k + 1]);
    if ((a(n) - start.u(n)) * (b(n) - start.u(n)) > 0.0) continue;
    const double share = a(n) == b(n) ? 0.0 : (start.u(n) - a(n)) / (b(n) - a(n));
    const Vector guess = a + share * (b - a);
    if (tracer.curve().norm(guess - start.u) > tracer.curve().norm(b - a)) continue;
    const auto point = tracer.at_parameter(guess.head(n), start.u(n));
    if (point && tracer.curve().norm(point->u - start.u) < 1e-7) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(BranchEnd end) {
  switch (end) {
    case BranchEnd::parameter_bound:
      return "parameter_bound";
    case BranchEnd::state_bound:
      return "state_bound";
    case BranchEnd::closed_loop:
      return "closed_loop";
    case BranchEnd::joined:
      return "joined";
    case BranchEnd::stopped:
      return "stopped";
    case BranchEnd::max_points:
      return "max_points";
    case BranchEnd::smallest_step:
      return "smallest_step";
    case BranchEnd::not_admissible:
      return "not_admissible";
  }
  return "unknown";
}

Branch trace_branch(const ParametricMap& map, const Vector& start, double parameter,
                    const ContinuationOptions& options,
                    const std::function<bool(const Bifurcation&)>& stop) {
  require_valid(map, start, parameter, options);
  Tracer tracer(map, options, stop);
  return both_ways(tracer, first_point(tracer, start, parameter));
}

Branch trace_branch(const ParametricMap& map, const Vector& start, double parameter, bool upwards,
                    const ContinuationOptions& options,
                    const std::function<bool(const Bifurcation&)>& stop) {
  require_valid(map, start, parameter, options);
  Tracer tracer(map, options, stop);
  CurvePoint first = first_point(tracer, start, parameter);
  if (!upwards) {
    first.tangent *= -1.0;
    first.orientation *= -1;
  }
  return tracer.follow(first, false);
}

Diagram trace_diagram(const ParametricMap& map, const std::vector<Vector>& starts, double parameter,
                      const ContinuationOptions& options) {
  Diagram diagram;
  std::vector<Crossroads> known;
  const Curve curve = fixed_point_curve(map, options.parameter_scale);
  const auto full = [&] {
    return static_cast<Index>(diagram.branches.size()) >= options.max_branches;
  };
  // At a bifurcation: a new one is noted; at a known one the way in is ticked off, and the branch
  // ends if the way on has been followed already.
  Index seen = 0;  // bifurcations of the branch under way
  bool backward = false;
  const std::function<bool(const Bifurcation&)> visit = [&](const Bifurcation& event) {
    const Index number = seen++;
    if (event.other_tangent.size() == 0) return false;
    Vector u(map.size + 1);
    u << event.state, event.parameter;
    auto here = std::find_if(known.begin(), known.end(), [&](const Crossroads& other) {
      return curve.norm(other.u - u) < 1e-6 * (1.0 + curve.norm(u));
    });
    if (here == known.end()) {
      known.push_back({.u = u,
                       .ways = {event.tangent, Vector(-event.tangent), event.other_tangent,
                                Vector(-event.other_tangent)},
                       .branch = static_cast<Index>(diagram.branches.size()),
                       .bifurcation = backward ? -1 - number : number});
      here = known.end() - 1;
    }
    here->followed[here->way_along(curve, -event.tangent)] = true;
    bool& onward = here->followed[here->way_along(curve, event.tangent)];
    return std::exchange(onward, true);
  };
  Tracer tracer(map, options, visit);
  const auto keep = [&](Branch branch) {
    if (branch.ends == BranchEnd::stopped) branch.ends = BranchEnd::joined;
    if (branch.begins == BranchEnd::stopped) branch.begins = BranchEnd::joined;
    if (!branch.report.ok() && diagram.report.ok()) diagram.report = branch.report;
    diagram.branches.push_back(std::move(branch));
    seen = 0;
  };
  const auto switch_branches = [&] {
    for (std::size_t k = 0; k < known.size(); ++k)
      for (std::size_t way = 0; way < 4; ++way) {
        if (std::exchange(known[k].followed[way], true) || full()) continue;
        const CurvePoint from{.u = known[k].u, .tangent = known[k].ways[way]};
        Branch branch = tracer.follow(from, true);
        branch.begins = BranchEnd::joined;
        branch.parent = known[k].branch;
        branch.parent_bifurcation = known[k].bifurcation;
        keep(std::move(branch));
      }
  };
  for (const Vector& start : starts) {
    require_valid(map, start, parameter, options);
    const CurvePoint first = first_point(tracer, start, parameter);
    if (std::any_of(diagram.branches.begin(), diagram.branches.end(),
                    [&](const Branch& branch) { return holds(tracer, branch, first); }))
      continue;
    if (full()) break;
    Branch forward = tracer.follow(first, false);
    if (forward.ends == BranchEnd::closed_loop) {
      forward.begins = BranchEnd::closed_loop;
      keep(std::move(forward));
    } else {
      CurvePoint back = first;
      back.tangent *= -1.0;
      back.orientation *= -1;
      seen = 0;
      backward = true;
      Branch behind = tracer.follow(back, false);
      backward = false;
      // Bifurcations are numbered from the far end of the part that was followed backwards.
      const auto before = static_cast<Index>(behind.bifurcations.size());
      for (Crossroads& place : known) {
        if (place.branch != static_cast<Index>(diagram.branches.size())) continue;
        place.bifurcation += before;
      }
      keep(joined(std::move(behind), std::move(forward)));
    }
    switch_branches();
  }
  if (full() && diagram.report.ok())
    diagram.report = Report::failure(Status::step_limit,
                                     "the diagram has max_branches branches; there are more");
  return diagram;
}

}  // namespace stillpoint::fixed_points
