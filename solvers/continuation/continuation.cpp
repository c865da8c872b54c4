// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/continuation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/continuation/branch_tracer.hpp"
#include "solvers/continuation/curve.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::continuation {
namespace {

void require_valid(const ParametricMap& map, const Vector& start, double parameter,
                   const ContinuationOptions& options) {
  constexpr auto where = "trace_branch";
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

/// The start on the curve; nothing if Newton's method does not end near it.
std::optional<CurvePoint> first_point(const BranchTracer& tracer, const Vector& start,
                                      double parameter) {
  auto point = tracer.at_parameter(start, parameter);
  if (point && (point->u.head(start.size()) - start).lpNorm<Eigen::Infinity>() >
                   1e-3 * fixed_points::scale_of(start))
    point.reset();
  return point;
}

/// What a start that is no regular fixed point leaves.
Branch no_branch(const ParametricMap& map, const Vector& start, double parameter) {
  Branch branch;
  branch.points.push_back({parameter, Vector::Zero(start.size() + 1),
                           fixed_points::describe(map.map(Vector::Constant(1, parameter)), start)});
  branch.begins = branch.ends = BranchEnd::smallest_step;
  std::ostringstream text;
  text << "the start is no regular fixed point at " << map.names[0] << " = " << parameter;
  branch.report = Report::failure(Status::no_convergence, text.str());
  return branch;
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
  std::reverse(backward.bifurcations.begin(), backward.bifurcations.end());
  for (auto& event : backward.bifurcations) {
    event.tangent *= -1.0;
    event.after = behind - 1 - event.after;
    both.bifurcations.push_back(std::move(event));
  }
  for (auto& point : forward.points) both.points.push_back(std::move(point));
  for (auto& event : forward.bifurcations) {
    event.after += behind;
    both.bifurcations.push_back(std::move(event));
  }
  return both;
}

Branch both_ways(BranchTracer& tracer, const CurvePoint& start) {
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
bool holds(const BranchTracer& tracer, const Branch& branch, const CurvePoint& start) {
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
  BranchTracer tracer(map, options, stop);
  const auto first = first_point(tracer, start, parameter);
  return first ? both_ways(tracer, *first) : no_branch(map, start, parameter);
}

Branch trace_branch(const ParametricMap& map, const Vector& start, double parameter, bool upwards,
                    const ContinuationOptions& options,
                    const std::function<bool(const Bifurcation&)>& stop) {
  require_valid(map, start, parameter, options);
  BranchTracer tracer(map, options, stop);
  auto first = first_point(tracer, start, parameter);
  if (!first) return no_branch(map, start, parameter);
  if (!upwards) {
    first->tangent *= -1.0;
    first->orientation *= -1;
  }
  return tracer.follow(*first, false);
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
  BranchTracer tracer(map, options, visit);
  const auto keep = [&](Branch branch) {
    if (branch.ends == BranchEnd::stopped) branch.ends = BranchEnd::joined;
    if (branch.begins == BranchEnd::stopped) branch.begins = BranchEnd::joined;
    if (!branch.report.ok() && diagram.report.ok()) diagram.report = branch.report;
    diagram.branches.push_back(std::move(branch));
    seen = 0;
  };
  const auto switch_branches = [&] {
    for (std::size_t k = 0; k < known.size(); ++k)  // NOLINT(modernize-loop-convert): it grows
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
    const auto first = first_point(tracer, start, parameter);
    if (first && std::any_of(diagram.branches.begin(), diagram.branches.end(),
                             [&](const Branch& branch) { return holds(tracer, branch, *first); }))
      continue;
    if (full()) break;
    if (!first) {
      keep(no_branch(map, start, parameter));
      continue;
    }
    Branch forward = tracer.follow(*first, false);
    if (forward.ends == BranchEnd::closed_loop) {
      forward.begins = BranchEnd::closed_loop;
      keep(std::move(forward));
    } else {
      CurvePoint back = *first;
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

}  // namespace stillpoint::continuation
