// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/shift.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "solvers/continuation/continuation.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::continuation {
namespace {

Shift follow(const Family& family, const fixed_points::FixedPoint& point,
             const ShiftOptions& options) {
  Shift result{.from = point};
  ParametricMap map = parametric_map(point.state.size(), family, "the noise level");
  map.lower(0) = 0.0;
  bool turned = false;
  const auto ends = [&](const Bifurcation& event) {
    // A branch that turns back ends, at a fold or as an arm of a pitchfork.
    const bool crosses = event.other_tangent.size() > 0;
    const bool turns =
        crosses && std::abs(event.tangent(map.size)) < std::abs(event.other_tangent(map.size));
    if (crosses && !turns) result.branch_points.push_back(event.parameter);
    turned = event.kind == BifurcationKind::fold || turns;
    return turned;
  };
  const Branch branch = trace_branch(map, point.state, 0.0, true,
                                     {.upper = 1.0,
                                      .first_step = options.first_step,
                                      .largest_step = std::max(0.5, options.first_step),
                                      .smallest_step = options.smallest_step},
                                     ends);
  // At a fold itself the state is another's too: the last point before it.
  auto last = branch.points.end() - (turned ? 2 : 1);
  result.level = branch.points.back().parameter;
  if (!turned && result.level < 1.0) {  // it turned back where several branches meet at once
    last = std::max_element(branch.points.begin(), branch.points.end(),
                            [](const auto& a, const auto& b) { return a.parameter < b.parameter; });
    result.level = last->parameter;
  }
  result.to = last->point;
  result.survives = !turned && result.level == 1.0;
  if (result.survives) {
    if (result.to.residual > options.tolerance * fixed_points::scale_of(result.to.state)) {
      result.survives = false;
      result.report =
          Report::failure(Status::no_convergence, "the residual at the end is above the tolerance");
    }
  } else if (branch.report.ok()) {
    std::ostringstream text;
    text << "the point folds or merges at level " << result.level << " of the noise";
    result.report = Report::failure(Status::outside_validity, text.str());
  } else {
    result.report = branch.report;
  }
  result.report.residual = result.to.residual;
  return result;
}

}  // namespace

std::vector<Shift> shift(const Family& family, const std::vector<fixed_points::FixedPoint>& points,
                         const ShiftOptions& options) {
  constexpr auto where = "shift";
  require(static_cast<bool>(family), where, "the family is empty, expected a function");
  require(options.first_step > 0.0 && options.first_step <= 1.0, where,
          "first_step = ", options.first_step, ", expected in (0, 1]");
  require(options.smallest_step > 0.0 && options.smallest_step <= options.first_step, where,
          "smallest_step = ", options.smallest_step, ", expected in (0, first_step]");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  const fixed_points::Map start = family(0.0);
  for (const fixed_points::FixedPoint& point : points) {
    require(point.state.size() == start.size, where, "a point has ", point.state.size(),
            " entries, expected ", start.size);
    const double residual = fixed_points::describe(start, point.state).residual;
    require(residual <= 1e-9 * fixed_points::scale_of(point.state), where, "a point has residual ",
            residual, " at level 0, expected a fixed point");
  }
  std::vector<Shift> shifts(points.size());
  parallel_for(static_cast<Index>(points.size()), options.threads, [&](Index k) {
    const auto slot = static_cast<std::size_t>(k);
    shifts[slot] = follow(family, points[slot], options);
  });
  return shifts;
}

std::vector<Shift> shift(const models::NoisyChain& chain, const Vector& input, const Vector& q,
                         const std::vector<fixed_points::FixedPoint>& points,
                         const ShiftOptions& options) {
  auto shifts =
      shift([&](double level) { return fixed_points::chain_map(chain, input, level * q); }, points,
            options);
  const Vector drive = fixed_points::constant_drive(chain, input);
  for (Shift& one : shifts)
    one.to.argument = chain.equation() == networks::Equation::rate
                          ? Vector(chain.network().W * one.to.state + drive)
                          : one.to.state;
  return shifts;
}

}  // namespace stillpoint::continuation
