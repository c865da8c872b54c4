// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/certification/certified_root.hpp"

#include <algorithm>
#include <cmath>

#include "lib/core/require.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::certification {

using intervals::Interval;
using intervals::IntervalVector;

namespace {

/// f about one point p: values and slopes over boxes around it from those at p and a bound of f''.
class Expansion {
 public:
  Expansion(const ActivationCurve& f, const Vector& p)
      : f_(f), p_(p), at_(p.size()), slope_(p.size()) {
    for (Index i = 0; i < p.size(); ++i) {
      const Interval value = f.value(Interval(p(i)));
      at_.set(i, value);
      slope_.set(i, f.slope(Interval(p(i)), value));
    }
  }

  Vector middle_slopes() const { return slope_.midpoint(); }

  /// Slopes over X and the range of r(a) = f(a) − s∘a there, by the mean value theorem.
  void over(const IntervalVector& X, const Vector& s, IntervalVector& slopes,
            IntervalVector& remainder) const {
    for (Index i = 0; i < p_.size(); ++i) {
      const Interval step = X(i) - Interval(p_(i));
      const double change = (Interval(f_.largest_curvature()) * Interval(magnitude(step))).upper;
      const Interval slope =
          intersection(slope_(i) + Interval(-change, change), {0.0, f_.largest_slope()});
      slopes.set(i, slope);
      remainder.set(i, at_(i) - Interval(s(i)) * Interval(p_(i)) + (slope - Interval(s(i))) * step);
    }
  }

  /// Values over X, given the slopes there.
  IntervalVector values_over(const IntervalVector& X, const IntervalVector& slopes) const {
    IntervalVector values(X.size());
    for (Index i = 0; i < X.size(); ++i)
      values.set(i, at_(i) + slopes(i) * (X(i) - Interval(p_(i))));
    return values;
  }

 private:
  const ActivationCurve& f_;
  const Vector& p_;
  IntervalVector at_, slope_;  // f and f' at p
};

IntervalVector cube(const Vector& centre, double radius) {
  IntervalVector X(centre.size());
  for (Index i = 0; i < X.size(); ++i) X.set(i, Interval(centre(i)) + Interval(-radius, radius));
  return X;
}

}  // namespace

ArgumentEquation argument_equation(const models::NoisyChain& chain, const Vector& input) {
  const networks::Network& network = chain.network();
  require(input.size() == chain.inputs(), "certify", "input has ", input.size(),
          " entries, expected ", chain.inputs());
  require(input.allFinite(), "certify", "input holds a NaN or an infinity");
  IntervalVector c(network.b);
  if (chain.inputs() > 0) c = c + product(network.W_in, IntervalVector(input));
  return {network.W, std::move(c), ActivationCurve(network.activation),
          fixed_points::argument_map(chain, input)};
}

IntervalVector slopes_over(const ActivationCurve& f, const IntervalVector& X) {
  IntervalVector slopes(X.size());
  for (Index i = 0; i < X.size(); ++i) slopes.set(i, f.slope(X(i), f.value(X(i))));
  return slopes;
}

bool at_most_one(NewtonOperator& newton, const IntervalVector& slopes) {
  return newton.linearize(slopes.midpoint()) && newton.contracts(slopes);
}

std::optional<CertifiedRoot> certify_root(const ArgumentEquation& equation, NewtonOperator& newton,
                                          const Vector& near) {
  const Index n = equation.size();
  Vector p = near;
  fixed_points::NewtonStep step(equation.map);
  fixed_points::newton(step, p, {.max_iterations = 20});
  if (!p.allFinite()) return {};
  const Expansion expansion(equation.f, p);
  const Vector s = expansion.middle_slopes();
  if (!newton.linearize(s)) return {};
  IntervalVector slopes(n), remainder(n);
  // In a cube of radius ρ, N moves its centre by `error` and scales by ρ·stiffness.
  const double stiffness =
      newton.gain().magnitude().rowwise().sum().maxCoeff() * equation.f.largest_curvature();
  const IntervalVector point(p);
  expansion.over(point, s, slopes, remainder);
  const IntervalVector image = newton.apply(point, remainder);
  if (!image.is_bounded()) return {};
  const double error =
      std::max((image.upper - p).cwiseAbs().maxCoeff(), (p - image.lower).cwiseAbs().maxCoeff());
  for (double radius = std::min(1.0, 0.5 / stiffness); radius > error; radius *= 0.25) {
    const IntervalVector X = cube(p, radius);
    expansion.over(X, s, slopes, remainder);
    IntervalVector Y = newton.apply(X, remainder);
    if (!X.contains(Y) || !newton.contracts(slopes)) continue;
    CertifiedRoot root{.alone = X, .index = newton.determinant_sign()};
    // Each image is the narrower the narrower its argument, down to rounding.
    double width = Y.width().maxCoeff(), before = INFINITY;
    while (width < 0.7 * before) {
      before = width;
      expansion.over(Y, s, slopes, remainder);
      Y = intersection(Y, newton.apply(Y, remainder));
      width = Y.width().maxCoeff();
    }
    expansion.over(Y, s, slopes, remainder);
    root.values = expansion.values_over(Y, slopes);
    root.box = std::move(Y);
    root.slopes = std::move(slopes);
    return root;
  }
  return {};
}

void widen(const ArgumentEquation& equation, NewtonOperator& newton, CertifiedRoot& root) {
  const auto alone = [&](const IntervalVector& X) {
    return at_most_one(newton, slopes_over(equation.f, X));
  };
  const Vector centre = root.box.midpoint();
  const auto scaled = [&](double factor, Index only) {
    IntervalVector X = root.alone;
    for (Index i = 0; i < X.size(); ++i)
      if (only < 0 || i == only)
        X.set(i, hull(X(i), {centre(i) + factor * (X.lower(i) - centre(i)),
                             centre(i) + factor * (X.upper(i) - centre(i))}));
    return X;
  };
  constexpr double widest = 1e3;
  for (double factor = 2.0; factor > 1.1;) {
    IntervalVector X = scaled(factor, -1);
    if (X.width().maxCoeff() > widest) break;
    if (alone(X))
      root.alone = std::move(X);
    else
      factor = std::sqrt(factor);
  }
  for (int round = 0; round < 3; ++round)
    for (Index i = 0; i < equation.size(); ++i) {
      IntervalVector X = scaled(1.5, i);
      if (X.width().maxCoeff() <= widest && alone(X)) root.alone = std::move(X);
    }
}

}  // namespace stillpoint::certification
