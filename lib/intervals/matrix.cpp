// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/intervals/matrix.hpp"

#include "lib/core/require.hpp"
#include "lib/intervals/rounding.hpp"

namespace stillpoint::intervals {
namespace {

// Kernels work on the ends of upper bounds alone, all rounded upward: with −lower in the place of
// lower, −(−a − b) and −((−a) b) are lower bounds. Finite entries only; then overflow is upward, to
// +∞, and no NaN arises.

struct Operand {
  const double* lower;
  const double* upper;
};

struct Result {
  double* negative_lower;
  double* upper;
};

struct Shape {
  Index rows, inner, columns;
};

double larger(double a, double b) { return a > b ? a : b; }

/// C += A B, all by columns, A of points.
void multiply_points(const double* A, Operand B, Result C, Shape shape) {
  const auto [m, inner, n] = shape;
  for (Index j = 0; j < n; ++j)
    for (Index k = 0; k < inner; ++k) {
      const double lower = B.lower[k + j * inner], upper = B.upper[k + j * inner];
      const double* a = A + k * m;
      double* c = C.negative_lower + j * m;
      double* d = C.upper + j * m;
      for (Index i = 0; i < m; ++i) {
        c[i] += larger(-a[i] * lower, -a[i] * upper);
        d[i] += larger(a[i] * lower, a[i] * upper);
      }
    }
}

/// C += A B, all by columns.
void multiply_intervals(Operand A, Operand B, Result C, Shape shape) {
  const auto [m, inner, n] = shape;
  for (Index j = 0; j < n; ++j)
    for (Index k = 0; k < inner; ++k) {
      const double lower = B.lower[k + j * inner], upper = B.upper[k + j * inner];
      const double *a = A.lower + k * m, *b = A.upper + k * m;
      double* c = C.negative_lower + j * m;
      double* d = C.upper + j * m;
      for (Index i = 0; i < m; ++i) {
        c[i] += larger(larger(-a[i] * lower, -a[i] * upper), larger(-b[i] * lower, -b[i] * upper));
        d[i] += larger(larger(a[i] * lower, a[i] * upper), larger(b[i] * lower, b[i] * upper));
      }
    }
}

/// C = A + B, `inner` entries.
void add(Operand A, Operand B, Result C, Shape shape) {
  for (Index k = 0; k < shape.inner; ++k) {
    C.negative_lower[k] = -A.lower[k] - B.lower[k];
    C.upper[k] = A.upper[k] + B.upper[k];
  }
}

// Called through volatile pointers, so that nothing moves out of the scope of the rounding mode.
void (*volatile const multiply_points_kernel)(const double*, Operand, Result,
                                              Shape) = multiply_points;
void (*volatile const multiply_intervals_kernel)(Operand, Operand, Result,
                                                 Shape) = multiply_intervals;
void (*volatile const add_kernel)(Operand, Operand, Result, Shape) = add;

template <typename Intervals>
Operand operand(const Intervals& x) {
  return {x.lower.data(), x.upper.data()};
}

template <typename Intervals>
Result result(Intervals& x) {
  return {x.lower.data(), x.upper.data()};
}

template <typename Intervals>
bool all_finite(const Intervals& x) {
  return x.lower.allFinite() && x.upper.allFinite();
}

template <typename Intervals>
Intervals sum(const Intervals& x, const Intervals& y) {
  require(x.lower.rows() == y.lower.rows() && x.lower.cols() == y.lower.cols(), "intervals",
          "sum of ", x.lower.rows(), " by ", x.lower.cols(), " and ", y.lower.rows(), " by ",
          y.lower.cols(), ", expected equal shapes");
  Intervals z = x;
  {
    const UpwardRounding mode;
    add_kernel(operand(x), operand(y), result(z), {1, x.lower.size(), 1});
  }
  z.lower = -z.lower;
  return z;
}

template <typename Intervals>
Intervals negative(const Intervals& x) {
  return {-x.upper, -x.lower};
}

Interval entry(const Matrix& A, Index i, Index j) { return A(i, j); }
Interval entry(const IntervalMatrix& A, Index i, Index j) { return A(i, j); }

bool finite(const Matrix& A) { return A.allFinite(); }
bool finite(const IntervalMatrix& A) { return all_finite(A); }

void multiply(const Matrix& A, Operand B, Result C, Shape shape) {
  multiply_points_kernel(A.data(), B, C, shape);
}
void multiply(const IntervalMatrix& A, Operand B, Result C, Shape shape) {
  multiply_intervals_kernel(operand(A), B, C, shape);
}

/// A B for B a matrix or a vector, the latter as one column.
template <typename Left, typename Intervals>
void multiply_into(const Left& A, const Intervals& B, Intervals& C) {
  require(A.cols() == B.lower.rows(), "intervals", "product of ", A.rows(), " by ", A.cols(),
          " and ", B.lower.rows(), " by ", B.lower.cols(), ", expected matching shapes");
  const Shape shape{A.rows(), A.cols(), B.lower.cols()};
  if (finite(A) && all_finite(B)) {
    C.lower.setZero();
    C.upper.setZero();
    {
      const UpwardRounding mode;
      multiply(A, operand(B), result(C), shape);
    }
    C.lower = -C.lower;
    return;
  }
  for (Index j = 0; j < shape.columns; ++j)
    for (Index i = 0; i < shape.rows; ++i) {
      Interval total;
      for (Index k = 0; k < shape.inner; ++k)
        total += entry(A, i, k) * Interval(B.lower(k, j), B.upper(k, j));
      C.lower(i, j) = total.lower;
      C.upper(i, j) = total.upper;
    }
}

template <typename Left>
IntervalVector vector_product(const Left& A, const IntervalVector& x) {
  IntervalVector y(A.rows());
  multiply_into(A, x, y);
  return y;
}

template <typename Left>
IntervalMatrix matrix_product(const Left& A, const IntervalMatrix& B) {
  IntervalMatrix C(A.rows(), B.cols());
  multiply_into(A, B, C);
  return C;
}

}  // namespace

bool IntervalVector::contains(const Vector& x) const {
  return (lower.array() <= x.array()).all() && (x.array() <= upper.array()).all();
}

bool IntervalVector::contains(const IntervalVector& x) const {
  return x.is_empty() ||
         ((lower.array() <= x.lower.array()).all() && (x.upper.array() <= upper.array()).all());
}

bool IntervalVector::contains_inside(const IntervalVector& x) const {
  return x.is_empty() ||
         ((lower.array() < x.lower.array()).all() && (x.upper.array() < upper.array()).all());
}

Vector IntervalVector::midpoint() const {
  return Vector::NullaryExpr(size(), [this](Index i) { return intervals::midpoint((*this)(i)); });
}

Vector IntervalVector::width() const {
  return Vector::NullaryExpr(size(), [this](Index i) { return intervals::width((*this)(i)); });
}

bool IntervalMatrix::contains(const Matrix& x) const {
  return (lower.array() <= x.array()).all() && (x.array() <= upper.array()).all();
}

Matrix IntervalMatrix::magnitude() const { return lower.cwiseAbs().cwiseMax(upper.cwiseAbs()); }

IntervalVector intersection(const IntervalVector& x, const IntervalVector& y) {
  return {x.lower.cwiseMax(y.lower), x.upper.cwiseMin(y.upper)};
}

IntervalVector hull(const IntervalVector& x, const IntervalVector& y) {
  return {x.lower.cwiseMin(y.lower), x.upper.cwiseMax(y.upper)};
}

IntervalVector operator+(const IntervalVector& x, const IntervalVector& y) { return sum(x, y); }
IntervalVector operator-(const IntervalVector& x, const IntervalVector& y) {
  return sum(x, negative(y));
}
IntervalMatrix operator+(const IntervalMatrix& A, const IntervalMatrix& B) { return sum(A, B); }
IntervalMatrix operator-(const IntervalMatrix& A, const IntervalMatrix& B) {
  return sum(A, negative(B));
}

IntervalVector product(const Matrix& A, const IntervalVector& x) { return vector_product(A, x); }
IntervalVector product(const IntervalMatrix& A, const IntervalVector& x) {
  return vector_product(A, x);
}
IntervalMatrix product(const Matrix& A, const IntervalMatrix& B) { return matrix_product(A, B); }
IntervalMatrix product(const IntervalMatrix& A, const IntervalMatrix& B) {
  return matrix_product(A, B);
}

IntervalMatrix scaled_columns(const IntervalMatrix& A, const IntervalVector& x) {
  require(A.cols() == x.size(), "intervals", "a matrix of ", A.cols(), " columns scaled by ",
          x.size(), " factors, expected as many");
  IntervalMatrix B(A.rows(), A.cols());
  if (!all_finite(A) || !all_finite(x)) {
    for (Index j = 0; j < A.cols(); ++j)
      for (Index i = 0; i < A.rows(); ++i) B.set(i, j, A(i, j) * x(j));
    return B;
  }
  B.lower.setZero();
  B.upper.setZero();
  {
    const UpwardRounding mode;
    for (Index j = 0; j < A.cols(); ++j)
      multiply_intervals_kernel({A.lower.col(j).data(), A.upper.col(j).data()},
                                {&x.lower(j), &x.upper(j)},
                                {B.lower.col(j).data(), B.upper.col(j).data()}, {A.rows(), 1, 1});
  }
  B.lower = -B.lower;
  return B;
}

Vector product_above(const Matrix& A, const Vector& x) {
  return product(A, IntervalVector(x)).upper;
}

}  // namespace stillpoint::intervals
