// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE matrix
#include "lib/intervals/matrix.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>
#include <cfenv>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using intervals::Interval;
using intervals::IntervalMatrix;
using intervals::IntervalVector;
using Exact = boost::multiprecision::cpp_bin_float_100;

namespace {

Matrix gaussian(Index rows, Index columns, std::mt19937_64& engine) {
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

IntervalMatrix random_intervals(Index rows, Index columns, double width, std::mt19937_64& engine) {
  const Matrix centre = gaussian(rows, columns, engine);
  const Matrix radius = width * gaussian(rows, columns, engine).cwiseAbs();
  return {centre - radius, centre + radius};
}

/// Σₖ aᵢₖ bₖⱼ with the ends of each product exact: what no interval product can be inside of.
void exact_ends(const IntervalMatrix& A, const IntervalMatrix& B, Index i, Index j, Exact& lower,
                Exact& upper, Exact& size) {
  lower = upper = size = 0;
  for (Index k = 0; k < A.cols(); ++k) {
    const Exact ends[] = {
        Exact(A.lower(i, k)) * B.lower(k, j), Exact(A.lower(i, k)) * B.upper(k, j),
        Exact(A.upper(i, k)) * B.lower(k, j), Exact(A.upper(i, k)) * B.upper(k, j)};
    lower += *std::min_element(std::begin(ends), std::end(ends));
    upper += *std::max_element(std::begin(ends), std::end(ends));
    size += abs(*std::max_element(std::begin(ends), std::end(ends),
                                  [](const Exact& a, const Exact& b) { return abs(a) < abs(b); }));
  }
}

void check_product(const IntervalMatrix& C, const IntervalMatrix& A, const IntervalMatrix& B) {
  // Each of K products and K sums is rounded once: K ulps of the sum of absolute values.
  const double rounding = static_cast<double>(A.cols()) * std::numeric_limits<double>::epsilon();
  for (Index j = 0; j < C.cols(); ++j)
    for (Index i = 0; i < C.rows(); ++i) {
      Exact lower, upper, size;
      exact_ends(A, B, i, j, lower, upper, size);
      BOOST_TEST_REQUIRE((C.lower(i, j) <= lower && C.upper(i, j) >= upper));
      BOOST_TEST((C.lower(i, j) >= lower - rounding * size));
      BOOST_TEST((C.upper(i, j) <= upper + rounding * size));
    }
}

IntervalMatrix column(const IntervalVector& x) { return {Matrix(x.lower), Matrix(x.upper)}; }

}  // namespace

BOOST_AUTO_TEST_CASE(products_against_multiprecision) {
  std::mt19937_64 engine(tests::seed);
  for (const double width : {0.0, 1e-15, 1e-3, 1.0})
    for (const Index n : {1, 3, 8, 17}) {
      const Matrix W = gaussian(n + 1, n, engine);
      const IntervalMatrix A = random_intervals(n + 1, n, width, engine);
      const IntervalMatrix B = random_intervals(n, n + 2, width, engine);
      const IntervalVector x{B.lower.col(0), B.upper.col(0)};
      check_product(product(A, B), A, B);
      check_product(product(W, B), W, B);
      check_product(column(product(A, x)), A, column(x));
      check_product(column(product(W, x)), W, column(x));
      const IntervalMatrix scaled = scaled_columns(A, x);
      for (Index j = 0; j < n; ++j)
        for (Index i = 0; i <= n; ++i) BOOST_TEST((scaled(i, j) == A(i, j) * x(j)));
    }
  BOOST_TEST(std::fegetround() == FE_TONEAREST);
}

BOOST_AUTO_TEST_CASE(sums_are_those_of_intervals) {
  std::mt19937_64 engine(tests::seed);
  const IntervalMatrix A = random_intervals(5, 4, 1.0, engine),
                       B = random_intervals(5, 4, 0.1, engine);
  const IntervalVector x{A.lower.col(0), A.upper.col(0)}, y{B.lower.col(0), B.upper.col(0)};
  const IntervalMatrix sum = A + B, difference = A - B;
  const IntervalVector vector_sum = x + y, vector_difference = x - y;
  for (Index i = 0; i < 5; ++i) {
    for (Index j = 0; j < 4; ++j) {
      BOOST_TEST((sum(i, j) == A(i, j) + B(i, j)));
      BOOST_TEST((difference(i, j) == A(i, j) - B(i, j)));
    }
    BOOST_TEST((vector_sum(i) == x(i) + y(i)));
    BOOST_TEST((vector_difference(i) == x(i) - y(i)));
  }
}

BOOST_AUTO_TEST_CASE(infinite_entries_and_overflow) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double largest = std::numeric_limits<double>::max();
  const Matrix W = (Matrix(2, 2) << 1.0, -2.0, 0.0, 3.0).finished();
  const IntervalVector x{Eigen::Vector2d(0.0, -infinity), Eigen::Vector2d(1.0, 5.0)};
  const IntervalVector y = product(W, x);
  BOOST_TEST((y(0) == Interval(-10.0, infinity)));
  BOOST_TEST((y(1) == Interval(-infinity, 15.0)));
  const IntervalVector z =
      product(Matrix::Constant(1, 2, largest), IntervalVector(Vector(Eigen::Vector2d(2.0, -2.0))));
  BOOST_TEST((z(0) == Interval::whole_line()));
}

BOOST_AUTO_TEST_CASE(boxes_and_their_parts) {
  const IntervalVector x{Eigen::Vector2d(0.0, 1.0), Eigen::Vector2d(2.0, 5.0)};
  const IntervalVector y{Eigen::Vector2d(1.0, 2.0), Eigen::Vector2d(3.0, 4.0)};
  const IntervalVector both = intersection(x, y), either = hull(x, y);
  BOOST_TEST((both(0) == Interval(1.0, 2.0)));
  BOOST_TEST((both(1) == Interval(2.0, 4.0)));
  BOOST_TEST((either(0) == Interval(0.0, 3.0)));
  BOOST_TEST(!both.is_empty());
  BOOST_TEST(x.contains(both));
  BOOST_TEST(!x.contains_inside(both));
  BOOST_TEST(!x.contains(y));
  BOOST_TEST(x.contains(Vector(Eigen::Vector2d(0.0, 5.0))));
  BOOST_TEST(intersection(x, IntervalVector(Vector(Eigen::Vector2d(9.0, 2.0)))).is_empty());
  BOOST_TEST((x.midpoint() - Eigen::Vector2d(1.0, 3.0)).norm() == 0.0);
  BOOST_TEST((x.width() - Eigen::Vector2d(2.0, 4.0)).norm() == 0.0);
  BOOST_TEST(
      IntervalMatrix(Matrix::Constant(1, 1, -2.0), Matrix::Constant(1, 1, 1.0)).magnitude()(0, 0) ==
      2.0);
}

BOOST_AUTO_TEST_CASE(wrong_shapes_throw) {
  const IntervalVector x{Vector(Vector::Zero(3))};
  BOOST_CHECK_THROW(product(Matrix(Matrix::Zero(2, 2)), x), std::invalid_argument);
  BOOST_CHECK_THROW(x + IntervalVector(Vector(Vector::Zero(2))), std::invalid_argument);
  BOOST_CHECK_THROW(scaled_columns(IntervalMatrix(Matrix(Matrix::Zero(2, 2))), x),
                    std::invalid_argument);
  // The mode is restored when something throws.
  BOOST_TEST(std::fegetround() == FE_TONEAREST);
}
