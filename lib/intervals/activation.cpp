// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/intervals/activation.hpp"

#include "lib/intervals/functions.hpp"

namespace stillpoint::intervals {
namespace {

using namespace activations;

/// Slope of a function with slopes `left` below 0 and `right` above.
Interval kinked(const Interval& x, double left, double right) {
  if (x.upper < 0.0) return left;
  if (x.lower > 0.0) return right;
  return hull(left, right);
}

struct Value {
  const Interval& x;
  Interval operator()(const Identity&) const { return x; }
  Interval operator()(const Relu&) const { return relu(x); }
  Interval operator()(const LeakyRelu& f) const {
    const Interval below = Interval(f.slope()) * x;
    return {x.lower < 0.0 ? below.lower : x.lower, x.upper < 0.0 ? below.upper : x.upper};
  }
  Interval operator()(const SaturatingLinear&) const {
    return {saturated(x.lower), saturated(x.upper)};
  }
  Interval operator()(const Softplus& f) const {
    const Interval k = f.sharpness();
    return softplus(k * x) / k;
  }
  Interval operator()(const Tanh&) const { return tanh(x); }
  Interval operator()(const Logistic&) const { return logistic(x); }
  Interval operator()(const Erf&) const { return erf(x); }
  Interval operator()(const Heaviside&) const { return heaviside(x); }

  static double saturated(double u) { return SaturatingLinear{}(u); }
};

struct Slope {
  const Interval& x;
  Interval operator()(const Identity&) const { return 1.0; }
  Interval operator()(const Relu&) const { return kinked(x, 0.0, 1.0); }
  Interval operator()(const LeakyRelu& f) const { return kinked(x, f.slope(), 1.0); }
  Interval operator()(const SaturatingLinear& f) const {
    // Slope 1 between its two kinks, 0 outside.
    const auto kinks = f.kinks();
    if (x.upper < kinks.front() || x.lower > kinks.back()) return 0.0;
    if (x.lower > kinks.front() && x.upper < kinks.back()) return 1.0;
    return {0.0, 1.0};
  }
  Interval operator()(const Softplus& f) const { return logistic(Interval(f.sharpness()) * x); }
  Interval operator()(const Tanh&) const { return tanh_slope(x); }
  Interval operator()(const Logistic&) const { return logistic_slope(x); }
  Interval operator()(const Erf&) const { return erf_slope(x); }
  Interval operator()(const Heaviside&) const {
    return x.contains(0.0) ? Interval::whole_line() : Interval(0.0);
  }
};

}  // namespace

Interval value(const activations::Activation& f, const Interval& x) {
  return x.is_empty() ? Interval::empty_set() : std::visit(Value{x}, f);
}

Interval slope(const activations::Activation& f, const Interval& x) {
  return x.is_empty() ? Interval::empty_set() : std::visit(Slope{x}, f);
}

}  // namespace stillpoint::intervals
