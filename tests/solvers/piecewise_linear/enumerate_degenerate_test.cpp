// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE enumerate_degenerate
#include "solvers/piecewise_linear/enumerate.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "solvers/piecewise_linear/index_check.hpp"
#include "tests/support/piecewise_networks.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::tests;
using fixed_points::Stability;
using networks::Equation;

BOOST_AUTO_TEST_CASE(the_input_drives_as_a_bias_does_and_exactly) {
  // W_in u + b = (1/3 as a double) · 3 − 1 is not zero, though doubles say so: 3 · (1/3) rounds
  // to 1.
  const double third = 1.0 / 3.0;
  networks::Network network{.W = Matrix::Zero(1, 1),
                            .W_in = Matrix::Constant(1, 1, third),
                            .b = Vector::Constant(1, -1.0),
                            .activation = activations::Relu{},
                            .leak = 0.5};
  const auto list = piecewise_linear::enumerate({network, {}}, Vector::Constant(1, 3.0));
  BOOST_REQUIRE(list.points.size() == 1);
  BOOST_TEST(list.points[0].on_kink.empty());
  BOOST_TEST(list.points[0].pattern[0] == 0);
  BOOST_TEST(list.points[0].point.argument(0) == -std::ldexp(1.0, -54));
}

BOOST_AUTO_TEST_CASE(a_point_exactly_on_a_kink_is_listed_once) {
  // h₂ = 1, so that unit 1 gets 1 − 1 = 0.
  Matrix W(2, 2);
  W << 0.5, 1.0, 0.0, 0.0;
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const auto on =
        enumerate(chain_of(W, Eigen::Vector2d(-1.0, 1.0), activations::Relu{}, equation));
    BOOST_REQUIRE(on.points.size() == 1);
    BOOST_TEST((on.points[0].on_kink == std::vector<Index>{0}));
    BOOST_TEST((on.points[0].pattern == std::vector<int>{1, 1}));
    BOOST_TEST((on.points[0].point.stability == Stability::marginal));
    BOOST_TEST(on.points[0].point.index == 1);
    BOOST_TEST(on.completeness.find("on a kink") != std::string::npos);
  }
  // One unit in the last place on either side.
  for (const double side : {-2.0, 0.0}) {
    const auto off = enumerate(chain_of(W, Eigen::Vector2d(std::nextafter(-1.0, side), 1.0)));
    BOOST_REQUIRE(off.points.size() == 1);
    BOOST_TEST(off.points[0].on_kink.empty());
    BOOST_TEST(off.points[0].pattern[0] == (side < -1.0 ? 0 : 1));
  }
  // All units of a network without bias, at the origin.
  std::mt19937_64 engine(tests::seed);
  const auto origin =
      enumerate(chain_of(gaussian(15, 15, 0.6 / std::sqrt(15.0), engine), Vector::Zero(15)));
  BOOST_REQUIRE(origin.points.size() == 1);
  BOOST_TEST(origin.points[0].on_kink.size() == 15u);
  BOOST_TEST(origin.points[0].point.index == 1);
  // Saturating: a = 1 exactly.
  const auto corner = enumerate(chain_of(Matrix::Constant(1, 1, 0.5), Vector::Constant(1, 0.5),
                                         activations::SaturatingLinear{}));
  BOOST_REQUIRE(corner.points.size() == 1);
  BOOST_TEST((corner.points[0].on_kink == std::vector<Index>{0}));
  BOOST_TEST(corner.points[0].pattern[0] == 2);
  BOOST_TEST(corner.index_sum() == 1);
}

