// SPDX-License-Identifier: GPL-3.0-or-later
// The third-order equations by their residuals, by the sum of the series Σ (Aᵏ, Aᵏ, Aᵏ) Q, for
// defective matrices, and the refusal of unstable ones.
#define BOOST_TEST_MODULE third_order
#include <Eigen/Eigenvalues>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "solvers/algebraic/third_order.hpp"

using namespace stillpoint;
using algebraic::Tensor3;

namespace {

Tensor3 contracted(const Matrix& A, const Matrix& B, const Matrix& C, const Tensor3& K) {
  const auto n = A.rows();
  Tensor3 result(n, Matrix::Zero(n, n));
  for (Index k = 0; k < n; ++k)
    for (Index r = 0; r < n; ++r) result[k] += C(k, r) * (A * K[r] * B.transpose());
  return result;
}

double largest_difference(const Tensor3& X, const Tensor3& Y) {
  double largest = 0.0;
  for (std::size_t k = 0; k < X.size(); ++k)
    largest = std::max(largest, (X[k] - Y[k]).cwiseAbs().maxCoeff());
  return largest;
}

Tensor3 plus(Tensor3 X, const Tensor3& Y) {
  for (std::size_t k = 0; k < X.size(); ++k) X[k] += Y[k];
  return X;
}

/// A symmetric tensor without a pattern.
Tensor3 source(Index n) {
  Tensor3 Q(n, Matrix(n, n));
  for (Index k = 0; k < n; ++k)
    for (Index j = 0; j < n; ++j)
      for (Index i = 0; i < n; ++i)
        Q[k](i, j) = std::sin(1.0 + i + j + k + 0.7 * i * j * k) + 0.3 * (i * j + j * k + i * k);
  return Q;
}

Matrix matrix(Index n, double radius) {
  Matrix A(n, n);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i) A(i, j) = std::sin(2.0 + 3.0 * i + 1.7 * j + 0.9 * i * j);
  return A * (radius / A.eigenvalues().cwiseAbs().maxCoeff());
}

}  // namespace

BOOST_AUTO_TEST_CASE(stein) {
  for (const Index n : {1, 2, 5, 9}) {
    const Matrix A = matrix(n, 0.8);
    const Tensor3 Q = source(n);
    const auto solution = algebraic::solve_third_order_stein(A, Q);
    BOOST_TEST(solution.report.ok());
    Tensor3 sum = Q, term = Q;
    for (int k = 0; k < 400; ++k) {  // 0.8^(3·400)
      term = contracted(A, A, A, term);
      sum = plus(sum, term);
    }
    BOOST_TEST(largest_difference(solution.K, sum) < 1e-11 * (1.0 + sum[0].norm()));
  }
}

BOOST_AUTO_TEST_CASE(lyapunov) {
  for (const Index n : {1, 2, 5, 9}) {
    const Matrix one = Matrix::Identity(n, n), F = matrix(n, 0.9) - one;
    const Tensor3 Q = source(n);
    const auto solution = algebraic::solve_third_order_lyapunov(F, Q);
    BOOST_TEST(solution.report.ok());
    const auto& K = solution.K;
    const Tensor3 residual = plus(plus(contracted(F, one, one, K), contracted(one, F, one, K)),
                                  plus(contracted(one, one, F, K), Q));
    BOOST_TEST(largest_difference(residual, Tensor3(n, Matrix::Zero(n, n))) <
               1e-12 * (1.0 + K[0].norm()));
  }
}

// A feedforward chain of equal units: one Jordan block.
BOOST_AUTO_TEST_CASE(defective) {
  Matrix A = 0.5 * Matrix::Identity(4, 4);
  for (Index i = 0; i + 1 < 4; ++i) A(i + 1, i) = 0.8;
  const Tensor3 Q = source(4);
  const auto solution = algebraic::solve_third_order_stein(A, Q);
  BOOST_TEST(solution.report.ok());
  BOOST_TEST(largest_difference(solution.K, plus(contracted(A, A, A, solution.K), Q)) <
             1e-12 * solution.K[3].norm());
}

BOOST_AUTO_TEST_CASE(refusals) {
  BOOST_TEST((algebraic::solve_third_order_stein(matrix(3, 1.01), source(3)).report.status ==
              Status::no_convergence));
  BOOST_TEST((algebraic::solve_third_order_lyapunov(matrix(3, 1.0), source(3)).report.status ==
              Status::no_convergence));
  BOOST_CHECK_THROW(algebraic::solve_third_order_stein(matrix(3, 0.5), source(2)),
                    std::invalid_argument);
  BOOST_CHECK_THROW(algebraic::solve_third_order_stein(Matrix::Zero(2, 3), source(2)),
                    std::invalid_argument);
}
