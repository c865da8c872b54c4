// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE brownian_path
#include "lib/random/brownian_path.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using random::BrownianPath;

// One path on many meshes: the increments of a coarse mesh are made of those of a fine one.
BOOST_AUTO_TEST_CASE(meshes_of_one_path_add_up) {
  const double T = 1.7;
  const BrownianPath path({tests::seed, 3}, 12345, 3, T);
  for (const Index level : {1, 5, 9}) {
    Vector W = Vector::Zero(3), Z = Vector::Zero(3);
    double time = 0.0;
    path.for_each(level, [&](double start, double h, const random::Increment& increment) {
      BOOST_TEST(std::abs(start - time) < 1e-14);
      Z += increment.dZ + h * W;  // ∫ over the interval of W from the path's own start
      W += increment.dW;
      time = start + h;
    });
    BOOST_TEST(std::abs(time - T) < 1e-14);
    const auto whole = path.whole().increment;
    BOOST_TEST((W - whole.dW).norm() < 1e-13);
    BOOST_TEST((Z - whole.dZ).norm() < 1e-13);
  }
}

BOOST_AUTO_TEST_CASE(the_same_address_gives_the_same_path) {
  const BrownianPath a({tests::seed, 3}, 7, 2, 1.0), b({tests::seed, 3}, 7, 2, 1.0),
      other({tests::seed, 3}, 8, 2, 1.0), stream({tests::seed, 4}, 7, 2, 1.0);
  BOOST_TEST((a.halves(a.whole())[1].increment.dZ == b.halves(b.whole())[1].increment.dZ));
  BOOST_TEST((a.whole().increment.dW != other.whole().increment.dW));
  BOOST_TEST((a.whole().increment.dW != stream.whole().increment.dW));
}

// −W, bit for bit, on every mesh; twice is W again.
BOOST_AUTO_TEST_CASE(the_antithetic_path_is_the_opposite) {
  const BrownianPath path({tests::seed, 3}, 7, 2, 1.3);
  const BrownianPath opposite = path.antithetic(), again = opposite.antithetic();
  auto interval = path.whole(), other = opposite.whole(), third = again.whole();
  for (int level = 0; level < 6; ++level) {
    BOOST_TEST((interval.increment.dW == -other.increment.dW));
    BOOST_TEST((interval.increment.dZ == -other.increment.dZ));
    BOOST_TEST((interval.increment.dZ == third.increment.dZ));
    interval = path.halves(interval)[level % 2];
    other = opposite.halves(other)[level % 2];
    third = again.halves(third)[level % 2];
  }
}

// Law on the finest mesh: Var dW = h, Var dZ = h³/3, Cov = h²/2, no correlation between intervals
// or components. 4096 paths × 8 intervals: a variance is known to 0.8 %, 5 standard errors are 4 %.
BOOST_AUTO_TEST_CASE(increments_have_their_law_after_refinement) {
  const Index paths = 4096, level = 3, intervals = 8;
  const double T = 2.0, h = T / 8.0;
  double WW = 0.0, ZZ = 0.0, WZ = 0.0, neighbours = 0.0, areas = 0.0, components = 0.0;
  for (Index p = 0; p < paths; ++p) {
    const BrownianPath path({tests::seed, 5}, static_cast<std::uint64_t>(p), 2, T);
    double before_W = 0.0, before_U = 0.0;
    path.for_each(level, [&](double, double, const random::Increment& increment) {
      const double W = increment.dW(0) / std::sqrt(h), Z = increment.dZ(0) / std::sqrt(h * h * h);
      const double U = Z - 0.5 * W;
      WW += W * W;
      ZZ += Z * Z;
      WZ += W * Z;
      neighbours += W * before_W;
      areas += U * before_U;
      components += W * increment.dW(1) / std::sqrt(h);
      before_W = W;
      before_U = U;
    });
  }
  const double n = static_cast<double>(paths * intervals), z = 5.0 / std::sqrt(n);
  BOOST_TEST(std::abs(WW / n - 1.0) < z * std::sqrt(2.0));
  BOOST_TEST(std::abs(ZZ / n - 1.0 / 3.0) < z * std::sqrt(2.0) / 3.0);
  BOOST_TEST(std::abs(WZ / n - 0.5) < z * std::sqrt(1.0 / 3.0 + 0.25));
  BOOST_TEST(std::abs(neighbours / n) < z);
  BOOST_TEST(std::abs(areas / n) < z / 12.0);
  BOOST_TEST(std::abs(components / n) < z);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  BOOST_CHECK_THROW(BrownianPath({}, 0, 0, 1.0), std::invalid_argument);
  BOOST_CHECK_THROW(BrownianPath({}, 0, 1, 0.0), std::invalid_argument);
  BOOST_CHECK_THROW(BrownianPath({}, std::uint64_t{1} << 33, 1, 1.0), std::invalid_argument);
  const BrownianPath path({}, 0, 1, 1.0);
  auto interval = path.whole();
  for (int k = 0; k < 31; ++k) interval = path.halves(interval)[1];
  BOOST_CHECK_THROW(path.halves(interval), std::invalid_argument);
}
