// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/stein.hpp"

#include <Eigen/LU>
#include <cmath>
#include <limits>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::algebraic {

SteinSolution solve_stein(Matrix A, const Matrix& Q) {
  constexpr std::string_view where = "solve_stein";
  const Index n = A.rows();
  require(A.cols() == n && Q.rows() == n && Q.cols() == n, where, "A has shape (", n, ", ",
          A.cols(), "), Q (", Q.rows(), ", ", Q.cols(), "), expected square ones of equal size");
  require(A.allFinite() && Q.allFinite(), where, "A or Q holds a NaN or an infinity");
  constexpr Index most_doublings = 64;  // a radius of 1 − 1e-16 needs 60
  SteinSolution solution{.X = 0.5 * (Q + Q.transpose())};
  Matrix& X = solution.X;
  Report& report = solution.report;
  Matrix product, added;
  for (Index k = 0; k < most_doublings; ++k) {
    product.noalias() = A * X;
    added.noalias() = product * A.transpose();
    X += 0.5 * (added + added.transpose());
    report.iterations = k + 1;
    if (!X.allFinite()) break;
    const double size = X.norm();
    report.residual = size > 0.0 ? added.norm() / size : 0.0;
    if (report.residual < std::numeric_limits<double>::epsilon()) return solution;
    product.noalias() = A * A;
    A.swap(product);
  }
  report.status = Status::no_convergence;
  report.message = "the spectral radius of A is not below 1: there is no stationary covariance";
  return solution;
}

SteinSolution solve_lyapunov(const Matrix& F, const Matrix& N) {
  constexpr std::string_view where = "solve_lyapunov";
  const Index n = F.rows();
  require(F.cols() == n && N.rows() == n && N.cols() == n, where, "F has shape (", n, ", ",
          F.cols(), "), N (", N.rows(), ", ", N.cols(), "), expected square ones of equal size");
  require(F.allFinite() && N.allFinite(), where, "F or N holds a NaN or an infinity");
  const double p = F.norm() / std::sqrt(static_cast<double>(n));
  if (p == 0.0)
    return {.X = N, .report = Report::failure(Status::no_convergence, "F is zero, not stable")};
  const Matrix one = Matrix::Identity(n, n);
  const Eigen::PartialPivLU<Matrix> factor(F - p * one);
  const Matrix half = factor.solve(N);
  return solve_stein(factor.solve(F + p * one), 2.0 * p * factor.solve(half.transpose()));
}

}  // namespace stillpoint::algebraic
