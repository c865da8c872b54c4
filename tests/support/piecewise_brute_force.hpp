// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <vector>

#include "lib/core/types.hpp"

/// @file
/// @brief All solutions of a piecewise-linear equation by trying every pattern: slow, simple, and
/// independent of the solver it is the oracle of.

namespace stillpoint::tests {

/// f(a) = slope a + intercept on each piece; piece p lies between kinks p − 1 and p.
struct BrokenLine {
  std::vector<double> kinks, slopes, intercepts;
};

inline BrokenLine broken_relu(double slope_below = 0.0) {
  return {{0.0}, {slope_below, 1.0}, {0.0, 0.0}};
}
inline BrokenLine broken_saturation() { return {{-1.0, 1.0}, {0.0, 1.0, 0.0}, {-1.0, 0.0, 1.0}}; }

/// P a + Q f(a) = r; entries count as exact.
struct BrokenEquation {
  Matrix P, Q;
  Vector r;
  BrokenLine f;
};

struct BrokenSolution {
  std::vector<int> pattern;  ///< A kink counts as the piece above it.
  Vector a;
  int kinks = 0;             ///< Number of units exactly on a kink.
  int determinant_sign = 0;  ///< sign det(P + Q S); 0 for a kink.
};

struct BrokenSolutions {
  std::vector<BrokenSolution> points;  ///< By pattern.
  Index singular = 0;  ///< Patterns with a singular matrix and a solution of the linear equations.
  Index exact = 0;     ///< Patterns that doubles left undecided.
};

namespace trials {

using Rational = boost::multiprecision::cpp_rational;

enum class Verdict { outside, inside, undecided };

/// Decides in doubles, with a bound of all rounding errors: with R ≈ A⁻¹,
/// ‖x − A⁻¹b‖ ≤ ‖R‖ ‖b − A x‖ / (1 − ‖I − R A‖), each norm enlarged by what rounding can do to it.
inline Verdict decide(const Matrix& A, const Vector& b, const Vector& size_of_b,
                      const BrokenLine& f, const std::vector<int>& pattern, Vector& a, int& sign) {
  const Index n = b.size();
  const double rounding = static_cast<double>(4 * n + 16) * std::numeric_limits<double>::epsilon();
  const Eigen::PartialPivLU<Matrix> lu(A);
  const Matrix R = lu.inverse();
  if (!R.allFinite()) return Verdict::undecided;
  const Matrix size_of_R = R.cwiseAbs(), size_of_A = A.cwiseAbs();
  const Matrix defect = (Matrix::Identity(n, n) - R * A).cwiseAbs() +
                        rounding * (Matrix::Identity(n, n) + size_of_R * size_of_A);
  const double contraction = defect.rowwise().sum().maxCoeff();
  if (!(contraction < 0.5)) return Verdict::undecided;
  a = R * b;
  const Vector residual =
      (b - A * a).cwiseAbs() + rounding * (size_of_b + size_of_A * a.cwiseAbs());
  const double error = 2.01 * size_of_R.rowwise().sum().maxCoeff() * residual.maxCoeff();
  sign = lu.determinant() > 0.0 ? 1 : -1;  // A is regular along the way from R⁻¹
  bool sure = true;
  for (Index i = 0; i < n; ++i) {
    const auto piece = static_cast<std::size_t>(pattern[static_cast<std::size_t>(i)]);
    double margin = std::numeric_limits<double>::infinity();
    if (piece > 0) margin = std::min(margin, a(i) - f.kinks[piece - 1]);
    if (piece < f.kinks.size()) margin = std::min(margin, f.kinks[piece] - a(i));
    if (margin < -1.01 * error) return Verdict::outside;
    sure = sure && margin > 1.01 * error;
  }
  return sure ? Verdict::inside : Verdict::undecided;
}

/// The same in rational numbers. Nothing is added for a pattern without a solution.
inline void decide_exactly(const BrokenEquation& equation, const std::vector<int>& pattern,
                           BrokenSolutions& found) {
  const std::size_t n = pattern.size();
  const BrokenLine& f = equation.f;
  std::vector<std::vector<Rational>> A(n, std::vector<Rational>(n + 1));
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = static_cast<Index>(i);
    A[i][n] = Rational(equation.r(row));
    for (std::size_t j = 0; j < n; ++j) {
      const auto column = static_cast<Index>(j);
      const auto piece = static_cast<std::size_t>(pattern[j]);
      const Rational q(equation.Q(row, column));
      A[i][j] = Rational(equation.P(row, column)) + q * Rational(f.slopes[piece]);
      A[i][n] -= q * Rational(f.intercepts[piece]);
    }
  }
  // Gauss–Jordan.
  std::size_t rank = 0;
  int sign = 1;
  for (std::size_t column = 0; column < n; ++column) {
    std::size_t pivot = rank;
    while (pivot < n && A[pivot][column] == 0) ++pivot;
    if (pivot == n) continue;
    if (pivot != rank) sign = -sign;
    std::swap(A[pivot], A[rank]);
    const Rational p = A[rank][column];
    if (p < 0) sign = -sign;
    for (Rational& entry : A[rank]) entry /= p;
    for (std::size_t i = 0; i < n; ++i) {
      if (i == rank || A[i][column] == 0) continue;
      const Rational factor = A[i][column];
      for (std::size_t j = column; j <= n; ++j) A[i][j] -= factor * A[rank][j];
    }
    ++rank;
  }
  if (rank < n) {
    bool consistent = true;
    for (std::size_t i = rank; i < n; ++i) consistent = consistent && A[i][n] == 0;
    found.singular += consistent ? 1 : 0;
    return;
  }
  BrokenSolution solution{.pattern = pattern, .a = Vector(static_cast<Index>(n))};
  for (std::size_t i = 0; i < n; ++i) {
    const auto piece = static_cast<std::size_t>(pattern[i]);
    const Rational& a = A[i][n];
    if (piece > 0 && a < Rational(f.kinks[piece - 1])) return;
    if (piece < f.kinks.size() && a > Rational(f.kinks[piece])) return;
    if (piece > 0 && a == Rational(f.kinks[piece - 1])) ++solution.kinks;
    if (piece < f.kinks.size() && a == Rational(f.kinks[piece])) {
      ++solution.kinks;
      ++solution.pattern[i];
    }
    solution.a(static_cast<Index>(i)) = a.convert_to<double>();
  }
  solution.determinant_sign = solution.kinks == 0 ? sign : 0;
  found.points.push_back(std::move(solution));
}

}  // namespace trials

