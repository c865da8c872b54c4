// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/shift.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::fixed_points {
namespace {

struct Correction {
  bool converged = false;
  int sign = 0;  // of det(I − ∂Φ/∂y)
  Index steps = 0;
};

/// Newton's method that gives up when a step is more than half the one before.
Correction correct(const Map& map, Vector& y, double longest_step) {
  constexpr Index max_steps = 12;
  NewtonStep newton(map);
  Correction result;
  double previous = longest_step;
  for (; result.steps < max_steps; ++result.steps) {
    if (!newton.evaluate(y)) return result;
    const double length = newton.step().lpNorm<Eigen::Infinity>();
    result.sign = newton.determinant_sign();
    const double scale = scale_of(y);
    if (length <= 1e-13 * scale) {
      result.converged = true;
      return result;
    }
    if (length > 0.5 * previous) {
      // At rounding steps no longer contract.
      result.converged = length <= 1e-9 * scale;
      return result;
    }
    y += newton.step();
    previous = length;
  }
  return result;
}

/// Follows one point as far as `end`; `to`, `level`, `branch_points` and the report are filled.
Shift follow(const Family& family, const FixedPoint& point, double end,
             const ShiftOptions& options) {
  Shift result{.from = point};
  Vector y = point.state, velocity = Vector::Zero(y.size());
  int sign = point.index;
  if (sign == 0) sign = correct(family(0.0), y, 1e-3 * scale_of(y)).sign;
  double level = 0.0, step = options.first_step;
  while (level < end) {
    const double next = std::min(end, level + step);
    Vector trial = y + (next - level) * velocity;
    const Correction correction = correct(family(next), trial, 0.5 * scale_of(y));
    const bool smallest = step <= options.smallest_step;
    const double moved = (trial - y).lpNorm<Eigen::Infinity>();
    // A multiplier that passes 1 on a branch that goes on moves the point by a small step's worth.
    const bool passes = correction.converged && correction.sign == -sign && smallest &&
                        moved <= 1e3 * options.smallest_step * scale_of(y);
    if (correction.converged && (correction.sign == sign || passes)) {
      if (passes) {
        result.branch_points.push_back(0.5 * (level + next));
        sign = -sign;
      }
      velocity = (trial - y) / (next - level);
      y = std::move(trial);
      level = next;
      if (correction.steps <= 4) step *= 2.0;
    } else if (!smallest) {
      step = std::max(0.5 * step, options.smallest_step);
    } else {
      break;
    }
  }
  result.level = level;
  result.survives = level == 1.0;
  result.to = describe(family(level), y);
  if (!result.survives) {
    std::ostringstream text;
    text << "the point folds or merges at level " << level << " of the noise";
    result.report = Report::failure(Status::outside_validity, text.str());
  } else if (result.to.residual > options.tolerance * scale_of(y)) {
    result.survives = false;
    result.report =
        Report::failure(Status::no_convergence, "the residual at the end is above the tolerance");
  }
  result.report.residual = result.to.residual;
  return result;
}

/// Settles points that arrived at the same place. At a pitchfork the middle branch, on which a
/// multiplier passes 1, goes on and the outer ones end; otherwise none is matched one to one.
void settle_merged(const Family& family, std::vector<Shift>& shifts, const ShiftOptions& options) {
  const auto merges = [&](std::size_t k, std::size_t other) {
    if (!shifts[k].branch_points.empty() && shifts[other].branch_points.empty()) return;
    if (shifts[k].branch_points.empty() && !shifts[other].branch_points.empty()) {
      const double end = shifts[other].branch_points.back() - options.smallest_step;
      shifts[k] = follow(family, shifts[k].from, end, options);
    }
    std::ostringstream text;
    text << "the point merges with another " << (shifts[k].level < 1.0 ? "at" : "before")
         << " level " << shifts[k].level << " of the noise";
    shifts[k].survives = false;
    shifts[k].report.status = Status::outside_validity;
    shifts[k].report.message = text.str();
  };
  for (std::size_t a = 0; a < shifts.size(); ++a)
    for (std::size_t b = a + 1; b < shifts.size(); ++b) {
      if (shifts[a].level < 1.0 || shifts[b].level < 1.0) continue;
      const double radius = std::max({1e-7 * scale_of(shifts[a].to.state),
                                      10.0 * shifts[a].to.error, 10.0 * shifts[b].to.error});
      if ((shifts[a].to.state - shifts[b].to.state).lpNorm<Eigen::Infinity>() > radius) continue;
      merges(a, b);
      merges(b, a);
    }
}

}  // namespace

std::vector<Shift> shift(const Family& family, const std::vector<FixedPoint>& points,
                         const ShiftOptions& options) {
  constexpr auto where = "fixed_points::shift";
  require(static_cast<bool>(family), where, "the family is empty, expected a function");
  require(options.first_step > 0.0 && options.first_step <= 1.0, where,
          "first_step = ", options.first_step, ", expected in (0, 1]");
  require(options.smallest_step > 0.0 && options.smallest_step <= options.first_step, where,
          "smallest_step = ", options.smallest_step, ", expected in (0, first_step]");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  const Map start = family(0.0);
  for (const FixedPoint& point : points) {
    require(point.state.size() == start.size, where, "a point has ", point.state.size(),
            " entries, expected ", start.size);
    const double residual = describe(start, point.state).residual;
    require(residual <= 1e-9 * scale_of(point.state), where, "a point has residual ", residual,
            " at level 0, expected a fixed point");
  }
  std::vector<Shift> shifts(points.size());
  parallel_for(static_cast<Index>(points.size()), options.threads, [&](Index k) {
    const auto slot = static_cast<std::size_t>(k);
    shifts[slot] = follow(family, points[slot], 1.0, options);
  });
  settle_merged(family, shifts, options);
  return shifts;
}

std::vector<Shift> shift(const models::NoisyChain& chain, const Vector& input, const Vector& q,
                         const std::vector<FixedPoint>& points, const ShiftOptions& options) {
  auto shifts =
      shift([&](double level) { return chain_map(chain, input, level * q); }, points, options);
  const Vector drive = constant_drive(chain, input);
  for (Shift& one : shifts)
    one.to.argument = chain.equation() == networks::Equation::rate
                          ? Vector(chain.network().W * one.to.state + drive)
                          : one.to.state;
  return shifts;
}

}  // namespace stillpoint::fixed_points
