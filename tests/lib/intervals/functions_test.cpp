// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE functions
#include "lib/intervals/functions.hpp"

#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>
#include <cfenv>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using intervals::Interval;
using Exact = boost::multiprecision::cpp_bin_float_100;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Case {
  std::string name;
  Interval (*range)(const Interval&);
  std::function<Exact(const Exact&)> exact;
  double lowest, highest;  // of the arguments
  int ulps;                // largest width for a point
};

Exact square(const Exact& x) { return x * x; }
Exact exact_logistic(const Exact& x) { return 1 / (1 + exp(-x)); }

const std::vector<Case>& cases() {
  using namespace intervals;
  const Exact pi = boost::math::constants::pi<Exact>();
  static const std::vector<Case> all{
      {"exp", exp, [](const Exact& x) { return Exact(exp(x)); }, -700, 700, 1},
      {"log", log, [](const Exact& x) { return Exact(log(x)); }, 1e-300, 1e3, 1},
      {"sqrt", sqrt, [](const Exact& x) { return Exact(sqrt(x)); }, 0, 1e9, 1},
      {"tanh", tanh, [](const Exact& x) { return Exact(tanh(x)); }, -25, 25, 1},
      {"erf", erf, [](const Exact& x) { return boost::math::erf(x); }, -7, 7, 1},
      {"erfc", erfc, [](const Exact& x) { return boost::math::erfc(x); }, -7, 26, 1},
      {"logistic", logistic, exact_logistic, -700, 50, 2},
      {"softplus", softplus, [](const Exact& x) { return Exact(log1p(exp(x))); }, -200, 200, 2},
      {"normal_pdf", normal_pdf,
       [pi](const Exact& x) { return Exact(exp(-x * x / 2) / sqrt(2 * pi)); }, -37, 37, 2},
      {"normal_cdf", normal_cdf,
       [](const Exact& x) { return Exact(boost::math::erfc(Exact(-x / sqrt(Exact(2)))) / 2); }, -37,
       9, 2},
      {"tanh_slope", tanh_slope, [](const Exact& x) { return Exact(1 / square(cosh(x))); }, -350,
       350, 2},
      {"logistic_slope", logistic_slope,
       [](const Exact& x) { return Exact(exact_logistic(x) * exact_logistic(-x)); }, -700, 700, 2},
      {"erf_slope", erf_slope, [pi](const Exact& x) { return Exact(2 / sqrt(pi) * exp(-x * x)); },
       -26, 26, 2},
      {"square", [](const Interval& x) { return pow(x, 2); }, square, -1e9, 1e9, 1},
      {"cube", [](const Interval& x) { return pow(x, 3); },
       [](const Exact& x) { return Exact(x * x * x); }, -1e9, 1e9, 1},
      {"inverse square", [](const Interval& x) { return pow(x, -2); },
       [](const Exact& x) { return Exact(1 / square(x)); }, 1e-9, 1e9, 1},
  };
  return all;
}

bool holds(const Interval& x, const Exact& value) {
  return Exact(x.lower) <= value && value <= Exact(x.upper);
}

/// Arguments all over the range, half of them small.
double argument(const Case& one, std::mt19937_64& engine) {
  std::uniform_real_distribution<double> uniform;
  const double scale = uniform(engine) < 0.5 ? 1.0 : std::pow(uniform(engine), 6.0);
  const double x = scale * (one.lowest + uniform(engine) * (one.highest - one.lowest));
  return std::clamp(x, one.lowest, one.highest);
}

}  // namespace

BOOST_AUTO_TEST_CASE(points_against_multiprecision) {
  std::mt19937_64 engine(tests::seed);
  for (const Case& one : cases()) {
    int widest = 0;
    for (int k = 0; k < 400; ++k) {
      const double x = argument(one, engine);
      const Interval range = one.range(x);
      BOOST_TEST_REQUIRE(holds(range, one.exact(x)), one.name << " at " << x);
      int ulps = 0;
      for (double y = range.lower; y < range.upper && ulps < 100; y = std::nextafter(y, infinity))
        ++ulps;
      widest = std::max(widest, ulps);
    }
    BOOST_TEST(widest <= one.ulps, one.name << ": " << widest << " ulps");
  }
}

