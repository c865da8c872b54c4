// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/inertia.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>

namespace stillpoint::fixed_points {
namespace {

using intervals::Interval;
using intervals::IntervalMatrix;

/// Number of negative eigenvalues of every symmetric matrix in S, if none of them is singular.
std::optional<Index> negative_eigenvalues(const IntervalMatrix& S) {
  const Matrix middle = 0.5 * (S.lower + S.upper);
  if (!middle.allFinite()) return {};
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(0.5 * (middle + middle.transpose()));
  if (solver.info() != Eigen::Success) return {};
  const Matrix& vectors = solver.eigenvectors();
  const IntervalMatrix diagonal =
      product(Matrix(vectors.transpose()), product(S, IntervalMatrix(vectors)));
  const Matrix size = diagonal.magnitude();
  Index negative = 0;
  for (Index i = 0; i < size.rows(); ++i) {
    Interval disc = diagonal(i, i);
    for (Index j = 0; j < size.cols(); ++j)
      if (j != i) disc += Interval(-size(i, j), size(i, j));
    if (disc.contains(0.0) || disc.is_empty()) return {};
    if (disc.upper < 0.0) ++negative;
  }
  return negative;
}

}  // namespace

std::optional<Index> eigenvalues_outside_circle(const IntervalMatrix& M) {
  const Matrix middle = 0.5 * (M.lower + M.upper);
  if (!middle.allFinite()) return {};
  const Eigen::EigenSolver<Matrix> solver(middle);
  if (solver.info() != Eigen::Success) return {};
  const Eigen::MatrixXcd inverse = solver.eigenvectors().inverse();
  const Vector signs = solver.eigenvalues()
                           .unaryExpr([](const std::complex<double>& lambda) {
                             return std::abs(lambda) < 1.0 ? 1.0 : -1.0;
                           })
                           .real();
  const Matrix P = (inverse.adjoint() * signs.asDiagonal() * inverse).real();
  if (!P.allFinite()) return {};
  const IntervalMatrix symmetric(Matrix(0.5 * (P + P.transpose())));
  const IntervalMatrix S = symmetric - product(M.transpose(), product(symmetric, M));
  const auto indefinite = negative_eigenvalues(S);
  if (!indefinite || *indefinite > 0) return {};
  return negative_eigenvalues(symmetric);
}

}  // namespace stillpoint::fixed_points
