// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE interval
#include "lib/intervals/interval.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>
#include <cfenv>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using intervals::Interval;
using Exact = boost::multiprecision::cpp_bin_float_100;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest = std::numeric_limits<double>::max();
constexpr double smallest = std::numeric_limits<double>::denorm_min();

double next(double x) { return std::nextafter(x, infinity); }

/// x holds `exact` and is the two doubles next to it, or itself.
bool tight(const Interval& x, const Exact& exact) {
  return Exact(x.lower) <= exact && exact <= Exact(x.upper) && x.upper <= next(x.lower);
}

/// Numbers of very different size, many of which cancel.
double random_number(std::mt19937_64& engine) {
  std::uniform_int_distribution<int> exponent(-60, 60);
  std::normal_distribution<double> normal;
  return std::ldexp(normal(engine), exponent(engine));
}

}  // namespace

BOOST_AUTO_TEST_CASE(points_give_the_two_neighbouring_numbers) {
  std::mt19937_64 engine(tests::seed);
  for (int k = 0; k < 20000; ++k) {
    const double x = random_number(engine), y = random_number(engine);
    BOOST_TEST_REQUIRE(tight(Interval(x) + Interval(y), Exact(x) + Exact(y)));
    BOOST_TEST_REQUIRE(tight(Interval(x) - Interval(y), Exact(x) - Exact(y)));
    BOOST_TEST_REQUIRE(tight(Interval(x) * Interval(y), Exact(x) * Exact(y)));
    BOOST_TEST_REQUIRE(tight(Interval(x) / Interval(y), Exact(x) / Exact(y)));
  }
  // What is exact stays a point; 0.1 + 0.2 is not.
  BOOST_TEST((Interval(3.0) * Interval(0.25) == Interval(0.75)));
  BOOST_TEST((Interval(1.0) / Interval(4.0) == Interval(0.25)));
  BOOST_TEST(!(Interval(0.1) + Interval(0.2)).is_point());
}

BOOST_AUTO_TEST_CASE(intervals_hold_what_their_members_give) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> share;
  const auto interval = [&] {
    const double a = normal(engine), b = normal(engine);
    return Interval(std::min(a, b), std::max(a, b));
  };
  for (int k = 0; k < 5000; ++k) {
    const Interval x = interval(), y = interval();
    for (const double s : {0.0, share(engine), 1.0})
      for (const double t : {0.0, share(engine), 1.0}) {
        const double a = std::clamp(x.lower + s * (x.upper - x.lower), x.lower, x.upper);
        const double b = std::clamp(y.lower + t * (y.upper - y.lower), y.lower, y.upper);
        const auto holds = [](const Interval& z, const Exact& exact) {
          return Exact(z.lower) <= exact && exact <= Exact(z.upper);
        };
        BOOST_TEST_REQUIRE(holds(x + y, Exact(a) + Exact(b)));
        BOOST_TEST_REQUIRE(holds(x - y, Exact(a) - Exact(b)));
        BOOST_TEST_REQUIRE(holds(x * y, Exact(a) * Exact(b)));
        BOOST_TEST_REQUIRE(holds(x / y, Exact(a) / Exact(b)));
      }
  }
}

