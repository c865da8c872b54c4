// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/certification/activation_curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>

#include "lib/core/require.hpp"
#include "lib/intervals/activation.hpp"

namespace stillpoint::certification {
namespace {

using activations::Erf;
using activations::Logistic;
using activations::Softplus;
using activations::Tanh;
using intervals::Interval;

template <typename F>
constexpr bool smooth = std::is_same_v<F, Tanh> || std::is_same_v<F, Logistic> ||
                        std::is_same_v<F, Erf> || std::is_same_v<F, Softplus>;

void require_smooth(const activations::Activation& f) {
  constexpr auto where = "certify";
  const std::string name(activations::name(f));
  const bool known = std::visit([]<typename F>(const F&) { return smooth<F>; }, f);
  require(known || activations::kinks(f).empty(), where, name,
          " is piecewise linear, expected tanh, logistic, erf or softplus; enumerate() is complete "
          "for piecewise linear networks");
  require(known, where, name,
          " is linear, expected tanh, logistic, erf or softplus; solve "
          "(I - W) a = c");
}

}  // namespace

ActivationCurve::ActivationCurve(const activations::Activation& f) : f_(f) {
  require_smooth(f);
  const auto range = activations::range(f);
  bounded_ = std::isfinite(range.lower) && std::isfinite(range.upper);
  symmetric_ = !std::holds_alternative<Softplus>(f);
  // sup |f''|: tanh 4/(3√3), logistic 1/(6√3), erf √(8/(πe)), softplus k/4, rounded up by hand.
  if (std::holds_alternative<Tanh>(f)) {
    largest_slope_ = 1.0;
    largest_curvature_ = 0.77;
  } else if (std::holds_alternative<Logistic>(f)) {
    largest_slope_ = 0.25;
    largest_curvature_ = 0.0963;
  } else if (std::holds_alternative<Erf>(f)) {
    largest_slope_ = intervals::slope(f, 0.0).upper;
    largest_curvature_ = 0.968;
  } else {
    largest_slope_ = 1.0;
    largest_curvature_ = 0.25 * std::get<Softplus>(f).sharpness();
  }
}

Interval ActivationCurve::value(const Interval& a) const { return intervals::value(f_, a); }

Interval ActivationCurve::slope(const Interval& a, const Interval& values) const {
  // Of the square of an interval that may hold zero.
  const auto square = [](const Interval& x) {
    const Interval product = x * x;
    return Interval(std::max(product.lower, 0.0), product.upper);
  };
  if (std::holds_alternative<Tanh>(f_)) {
    const Interval slope = Interval(1.0) - square(values);
    return {std::max(slope.lower, 0.0), slope.upper};
  }
  if (std::holds_alternative<Logistic>(f_)) {
    const Interval slope = Interval(0.25) - square(values - Interval(0.5));
    return {std::max(slope.lower, 0.0), slope.upper};
  }
  return intervals::slope(f_, a);
}

ActivationCurve::Piece ActivationCurve::piece(double lower, double upper) const {
  const Interval at_lower = value(Interval(lower));
  return {lower, upper, at_lower, lower == upper ? at_lower : value(Interval(upper))};
}

double ActivationCurve::argument_of_slope(double slope) const {
  if (std::holds_alternative<Tanh>(f_)) return std::atanh(std::sqrt(1.0 - slope));
  if (std::holds_alternative<Logistic>(f_)) return 2.0 * std::atanh(std::sqrt(1.0 - 4.0 * slope));
  if (std::holds_alternative<Erf>(f_))
    return std::sqrt(std::log(2.0 * std::numbers::inv_sqrtpi / slope));
  return std::log(slope / (1.0 - slope)) / std::get<Softplus>(f_).sharpness();
}

ActivationCurve::Strip ActivationCurve::strip(const Piece& piece) const {
  const auto [lower, upper, at_lower, at_upper] = piece;
  const double length = upper - lower;
  const double middle = lower + 0.5 * length;
  const double chord = (at_upper.upper - at_lower.lower) / length;
  // Where the values differ by little more than rounding the tangent is the better line.
  const double slope = length > 1e-7 * (1.0 + std::fabs(middle))
                           ? std::clamp(chord, 0.0, largest_slope_)
                           : this->slope(middle);
  const Interval line = slope;
  Interval remainder = hull(at_lower - line * Interval(lower), at_upper - line * Interval(upper));

  // On a part where f bends one way, f(a) − slope·a is on one side of each of its tangents; the
  // one at the point of that slope is level.
  const double inflection = symmetric_ ? 0.0 : std::numeric_limits<double>::infinity();
  const double turning = argument_of_slope(slope);
  const auto tangent = [&](double from, double to, double level) {
    const double at = std::isnan(level) ? from : std::clamp(level, from, to);
    const Interval height = at == piece.lower   ? piece.at_lower
                            : at == piece.upper ? piece.at_upper
                                                : value(Interval(at));
    const Interval tilt = this->slope(Interval(at), height) - line;
    return height - line * Interval(at) + tilt * (Interval(from, to) - Interval(at));
  };
  if (lower < inflection) {
    const double level = symmetric_ ? -turning : turning;
    remainder.lower =
        std::min(remainder.lower, tangent(lower, std::min(upper, inflection), level).lower);
  }
  if (upper > inflection) {
    remainder.upper =
        std::max(remainder.upper, tangent(std::max(lower, inflection), upper, turning).upper);
  }
  // Both parts have an end at the inflection point.
  if (lower < inflection && inflection < upper) remainder = hull(remainder, value(Interval(0.0)));
  return {slope, remainder};
}

double ActivationCurve::cut(const Piece& piece) const {
  const double target = 0.5 * (piece.at_lower.lower + piece.at_upper.upper);
  double lower = piece.lower, upper = piece.upper;
  for (int k = 0; k < 20 && upper - lower > 1e-2 * (piece.upper - piece.lower); ++k) {
    const double middle = 0.5 * (lower + upper);
    (value(middle) < target ? lower : upper) = middle;
  }
  return 0.5 * (lower + upper);
}

}  // namespace stillpoint::certification
