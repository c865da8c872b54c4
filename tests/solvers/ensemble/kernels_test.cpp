// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE ensemble_kernels
#include "solvers/ensemble/kernels.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "solvers/ensemble/panels.hpp"

using namespace stillpoint;
using ensemble::ActivationKind;
using ensemble::kernels;
using ensemble::PackedMatrix;
using ensemble::Panels;

namespace {

constexpr InstructionSet levels[] = {InstructionSet::v1, InstructionSet::v3, InstructionSet::v4};

Matrix wavy(Index rows, Index columns, double phase) {
  Matrix matrix(rows, columns);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j)
      matrix(i, j) = std::sin(phase + 1.3 * static_cast<double>(i) + 2.1 * static_cast<double>(j) +
                              0.7 * static_cast<double>(i * j));
  return matrix;
}

Panels to_panels(const Matrix& matrix) {
  Panels panels(matrix.rows(), matrix.cols() / Panels::paths_each);
  for (Index j = 0; j < matrix.cols(); ++j)
    for (Index i = 0; i < matrix.rows(); ++i)
      panels.row(j / Panels::paths_each, i)[j % Panels::paths_each] = matrix(i, j);
  return panels;
}

Matrix to_matrix(const Panels& panels) {
  Matrix matrix(panels.rows(), panels.paths());
  for (Index j = 0; j < matrix.cols(); ++j)
    for (Index i = 0; i < matrix.rows(); ++i) matrix(i, j) = panels(i, j);
  return matrix;
}

/// f in extended precision.
long double exact(ActivationKind kind, long double u, long double parameter) {
  switch (kind) {
    case ActivationKind::identity:
      return u;
    case ActivationKind::relu:
      return u < 0 ? 0 : u;
    case ActivationKind::leaky_relu:
      return u < 0 ? parameter * u : u;
    case ActivationKind::saturating_linear:
      return std::fmax(-1.0L, std::fmin(1.0L, u));
    case ActivationKind::softplus: {
      const long double v = parameter * u;
      return (std::fmax(v, 0.0L) + std::log1p(std::exp(-std::fabs(v)))) / parameter;
    }
    case ActivationKind::tanh:
      return std::tanh(u);
    case ActivationKind::logistic: {
      const long double e = std::exp(-std::fabs(u));
      return (u < 0 ? e : 1) / (1 + e);
    }
    case ActivationKind::erf:
      return std::erf(u);
    case ActivationKind::heaviside:
      return u > 0 ? 1 : u < 0 ? 0 : 0.5L;
  }
  return NAN;
}

constexpr ActivationKind kinds[] = {
    ActivationKind::identity,          ActivationKind::relu,     ActivationKind::leaky_relu,
    ActivationKind::saturating_linear, ActivationKind::softplus, ActivationKind::tanh,
    ActivationKind::logistic,          ActivationKind::erf,      ActivationKind::heaviside};

}  // namespace

// Against Eigen, for every remainder of the register tiles and more than one block of the depth.
// A sum of k products of numbers below 1 in another order differs by less than k² 2⁻⁵³.
BOOST_AUTO_TEST_CASE(products) {
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    for (const auto& [rows, depth] : {std::pair<Index, Index>{1, 1},
                                      {2, 5},
                                      {3, 16},
                                      {4, 31},
                                      {5, 128},
                                      {6, 129},
                                      {7, 300},
                                      {17, 8},
                                      {100, 100}}) {
      const Matrix A = wavy(rows, depth, 0.2), X = wavy(depth, 96, 0.9), C = wavy(rows, 96, 0.5);
      const PackedMatrix packed(A);
      const Panels in = to_panels(X);
      Panels out = to_panels(C);
      kernels(level).multiply({packed.data(), rows, depth, 3, in.data(), out.data()});
      const double error = (to_matrix(out) - (C + A * X)).cwiseAbs().maxCoeff();
      BOOST_TEST(error <= 0x1p-53 * static_cast<double>((depth + 1) * (depth + 1)),
                 to_string(level) << " " << rows << " x " << depth << ": " << error);
    }
  }
}

BOOST_AUTO_TEST_CASE(correlations) {
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    for (const Index rows : {1, 3, 32, 33, 70}) {
      const Index depth = 64, padded = (rows + 31) / 32 * 32;
      const Matrix X = wavy(rows, depth, 0.3);
      // Transposed: panel q is `depth` runs of the 32 numbers X(32 q …, k).
      Matrix rows_last = Matrix::Zero(depth, padded);
      rows_last.leftCols(rows) = X.transpose();
      const Panels transposed = to_panels(rows_last);
      Panels out(rows, padded / 32);
      kernels(level).correlate({rows, depth, transposed.data(), out.data()});
      const Matrix product = X * X.transpose();
      double error = 0.0;
      for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j <= i; ++j) error = std::max(error, std::abs(out(i, j) - product(i, j)));
      BOOST_TEST(error <= 0x1p-53 * static_cast<double>(depth * depth));
    }
  }
}

