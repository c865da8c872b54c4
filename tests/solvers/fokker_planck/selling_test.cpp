// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE selling
#include "solvers/fokker_planck/selling.hpp"

#include <Eigen/QR>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lib/random/normal.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using fokker_planck::decompose;
using fokker_planck::DirectionalDiffusion;
using fokker_planck::SmallTensor;

namespace {

Matrix sum_of(const DirectionalDiffusion& diffusion, Index n) {
  Matrix sum = Matrix::Zero(n, n);
  for (int k = 0; k < diffusion.count; ++k)
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j) {
        const auto& e = diffusion.offsets[static_cast<std::size_t>(k)];
        sum(i, j) += diffusion.weights[static_cast<std::size_t>(k)] *
                     e[static_cast<std::size_t>(i)] * e[static_cast<std::size_t>(j)];
      }
  return sum;
}

}  // namespace

// D = Σ λ e eᵀ with λ > 0 for random tensors of condition up to 1e6, in 2 and 3 dimensions.
BOOST_AUTO_TEST_CASE(random_tensors) {
  for (const Index n : {2, 3})
    for (std::uint64_t path = 0; path < 2000; ++path) {
      Matrix G(n, n);
      for (Index k = 0; k < n * n; ++k)
        G(k) = random::normal({tests::seed, 7}, path, 0, static_cast<std::uint32_t>(k));
      const Matrix Q = Eigen::HouseholderQR<Matrix>(G).householderQ();
      Vector strengths(n);
      for (Index k = 0; k < n; ++k)
        strengths(k) = std::pow(
            10.0, 1.5 * random::normal({tests::seed, 7}, path, 1, static_cast<std::uint32_t>(k)));
      const SmallTensor D = Q * strengths.asDiagonal() * Q.transpose();
      const DirectionalDiffusion diffusion = decompose(D, 100);
      double least = 1.0;
      for (int k = 0; k < diffusion.count; ++k)
        least = std::min(least, diffusion.weights[static_cast<std::size_t>(k)]);
      BOOST_TEST(least > 0.0);
      const Matrix expected =
          D + diffusion.added * D.trace() / static_cast<double>(n) * Matrix::Identity(n, n);
      // A weight is right to ε reach² |D|, and one of 1e-14 tr D that is dropped counts up to
      // reach².
      BOOST_TEST((sum_of(diffusion, n) - expected).norm() < 1e-9 * D.norm());
      BOOST_TEST(diffusion.added <= 1e-4);  // 1/reach²
    }
}

// Weights are continuous in D: a walk through a change of the superbase moves them little.
BOOST_AUTO_TEST_CASE(continuity) {
  const auto weight_of_all = [](double angle) {
    const double c = std::cos(angle), s = std::sin(angle);
    SmallTensor D(2, 2);
    D << c * c + 0.01 * s * s, 0.99 * c * s, 0.99 * c * s, s * s + 0.01 * c * c;
    return decompose(D, 50);
  };
  for (double angle = 0.0; angle < 3.2; angle += 0.01) {
    const auto a = weight_of_all(angle), b = weight_of_all(angle + 1e-7);
    for (int k = 0; k < a.count; ++k) {
      double same = 0.0;
      for (int l = 0; l < b.count; ++l) {
        const auto &e = a.offsets[static_cast<std::size_t>(k)],
                   &f = b.offsets[static_cast<std::size_t>(l)];
        if ((e[0] == f[0] && e[1] == f[1]) || (e[0] == -f[0] && e[1] == -f[1]))
          same = b.weights[static_cast<std::size_t>(l)];
      }
      BOOST_TEST(std::abs(same - a.weights[static_cast<std::size_t>(k)]) < 1e-6);
    }
  }
}

BOOST_AUTO_TEST_CASE(special_tensors) {
  SmallTensor D(2, 2);
  D << 2.0, 0.0, 0.0, 0.5;  // the axes alone
  auto diffusion = decompose(D, 5);
  BOOST_TEST(diffusion.count == 2);
  D << 1.0, 1.0, 1.0, 1.0;  // rank one along a direction of the lattice
  diffusion = decompose(D, 5);
  BOOST_TEST(diffusion.count == 1);
  BOOST_TEST(diffusion.added == 0.0);
  D << 1.0, 0.3, 0.3, 0.09;  // rank one along (10, 3)
  diffusion = decompose(D, 10);
  BOOST_TEST(diffusion.added == 0.0);
  BOOST_TEST((sum_of(diffusion, 2) - Matrix(D)).norm() < 1e-12);
  diffusion = decompose(D, 4);  // out of reach: made rounder, and said
  BOOST_TEST(diffusion.added > 0.0);
  BOOST_TEST(
      (sum_of(diffusion, 2) - Matrix(D) - diffusion.added * 0.545 * Matrix::Identity(2, 2)).norm() <
      1e-12);
  D.setZero();
  BOOST_TEST(decompose(D, 4).count == 0);
}
