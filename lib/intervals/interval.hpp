// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

namespace stillpoint::intervals {

/// @brief A closed interval of real numbers, {x ∈ ℝ: lower ≤ x ≤ upper}; infinite ends are allowed
/// and stand for an unbounded side.
///
/// Every operation returns an interval that holds f(x, y) for all x and y of its arguments for
/// which f is defined: ends are rounded outward. An interval that is not lower ≤ upper is empty
/// (this includes a NaN end), and every operation on an empty interval is empty. Overflow gives an
/// infinite end, never a NaN.
///
/// Directed rounding is that of Boost.Interval, inside the library; the caller's rounding mode is
/// as before when an operation returns or throws. Call with round to nearest.
/// Source of the conventions: IEEE 1788-2015, the set-based intervals, with one exception:
/// a divisor that holds zero gives the whole line.
struct Interval {
  double lower = 0.0;
  double upper = 0.0;

  constexpr Interval() = default;
  /// The point x. An infinity becomes what overflows to it, a NaN, an unknown number, the line.
  constexpr Interval(double x) : lower(x), upper(x) {  // NOLINT(google-explicit-constructor)
    constexpr double largest = std::numeric_limits<double>::max();
    if (x > largest) lower = largest;
    if (x < -largest) upper = -largest;
    if (x != x) *this = whole_line();
  }
  /// Ends as they stand.
  constexpr Interval(double lower_end, double upper_end) : lower(lower_end), upper(upper_end) {}

  static constexpr Interval whole_line() {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return {-infinity, infinity};
  }
  static constexpr Interval empty_set() {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return {infinity, -infinity};
  }

  constexpr bool is_empty() const { return !(lower <= upper); }
  constexpr bool is_point() const { return lower == upper; }
  bool is_bounded() const;  ///< Both ends finite; false for an empty interval.

  constexpr bool contains(double x) const { return lower <= x && x <= upper; }
  /// x ⊂ *this; true for an empty x.
  constexpr bool contains(const Interval& x) const {
    return x.is_empty() || (lower <= x.lower && x.upper <= upper);
  }
  /// x lies in the interior of *this.
  constexpr bool contains_inside(const Interval& x) const {
    return x.is_empty() || (lower < x.lower && x.upper < upper);
  }

  Interval& operator+=(const Interval& x);
  Interval& operator-=(const Interval& x);
  Interval& operator*=(const Interval& x);
  Interval& operator/=(const Interval& x);

  /// Equal ends, or both empty.
  friend constexpr bool operator==(const Interval& x, const Interval& y) {
    return (x.lower == y.lower && x.upper == y.upper) || (x.is_empty() && y.is_empty());
  }
};

Interval operator+(const Interval& x, const Interval& y);
Interval operator-(const Interval& x, const Interval& y);
Interval operator*(const Interval& x, const Interval& y);
/// The whole line if y holds zero.
Interval operator/(const Interval& x, const Interval& y);
constexpr Interval operator-(const Interval& x) { return {-x.upper, -x.lower}; }

/// x ∩ y; empty if they have no point in common.
Interval intersection(const Interval& x, const Interval& y);
/// The smallest interval that holds both.
Interval hull(const Interval& x, const Interval& y);

double width(const Interval& x);      ///< upper − lower rounded upward, ≥ 0; 0 if empty.
double magnitude(const Interval& x);  ///< max |x|; 0 if empty.
/// A number of x near its middle, finite; 0 for the whole line and the empty interval.
double midpoint(const Interval& x);

}  // namespace stillpoint::intervals