// A few units in the last place against extended precision, over the whole range and close to 0;
// NaN stays NaN, and infinities have their limits.
BOOST_AUTO_TEST_CASE(activations) {
  std::vector<double> u;
  for (int k = -40000; k < 40000; ++k) u.push_back(0.001 * k + 1e-5 * std::sin(k));
  for (double x = 1e-300; x < 1.0; x *= 1.7) {
    u.push_back(x);
    u.push_back(-x);
  }
  for (const double x : {0.0, -0.0, 1.0, -1.0, 100.0, -100.0, 700.0, -700.0, 1e300, -1e300})
    u.push_back(x);
  while (u.size() % 32 != 0) u.push_back(0.3);
  const double infinity = std::numeric_limits<double>::infinity();
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    for (const ActivationKind kind : kinds) {
      const double parameter = kind == ActivationKind::softplus ? 2.0 : 0.1;  // 2 u is exact
      const Index count = static_cast<Index>(u.size());
      std::vector<double> y(u.size());
      kernels(level).activate({kind, parameter, count, u.data(), y.data(), 0.0, 1.0});
      double worst = 0.0;
      for (std::size_t k = 0; k < u.size(); ++k) {
        const long double f = exact(kind, u[k], parameter);
        const long double error = std::fmax(std::fabs(y[k] - f) - 1e-300L, 0.0L);
        if (error > 0.0L)
          worst = std::max(worst, static_cast<double>(error / (std::fabs(f) * 0x1p-53L)));
      }
      // 8 half units in the last place; the functions made of branches are exact to one rounding.
      BOOST_TEST(worst <= 8.0, to_string(level) << " kind " << static_cast<int>(kind) << ": "
                                                << worst << " half ulp");
      std::vector<double> edge(32, std::numeric_limits<double>::quiet_NaN()), f(32);
      edge[1] = infinity;
      edge[2] = -infinity;
      kernels(level).activate({kind, parameter, 32, edge.data(), f.data(), 0.0, 1.0});
      BOOST_TEST(std::isnan(f[0]));
      BOOST_TEST(f[1] == static_cast<double>(exact(kind, infinity, parameter)));
      const double left = static_cast<double>(exact(kind, -infinity, parameter));
      BOOST_TEST((f[2] == left || std::abs(f[2] - left) < 1e-300));
    }
  }
}

// y = keep y + gain f(a), in place too.
BOOST_AUTO_TEST_CASE(leaky_update) {
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    std::vector<double> a(64), y(64), expected(64);
    for (std::size_t k = 0; k < 64; ++k) {
      a[k] = std::sin(static_cast<double>(k));
      y[k] = std::cos(static_cast<double>(k));
      expected[k] = 0.75 * y[k] + 0.25 * std::max(a[k], 0.0);
    }
    kernels(level).activate({ActivationKind::relu, 0.0, 64, a.data(), y.data(), 0.75, 0.25});
    for (std::size_t k = 0; k < 64; ++k) BOOST_TEST(std::abs(y[k] - expected[k]) < 1e-15);
    kernels(level).activate({ActivationKind::relu, 0.0, 64, a.data(), a.data(), 0.0, 1.0});
    for (std::size_t k = 0; k < 64; ++k)
      BOOST_TEST(a[k] == std::max(std::sin(static_cast<double>(k)), 0.0));
  }
}

BOOST_AUTO_TEST_CASE(moments) {
  const Matrix Y = wavy(3, 64, 0.1);
  const Vector reference = Vector::LinSpaced(3, -0.2, 0.3);
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    const Panels y = to_panels(Y);
    Panels s1(3, 2), s2(3, 2), s3(3, 2);
    for (int repeat = 0; repeat < 2; ++repeat)
      kernels(level).accumulate(
          {3, 2, y.data(), reference.data(), s1.data(), s2.data(), s3.data()});
    const auto d = (Y.colwise() - reference).array().eval();
    BOOST_TEST((to_matrix(s1).array() - 2.0 * d).abs().maxCoeff() < 1e-15);
    BOOST_TEST((to_matrix(s2).array() - 2.0 * d.square()).abs().maxCoeff() < 1e-14);
    BOOST_TEST((to_matrix(s3).array() - 2.0 * d.cube()).abs().maxCoeff() < 1e-14);
  }
}