BOOST_AUTO_TEST_CASE(special_ends_never_give_a_nan) {
  const std::vector<double> ends{-infinity, -largest, -2.0, -smallest, -0.0,
                                 0.0,       smallest, 2.0,  largest,   infinity};
  std::vector<Interval> all;
  for (const double lower : ends)
    for (const double upper : ends)
      if (lower <= upper && lower < infinity && upper > -infinity) all.emplace_back(lower, upper);
  const auto holds = [](const Interval& z, double value) {
    return std::isnan(value) || z.contains(value);
  };
  for (const Interval& x : all)
    for (const Interval& y : all) {
      for (const Interval& z : {x + y, x - y, x * y, x / y}) {
        BOOST_TEST_REQUIRE(!z.is_empty());
        BOOST_TEST_REQUIRE(z.lower < infinity);
        BOOST_TEST_REQUIRE(z.upper > -infinity);
      }
      // Ends that are numbers are members; what they give overflows to an infinity at most.
      for (const double a : {x.lower, x.upper})
        for (const double b : {y.lower, y.upper})
          if (std::isfinite(a) && std::isfinite(b)) {
            BOOST_TEST_REQUIRE(holds(x + y, a + b));
            BOOST_TEST_REQUIRE(holds(x - y, a - b));
            BOOST_TEST_REQUIRE(holds(x * y, a * b));
            if (b != 0.0) BOOST_TEST_REQUIRE(holds(x / y, a / b));
          }
    }
  BOOST_TEST((Interval(0.0) * Interval::whole_line() == Interval(0.0)));
  BOOST_TEST((Interval(1.0) / Interval(-1.0, 1.0) == Interval::whole_line()));
  BOOST_TEST((Interval(1.0) / Interval(0.0, 1.0) == Interval::whole_line()));
  BOOST_TEST((Interval(largest) + Interval(largest) == Interval(largest, infinity)));
  BOOST_TEST((Interval(smallest) * Interval(smallest) == Interval(0.0, smallest)));
  BOOST_TEST((Interval(infinity) == Interval(largest, infinity)));
  BOOST_TEST((Interval(std::nan("")) == Interval::whole_line()));
}

BOOST_AUTO_TEST_CASE(empty_intervals_stay_empty) {
  const Interval empty = Interval::empty_set(), x(1.0, 2.0);
  for (const Interval& z : {empty + x, x - empty, empty * x, x / empty, -empty})
    BOOST_TEST(z.is_empty());
  BOOST_TEST(Interval(std::nan(""), 1.0).is_empty());
  BOOST_TEST(intersection(x, Interval(2.5, 3.0)).is_empty());
  BOOST_TEST((intersection(x, Interval(2.0, 3.0)) == Interval(2.0)));
  BOOST_TEST((hull(x, empty) == x));
  BOOST_TEST((hull(x, Interval(5.0)) == Interval(1.0, 5.0)));
  BOOST_TEST(x.contains(empty));
  BOOST_TEST(!empty.contains(0.0));
  BOOST_TEST(width(empty) == 0.0);
}

BOOST_AUTO_TEST_CASE(width_middle_and_inclusion) {
  BOOST_TEST(width(Interval(1.0, 3.0)) == 2.0);
  BOOST_TEST(width(Interval::whole_line()) == infinity);
  BOOST_TEST(midpoint(Interval(1.0, 3.0)) == 2.0);
  BOOST_TEST(midpoint(Interval(-infinity, 3.0)) < -1e307);
  BOOST_TEST(midpoint(Interval(largest, largest)) == largest);
  BOOST_TEST(magnitude(Interval(-3.0, 2.0)) == 3.0);
  BOOST_TEST(Interval(0.0, 2.0).contains_inside(Interval(1.0, 1.5)));
  BOOST_TEST(!Interval(0.0, 2.0).contains_inside(Interval(0.0, 1.5)));
  BOOST_TEST(Interval(0.0, 2.0).contains(Interval(0.0, 1.5)));
  BOOST_TEST(!Interval(1.0, 2.0).is_point());
  BOOST_TEST(!Interval::whole_line().is_bounded());
}

BOOST_AUTO_TEST_CASE(the_rounding_mode_is_the_callers) {
  const int before = std::fegetround();
  BOOST_TEST(before == FE_TONEAREST);
  const Interval x = Interval(0.1) + Interval(0.2) * Interval(0.3) / Interval(0.7);
  BOOST_TEST(!x.is_empty());
  BOOST_TEST(std::fegetround() == before);
  // Rounding itself, not only what is said about it: 1 + 2⁻⁵³ is a tie to even.
  volatile double one = 1.0, half_ulp = std::ldexp(1.0, -53);
  BOOST_TEST(one + half_ulp == 1.0);
  BOOST_TEST(-one - half_ulp == -1.0);
}
