// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE stein
#include "solvers/algebraic/stein.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace stillpoint;
using algebraic::solve_stein;

namespace {

Matrix wavy(Index n, double scale) {
  Matrix A(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      A(i, j) = scale * std::sin(1.3 * static_cast<double>(i) + 2.1 * static_cast<double>(j) + 0.4);
  return A;
}

}  // namespace

// x = a x + ζ: X = q/(1 − a²), a up to the edge of stability. Rounding of the terms, relative to
// 1 − a², bounds the error.
BOOST_AUTO_TEST_CASE(one_component) {
  for (const double a : {0.0, 0.5, -0.9, 0.999, 1.0 - 1e-9}) {
    const auto solution = solve_stein(Matrix::Constant(1, 1, a), Matrix::Constant(1, 1, 0.7));
    BOOST_TEST(solution.report.ok());
    const double exact = 0.7 / (1.0 - a * a);
    BOOST_TEST(std::abs(solution.X(0, 0) - exact) <= 1e-15 * exact * (2.0 + 1.0 / (1.0 - a * a)));
  }
}

// A Lyapunov equation against (1 ⊗ F + F ⊗ 1) vec X = −vec N; an unstable F is said.
BOOST_AUTO_TEST_CASE(lyapunov) {
  const Index n = 5;
  const Matrix F = wavy(n, 0.3) - Matrix::Identity(n, n), B = wavy(n, 1.0), N = B * B.transpose();
  const auto solution = algebraic::solve_lyapunov(F, N);
  BOOST_TEST(solution.report.ok(), solution.report.message);
  Matrix system = Matrix::Zero(n * n, n * n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      for (Index k = 0; k < n; ++k) {
        system(i + n * j, k + n * j) += F(i, k);
        system(i + n * j, i + n * k) += F(j, k);
      }
  const Vector x = system.fullPivLu().solve(-Eigen::Map<const Vector>(N.data(), n * n));
  const Matrix exact = Eigen::Map<const Matrix>(x.data(), n, n);
  BOOST_TEST((solution.X - exact).norm() < 1e-12 * exact.norm());
  BOOST_TEST(!algebraic::solve_lyapunov(-F, N).report.ok());
  BOOST_TEST(!algebraic::solve_lyapunov(Matrix::Zero(2, 2), Matrix::Identity(2, 2)).report.ok());
  BOOST_CHECK_THROW(algebraic::solve_lyapunov(F, Matrix::Zero(2, 2)), std::invalid_argument);
}

// Against vec X = (1 − A ⊗ A)⁻¹ vec Q, an independent direct solve.
BOOST_AUTO_TEST_CASE(the_kronecker_form) {
  const Index n = 5;
  const Matrix A = wavy(n, 0.35) + Matrix(Vector::LinSpaced(n, -0.2, 0.3).asDiagonal());
  const Matrix B = wavy(n, 1.0), Q = B * B.transpose();
  Matrix K = Matrix::Identity(n * n, n * n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) K.block(i * n, j * n, n, n) -= A(i, j) * A;
  const Vector exact = K.partialPivLu().solve(Q.reshaped());
  const auto solution = solve_stein(A, Q);
  BOOST_TEST(solution.report.ok());
  BOOST_TEST((solution.X.reshaped() - exact).norm() < 1e-12 * exact.norm());
  BOOST_TEST((solution.X == solution.X.transpose()));
  BOOST_TEST((A * solution.X * A.transpose() + Q - solution.X).norm() < 1e-13 * Q.norm());
}

BOOST_AUTO_TEST_CASE(without_noise_there_is_no_covariance) {
  const auto solution = solve_stein(wavy(3, 0.2), Matrix::Zero(3, 3));
  BOOST_TEST(solution.report.ok());
  BOOST_TEST(solution.X.isZero(0.0));
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  for (const double a : {1.0, -1.0, 1.5}) {
    const auto solution = solve_stein(Matrix::Constant(1, 1, a), Matrix::Ones(1, 1));
    BOOST_TEST(static_cast<int>(solution.report.status) ==
               static_cast<int>(Status::no_convergence));
    BOOST_TEST(solution.report.message.find("radius") != std::string::npos);
  }
  BOOST_CHECK_THROW(solve_stein(Matrix::Zero(2, 3), Matrix::Zero(2, 2)), std::invalid_argument);
  BOOST_CHECK_THROW(solve_stein(Matrix::Zero(2, 2), Matrix::Zero(3, 3)), std::invalid_argument);
  BOOST_CHECK_THROW(solve_stein(Matrix::Constant(1, 1, NAN), Matrix::Ones(1, 1)),
                    std::invalid_argument);
}
