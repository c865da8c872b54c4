// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE quasi_potential
#include "solvers/escape/quasi_potential.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <boost/test/unit_test.hpp>
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

/// Largest |U − exact| over the nodes that were reached.
template <typename Exact>
double worst_error(const escape::QuasiPotential& found, Exact&& exact) {
  double worst = 0.0;
  for (Index j = 0; j < found.y.size(); ++j)
    for (Index i = 0; i < found.x.size(); ++i) {
      const Vector point = at(found.x(i), found.y(j));
      if (std::isfinite(found.values(i, j)))
        worst = std::max(worst, std::abs(found.values(i, j) - exact(point)));
    }
  return worst;
}

}  // namespace

// Rotation up to ten times the decay, noise of equal and of unequal, correlated components. The
// relative error is below 2.5/cells on every mesh and falls with order one or better.
BOOST_AUTO_TEST_CASE(ornstein_uhlenbeck_is_first_order) {
  const Matrix skew = (Matrix(2, 2) << 1.0, 0.0, 0.6, 0.5).finished();
  for (const Matrix& sigma : {Matrix(Matrix::Identity(2, 2)), skew})
    for (const double rotation : {0.5, 3.0, 10.0}) {
      const Matrix A = (Matrix(2, 2) << -2.0, -rotation, 2.0 * rotation, -1.0).finished();
      const Matrix inverse = tests::stationary_covariance(A, sigma).inverse();
      const auto exact = [&](const Vector& x) { return 0.5 * x.dot(inverse * x); };
      Vector steps(3), errors(3);
      for (Index k = 0; k < 3; ++k) {
        const Index points = (Index{64} << k) + 1;
        const auto found = quasi_potential(tests::linear_fields(A, sigma), Vector::Zero(2),
                                           {.lower = at(-1.0, -1.0),
                                            .upper = at(1.0, 1.0),
                                            .points_x = points,
                                            .points_y = points});
        BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
        steps(k) = 1.0 / static_cast<double>(points - 1);
        errors(k) = worst_error(found, exact) / found.boundary_value;
        BOOST_TEST(errors(k) < 2.5 * steps(k));
      }
      const double order = statistics::observed_order(steps, errors);
      BOOST_TEST(order > 0.75);
      BOOST_TEST_MESSAGE("rotation " << rotation << ": relative errors " << errors.transpose()
                                     << ", observed order " << order);
    }
}

// The rectangle ends at the saddle, which is the lowest point of that side. The bound is 0.8/cells
// of the greatest value.
BOOST_AUTO_TEST_CASE(maier_stein) {
  const double bound = 0.8 / 320.0 * 0.5;
  const auto solve = [](double beta) {
    return quasi_potential(
        tests::maier_stein(beta), at(-1.0, 0.0),
        {.lower = at(-1.6, -0.8), .upper = at(0.0, 0.8), .points_x = 321, .points_y = 321});
  };
  for (const double beta : {1.0, 3.0}) {
    const auto found = solve(beta);
    BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
    BOOST_TEST(std::abs(found.boundary_value - 0.5) < bound, found.boundary_value);
    for (const double u : {-1.25, -0.7, -0.4, -0.2})
      BOOST_TEST(std::abs(found.at(u, 0.0) - 0.5 * (1.0 - u * u) * (1.0 - u * u)) < bound);
  }
  // β = 1: 2(V + ¼) = (1 − u²)²/2 + (1 + u²) v² in the basin.
  const auto exact = [](const Vector& x) {
    const double p = 1.0 - x(0) * x(0);
    return 0.5 * p * p + (1.0 + x(0) * x(0)) * x(1) * x(1);
  };
  const auto gradient = solve(1.0);
  BOOST_TEST(worst_error(gradient, exact) < 2e-3);
  // β = 10: the saddle and points of the plane by the other method.
  const auto fields = tests::maier_stein(10.0);
  const auto found = solve(10.0);
  const auto action = [&](const Vector& end, double side) {
    const Matrix guide =
        (Matrix(2, 3) << -1.0, 0.5 * (end(0) - 1.0), end(0), 0.0, side, end(1)).finished();
    const auto path =
        escape::minimum_action(fields, at(-1.0, 0.0), escape::Target::point(end), {.guide = guide});
    BOOST_TEST_REQUIRE(path.report.ok(), path.report.message);
    return path.action;
  };
  const double saddle = action(Vector::Zero(2), 0.3);
  BOOST_TEST(std::abs(found.boundary_value - saddle) < bound);
  BOOST_TEST_MESSAGE("saddle: " << found.boundary_value << ", by least action " << saddle);
  for (const Vector& end : {at(-0.5, 0.2), at(-1.1, 0.15), at(-0.4, -0.1), at(-0.5, 0.0)}) {
    const double least = std::min(action(end, 0.3), action(end, -0.3));
    BOOST_TEST(std::abs(found.at(end(0), end(1)) - least) < bound);
    BOOST_TEST_MESSAGE(end.transpose()
                       << ": " << found.at(end(0), end(1)) << ", by least action " << least);
  }
}