BOOST_AUTO_TEST_CASE(a_fold_on_a_kink_has_index_zero) {
  // a = 2 relu(a) + c: two points for c < 0 (a = c and a = −c), one for c = 0, none for c > 0.
  const auto at = [](double c) {
    return enumerate(chain_of(Matrix::Constant(1, 1, 2.0), Vector::Constant(1, c)));
  };
  const auto two = at(-1.0), one = at(0.0), none = at(1.0);
  BOOST_REQUIRE(two.points.size() == 2);
  BOOST_TEST(two.points[0].point.argument(0) == -1.0);
  BOOST_TEST(two.points[1].point.argument(0) == 1.0);
  BOOST_TEST(two.index_sum() == 0);
  BOOST_REQUIRE(one.points.size() == 1);
  BOOST_TEST(one.points[0].point.index == 0);
  BOOST_TEST(one.indices_known);
  BOOST_TEST(none.points.empty());
  BOOST_TEST(none.report.ok());
  const auto check = piecewise_linear::check_index(
      chain_of(Matrix::Constant(1, 1, 2.0), Vector::Constant(1, -1.0)), two);
  BOOST_TEST(check.demanded);
  BOOST_TEST(check.expected == 0);
  BOOST_TEST(check.holds);
}

BOOST_AUTO_TEST_CASE(lines_and_faces_of_fixed_points_are_described) {
  const auto one = [](double w, double c, activations::Activation f) {
    return enumerate(chain_of(Matrix::Constant(1, 1, w), Vector::Constant(1, c), f));
  };
  // h = relu(h): a half-line; its end on the kink is not a point of its own.
  const auto half_line = one(1.0, 0.0, activations::Relu{});
  BOOST_TEST(half_line.points.empty());
  BOOST_REQUIRE(half_line.sets.size() == 1);
  BOOST_TEST(half_line.sets[0].dimension == 1);
  BOOST_TEST(half_line.sets[0].vertices(0, 0) == 0.0);
  BOOST_TEST(half_line.sets[0].rays(0, 0) == 1.0);
  BOOST_TEST(to_string(half_line.sets[0]) == "a half-line from (0) along (1)");
  BOOST_TEST(!half_line.indices_known);
  BOOST_TEST(!piecewise_linear::check_index(chain_of(Matrix::Constant(1, 1, 1.0), Vector::Zero(1)),
                                            half_line)
                  .demanded);
  // h = relu(h + 1): I − W_SS is singular and there is nothing.
  const auto nothing = one(1.0, 1.0, activations::Relu{});
  BOOST_TEST(nothing.points.empty());
  BOOST_TEST(nothing.sets.empty());
  BOOST_TEST(nothing.report.ok());
  // h = clip(h): a segment between the kinks.
  const auto segment = one(1.0, 0.0, activations::SaturatingLinear{});
  BOOST_TEST(segment.points.empty());
  BOOST_REQUIRE(segment.sets.size() == 1);
  BOOST_TEST(to_string(segment.sets[0]) == "a segment from (-1) to (1)");
  // a = a: a line, in one piece or in two.
  BOOST_TEST(to_string(one(1.0, 0.0, activations::Identity{}).sets.at(0)) ==
             "a line through (0) along (1)");
  BOOST_TEST(one(1.0, 0.0, activations::LeakyRelu(1.0)).sets.size() == 2u);
  // Two independent ones: a quadrant and a square.
  const auto quadrant = enumerate(chain_of(Matrix::Identity(2, 2), Vector::Zero(2)));
  BOOST_REQUIRE(quadrant.sets.size() == 1);
  BOOST_TEST(quadrant.sets[0].dimension == 2);
  BOOST_TEST(quadrant.sets[0].vertices.cols() == 1);
  BOOST_TEST(
      (quadrant.sets[0].rays.cwiseAbs() - Matrix::Identity(2, 2).rowwise().reverse()).norm() ==
      0.0);
  const auto square =
      enumerate(chain_of(Matrix::Identity(2, 2), Vector::Zero(2), activations::SaturatingLinear{}));
  BOOST_REQUIRE(square.sets.size() == 1);
  BOOST_TEST(square.sets[0].dimension == 2);
  BOOST_TEST(square.sets[0].vertices.cols() == 4);
  BOOST_TEST((square.sets[0].vertices.cwiseAbs().array() == 1.0).all());
}

