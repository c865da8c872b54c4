// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/stein.hpp"

#include <limits>

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

}  // namespace stillpoint::algebraic
