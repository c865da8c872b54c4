// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include "lib/core/types.hpp"
#include "lib/intervals/interval.hpp"

namespace stillpoint::intervals {

/// @brief A box: a vector of intervals, lower and upper ends apart; both have (n) entries.
struct IntervalVector {
  Vector lower, upper;

  IntervalVector() = default;
  explicit IntervalVector(Index size) : lower(size), upper(size) {}  ///< Entries unset.
  /// The point x, (n).
  IntervalVector(const Vector& x) : lower(x), upper(x) {}  // NOLINT(google-explicit-constructor)
  IntervalVector(Vector lower_ends, Vector upper_ends)
      : lower(std::move(lower_ends)), upper(std::move(upper_ends)) {}

  Index size() const { return lower.size(); }
  Interval operator()(Index i) const { return {lower(i), upper(i)}; }
  void set(Index i, const Interval& x) {
    lower(i) = x.lower;
    upper(i) = x.upper;
  }

  bool is_empty() const { return !(lower.array() <= upper.array()).all(); }  ///< In any entry.
  bool is_bounded() const { return !is_empty() && lower.allFinite() && upper.allFinite(); }
  bool contains(const Vector& x) const;
  bool contains(const IntervalVector& x) const;         ///< x ⊂ *this
  bool contains_inside(const IntervalVector& x) const;  ///< x lies in the interior of *this.
  Vector midpoint() const;                              ///< (n), finite; a point of the box.
  Vector width() const;                                 ///< (n), rounded upward.
};

/// @brief A matrix of intervals, (m, n), lower and upper ends apart.
struct IntervalMatrix {
  Matrix lower, upper;

  IntervalMatrix() = default;
  IntervalMatrix(Index rows, Index columns) : lower(rows, columns), upper(rows, columns) {}
  /// The matrix x of points.
  IntervalMatrix(const Matrix& x) : lower(x), upper(x) {}  // NOLINT(google-explicit-constructor)
  IntervalMatrix(Matrix lower_ends, Matrix upper_ends)
      : lower(std::move(lower_ends)), upper(std::move(upper_ends)) {}

  Index rows() const { return lower.rows(); }
  Index cols() const { return lower.cols(); }
  Interval operator()(Index i, Index j) const { return {lower(i, j), upper(i, j)}; }
  void set(Index i, Index j, const Interval& x) {
    lower(i, j) = x.lower;
    upper(i, j) = x.upper;
  }

  bool contains(const Matrix& x) const;
  IntervalMatrix transpose() const { return {lower.transpose(), upper.transpose()}; }
  Matrix magnitude() const;  ///< max |aᵢⱼ|, (m, n)
};

/// x ∩ y entry by entry; is_empty() if they have no point in common.
IntervalVector intersection(const IntervalVector& x, const IntervalVector& y);
IntervalVector hull(const IntervalVector& x, const IntervalVector& y);

/// Sums and products, outward rounded; the rounding mode is set once a call. Inner loops run over
/// columns, 8 multiplications for each aᵢₖ bₖⱼ, half of that if A holds points. An infinite entry
/// is allowed and costs more. @throws std::invalid_argument if shapes do not match.
IntervalVector operator+(const IntervalVector& x, const IntervalVector& y);
IntervalVector operator-(const IntervalVector& x, const IntervalVector& y);
IntervalMatrix operator+(const IntervalMatrix& A, const IntervalMatrix& B);
IntervalMatrix operator-(const IntervalMatrix& A, const IntervalMatrix& B);
IntervalVector product(const Matrix& A, const IntervalVector& x);          ///< A x, (m)
IntervalVector product(const IntervalMatrix& A, const IntervalVector& x);  ///< A x, (m)
IntervalMatrix product(const Matrix& A, const IntervalMatrix& B);          ///< A B, (m, n)
IntervalMatrix product(const IntervalMatrix& A, const IntervalMatrix& B);  ///< A B, (m, n)
/// A diag(x), (m, n): column j times xⱼ.
IntervalMatrix scaled_columns(const IntervalMatrix& A, const IntervalVector& x);

/// @brief Upper bound of A x for A ≥ 0 and x ≥ 0, entry by entry, (m).
Vector product_above(const Matrix& A, const Vector& x);

}  // namespace stillpoint::intervals
