// SPDX-License-Identifier: GPL-3.0-or-later
//
// find() against root finders of libraries from random starts, and the parts of its search.
#define BOOST_TEST_MODULE multistart
#include "solvers/fixed_points/multistart.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <string>

#include "solvers/fixed_points/curves.hpp"
#include "solvers/fixed_points/descent.hpp"
#include "solvers/fixed_points/find.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/plain_multistart.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;

namespace {

models::NoisyChain tanh_chain(const Matrix& W, double leak = 1.0) {
  return {{.W = W, .b = Vector::Zero(W.rows()), .activation = activations::Tanh{}, .leak = leak},
          {}};
}

bool lists(const fixed_points::FixedPoints& result, const Vector& argument) {
  return std::any_of(result.points.begin(), result.points.end(), [&](const auto& point) {
    return (point.argument - argument).template lpNorm<Eigen::Infinity>() < 1e-6;
  });
}

/// The positive solution of y = w tanh y, by bisection.
double positive_root(double w) {
  double lower = 1e-3, upper = w, y = 0.5 * w;
  for (; lower < y && y < upper; y = 0.5 * (lower + upper))
    (y < w * std::tanh(y) ? lower : upper) = y;
  return y;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_point_of_newton_and_powell_is_found) {
  struct Case {
    Index n;
    double gain;
  };
  std::vector<Case> cases{{16, 2.0}, {16, 3.0}, {32, 2.5}, {64, 2.0}};
  if (tests::full_effort()) cases.insert(cases.end(), {{16, 6.0}, {32, 3.0}, {64, 2.5}});
  const Index starts = tests::full_effort() ? 1024 : 64;
  std::mt19937_64 engine(tests::seed);
  std::size_t theirs = 0;
  for (const Case& one : cases) {
    const Matrix W = tests::random_weights(one.n, one.gain, engine);
    tests::PointSet known;
    for (const double scale : {1.0, 2.0}) {
      tests::newton_multistart(W, starts, scale, false, engine, known);
      tests::newton_multistart(W, starts, scale, true, engine, known);
      tests::powell_multistart(W, starts, scale, engine, known);
    }
    const auto result = fixed_points::find(tanh_chain(W), Vector(), {}, {}, {.threads = 1});
    BOOST_TEST(result.points.size() >= known.size());
    for (const Vector& argument : known.points())
      BOOST_TEST(lists(result, argument), "n = " << one.n << ", gain " << one.gain);
    for (const auto& point : result.points) {
      BOOST_TEST(point.residual < 1e-14);
      BOOST_TEST(point.error < 1e-9);
      // An odd map: with every point its mirror image.
      BOOST_TEST(lists(result, -point.argument));
    }
    BOOST_TEST(result.completeness.find("may be incomplete") != std::string::npos);
    BOOST_TEST_MESSAGE("n = " << one.n << ", gain " << one.gain << ": " << known.size()
                              << " points by libraries; " << result.completeness);
    theirs += known.size();
  }
  BOOST_TEST(theirs > 30u);
}

BOOST_AUTO_TEST_CASE(a_large_chaotic_network_gives_more_points_than_libraries_find) {
  std::mt19937_64 engine(tests::seed);
  const Matrix W = tests::random_weights(64, 3.0, engine);
  tests::PointSet known;
  for (const double scale : {1.0, 2.0}) {
    tests::newton_multistart(W, tests::full_effort() ? 1024 : 64, scale, true, engine, known);
    tests::powell_multistart(W, tests::full_effort() ? 1024 : 64, scale, engine, known);
  }
  const auto result = fixed_points::find(tanh_chain(W), Vector(), {}, {}, {.threads = 1});
  BOOST_TEST(result.points.size() > known.size());
  BOOST_TEST_MESSAGE(known.size() << " points by libraries; " << result.completeness);
}

BOOST_AUTO_TEST_CASE(curves_find_what_starts_and_midpoints_miss) {
  std::mt19937_64 engine(tests::seed);
  const auto chain = tanh_chain(tests::random_weights(32, 3.0, engine));
  const auto found = [&chain](const fixed_points::Options& options) {
    return fixed_points::find(chain, Vector(), {}, {}, options).points.size();
  };
  const auto starts = found({.starts = 64, .rounds = 0});
  const auto midpoints = found({.starts = 64, .curves = 0, .deflated_starts = 0});
  const auto all = found({.starts = 64});
  BOOST_TEST(starts < all);
  BOOST_TEST(midpoints < all);
}

BOOST_AUTO_TEST_CASE(a_curve_meets_points_of_either_index_in_turn) {
  std::mt19937_64 engine(tests::seed);
  const Index n = 8;
  const auto chain = tanh_chain(tests::random_weights(n, 4.0, engine), 0.3);
  const auto map = fixed_points::argument_map(chain, Vector());
  const auto box = fixed_points::starting_box(chain, Vector());
  std::size_t total = 0;
  for (Index k = 0; k < n; ++k) {
    // From the origin, in both senses; small steps, so that the curve is not lost for another.
    const auto half = [&](double sense) {
      return fixed_points::trace(
          map, {{.start = Vector::Zero(n), .direction = Vector::Unit(n, k), .sense = sense}},
          {.steps = 4000,
           .first_step = 1e-3,
           .longest_step = 0.05,
           .lower = box.lower,
           .upper = box.upper,
           .threads = 1});
    };
    int index = fixed_points::describe(map, Vector::Zero(n)).index;
    const auto crossings = half(1.0).points;
    for (const Vector& near : crossings) {
      const auto ending = fixed_points::descend(map, near, {0}, {.threads = 1});
      BOOST_REQUIRE(ending[0].result.converged);
      // Linear interpolation over a step of at most 0.05.
      BOOST_TEST((ending[0].state - near).norm() < 0.02);
      const int next = fixed_points::describe(map, ending[0].state).index;
      BOOST_TEST(next == -index, "crossing of curve " << k);
      index = next;
    }
    // An odd map: the other half is the mirror image.
    BOOST_TEST(half(-1.0).points.size() == crossings.size());
    total += crossings.size();
  }
  BOOST_TEST(total > 8u);
}

BOOST_AUTO_TEST_CASE(deflation_leads_to_the_other_points) {
  // y = 2 tanh y has 0 and ±y*. With y* deflated every start must find another, with two the third.
  const double root = positive_root(2.0);
  const auto map = fixed_points::argument_map(tanh_chain(Matrix::Constant(1, 1, 2.0)), Vector());
  const Index count = 40;
  const Matrix starts = Vector::LinSpaced(count, 0.3, 3.0).transpose();
  const std::vector<Index> at_once(static_cast<std::size_t>(count), 0);
  const auto converged = [&](const Matrix& deflated, double avoided) {
    Index number = 0;
    for (const auto& ending :
         fixed_points::descend(map, starts, at_once, {.deflated = deflated, .threads = 1})) {
      if (!ending.result.converged) continue;
      ++number;
      BOOST_TEST(std::abs(ending.state(0) - avoided) > 0.1);
    }
    return number;
  };
  BOOST_TEST(converged(Matrix(), 10.0) == count);
  BOOST_TEST(converged(Matrix::Constant(1, 1, root), root) > count / 4);
  const Matrix both = (Matrix(1, 2) << root, 0.0).finished();
  Index third = 0;
  for (const auto& ending :
       fixed_points::descend(map, starts, at_once, {.deflated = both, .threads = 1})) {
    if (!ending.result.converged) continue;
    ++third;
    BOOST_TEST(ending.state(0) == -root, boost::test_tools::tolerance(1e-12));
  }
  BOOST_TEST(third > 0);
}

BOOST_AUTO_TEST_CASE(candidates_of_an_odd_map_stand_for_their_mirror_images) {
  fixed_points::Candidates odd(1e-7, true), plain(1e-7, false);
  for (const double x : {1.0, -1.0, 1.0 + 1e-9, 0.5}) {
    odd.add(Vector::Constant(2, x), 1e-12);
    plain.add(Vector::Constant(2, x), 1e-12);
  }
  BOOST_TEST(plain.size() == 3u);
  BOOST_REQUIRE(odd.size() == 2u);
  BOOST_TEST(odd[0].reached == 2);
  BOOST_TEST(odd[0].mirrored == 1);
  BOOST_TEST(odd.images().cols() == 4);
  BOOST_TEST(plain.images().cols() == 3);
}

BOOST_AUTO_TEST_CASE(a_general_map_is_searched_like_a_chain) {
  // The same network without the kernels of the chain: the same points.
  std::mt19937_64 engine(tests::seed);
  const auto chain = tanh_chain(tests::random_weights(16, 3.0, engine));
  auto map = fixed_points::argument_map(chain, Vector());
  const auto box = fixed_points::starting_box(chain, Vector());
  const auto fast = fixed_points::find(map, box, Matrix(), {.starts = 256});
  map.evaluate_group = nullptr;
  map.odd = false;
  const auto slow = fixed_points::find(map, box, Matrix(), {.starts = 256});
  BOOST_TEST(fast.points.size() > 3u);
  BOOST_REQUIRE(fast.points.size() == slow.points.size());
  for (std::size_t k = 0; k < fast.points.size(); ++k)
    BOOST_TEST((fast.points[k].state - slow.points[k].state).norm() < 1e-10);
}
