// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/newton_operator.hpp"

#include <Eigen/LU>
#include <cmath>

namespace stillpoint::fixed_points {

using intervals::IntervalMatrix;
using intervals::IntervalVector;

NewtonOperator::NewtonOperator(const Matrix& W, const IntervalVector& c, const Vector& slopes)
    : slopes_(slopes) {
  const Index n = W.rows();
  const Matrix identity = Matrix::Identity(n, n);
  const Eigen::PartialPivLU<Matrix> lu(identity - W * slopes.asDiagonal());
  // Approximate inverses of the factors; their triangles are what is used, exactly.
  Matrix upper = lu.matrixLU().triangularView<Eigen::Upper>().solve(identity);
  Matrix lower = lu.matrixLU().triangularView<Eigen::UnitLower>().solve(identity);
  upper.triangularView<Eigen::StrictlyLower>().setZero();
  lower.triangularView<Eigen::StrictlyUpper>().setZero();
  lower.diagonal().setOnes();
  determinant_sign_ = static_cast<int>(lu.permutationP().determinant());
  for (const double entry : upper.diagonal())
    determinant_sign_ *= entry > 0.0 ? 1 : entry < 0.0 ? -1 : 0;
  if (!upper.allFinite() || !lower.allFinite() || determinant_sign_ == 0) return;
  usable_ = true;
  const Matrix permuted = lower * lu.permutationP();  // columns exchanged: exact
  const IntervalMatrix Y = product(upper, IntervalMatrix(permuted));
  Q_ = product(Y, IntervalMatrix(W));
  E_ = IntervalMatrix(identity) - Y + scaled_columns(Q_, IntervalVector(slopes));
  offset_ = product(Y, c);
}

IntervalVector NewtonOperator::apply(const IntervalVector& X,
                                     const IntervalVector& remainder) const {
  return offset_ + product(Q_, remainder) + product(E_, X);
}

bool NewtonOperator::contracts(const IntervalVector& slopes) const {
  if (!slopes.is_bounded()) return false;
  const Index n = slopes_.size();
  const IntervalVector deviation = slopes - IntervalVector(slopes_);
  const IntervalMatrix derivative = scaled_columns(Q_, deviation) + E_;
  const Matrix bound = derivative.magnitude();
  // ρ(bound) < 1 if bound v < v for some v > 0; v near the Perron vector, by power iteration.
  Vector v = Vector::Ones(n);
  for (int k = 0; k < 12; ++k) {
    const Vector image = intervals::product_above(bound, v);
    if (!image.allFinite()) return false;
    if ((image.array() < v.array()).all()) return true;
    const double largest = image.maxCoeff();
    // A positive combination of a nonnegative matrix's images: if even the smallest ratio is above
    // 1, so is the spectral radius (Collatz–Wielandt).
    if ((image.array() > v.array()).all()) return false;
    v = (image / largest).array() + 1e-3;
  }
  return false;
}

}  // namespace stillpoint::fixed_points