/// All solutions, each once; (pieces)ⁿ patterns.
inline BrokenSolutions solve_by_brute_force(const BrokenEquation& equation) {
  const Index n = equation.r.size();
  const BrokenLine& f = equation.f;
  const auto pieces = static_cast<int>(f.slopes.size());
  BrokenSolutions found;
  std::vector<int> pattern(static_cast<std::size_t>(n), 0);
  Matrix A(n, n);
  Vector b, size_of_b, a(n);
  for (bool more = true; more;) {
    b = equation.r;
    size_of_b = equation.r.cwiseAbs();
    for (Index j = 0; j < n; ++j) {
      const auto piece = static_cast<std::size_t>(pattern[static_cast<std::size_t>(j)]);
      A.col(j) = equation.P.col(j) + f.slopes[piece] * equation.Q.col(j);
      b -= f.intercepts[piece] * equation.Q.col(j);
      size_of_b += (f.intercepts[piece] * equation.Q.col(j)).cwiseAbs();
    }
    int sign = 0;
    switch (trials::decide(A, b, size_of_b, f, pattern, a, sign)) {
      case trials::Verdict::outside:
        break;
      case trials::Verdict::inside:
        found.points.push_back({pattern, a, 0, sign});
        break;
      case trials::Verdict::undecided:
        ++found.exact;
        trials::decide_exactly(equation, pattern, found);
    }
    more = false;
    for (int& piece : pattern) {  // the next pattern
      if (++piece < pieces) {
        more = true;
        break;
      }
      piece = 0;
    }
  }
  // A point on a kink was found in several patterns.
  std::sort(found.points.begin(), found.points.end(),
            [](const auto& x, const auto& y) { return x.pattern < y.pattern; });
  const auto last =
      std::unique(found.points.begin(), found.points.end(), [](const auto& x, const auto& y) {
        return x.kinks > 0 && y.kinks > 0 && x.pattern == y.pattern && x.a == y.a;
      });
  found.points.erase(last, found.points.end());
  return found;
}

}  // namespace stillpoint::tests