BOOST_AUTO_TEST_CASE(a_line_inside_a_network_ends_where_a_unit_leaves_its_piece) {
  // Units 1 and 2 hold h₁ + h₂ = 1 against each other: a₁ = 1 − h₂, a₂ = 1 − h₁. Unit 3 gets
  // h₁ − ¾, unit 4 rests at 2.
  Matrix W = Matrix::Zero(4, 4);
  W(0, 1) = W(1, 0) = -1.0;
  W(2, 0) = 1.0;
  const Vector b = Eigen::Vector4d(1.0, 1.0, -0.75, 2.0);
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const auto list = enumerate(chain_of(W, b, activations::Relu{}, equation));
    BOOST_TEST(list.points.empty());
    BOOST_REQUIRE(list.sets.size() == 2);
    // h₁ from 0 to ¾ with unit 3 off, from ¾ to 1 with unit 3 on.
    std::vector<std::pair<double, double>> ends;
    for (const auto& set : list.sets) {
      BOOST_REQUIRE(set.vertices.cols() == 2);
      BOOST_TEST(set.rays.cols() == 0);
      ends.emplace_back(set.vertices.row(0).minCoeff(), set.vertices.row(0).maxCoeff());
      BOOST_TEST((set.vertices.row(0) + set.vertices.row(1)).isOnes(0.0));
      BOOST_TEST((set.vertices.row(3).array() == 2.0).all());
    }
    std::sort(ends.begin(), ends.end());
    BOOST_TEST((ends == std::vector<std::pair<double, double>>{{0.0, 0.75}, {0.75, 1.0}}));
  }
  // With a third competitor there are two lines through a common end, and isolated points besides.
  const auto oracle = brute_force(W, b, tests::broken_relu());
  BOOST_TEST(oracle.singular > 0);
}

BOOST_AUTO_TEST_CASE(degenerate_networks_of_small_integers_against_brute_force) {
  // Weights −1, 0, 1 and biases −1, 0, 1 meet kinks and singular patterns all the time.
  std::mt19937_64 engine(tests::seed);
  std::uniform_int_distribution<int> digit(-1, 1);
  int with_kinks = 0, with_sets = 0;
  for (int k = 0; k < 150; ++k) {
    const Index n = 2 + k % 5;
    const auto draw = [&] { return static_cast<double>(digit(engine)); };
    const Matrix W = Matrix::NullaryExpr(n, n, draw);
    const Vector b = Vector::NullaryExpr(n, draw);
    const auto list = enumerate(chain_of(W, b));
    BOOST_REQUIRE(list.report.ok());
    const auto oracle = brute_force(W, b, tests::broken_relu());
    with_sets += list.sets.empty() ? 0 : 1;
    if (list.sets.empty()) {
      // A singular pattern may still hold one point, or none: the oracle does not look into it.
      std::size_t kinks = 0;
      for (const auto& point : list.points) kinks += point.on_kink.empty() ? 0 : 1;
      with_kinks += kinks > 0 ? 1 : 0;
      if (oracle.singular == 0) require_equal(list, oracle);
      BOOST_TEST(list.points.size() >= oracle.points.size());
    }
    // Every point of the oracle is in the list or in a set: all of them are fixed points h.
    for (const auto& expected : oracle.points) {
      const Vector h = expected.a.cwiseMax(0.0);
      bool found = false;
      for (const auto& point : list.points)
        found = found || (point.point.state - h).lpNorm<Eigen::Infinity>() < 1e-12;
      for (const auto& set : list.sets) {
        bool inside = true;
        for (Index i = 0; i < n; ++i) {
          const double a = expected.a(i);
          inside =
              inside && (set.pattern[static_cast<std::size_t>(i)] == 1 ? a > -1e-12 : a < 1e-12);
        }
        found = found || inside;
      }
      BOOST_TEST(found);
    }
    // All that is listed solves the equation.
    const auto defect = [&](const Vector& h) {
      return ((W * h + b).cwiseMax(0.0) - h).lpNorm<Eigen::Infinity>();
    };
    for (const auto& point : list.points) BOOST_TEST(defect(point.point.state) < 1e-12);
    for (const auto& set : list.sets) {
      const Vector middle = set.vertices.rowwise().mean() + set.rays.rowwise().sum();
      BOOST_TEST(defect(middle) < 1e-12 * std::max(1.0, middle.norm()));
    }
  }
  BOOST_TEST_MESSAGE(with_kinks << " networks with points on kinks, " << with_sets << " with sets");
  BOOST_TEST(with_kinks >= 20);
  BOOST_TEST(with_sets >= 20);
}
