// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/intervals/interval.hpp"

#include <algorithm>
#include <boost/numeric/interval.hpp>
#include <cmath>

#include "lib/intervals/rounding.hpp"

namespace stillpoint::intervals {
namespace {

namespace boost_intervals = boost::numeric::interval_lib;

// Boost's interval with the rounding mode left to the scope it is used in.
using Unguarded = boost::numeric::interval<
    double, boost_intervals::policies<
                boost_intervals::save_state_nothing<boost_intervals::rounded_arith_opp<double>>,
                boost_intervals::checking_base<double>>>;

double read(const volatile double& x) { return x; }

template <typename Operation>
Interval rounded(const Interval& x, const Interval& y, Operation operation) {
  if (x.is_empty() || y.is_empty()) return Interval::empty_set();
  // Volatile: nothing may be computed before the mode is set or after it is restored.
  const volatile double x_lower = x.lower, x_upper = x.upper, y_lower = y.lower, y_upper = y.upper;
  volatile double lower, upper;
  {
    const UpwardRounding mode;
    const Unguarded result =
        operation(Unguarded(read(x_lower), read(x_upper)), Unguarded(read(y_lower), read(y_upper)));
    lower = result.lower();
    upper = result.upper();
  }
  return {lower, upper};
}

}  // namespace

bool Interval::is_bounded() const {
  return !is_empty() && std::isfinite(lower) && std::isfinite(upper);
}

Interval operator+(const Interval& x, const Interval& y) {
  return rounded(x, y, [](const Unguarded& a, const Unguarded& b) { return a + b; });
}

Interval operator-(const Interval& x, const Interval& y) { return x + -y; }

Interval operator*(const Interval& x, const Interval& y) {
  return rounded(x, y, [](const Unguarded& a, const Unguarded& b) { return a * b; });
}

Interval operator/(const Interval& x, const Interval& y) {
  if (x.is_empty() || y.is_empty()) return Interval::empty_set();
  if (y.contains(0.0)) return Interval::whole_line();
  return rounded(x, y, [](const Unguarded& a, const Unguarded& b) { return a / b; });
}

Interval& Interval::operator+=(const Interval& x) { return *this = *this + x; }
Interval& Interval::operator-=(const Interval& x) { return *this = *this - x; }
Interval& Interval::operator*=(const Interval& x) { return *this = *this * x; }
Interval& Interval::operator/=(const Interval& x) { return *this = *this / x; }

Interval intersection(const Interval& x, const Interval& y) {
  if (x.is_empty() || y.is_empty()) return Interval::empty_set();
  const Interval common{std::max(x.lower, y.lower), std::min(x.upper, y.upper)};
  return common.is_empty() ? Interval::empty_set() : common;
}

Interval hull(const Interval& x, const Interval& y) {
  if (x.is_empty()) return y;
  if (y.is_empty()) return x;
  return {std::min(x.lower, y.lower), std::max(x.upper, y.upper)};
}

double width(const Interval& x) {
  return x.is_empty() ? 0.0 : (Interval(x.upper) - Interval(x.lower)).upper;
}

double magnitude(const Interval& x) {
  return x.is_empty() ? 0.0 : std::max(std::fabs(x.lower), std::fabs(x.upper));
}

double midpoint(const Interval& x) {
  constexpr double largest = std::numeric_limits<double>::max();
  if (x.is_empty() || (x.lower < -largest && x.upper > largest)) return 0.0;
  const double lower = std::max(x.lower, -largest), upper = std::min(x.upper, largest);
  return std::clamp(0.5 * lower + 0.5 * upper, lower, upper);
}

}  // namespace stillpoint::intervals
