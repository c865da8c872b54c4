// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmpxx.h>

#include <vector>

#include "lib/core/types.hpp"

/// @file
/// @brief Exact linear algebra. Included by .cpp files of this folder only: GMP stays inside.

namespace stillpoint::piecewise_linear {

using Integer = mpz_class;
using Rational = mpq_class;
using RationalVector = std::vector<Rational>;

/// A dense matrix by rows.
template <typename Number>
struct ExactMatrix {
  Index rows = 0, columns = 0;
  std::vector<Number> entries;

  ExactMatrix() = default;
  ExactMatrix(Index row_count, Index column_count)
      : rows(row_count),
        columns(column_count),
        entries(static_cast<std::size_t>(row_count * column_count)) {}
  Number& operator()(Index i, Index j) {
    return entries[static_cast<std::size_t>(i * columns + j)];
  }
  const Number& operator()(Index i, Index j) const {
    return entries[static_cast<std::size_t>(i * columns + j)];
  }
};

using RationalMatrix = ExactMatrix<Rational>;
using IntegerMatrix = ExactMatrix<Integer>;

/// The double nearest to q.
double nearest(const Rational& q);

/// The least positive integer whose product with every entry is an integer.
Integer common_denominator(const RationalVector& entries);

/// q times a multiple of its denominator.
Integer scaled(const Rational& q, const Integer& multiple);

/// All solutions of A x = b, as point + span(directions).
struct AffineSolution {
  bool consistent = false;
  int determinant_sign = 0;                ///< sign det A of a square A.
  RationalVector point;                    ///< One solution.
  std::vector<RationalVector> directions;  ///< A basis of the kernel of A; empty if unique.
};

/// @brief Solves A x = b by fraction-free elimination.
/// @param[in] augmented  (A, b), (m, n + 1).
/// Source: Bareiss (1968), Mathematics of Computation 22, 565.
AffineSolution solve_exactly(IntegerMatrix augmented);

/// Number of linearly independent vectors.
Index rank_of(const std::vector<RationalVector>& vectors);

}  // namespace stillpoint::piecewise_linear
