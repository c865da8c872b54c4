// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE minimize
#include "solvers/algebraic/minimize.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>

using namespace stillpoint;
using algebraic::minimize;

BOOST_AUTO_TEST_CASE(a_parabola_to_the_root_of_rounding) {
  const auto [x, y, report] = minimize([](double t) { return 2.0 + (t - 0.3) * (t - 0.3); }, -1, 2);
  BOOST_TEST(report.ok());
  BOOST_TEST(std::abs(x - 0.3) < 1e-7);  // values alone: √ε
  BOOST_TEST(std::abs(y - 2.0) < 1e-14);
}

BOOST_AUTO_TEST_CASE(the_lower_of_two_valleys) {
  const auto two = [](double t) { return (t * t - 1) * (t * t - 1) + 0.1 * t; };
  BOOST_TEST(std::abs(minimize(two, -2, 2).argument + 1.012273131) <
             1e-7);  // root of 4t³ − 4t + 0.1
}

BOOST_AUTO_TEST_CASE(an_end_is_returned_exactly) {
  const auto [x, y, report] = minimize([](double t) { return t; }, 0.0, 1.0);
  BOOST_TEST(x == 0.0);
  BOOST_TEST(y == 0.0);
  BOOST_TEST(!report.message.empty());
}

BOOST_AUTO_TEST_CASE(a_valley_between_an_end_and_its_neighbour) {
  // The scan has width 1: its lowest sample is the end, the minimum lies at 0.2.
  const auto f = [](double t) { return (t - 0.2) * (t - 0.2) * (1.0 + t); };
  BOOST_TEST(std::abs(minimize(f, 0.0, 4.0, {.scan = 4}).argument - 0.2) < 1e-7);
  const auto mirrored = [&](double t) { return f(4.0 - t); };
  BOOST_TEST(std::abs(minimize(mirrored, 0.0, 4.0, {.scan = 4}).argument - 3.8) < 1e-7);
}

BOOST_AUTO_TEST_CASE(an_exception_passes_through_the_library) {
  const auto late = [](double t) -> double {
    if (t > 0.5) throw std::domain_error("too far");
    return -t;
  };
  BOOST_CHECK_THROW(minimize(late, 0.0, 1.0), std::domain_error);
}

BOOST_AUTO_TEST_CASE(trouble_is_said) {
  BOOST_CHECK_THROW(minimize([](double t) { return t; }, 1.0, 0.0), std::invalid_argument);
  const auto bad = minimize([](double) { return std::numeric_limits<double>::quiet_NaN(); }, 0, 1);
  BOOST_TEST((bad.report.status == Status::non_finite_state));
}

BOOST_AUTO_TEST_CASE(samples_of_a_parabola_give_its_vertex) {
  Vector x(4), y(4);
  x << 0.0, 0.5, 0.7, 2.0;
  y = 3.0 + 2.0 * (x.array() - 0.6).square();
  const auto [argument, value, report] = algebraic::minimum_of_samples(x, y);
  BOOST_TEST(std::abs(argument - 0.6) < 1e-14);
  BOOST_TEST(std::abs(value - 3.0) < 1e-14);
  const auto end = algebraic::minimum_of_samples(x, x);
  BOOST_TEST(end.argument == 0.0);
  BOOST_TEST(!end.report.message.empty());
  BOOST_CHECK_THROW(algebraic::minimum_of_samples(y, x), std::invalid_argument);
  BOOST_CHECK_THROW(algebraic::minimum_of_samples(x, Vector::Zero(3)), std::invalid_argument);
}
