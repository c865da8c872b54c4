// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE quasi_potential
#include "solvers/escape/quasi_potential.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "lib/statistics/regression.hpp"
#include "solvers/escape/minimum_action.hpp"
#include "tests/support/escape_fields.hpp"

using namespace stillpoint;
using escape::quasi_potential;

namespace {

Vector at(double x, double y) { return (Vector(2) << x, y).finished(); }

/// Largest |U − exact| over the nodes that were reached and that `where` takes.
template <typename Exact, typename Where>
double worst_error(const escape::QuasiPotential& found, Exact&& exact, Where&& where) {
  double worst = 0.0;
  for (Index j = 0; j < found.y.size(); ++j)
    for (Index i = 0; i < found.x.size(); ++i) {
      const Vector point = at(found.x(i), found.y(j));
      if (std::isfinite(found.values(i, j)) && where(point))
        worst = std::max(worst, std::abs(found.values(i, j) - exact(point)));
    }
  return worst;
}
const auto everywhere = [](const Vector&) { return true; };

}  // namespace

// Rotation up to ten times the decay, noise of unequal and correlated components.
BOOST_AUTO_TEST_CASE(ornstein_uhlenbeck) {
  const Matrix skew = (Matrix(2, 2) << 1.0, 0.0, 0.6, 0.5).finished();
  for (const Matrix& sigma : {Matrix(Matrix::Identity(2, 2)), skew})
    for (const double rotation : {0.5, 3.0, 10.0}) {
      const Matrix A = (Matrix(2, 2) << -2.0, -rotation, 2.0 * rotation, -1.0).finished();
      const Matrix inverse = tests::stationary_covariance(A, sigma).inverse();
      const auto exact = [&](const Vector& x) { return 0.5 * x.dot(inverse * x); };
      Vector steps(3), errors(3);
      for (Index k = 0; k < 3; ++k) {
        const Index points = (Index{64} << k) + 1;
        const auto begin = std::chrono::steady_clock::now();
        const auto found = quasi_potential(tests::linear_fields(A, sigma), Vector::Zero(2),
                                           {.lower = at(-1.0, -1.0),
                                            .upper = at(1.0, 1.0),
                                            .points_x = points,
                                            .points_y = points});
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
        steps(k) = 1.0 / static_cast<double>(points - 1);
        errors(k) = worst_error(found, exact, everywhere) / found.boundary_value;
        BOOST_TEST_MESSAGE("rotation " << rotation << ", " << points << " nodes: relative error "
                                       << errors(k) << ", " << found.report.iterations
                                       << " accepted, " << seconds.count() << " s");
      }
      BOOST_TEST_MESSAGE("observed order " << statistics::observed_order(steps, errors));
    }
}

BOOST_AUTO_TEST_CASE(maier_stein) {
  const auto solve = [](double beta, Index points) {
    return quasi_potential(
        tests::maier_stein(beta), at(-1.0, 0.0),
        {.lower = at(-1.6, -0.8), .upper = at(0.2, 0.8), .points_x = points, .points_y = points});
  };
  for (const double beta : {1.0, 3.0, 10.0})
    for (const Index points : {129, 257, 513}) {
      const auto found = solve(beta, points);
      BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
      BOOST_TEST_MESSAGE("beta " << beta << ", " << points << ": " << found.at(0.0, 0.0)
                                 << " at the saddle, boundary " << found.boundary_value << "; "
                                 << found.at(-0.5, 0.0) << " " << 0.5 * 0.75 * 0.75 << " "
                                 << found.at(-0.5, 0.2));
    }
}

BOOST_AUTO_TEST_CASE(state_dependent_noise) {
  for (const Index points : {129, 257, 513}) {
    const auto found = quasi_potential(
        tests::valley_fields(true), at(-1.0, 0.0),
        {.lower = at(-1.8, -1.2), .upper = at(0.3, 1.6), .points_x = points, .points_y = points});
    BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
    const double error = worst_error(
        found, [](const Vector& x) { return 2.0 * tests::curved_valley(x); },
        [](const Vector& x) { return x(0) < 0.0; });
    BOOST_TEST_MESSAGE("valley " << points << ": error " << error << ", saddle "
                                 << found.at(0.0, 1.0) << ", boundary " << found.boundary_value);
  }
}
