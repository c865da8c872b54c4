// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/continuation/curve.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace stillpoint::continuation {

std::optional<CurvePoint> correct(const Curve& curve, const Vector& guess, const Vector& normal) {
  constexpr int max_steps = 12;
  const Index size = guess.size();
  const Vector row = curve.weights.cwiseProduct(normal);
  CurvePoint point{.u = guess, .tangent = {}};
  Vector value(size - 1), right(size), step;
  Matrix jacobian(size - 1, size), bordered(size, size);
  double previous = 0.0;
  for (int k = 0; k < max_steps; ++k) {
    if (!curve.evaluate(point.u, value, &jacobian)) return {};
    bordered << jacobian, row.transpose();
    const Eigen::PartialPivLU<Matrix> lu(bordered);
    right.head(size - 1) = -value;
    right(size - 1) = row.dot(guess - point.u);
    step = lu.solve(right);
    const double length = curve.norm(step), scale = 1.0 + curve.norm(point.u);
    if (!std::isfinite(length)) return {};
    const double ratio = previous > 0.0 ? length / previous : 0.0;
    // At rounding steps no longer contract.
    const bool rounding = length <= 1e-9 * scale;
    if (!rounding) {
      if (ratio > 0.5) return {};
      point.contraction = std::max(point.contraction, ratio);
    }
    point.error = previous > 0.0 ? length * std::min(ratio, 1.0) : length;  // of the next step
    const bool last = length <= 1e-13 * scale || (rounding && ratio > 0.5);
    if (last || (rounding && previous > 0.0 && length * ratio <= 1e-14 * scale)) {
      if (ratio <= 0.5) point.u += step;
      point.orientation = static_cast<int>(lu.permutationP().determinant());
      for (const double pivot : lu.matrixLU().diagonal())
        point.orientation *= pivot > 0.0 ? 1 : pivot < 0.0 ? -1 : 0;
      point.tangent = lu.solve(Vector::Unit(size, size - 1));
      point.tangent /= curve.norm(point.tangent);
      if (!point.tangent.allFinite()) return {};
      return point;
    }
    point.u += step;
    previous = length;
  }
  return {};
}

std::optional<CurvePoint> advance(const Curve& curve, const CurvePoint& from, double s) {
  return correct(curve, from.u + s * from.tangent, from.tangent);
}

bool passes(const Curve& curve, const CurvePoint& there, const CurvePoint& before,
            const CurvePoint& after) {
  const double s = curve.dot(before.tangent, there.u - before.u);
  const double length = curve.dot(before.tangent, after.u - before.u);
  if (s < 0.0 || s > length || curve.norm(there.u - before.u) > 2.0 * length) return false;
  const auto reached = advance(curve, before, s);
  return reached && curve.norm(reached->u - there.u) < 1e-7 * (1.0 + curve.norm(there.u));
}

std::optional<Crossing> locate(const Curve& curve, const CurvePoint& from, double length,
                               const std::function<double(const CurvePoint&)>& test, int steps) {
  const auto left_end = advance(curve, from, 0.0), right_end = advance(curve, from, length);
  if (!left_end || !right_end) return {};
  double left = 0.0, right = length, at_left = test(*left_end), at_right = test(*right_end);
  if (!(at_left * at_right <= 0.0)) return {};
  Crossing best{.point = std::abs(at_left) < std::abs(at_right) ? *left_end : *right_end,
                .width = length};
  const double smallest = 4e-16 * (1.0 + curve.norm(from.u));
  double least = std::min(std::abs(at_left), std::abs(at_right));
  double weight_left = at_left, weight_right = at_right;  // halved ones, for the interpolation
  for (int k = 0; k < steps && best.width > smallest; ++k) {
    const double before = right - left;
    // Every third step is a bisection, so that a flat side cannot stall it.
    double s = left - weight_left * before / (weight_right - weight_left);
    if (k % 3 == 2 || !(s > left && s < right)) s = 0.5 * (left + right);
    const auto point = advance(curve, from, s);
    if (!point) return {};
    const double here = test(*point);
    if (std::abs(here) < least) {
      least = std::abs(here);
      best.point = *point;
    }
    if (here * at_left > 0.0) {
      left = s;
      at_left = weight_left = here;
      weight_right *= 0.5;
    } else {
      right = s;
      at_right = weight_right = here;
      weight_left *= 0.5;
    }
    // The best point is as far from the crossing as its value over the mean slope says.
    const double width = right - left;
    best.width = std::min(width, smallest + 2.0 * least * width / std::abs(at_right - at_left));
    if (width <= smallest) break;
  }
  return best;
}

std::optional<CurveStep> step_along(const Curve& curve, const CurvePoint& from, double& length,
                                    double smallest, double max_angle) {
  const auto angle = [&](const CurvePoint& a, const CurvePoint& b) {
    return std::acos(std::clamp(curve.dot(a.tangent, b.tangent), -1.0, 1.0));
  };
  // The two points of a step of this length, if it is safe.
  const auto attempt = [&](double h) -> std::optional<CurveStep> {
    const auto half = advance(curve, from, 0.5 * h);
    const auto full = half ? advance(curve, from, h) : std::nullopt;
    if (!full) return {};
    if (std::max(angle(from, *half), angle(*half, *full)) > max_angle) return {};
    // The same plane, reached from the point half way.
    const double rest =
        (h - curve.dot(from.tangent, half->u - from.u)) / curve.dot(from.tangent, half->tangent);
    const auto again = correct(curve, half->u + rest * half->tangent, from.tangent);
    if (!again || curve.norm(again->u - full->u) > 1e-3 * h * h + 1e-9) return {};
    return CurveStep{*half, *full, h};
  };
  while (length >= smallest) {
    const auto step = attempt(length);
    if (!step) {
      length *= 0.5;
      continue;
    }
    const double turn = std::max(angle(from, step->half), angle(step->half, step->full));
    const double contraction = std::max({step->full.contraction, step->half.contraction, 1e-3});
    length *=
        std::clamp(std::min(0.5 * max_angle / std::max(turn, 1e-9), 0.1 / contraction), 0.5, 2.0);
    return step;
  }
  return {};
}

}  // namespace stillpoint::continuation