// b = −σσᵀ∇V with σ(x): 2V. At the saddle, beyond a steep valley, the order is one up to a
// logarithm.
BOOST_AUTO_TEST_CASE(state_dependent_noise) {
  Vector steps(3), errors(3);
  for (Index k = 0; k < 3; ++k) {
    const Index points = (Index{98} << k) + 1;
    const auto found = quasi_potential(
        tests::valley_fields(true), at(-1.0, 0.0),
        {.lower = at(-1.8, -1.2), .upper = at(0.0, 1.6), .points_x = points, .points_y = points});
    BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
    steps(k) = 1.0 / static_cast<double>(points - 1);
    errors(k) = worst_error(found, [](const Vector& x) { return 2.0 * tests::curved_valley(x); });
    BOOST_TEST_MESSAGE(points << " nodes: worst error " << errors(k) << ", saddle "
                              << found.boundary_value);
    BOOST_TEST(std::abs(found.boundary_value - 0.5) < -0.2 * steps(k) * std::log(steps(k)));
  }
  BOOST_TEST(statistics::observed_order(steps, errors) > 0.9);
}

// The value at a node that was not reached is NaN, never a number.
BOOST_AUTO_TEST_CASE(nothing_is_said_beyond_the_sides) {
  const Matrix A = (Matrix(2, 2) << -1.0, 0.0, 0.0, -1.0).finished();
  const auto found = quasi_potential(
      tests::linear_fields(A, Matrix::Identity(2, 2)), Vector::Zero(2),
      {.lower = at(-1.0, -2.0), .upper = at(1.0, 2.0), .points_x = 65, .points_y = 129});
  BOOST_TEST(std::abs(found.boundary_value - 1.0) < 0.01);
  BOOST_TEST(std::isnan(found.at(0.0, 1.5)));
  BOOST_TEST(std::isnan(found.at(3.0, 0.0)));
  BOOST_TEST(std::abs(found.at(0.3, -0.4) - 0.25) < 0.005);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const Matrix A = (Matrix(2, 2) << -1.0, 0.0, 0.3, -2.0).finished();
  const Vector origin = Vector::Zero(2);
  const escape::QuasiPotentialOptions box{
      .lower = at(-1.0, -1.0), .upper = at(1.0, 1.0), .points_x = 33, .points_y = 33};
  const auto one = tests::linear_fields(A, (Matrix(2, 1) << 1.0, 0.3).finished());
  const auto flat = quasi_potential(one, origin, box);
  BOOST_TEST((flat.report.status == Status::outside_validity));
  BOOST_TEST(flat.values.size() == 0);
  const auto good = tests::linear_fields(A, Matrix::Identity(2, 2));
  auto broken = good;
  broken.drift = [](const Vector& x, Vector& b) {
    b = x.unaryExpr([](double v) { return -v * std::sqrt(v + 0.5); });
  };
  BOOST_TEST((quasi_potential(broken, origin, box).report.status == Status::non_finite_state));
  BOOST_CHECK_THROW(quasi_potential(tests::linear_fields(-A, Matrix::Identity(2, 2)), origin, box),
                    std::invalid_argument);
  BOOST_CHECK_THROW(quasi_potential(good, at(0.95, 0.0), box), std::invalid_argument);
  BOOST_CHECK_THROW(quasi_potential(good, Vector::Zero(3), box), std::invalid_argument);
  BOOST_CHECK_THROW(quasi_potential(good, origin, {}), std::invalid_argument);
  BOOST_CHECK_THROW(quasi_potential(good, at(0.1, 0.0), box), std::invalid_argument);
}
