// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE inertia
#include "solvers/certification/inertia.hpp"

#include <Eigen/Eigenvalues>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using certification::eigenvalues_outside_circle;
using intervals::IntervalMatrix;

BOOST_AUTO_TEST_CASE(it_counts_eigenvalues_of_random_matrices) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  Index proved = 0, unstable = 0;
  constexpr int trials = 100;
  for (int trial = 0; trial < trials; ++trial) {
    const Index n = 1 + trial % 12;
    const double radius = 0.5 + 0.01 * trial;
    const Matrix M = Matrix::NullaryExpr(
        n, n, [&] { return radius * normal(engine) / std::sqrt(static_cast<double>(n)); });
    const Eigen::VectorXcd lambda = Eigen::EigenSolver<Matrix>(M, false).eigenvalues();
    const auto exact = (lambda.array().abs() > 1.0).count();
    unstable += exact;
    const auto count = eigenvalues_outside_circle(M);
    if (!count) continue;
    ++proved;
    BOOST_TEST(*count == exact);
    // Every matrix of a small box has the same number, if that is still proved.
    const double width = 1e-6;
    if (const auto of_box =
            eigenvalues_outside_circle(IntervalMatrix(M.array() - width, M.array() + width)))
      BOOST_TEST(*of_box == exact);
  }
  BOOST_TEST(unstable > 30);
  BOOST_TEST(proved == trials);
}

BOOST_AUTO_TEST_CASE(eigenvalues_on_the_circle_are_not_counted) {
  // A rotation, alone and scaled to either side.
  Matrix R(2, 2);
  R << std::cos(1.0), -std::sin(1.0), std::sin(1.0), std::cos(1.0);
  BOOST_TEST(!eigenvalues_outside_circle(R).has_value());
  BOOST_TEST(eigenvalues_outside_circle(Matrix(0.999 * R)).value() == 0);
  BOOST_TEST(eigenvalues_outside_circle(Matrix(1.001 * R)).value() == 2);
  // A box that holds matrices of either kind.
  const double width = 0.01;
  BOOST_TEST(!eigenvalues_outside_circle(
                  IntervalMatrix(0.999 * R.array() - width, 0.999 * R.array() + width))
                  .has_value());
  BOOST_TEST(!eigenvalues_outside_circle(Matrix(Matrix::Identity(3, 3))).has_value());
  BOOST_TEST(eigenvalues_outside_circle(Matrix(Matrix::Zero(3, 3))).value() == 0);
}
