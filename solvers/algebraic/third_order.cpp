// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/algebraic/third_order.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <complex>
#include <string_view>

#include "lib/core/require.hpp"

namespace stillpoint::algebraic {
namespace {

using Complex = std::complex<double>;
using ComplexMatrix = Eigen::MatrixXcd;
using ComplexTensor = std::vector<ComplexMatrix>;

/// (M, M, M) K.
ComplexTensor transformed(const ComplexMatrix& M, const ComplexTensor& K) {
  const Index n = M.rows();
  ComplexTensor inner(n), result(n, ComplexMatrix::Zero(n, n));
  for (Index k = 0; k < n; ++k) inner[k] = M * K[k] * M.transpose();
  for (Index k = 0; k < n; ++k)
    for (Index l = 0; l < n; ++l) result[k] += M(k, l) * inner[l];
  return result;
}

/// X = c T X Tᵀ + R, T upper triangular.
ComplexMatrix solve_stein_slice(const ComplexMatrix& T, Complex c, const ComplexMatrix& R) {
  const Index n = T.rows();
  const ComplexMatrix one = ComplexMatrix::Identity(n, n);
  ComplexMatrix X(n, n), TX(n, n);
  for (Index j = n - 1; j >= 0; --j) {
    Eigen::VectorXcd right = R.col(j);
    for (Index l = j + 1; l < n; ++l) right += c * T(j, l) * TX.col(l);
    const ComplexMatrix system = one - c * T(j, j) * T;
    X.col(j) = system.triangularView<Eigen::Upper>().solve(right);
    TX.col(j) = T * X.col(j);
  }
  return X;
}

/// T X + X Tᵀ + c X = R.
ComplexMatrix solve_lyapunov_slice(const ComplexMatrix& T, Complex c, const ComplexMatrix& R) {
  const Index n = T.rows();
  const ComplexMatrix one = ComplexMatrix::Identity(n, n);
  ComplexMatrix X(n, n);
  for (Index j = n - 1; j >= 0; --j) {
    Eigen::VectorXcd right = R.col(j);
    for (Index l = j + 1; l < n; ++l) right -= T(j, l) * X.col(l);
    const ComplexMatrix system = T + (T(j, j) + c) * one;
    X.col(j) = system.triangularView<Eigen::Upper>().solve(right);
  }
  return X;
}

enum class Form { stein, lyapunov };

ThirdOrderSolution solve(const Matrix& A, const Tensor3& Q, Form form, std::string_view where) {
  const Index n = A.rows();
  require(A.cols() == n && static_cast<Index>(Q.size()) == n, where, "the matrix has shape (", n,
          ", ", A.cols(), "), Q ", Q.size(), " slices, expected a square one and as many slices");
  require(A.allFinite(), where, "the matrix holds a NaN or an infinity");
  for (const Matrix& slice : Q)
    require(slice.rows() == n && slice.cols() == n && slice.allFinite(), where,
            "a slice of Q has shape (", slice.rows(), ", ", slice.cols(),
            ") or is not finite, expected (", n, ", ", n, ")");
  const Eigen::ComplexSchur<Matrix> schur(A);
  const ComplexMatrix &T = schur.matrixT(), &U = schur.matrixU();
  const auto eigenvalues = T.diagonal().array();
  const bool stable =
      form == Form::stein ? (eigenvalues.abs() < 1.0).all() : (eigenvalues.real() < 0.0).all();
  if (schur.info() != Eigen::Success || !stable)
    return {.K = Tensor3(n, Matrix::Constant(n, n, std::nan(""))),
            .report = Report::failure(Status::no_convergence,
                                      "the matrix is not stable: there is no stationary law")};

  ComplexTensor right(Q.begin(), Q.end());
  right = transformed(U.adjoint(), right);
  ComplexTensor X(n), carried(n);
  for (Index k = n - 1; k >= 0; --k) {
    ComplexMatrix R = right[k];
    for (Index l = k + 1; l < n; ++l) {
      if (form == Form::stein)
        R += T(k, l) * carried[l];
      else
        R += T(k, l) * X[l];
    }
    if (form == Form::stein) {
      X[k] = solve_stein_slice(T, T(k, k), R);
      carried[k] = T * X[k] * T.transpose();
    } else {
      X[k] = solve_lyapunov_slice(T, T(k, k), -R);
    }
  }
  X = transformed(U, X);
  ThirdOrderSolution solution{.K = Tensor3(n, Matrix(n, n))};
  const auto at = [&](Index i, Index j, Index k) { return X[k](i, j).real(); };
  for (Index k = 0; k < n; ++k)  // rounding leaves it unsymmetric
    for (Index j = 0; j < n; ++j)
      for (Index i = 0; i < n; ++i)
        solution.K[k](i, j) =
            (at(i, j, k) + at(j, i, k) + at(i, k, j) + at(k, i, j) + at(j, k, i) + at(k, j, i)) /
            6.0;
  return solution;
}

}  // namespace

ThirdOrderSolution solve_third_order_stein(const Matrix& A, const Tensor3& Q) {
  return solve(A, Q, Form::stein, "solve_third_order_stein");
}

ThirdOrderSolution solve_third_order_lyapunov(const Matrix& F, const Tensor3& Q) {
  return solve(F, Q, Form::lyapunov, "solve_third_order_lyapunov");
}

}  // namespace stillpoint::algebraic
