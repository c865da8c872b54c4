// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/certification/newton_operator.hpp"

namespace stillpoint::certification {

using intervals::Interval;
using intervals::IntervalVector;

NewtonOperator::NewtonOperator(const Matrix& W, const IntervalVector& c) : W_(W), c_(c) {}

bool NewtonOperator::linearize(const Vector& slopes) {
  const Index n = W_.rows();
  slopes_ = IntervalVector(slopes);
  upper_.noalias() = -W_.lower * slopes.asDiagonal();
  upper_.diagonal().array() += 1.0;
  lu_.compute(upper_);
  upper_.setIdentity();
  lower_.setIdentity(n, n);
  lu_.matrixLU().triangularView<Eigen::Upper>().solveInPlace(upper_);
  lu_.matrixLU().triangularView<Eigen::UnitLower>().solveInPlace(lower_);
  // What is used is these triangles, whatever rounding made of them.
  upper_.triangularView<Eigen::StrictlyLower>().setZero();
  lower_.triangularView<Eigen::StrictlyUpper>().setZero();
  lower_.diagonal().setOnes();
  determinant_sign_ = static_cast<int>(lu_.permutationP().determinant());
  for (const double entry : upper_.diagonal())
    determinant_sign_ *= entry > 0.0 ? 1 : entry < 0.0 ? -1 : 0;
  if (!upper_.allFinite() || !lower_.allFinite() || determinant_sign_ == 0) return false;
  right_.lower.noalias() = lower_ * lu_.permutationP();  // columns exchanged: exact
  right_.upper = right_.lower;
  multiply(upper_, right_, Y_);
  multiply(Y_, W_, Q_);
  scale_columns(Q_, slopes_, E_);
  E_ -= Y_;
  for (Index i = 0; i < n; ++i) E_.set(i, i, E_(i, i) + Interval(1.0));
  offset_ = product(Y_, c_);
  return true;
}

IntervalVector NewtonOperator::apply(const IntervalVector& X,
                                     const IntervalVector& remainder) const {
  return offset_ + product(Q_, remainder) + product(E_, X);
}

bool NewtonOperator::contracts(const IntervalVector& slopes) {
  if (!slopes.is_bounded()) return false;
  scale_columns(Q_, slopes - slopes_, derivative_);
  derivative_ += E_;
  const Matrix bound = derivative_.magnitude();
  // ρ(bound) < 1 if bound v < v for some v > 0; v near the Perron vector, by iteration with bound
  // plus a multiple of the identity, which has the same one and no other eigenvalue as large.
  Vector v = Vector::Ones(bound.rows());
  for (int k = 0; k < 20; ++k) {
    const Vector image = intervals::product_above(bound, v);
    if (!image.allFinite()) return false;
    if ((image.array() < v.array()).all()) return true;
    const Vector ratio = image.cwiseQuotient(v);
    if (ratio.minCoeff() > 1.0) return false;  // ρ is at least this (Collatz–Wielandt)
    v = (v + image / ratio.maxCoeff()) / v.maxCoeff();
  }
  return false;
}

}  // namespace stillpoint::certification
