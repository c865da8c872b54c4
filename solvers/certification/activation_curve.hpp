// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/activations/activation.hpp"
#include "lib/intervals/interval.hpp"

namespace stillpoint::certification {

/// @brief The graph of a smooth activation, bounded from both sides: convex below its inflection
/// point, concave above (tanh, logistic, erf at 0; softplus is convex everywhere).
class ActivationCurve {
 public:
  /// @throws std::invalid_argument unless f is one of these.
  explicit ActivationCurve(const activations::Activation& f);

  /// One piece of the graph: arguments [lower, upper] with the values at the two ends.
  struct Piece {
    double lower, upper;
    intervals::Interval at_lower, at_upper;

    intervals::Interval arguments() const { return {lower, upper}; }
    intervals::Interval values() const { return {at_lower.lower, at_upper.upper}; }
  };

  /// A strip about a line that holds a piece: f(a) − slope·a ∈ remainder.
  struct Strip {
    double slope;
    intervals::Interval remainder;
  };

  const activations::Activation& activation() const { return f_; }
  bool bounded() const { return bounded_; }

  double value(double a) const { return activations::value(f_, a); }          ///< To rounding.
  double slope(double a) const { return activations::derivative(f_, 1, a); }  ///< To rounding.
  intervals::Interval value(const intervals::Interval& a) const;
  /// Range of f' over a, given the range of f there, which tanh and logistic need alone.
  intervals::Interval slope(const intervals::Interval& a, const intervals::Interval& values) const;
  double largest_slope() const { return largest_slope_; }          ///< sup f'
  double largest_curvature() const { return largest_curvature_; }  ///< A bound of sup |f''|.

  Piece piece(double lower, double upper) const;
  /// The strip along the chord. Its width is that of the piece squared times |f''|/8, or less.
  Strip strip(const Piece& piece) const;
  /// Where a piece is best cut in two: at the mean of its values, strictly between its ends if
  /// there is a number there.
  double cut(const Piece& piece) const;

 private:
  double argument_of_slope(double slope) const;  // above the inflection point where there is one

  activations::Activation f_;
  bool bounded_;
  bool symmetric_;  // f' even, inflection at 0; else convex
  double largest_slope_, largest_curvature_;
};

}  // namespace stillpoint::certification
