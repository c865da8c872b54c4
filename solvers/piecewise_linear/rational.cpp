// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/rational.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace stillpoint::piecewise_linear {
namespace {

/// Row echelon form without fractions: every entry stays a minor of the matrix.
struct Echelon {
  std::vector<Index> pivot_columns;  // of rows 0, 1, …
  int sign = 1;                      // of the row permutation
};

/// Eliminates below the diagonal in the first `columns` columns.
Echelon eliminate(IntegerMatrix& A, Index columns) {
  Echelon echelon;
  Integer previous = 1;
  Index row = 0;
  for (Index column = 0; column < columns && row < A.rows; ++column) {
    // The shortest pivot keeps the products short.
    Index pivot = -1;
    for (Index i = row; i < A.rows; ++i)
      if (sgn(A(i, column)) != 0 &&
          (pivot < 0 || mpz_sizeinbase(A(i, column).get_mpz_t(), 2) <
                            mpz_sizeinbase(A(pivot, column).get_mpz_t(), 2)))
        pivot = i;
    if (pivot < 0) continue;
    if (pivot != row) {
      for (Index j = 0; j < A.columns; ++j) std::swap(A(pivot, j), A(row, j));
      echelon.sign = -echelon.sign;
    }
    const Integer& p = A(row, column);
    for (Index i = row + 1; i < A.rows; ++i) {
      const Integer factor = A(i, column);
      A(i, column) = 0;
      for (Index j = column + 1; j < A.columns; ++j) {
        mpz_ptr entry = A(i, j).get_mpz_t();
        mpz_mul(entry, entry, p.get_mpz_t());
        mpz_submul(entry, factor.get_mpz_t(), A(row, j).get_mpz_t());
        mpz_divexact(entry, entry, previous.get_mpz_t());
      }
    }
    previous = p;
    echelon.pivot_columns.push_back(column);
    ++row;
  }
  return echelon;
}

/// Solves the triangular system for one right-hand side, given by rows; the result is divided by
/// the last pivot, the others being zero.
RationalVector substitute_back(const IntegerMatrix& U, const Echelon& echelon, Index columns,
                               std::vector<Integer> right) {
  const auto rank = static_cast<Index>(echelon.pivot_columns.size());
  RationalVector x(static_cast<std::size_t>(columns));
  if (rank == 0) return x;
  const auto column = [&](Index row) {
    return echelon.pivot_columns[static_cast<std::size_t>(row)];
  };
  const Integer& last = U(rank - 1, column(rank - 1));
  for (Index i = rank - 1; i >= 0; --i) {
    Integer& value = right[static_cast<std::size_t>(i)];
    value *= last;
    for (Index k = i + 1; k < rank; ++k)
      value -= U(i, column(k)) * right[static_cast<std::size_t>(k)];
    mpz_divexact(value.get_mpz_t(), value.get_mpz_t(), U(i, column(i)).get_mpz_t());
  }
  for (Index i = 0; i < rank; ++i) {
    Rational& entry = x[static_cast<std::size_t>(column(i))];
    entry = Rational(right[static_cast<std::size_t>(i)], last);
    entry.canonicalize();
  }
  return x;
}

}  // namespace

double nearest(const Rational& q) {
  const double toward_zero = q.get_d();
  const double away =
      std::nextafter(toward_zero, sgn(q) < 0 ? -std::numeric_limits<double>::infinity()
                                             : std::numeric_limits<double>::infinity());
  return abs(Rational(away) - q) < abs(q - Rational(toward_zero)) ? away : toward_zero;
}

Integer common_denominator(const RationalVector& entries) {
  Integer multiple = 1;
  for (const Rational& entry : entries)
    mpz_lcm(multiple.get_mpz_t(), multiple.get_mpz_t(), entry.get_den_mpz_t());
  return multiple;
}

Integer scaled(const Rational& q, const Integer& multiple) {
  Integer factor;
  mpz_divexact(factor.get_mpz_t(), multiple.get_mpz_t(), q.get_den_mpz_t());
  return factor * q.get_num();
}

AffineSolution solve_exactly(IntegerMatrix augmented) {
  const Index n = augmented.columns - 1;
  const Echelon echelon = eliminate(augmented, n);
  const auto rank = static_cast<Index>(echelon.pivot_columns.size());
  AffineSolution solution;
  if (rank == n && augmented.rows == n)
    solution.determinant_sign = n == 0 ? 1 : echelon.sign * sgn(augmented(n - 1, n - 1));
  for (Index i = rank; i < augmented.rows; ++i)
    if (sgn(augmented(i, n)) != 0) return solution;
  solution.consistent = true;
  std::vector<Integer> right(static_cast<std::size_t>(rank));
  for (Index i = 0; i < rank; ++i) right[static_cast<std::size_t>(i)] = augmented(i, n);
  solution.point = substitute_back(augmented, echelon, n, right);
  std::size_t next_pivot = 0;
  for (Index free = 0; free < n; ++free) {
    if (next_pivot < echelon.pivot_columns.size() && echelon.pivot_columns[next_pivot] == free) {
      ++next_pivot;
      continue;
    }
    for (Index i = 0; i < rank; ++i) right[static_cast<std::size_t>(i)] = -augmented(i, free);
    RationalVector direction = substitute_back(augmented, echelon, n, right);
    direction[static_cast<std::size_t>(free)] = 1;
    solution.directions.push_back(std::move(direction));
  }
  return solution;
}

Index rank_of(const std::vector<RationalVector>& vectors) {
  if (vectors.empty()) return 0;
  IntegerMatrix A(static_cast<Index>(vectors.size()), static_cast<Index>(vectors[0].size()));
  for (Index i = 0; i < A.rows; ++i) {
    const RationalVector& vector = vectors[static_cast<std::size_t>(i)];
    const Integer multiple = common_denominator(vector);
    for (Index j = 0; j < A.columns; ++j)
      A(i, j) = scaled(vector[static_cast<std::size_t>(j)], multiple);
  }
  return static_cast<Index>(eliminate(A, A.columns).pivot_columns.size());
}

}  // namespace stillpoint::piecewise_linear
