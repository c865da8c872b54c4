// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/certification/inertia.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>

namespace stillpoint::certification {
namespace {

using intervals::Interval;
using intervals::IntervalMatrix;
using intervals::IntervalVector;

/// True if aᵢᵢ > Σⱼ≠ᵢ |aᵢⱼ| in every row of every matrix in A: none is singular, and symmetric ones
/// are positive definite (Gershgorin).
bool dominated_by_positive_diagonal(const IntervalMatrix& A) {
  const Matrix size = A.magnitude();
  for (Index i = 0; i < size.rows(); ++i) {
    Interval sum = 0.0;
    for (Index j = 0; j < size.cols(); ++j)
      if (j != i) sum += Interval(size(i, j));
    if (!(A.lower(i, i) > sum.upper)) return false;
  }
  return true;
}

}  // namespace

std::optional<Index> eigenvalues_outside_circle(const IntervalMatrix& M) {
  const Matrix middle = 0.5 * (M.lower + M.upper);
  if (!middle.allFinite()) return {};
  const Eigen::EigenSolver<Matrix> solver(middle);
  if (solver.info() != Eigen::Success) return {};
  // Columns: real eigenvectors, real and imaginary parts of complex ones.
  const Matrix T = solver.pseudoEigenvectors();
  const Matrix R = T.inverse();
  if (!T.allFinite() || !R.allFinite()) return {};
  const Vector signs = Vector::NullaryExpr(
      T.cols(), [&](Index k) { return std::abs(solver.eigenvalues()(k)) < 1.0 ? 1.0 : -1.0; });
  const IntervalMatrix basis(T), G = product(R, basis), K = product(R, product(M, basis));
  const auto square = [&](const IntervalMatrix& A) {
    return product(scaled_columns(A.transpose(), IntervalVector(signs)), A);
  };
  if (!dominated_by_positive_diagonal(G)) return {};
  if (!dominated_by_positive_diagonal(square(G) - square(K))) return {};
  return (signs.array() < 0.0).count();
}

}  // namespace stillpoint::certification
