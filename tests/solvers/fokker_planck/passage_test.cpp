// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE passage
#include "solvers/fokker_planck/passage.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "solvers/fokker_planck/line.hpp"
#include "tests/support/fokker_planck.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;
using tests::cube;

namespace {

Coefficients brownian(Index dimension, double diffusion) {
  return {dimension, [](const Vector& x, Vector& drift) { drift.setZero(x.size()); },
          [diffusion](const Vector& x, Matrix& tensor) {
            tensor = diffusion * Matrix::Identity(x.size(), x.size());
          }};
}

}  // namespace

// Brownian motion between absorbing walls at 0 and L: E T = x(L − x)/(2D), and
// Var T = x(L − x)(x² + (L − x)²)/(12 D²).
BOOST_AUTO_TEST_CASE(brownian_motion_between_walls) {
  const double D = 0.7, L = 2.0;
  double last = 0.0;
  for (const Index n : {50, 100}) {
    const Grid grid({{0.0, L, n, Side::absorbing, Side::absorbing}});
    const auto times = first_passage_times(brownian(1, D), grid, {});
    BOOST_REQUIRE(times.report.ok());
    const Vector x = Vector::Constant(1, 0.61);
    const double a = x(0), b = L - x(0);
    const double mean = a * b / (2.0 * D), variance = a * b * (a * a + b * b) / (12.0 * D * D);
    const double error = std::abs(times.mean_from(x) / mean - 1.0);
    BOOST_TEST(error < 2.0 / static_cast<double>(n * n) * 4.0);
    BOOST_TEST(times.standard_deviation_from(x) == std::sqrt(variance),
               boost::test_tools::tolerance(10.0 / static_cast<double>(n * n)));
    // At the centres the scheme is off by a constant, h²/(8D).
    Vector centre;
    grid.centre(n / 3, centre);
    const double off = std::abs(times.mean(n / 3) - centre(0) * (L - centre(0)) / (2.0 * D));
    if (n == 100) BOOST_TEST(std::log2(last / off) > 1.9);
    last = off;
  }
}

// Out of a double well, against the double integral.
BOOST_AUTO_TEST_CASE(double_well_against_quadrature) {
  const auto well = tests::double_well(0.32);
  const auto exact = first_passage(well, 1.0, 0.0, 2.5);
  double last = 0.0;
  for (const Index n : {100, 200, 400}) {
    const Grid grid({{0.0, 2.5, n, Side::absorbing, Side::reflecting}});
    const auto times = first_passage_times(well, grid, {});
    BOOST_REQUIRE(times.report.ok());
    const double error = times.mean_from(Vector::Ones(1)) / exact.mean - 1.0;
    BOOST_TEST(std::abs(error) < 4.0 * times.error);
    if (n > 100) BOOST_TEST(std::log2(std::abs(last / error)) > 1.9);
    BOOST_TEST(times.standard_deviation_from(Vector::Ones(1)) == exact.standard_deviation,
               boost::test_tools::tolerance(0.05));
    last = error;
  }
  BOOST_TEST_MESSAGE("double well: " << exact.mean << ", relative error " << last);
}

// Brownian motion in a ring a < r < b: the committor of the outer circle is ln(r/a)/ln(b/a), the
// passage time to the outer circle alone, from a disc, (b² − r²)/(4D): circles that cut the cells.
BOOST_AUTO_TEST_CASE(circles_that_cut_the_cells) {
  const double a = 0.4, b = 1.7;
  const Region inner{[a](const Vector& x) { return x.norm() - a; }};
  const Region outer{[b](const Vector& x) { return b - x.norm(); }};
  Vector times_error(3), probability_error(3);
  Index level = 0;
  for (const Index n : {41, 82, 164}) {
    const Grid grid = cube(2, 1.8, n);
    const auto q = committor(brownian(2, 0.3), grid, inner, outer);
    const auto times = first_passage_times(brownian(2, 0.3), grid, {outer});
    BOOST_REQUIRE(q.report.ok());
    BOOST_REQUIRE(times.report.ok());
    double probability = 0.0, time = 0.0;
    Vector x;
    for (Index cell = 0; cell < grid.cells(); ++cell) {
      grid.centre(cell, x);
      const double r = x.norm();
      if (r > a && r < b)
        probability = std::max(probability,
                               std::abs(q.probability(cell) - std::log(r / a) / std::log(b / a)));
      if (r < b) time = std::max(time, std::abs(times.mean(cell) - (b * b - r * r) / (4.0 * 0.3)));
    }
    BOOST_TEST(q.error > 0.3 * probability);
    BOOST_TEST(q.error < 3.0 * probability);
    times_error(level) = time;
    probability_error(level++) = probability;
  }
  const double time_order = 0.5 * std::log2(times_error(0) / times_error(2)),
               probability_order = 0.5 * std::log2(probability_error(0) / probability_error(2));
  BOOST_TEST_MESSAGE("orders: time " << time_order << ", committor " << probability_order);
  BOOST_TEST(time_order > 1.85);
  BOOST_TEST(probability_order > 1.85);
}

// Committor of a double well: ∫ e^{Φ} from the other side.
BOOST_AUTO_TEST_CASE(committor_of_a_double_well) {
  const auto well = tests::double_well(0.6);
  const Region left{[](const Vector&x) { return x(0) + 1.0; }},
      right{[](const Vector&x) { return 1.0 - x(0); }};
  const auto q = committor(well, cube(1, 1.5, 600), left, right);
  BOOST_REQUIRE(q.report.ok());
  BOOST_TEST(q.from(Vector::Zero(1)) == 0.5, boost::test_tools::tolerance(1e-8));
  const auto weight = [](double x) { return std::exp(-(x * x - 0.5 * std::pow(x, 4)) / 0.36); };
  double part = 0.0, whole = 0.0;
  constexpr Index pieces = 20000;
  for (Index k = 0; k < pieces; ++k) {
    const double x = -1.0 + 2.0 * (static_cast<double>(k) + 0.5) / pieces;
    whole += weight(x);
    if (x < 0.3) part += weight(x);
  }
  BOOST_TEST(q.from(Vector::Constant(1, 0.3)) == part / whole, boost::test_tools::tolerance(1e-4));
  BOOST_TEST(q.from(Vector::Constant(1, -1.3)) == 0.0);
  BOOST_TEST(q.from(Vector::Constant(1, 1.3)) == 1.0);
}

BOOST_AUTO_TEST_CASE(no_exit_and_bad_arguments) {
  const auto well = tests::double_well(0.6);
  const auto never = first_passage_times(well, cube(1, 1.5, 60), {});
  BOOST_TEST(!never.report.ok());
  BOOST_TEST(never.report.message.find("never ends") != std::string::npos);
  const Region far{[](const Vector& x) { return 50.0 - x(0); }};
  BOOST_TEST(!first_passage_times(well, cube(1, 1.5, 60), {far}).report.ok());
  BOOST_TEST(!committor(well, cube(1, 1.5, 60), far, far).report.ok());
  BOOST_CHECK_THROW(first_passage_times(well, cube(1, 1.5, 60), {Region{}}), std::invalid_argument);
  BOOST_CHECK_THROW(first_passage_times(well, cube(1, 1.5, 60), {far}, {.tolerance = -1.0}),
                    std::invalid_argument);
}
