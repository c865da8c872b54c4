// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE rational
#include "solvers/piecewise_linear/rational.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace stillpoint;
using namespace stillpoint::piecewise_linear;

namespace {

/// (A, b) from integers by rows.
IntegerMatrix integers(Index rows, Index columns, const std::vector<long>& entries) {
  IntegerMatrix matrix(rows, columns);
  for (std::size_t k = 0; k < entries.size(); ++k) matrix.entries[k] = entries[k];
  return matrix;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_inverse_of_a_hilbert_matrix) {
  // H_ij = 1/(i + j − 1), times 27720; H x = e₁ has x_i = (−1)^(i+1) i C(n + i − 1, n − 1) C(n, i).
  constexpr Index n = 6;
  IntegerMatrix augmented(n, n + 1);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) augmented(i, j) = 27720 / (i + j + 1);
  augmented(0, n) = 27720;
  const AffineSolution solution = solve_exactly(augmented);
  BOOST_TEST(solution.consistent);
  BOOST_TEST(solution.determinant_sign == 1);
  BOOST_TEST(solution.directions.empty());
  const std::vector<long> first_column{36, -630, 3360, -7560, 7560, -2772};
  for (std::size_t i = 0; i < first_column.size(); ++i)
    BOOST_TEST((solution.point[i] == first_column[i]));
}

BOOST_AUTO_TEST_CASE(signs_of_determinants) {
  BOOST_TEST(solve_exactly(integers(2, 3, {0, 1, 0, 1, 0, 0})).determinant_sign == -1);
  BOOST_TEST(solve_exactly(integers(2, 3, {-3, 0, 0, 0, -2, 0})).determinant_sign == 1);
  BOOST_TEST(solve_exactly(integers(3, 4, {0, 0, 2, 0, 3, 0, 0, 0, 0, 5, 0, 0})).determinant_sign ==
             1);
  BOOST_TEST(solve_exactly(integers(2, 3, {1, 2, 0, 2, 4, 0})).determinant_sign == 0);
}

BOOST_AUTO_TEST_CASE(singular_systems) {
  BOOST_TEST(!solve_exactly(integers(2, 3, {1, 2, 3, 2, 4, 7})).consistent);
  // x + 2 y = 3, and a column that is zero.
  const AffineSolution line = solve_exactly(integers(2, 4, {0, 1, 2, 3, 0, 2, 4, 6}));
  BOOST_TEST(line.consistent);
  BOOST_REQUIRE(line.directions.size() == 2);
  for (const RationalVector& d : line.directions) BOOST_TEST((d[1] + 2 * d[2] == 0));
  BOOST_TEST((line.point[1] + 2 * line.point[2] == 3));
  BOOST_TEST(rank_of(line.directions) == 2);
  BOOST_TEST(rank_of({}) == 0);
}

BOOST_AUTO_TEST_CASE(the_nearest_double) {
  const Rational third(1, 3);
  BOOST_TEST(nearest(third) == 1.0 / 3.0);
  BOOST_TEST(nearest(-third) == -1.0 / 3.0);
  BOOST_TEST(nearest(Rational(2, 3)) == 2.0 / 3.0);  // rounded up, where truncation is down
  BOOST_TEST(nearest(Rational(0)) == 0.0);
  BOOST_TEST(nearest(Rational(std::ldexp(1.0, -60)) + 1) == 1.0);
}
