// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE newton_group
#include "solvers/fixed_points/newton_group.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::fixed_points;

namespace {

constexpr auto levels = {InstructionSet::v1, InstructionSet::v3, InstructionSet::v4};

models::NoisyChain chain_of(Index n, activations::Activation f, double leak,
                            std::mt19937_64& engine) {
  std::normal_distribution<double> normal;
  networks::Network network{.activation = f, .leak = leak};
  network.W = Matrix::NullaryExpr(n, n, [&] { return normal(engine) / std::sqrt(double(n)); });
  network.b = Vector::NullaryExpr(n, [&] { return normal(engine); });
  return {network, {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(factors_solve_eight_systems_at_every_level) {
  std::mt19937_64 engine(tests::seed);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  for (const InstructionSet level : levels) {
    if (!supported(level)) continue;
    const GroupKernels& kernels = group_kernels(level);
    for (const Index n : {1, 3, 4, 5, 17, 64}) {
      const Index rows = padded(n);
      ensemble::AlignedArray matrix(rows * rows * group_size), right(2 * rows * group_size);
      std::vector<Matrix> A;
      Matrix b(n, 2 * group_size);
      for (Index lane = 0; lane < group_size; ++lane) {
        // Diagonally dominant, condition below 10: no pivoting is needed, errors are of rounding.
        Matrix one = Matrix::NullaryExpr(n, n, [&] { return 0.5 * uniform(engine) / double(n); });
        one.diagonal().array() += 1.0;
        A.push_back(one);
        for (Index i = 0; i < rows; ++i)
          for (Index j = 0; j < rows; ++j)
            matrix.get()[entry(n, i, j) * group_size + lane] =
                i < n && j < n ? one(i, j) : (i == j ? 1.0 : 0.0);
        for (Index c = 0; c < 2; ++c)
          for (Index i = 0; i < n; ++i) {
            b(i, 2 * lane + c) = uniform(engine);
            right.get()[(c * rows + i) * group_size + lane] = b(i, 2 * lane + c);
          }
      }
      // A NaN stays in its lane.
      matrix.get()[3] = std::numeric_limits<double>::quiet_NaN();
      kernels.factor(n, matrix.get());
      kernels.solve(n, matrix.get(), 2, right.get());
      for (Index lane = 0; lane < group_size; ++lane)
        for (Index c = 0; c < 2; ++c) {
          const Vector x = Vector::NullaryExpr(
              n, [&](Index i) { return right.get()[(c * rows + i) * group_size + lane]; });
          if (lane == 3) {
            BOOST_TEST(!x.allFinite());
          } else {
            const Vector exact =
                A[static_cast<std::size_t>(lane)].fullPivLu().solve(b.col(2 * lane + c));
            BOOST_TEST((x - exact).lpNorm<Eigen::Infinity>() < 1e-14, to_string(level)
                                                                          << ", n = " << n);
          }
        }
    }
  }
}

BOOST_AUTO_TEST_CASE(chains_are_evaluated_like_their_map) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal(0.0, 3.0);
  for (const activations::Activation& f :
       {activations::Activation(activations::Tanh{}), activations::Activation(activations::Erf{}),
        activations::Activation(activations::Logistic{}),
        activations::Activation(activations::Softplus(2.5)),
        activations::Activation(activations::Identity{})})
    for (const Index n : {1, 6, 33}) {
      const Map map = argument_map(chain_of(n, f, 0.3, engine), Vector());
      BOOST_REQUIRE(map.evaluate_group != nullptr);
      Map plain = map;
      plain.evaluate_group = nullptr;
      NewtonGroup fast(map), slow(plain);
      for (Index lane = 0; lane < group_size; ++lane) {
        const Vector y = Vector::NullaryExpr(n, [&] { return normal(engine); });
        fast.set_point(lane, y);
        slow.set_point(lane, y);
        BOOST_TEST((fast.point(lane).array() == y.array()).all());
      }
      fast.evaluate();
      slow.evaluate();
      double residual = 0.0;
      for (Index k = 0; k < fast.doubles(); ++k)
        residual = std::max(residual, std::abs(fast.residual()[k] - slow.residual()[k]));
      BOOST_TEST(residual < 2e-14, activations::name(f));  // sums of 33 terms of about 3
      // The factors, seen through a solve with the residual on the right.
      for (NewtonGroup* group : {&fast, &slow}) {
        std::copy_n(slow.residual(), slow.doubles(), group->right(0));
        group->solve(1);
      }
      const PerPoint size = largest(slow.right(0), slow.doubles());
      for (Index k = 0; k < fast.doubles(); ++k)
        BOOST_TEST(std::abs(fast.right(0)[k] - slow.right(0)[k]) <=
                       1e-10 * size[static_cast<std::size_t>(k % group_size)],
                   activations::name(f));
    }
  // Kinks and smoothing have no kernel; a constant input ends the symmetry.
  BOOST_TEST(!argument_map(chain_of(3, activations::Relu{}, 1.0, engine), Vector()).evaluate_group);
  BOOST_TEST(!argument_map(chain_of(3, activations::Tanh{}, 1.0, engine), Vector(), Vector::Ones(3))
                  .evaluate_group);
  BOOST_TEST(!argument_map(chain_of(3, activations::Tanh{}, 1.0, engine), Vector()).odd);
}

BOOST_AUTO_TEST_CASE(large_systems_are_solved_one_by_one) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  const Index n = NewtonGroup::largest + 3;
  const Map map = argument_map(chain_of(n, activations::Tanh{}, 0.5, engine), Vector());
  NewtonGroup group(map);
  std::vector<Vector> points;
  for (Index lane = 0; lane < group_size; ++lane) {
    points.emplace_back(Vector::NullaryExpr(n, [&] { return normal(engine); }));
    group.set_point(lane, points.back());
  }
  group.evaluate();
  for (int c = 0; c < 2; ++c) std::copy_n(group.residual(), group.doubles(), group.right(c));
  group.solve(2);
  for (Index lane = 0; lane < group_size; ++lane) {
    Vector image(n);
    Matrix slope(n, n);
    const Vector& y = points[static_cast<std::size_t>(lane)];
    map.evaluate(y, image, &slope);
    const Vector exact = (Matrix::Identity(n, n) - slope).fullPivLu().solve(image - y);
    for (int c = 0; c < 2; ++c)
      for (Index i = 0; i < n; ++i)
        BOOST_TEST(std::abs(group.right(c)[i * group_size + lane] - exact(i)) <
                   1e-9 * exact.lpNorm<Eigen::Infinity>());
  }
}

BOOST_AUTO_TEST_CASE(norms_pass_a_nan_on) {
  std::vector<double> a(3 * group_size, -1.0);
  a[group_size + 2] = std::numeric_limits<double>::quiet_NaN();
  a[2 * group_size + 5] = 4.0;
  const PerPoint size = largest(a.data(), static_cast<Index>(a.size()));
  const PerPoint square = dot(a.data(), a.data(), static_cast<Index>(a.size()));
  BOOST_TEST(std::isnan(size[2]));
  BOOST_TEST(std::isnan(square[2]));
  BOOST_TEST(size[5] == 4.0);
  BOOST_TEST(square[5] == 18.0);
  BOOST_TEST(size[0] == 1.0);
  BOOST_TEST(square[0] == 3.0);
}