BOOST_AUTO_TEST_CASE(ranges_hold_what_members_give) {
  std::mt19937_64 engine(tests::seed);
  std::uniform_real_distribution<double> share;
  for (const Case& one : cases())
    for (int k = 0; k < 100; ++k) {
      double a = argument(one, engine), b = argument(one, engine);
      if (a > b) std::swap(a, b);
      const Interval range = one.range({a, b});
      const double inside = std::clamp(a + share(engine) * (b - a), a, b);
      std::vector<double> members{a, inside, b};
      if (a <= 0.0 && b >= 0.0 && one.lowest < 0.0) members.push_back(0.0);
      Exact lowest = one.exact(a), highest = lowest;
      for (const double x : members) {
        const Exact value = one.exact(x);
        BOOST_TEST_REQUIRE(holds(range, value), one.name << " at " << x);
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
      }
      // Ends and zero hold the extremes of every function here: nothing is given away.
      BOOST_TEST(Exact(std::nextafter(std::nextafter(range.lower, infinity), infinity)) >= lowest,
                 one.name);
      BOOST_TEST(
          Exact(std::nextafter(std::nextafter(range.upper, -infinity), -infinity)) <= highest,
          one.name);
    }
}

BOOST_AUTO_TEST_CASE(special_arguments) {
  using namespace intervals;
  const Interval line = Interval::whole_line();
  BOOST_TEST((exp(line) == Interval(0.0, infinity)));
  BOOST_TEST((exp(Interval(0.0)) == Interval(1.0)));
  BOOST_TEST((exp(Interval(1000.0)) == Interval(std::numeric_limits<double>::max(), infinity)));
  BOOST_TEST((exp(Interval(-1000.0)) == Interval(0.0, std::numeric_limits<double>::denorm_min())));
  BOOST_TEST((log(Interval(-1.0, 1.0)) == Interval(-infinity, 0.0)));
  BOOST_TEST(log(Interval(-2.0, 0.0)).is_empty());
  BOOST_TEST((sqrt(Interval(-1.0, 4.0)) == Interval(0.0, 2.0)));
  BOOST_TEST(sqrt(Interval(-2.0, -1.0)).is_empty());
  BOOST_TEST((tanh(line) == Interval(-1.0, 1.0)));
  BOOST_TEST((erf(line) == Interval(-1.0, 1.0)));
  BOOST_TEST((erfc(line) == Interval(0.0, 2.0)));
  BOOST_TEST((logistic(line) == Interval(0.0, 1.0)));
  BOOST_TEST((logistic(Interval(0.0)) == Interval(0.5)));
  BOOST_TEST((softplus(line) == Interval(0.0, infinity)));
  BOOST_TEST((normal_cdf(line) == Interval(0.0, 1.0)));
  BOOST_TEST((normal_cdf(Interval(0.0)) == Interval(0.5)));
  BOOST_TEST(normal_pdf(line).lower == 0.0);
  BOOST_TEST((tanh_slope(line) == Interval(0.0, 1.0)));
  BOOST_TEST((logistic_slope(line) == Interval(0.0, 0.25)));
  BOOST_TEST(logistic_slope(Interval(1e5)).lower == 0.0);
  BOOST_TEST(logistic_slope(Interval(1e5)).upper > 0.0);
  BOOST_TEST((relu(Interval(-1.0, 2.0)) == Interval(0.0, 2.0)));
  BOOST_TEST((heaviside(Interval(-1.0, 2.0)) == Interval(0.0, 1.0)));
  BOOST_TEST((heaviside(Interval(-2.0, -1.0)) == Interval(0.0)));
  BOOST_TEST((heaviside(Interval(1.0, 2.0)) == Interval(1.0)));
  BOOST_TEST((abs(Interval(-3.0, 2.0)) == Interval(0.0, 3.0)));
  BOOST_TEST((abs(Interval(-3.0, -2.0)) == Interval(2.0, 3.0)));
  BOOST_TEST((pow(Interval(-2.0, 1.0), 2) == Interval(0.0, 4.0)));
  BOOST_TEST((pow(Interval(-2.0, 1.0), 3) == Interval(-8.0, 1.0)));
  BOOST_TEST((pow(Interval(-2.0, -1.0), -1) == Interval(-1.0, -0.5)));
  BOOST_TEST((pow(Interval(-2.0, -1.0), -2) == Interval(0.25, 1.0)));
  BOOST_TEST((pow(Interval(-2.0, 1.0), -1) == line));
  BOOST_TEST((pow(line, 0) == Interval(1.0)));
  BOOST_TEST((pow(line, 2) == Interval(0.0, infinity)));
  for (const Case& one : cases()) BOOST_TEST(one.range(Interval::empty_set()).is_empty(), one.name);
  BOOST_TEST(std::fegetround() == FE_TONEAREST);
}
