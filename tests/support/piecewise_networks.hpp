// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <random>
#include <utility>
#include <vector>

#include "lib/models/noisy_chain.hpp"
#include "solvers/piecewise_linear/enumerate.hpp"
#include "tests/support/piecewise_brute_force.hpp"

/// @file
/// @brief Networks whose fixed points are enumerated, and the comparison with brute force.

namespace stillpoint::tests {

inline models::NoisyChain chain_of(Matrix W, Vector b,
                                   activations::Activation f = activations::Relu{},
                                   networks::Equation equation = networks::Equation::rate,
                                   double leak = 0.3) {
  return {
      {.equation = equation, .W = std::move(W), .b = std::move(b), .activation = f, .leak = leak},
      {}};
}

inline piecewise_linear::Enumeration enumerate(const models::NoisyChain& chain) {
  return piecewise_linear::enumerate(chain, Vector());
}

inline double uniform(std::mt19937_64& engine, double lower, double upper) {
  return std::uniform_real_distribution<double>(lower, upper)(engine);
}

inline Matrix gaussian(Index rows, Index columns, double sd, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, sd);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

/// −1.2 ± 0.3 off the diagonal, self-excitation in [0, 0.9].
inline Matrix competitive(Index n, std::mt19937_64& engine) {
  Matrix W = gaussian(n, n, 0.3, engine).array() - 1.2;
  for (Index i = 0; i < n; ++i) W(i, i) = uniform(engine, 0.0, 0.9);
  return W;
}

inline Vector positive_bias(Index n, std::mt19937_64& engine) {
  return Vector::NullaryExpr(n, [&] { return uniform(engine, 0.5, 1.5); });
}

inline BrokenSolutions brute_force(const Matrix& W, const Vector& b, const BrokenLine& f) {
  return solve_by_brute_force({Matrix::Identity(W.rows(), W.cols()), -W, b, f});
}

/// The points by pattern, as the oracle has them.
inline std::vector<const piecewise_linear::PiecewisePoint*> by_pattern(
    const piecewise_linear::Enumeration& list) {
  std::vector<const piecewise_linear::PiecewisePoint*> points;
  for (const auto& point : list.points) points.push_back(&point);
  std::sort(points.begin(), points.end(),
            [](const auto* x, const auto* y) { return x->pattern < y->pattern; });
  return points;
}

/// The same patterns with the same arguments and indices.
inline void require_equal(const piecewise_linear::Enumeration& list, const BrokenSolutions& oracle) {
  BOOST_REQUIRE(list.report.ok());
  BOOST_REQUIRE(list.effort.open_branches == 0);
  BOOST_REQUIRE(list.sets.empty());
  BOOST_REQUIRE(oracle.singular == 0);
  BOOST_REQUIRE(list.points.size() == oracle.points.size());
  const auto points = by_pattern(list);
  for (std::size_t k = 0; k < points.size(); ++k) {
    const auto& expected = oracle.points[k];
    BOOST_REQUIRE((points[k]->pattern == expected.pattern));
    BOOST_TEST(points[k]->on_kink.size() == static_cast<std::size_t>(expected.kinks));
    const double scale = std::max(1.0, expected.a.lpNorm<Eigen::Infinity>());
    BOOST_TEST((points[k]->point.argument - expected.a).lpNorm<Eigen::Infinity>() < 1e-9 * scale);
    if (expected.kinks == 0) BOOST_TEST(points[k]->point.index == expected.determinant_sign);
  }
}

}  // namespace stillpoint::tests
