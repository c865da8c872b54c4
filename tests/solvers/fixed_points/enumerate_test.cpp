// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE enumerate
#include "solvers/fixed_points/enumerate.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "lib/core/interrupt.hpp"
#include "solvers/fixed_points/index_check.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/piecewise_brute_force.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using fixed_points::Stability;
using networks::Equation;

namespace {

models::NoisyChain chain_of(Matrix W, Vector b, activations::Activation f = activations::Relu{},
                            Equation equation = Equation::rate, double leak = 0.3) {
  return {
      {.equation = equation, .W = std::move(W), .b = std::move(b), .activation = f, .leak = leak},
      {}};
}

fixed_points::Enumeration enumerate(const models::NoisyChain& chain) {
  return fixed_points::enumerate(chain, Vector());
}

double uniform(std::mt19937_64& engine, double lower, double upper) {
  return std::uniform_real_distribution<double>(lower, upper)(engine);
}

Matrix gaussian(Index rows, Index columns, double sd, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, sd);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

/// −1.2 ± 0.3 off the diagonal, self-excitation in [0, 0.9].
Matrix competitive(Index n, std::mt19937_64& engine) {
  Matrix W = gaussian(n, n, 0.3, engine).array() - 1.2;
  for (Index i = 0; i < n; ++i) W(i, i) = uniform(engine, 0.0, 0.9);
  return W;
}

Vector positive_bias(Index n, std::mt19937_64& engine) {
  return Vector::NullaryExpr(n, [&] { return uniform(engine, 0.5, 1.5); });
}

tests::BrokenSolutions brute_force(const Matrix& W, const Vector& b, const tests::BrokenLine& f) {
  return tests::solve_by_brute_force({Matrix::Identity(W.rows(), W.cols()), -W, b, f});
}

/// The points by pattern, as the oracle has them.
std::vector<const fixed_points::PiecewisePoint*> by_pattern(const fixed_points::Enumeration& list) {
  std::vector<const fixed_points::PiecewisePoint*> points;
  for (const auto& point : list.points) points.push_back(&point);
  std::sort(points.begin(), points.end(),
            [](const auto* x, const auto* y) { return x->pattern < y->pattern; });
  return points;
}

/// The same patterns with the same arguments and indices.
void require_equal(const fixed_points::Enumeration& list, const tests::BrokenSolutions& oracle) {
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

}  // namespace

BOOST_AUTO_TEST_CASE(relu_networks_against_brute_force) {
  std::mt19937_64 engine(tests::seed);
  constexpr int networks = 200, biases = 20;
  int rich = 0, sums_demanded = 0;
  std::size_t most = 0;
  tests::Sampled sampled(4);
  for (int k = 0; k < networks; ++k) {
    const Index n = 4 + k % 9;  // 4 … 12
    // Three in four competitive, the others random with gains around the threshold of escape.
    const bool competes = k % 4 != 3;
    const Matrix W = competes ? competitive(n, engine)
                              : gaussian(n, n, uniform(engine, 0.8, 2.0) / std::sqrt(n), engine);
    const Vector b = competes ? positive_bias(n, engine) : Vector(gaussian(n, 1, 1.0, engine));
    const auto oracle = brute_force(W, b, tests::broken_relu());
    const auto rate = enumerate(chain_of(W, b)),
               current = enumerate(chain_of(W, b, activations::Relu{}, Equation::current, 1.0));
    require_equal(rate, oracle);
    require_equal(current, oracle);
    rich += rate.points.size() >= 5 ? 1 : 0;
    most = std::max(most, rate.points.size());

    // The index sum is the same for every bias if a = W f(a) has no solution but zero.
    if (!sampled.next()) continue;
    const auto check = fixed_points::check_index(chain_of(W, b), rate);
    BOOST_TEST(check.holds);
    if (!check.demanded) continue;
    ++sums_demanded;
    for (int other = 0; other < biases; ++other) {
      const Vector bias =
          other % 2 == 0 ? Vector(gaussian(n, 1, 1.0, engine)) : positive_bias(n, engine);
      const auto list = enumerate(chain_of(W, bias));
      BOOST_TEST(list.report.ok());
      BOOST_TEST(list.indices_known);
      BOOST_TEST(list.index_sum() == check.expected);
    }
  }
  BOOST_TEST_MESSAGE(rich << " of " << networks << " networks have 5 or more points, at most "
                          << most << "; index sums of " << sums_demanded << " networks compared");
  BOOST_TEST(rich >= networks / 2);
  BOOST_TEST(sums_demanded >= 30);
}

BOOST_AUTO_TEST_CASE(leaky_and_saturating_networks_against_brute_force) {
  std::mt19937_64 engine(tests::seed);
  int several = 0;
  for (int k = 0; k < 40; ++k) {
    const Index n = 3 + k % 4;
    const bool competes = k % 2 == 0;
    const Matrix W = competes ? competitive(n, engine) : gaussian(n, n, 1.2, engine);
    const Vector b = competes ? positive_bias(n, engine) : Vector(gaussian(n, 1, 0.5, engine));
    const double slope = uniform(engine, 0.0, 1.0);
    const Equation equation = k % 3 == 0 ? Equation::current : Equation::rate;
    const auto leaky = enumerate(chain_of(W, b, activations::LeakyRelu(slope), equation));
    require_equal(leaky, brute_force(W, b, tests::broken_relu(slope)));
    const auto saturating = enumerate(chain_of(W, b, activations::SaturatingLinear{}, equation));
    require_equal(saturating, brute_force(W, b, tests::broken_saturation()));
    BOOST_TEST(saturating.expected_index_sum.value() == 1);
    BOOST_TEST(saturating.index_sum() == 1);
    several += leaky.points.size() > 1 ? 1 : 0;
    several += saturating.points.size() > 1 ? 1 : 0;
  }
  BOOST_TEST(several >= 20);
}

BOOST_AUTO_TEST_CASE(badly_scaled_networks_against_brute_force) {
  // Weights over twelve decades mislead a linear programme in doubles; a proof is asked for each of
  // its claims, and where there is none the search goes on.
  std::mt19937_64 engine(tests::seed);
  Index unproved = 0, exact = 0;
  std::size_t points = 0;
  for (int k = 0; k < 300; ++k) {
    const Index n = 2 + k % 5;
    const auto draw = [&] {
      const double size = std::pow(10.0, uniform(engine, -6.0, 6.0));
      return uniform(engine, -1.0, 1.0) < 0.0 ? -size : size;
    };
    const Matrix W = Matrix::NullaryExpr(n, n, draw);
    const Vector b = Vector::NullaryExpr(n, draw);
    const auto list = enumerate(chain_of(W, b));
    const auto oracle = brute_force(W, b, tests::broken_relu());
    BOOST_REQUIRE(list.report.ok());
    BOOST_REQUIRE(list.points.size() == oracle.points.size());
    const auto found = by_pattern(list);
    for (std::size_t p = 0; p < found.size(); ++p)
      BOOST_TEST((found[p]->pattern == oracle.points[p].pattern));
    unproved += list.effort.unproved;
    exact += list.effort.exact_certificates;
    points += list.points.size();
  }
  BOOST_TEST_MESSAGE(points << " points, " << exact << " certificates in rational numbers, "
                            << unproved << " claims not proved");
  BOOST_TEST(points > 100u);
}

BOOST_AUTO_TEST_CASE(winner_take_all_has_a_point_for_every_group_of_winners) {
  // Winners of a group of k share h = 1/(1 + 1.25 (k − 1)); the others get 1 − 1.25 k h < 0.
  for (const Index n : {3, 7, 10}) {
    Matrix W = Matrix::Constant(n, n, -1.25);
    W.diagonal().setZero();
    for (const Equation equation : {Equation::rate, Equation::current}) {
      const auto list = enumerate(chain_of(W, Vector::Ones(n), activations::Relu{}, equation));
      BOOST_TEST(list.points.size() == (std::size_t{1} << n) - 1);
      BOOST_TEST(list.report.ok());
      BOOST_TEST(list.index_sum() == 1);
      Index stable = 0;
      for (const auto& point : list.points) {
        const auto winners = std::count(point.pattern.begin(), point.pattern.end(), 1);
        const double h = 1.0 / (1.0 + 1.25 * static_cast<double>(winners - 1));
        BOOST_TEST(std::abs(point.point.argument.maxCoeff() - h) <= 2e-16);
        BOOST_TEST(point.point.index == (winners % 2 == 1 ? 1 : -1));
        stable += point.point.stability == Stability::stable ? 1 : 0;
      }
      BOOST_TEST(stable == n);  // a single winner
    }
  }
}

BOOST_AUTO_TEST_CASE(random_networks_need_few_nodes) {
  std::mt19937_64 engine(tests::seed);
  for (const Index n : {12, 20, 30}) {
    Index nodes = 0;
    for (int k = 0; k < 3; ++k) {
      const Matrix W = gaussian(n, n, 1.0 / std::sqrt(n), engine);
      const auto list = enumerate(chain_of(W, gaussian(n, 1, 1.0, engine)));
      BOOST_TEST(list.report.ok());
      BOOST_TEST(list.effort.unproved == 0);
      nodes = std::max(nodes, list.effort.nodes);
    }
    BOOST_TEST_MESSAGE(n << " units: at most " << nodes << " nodes");
    BOOST_TEST(nodes <= 10'000);
  }
}

BOOST_AUTO_TEST_CASE(the_input_drives_as_a_bias_does_and_exactly) {
  // W_in u + b = (1/3 as a double) · 3 − 1 is not zero, though doubles say so: 3 · (1/3) rounds
  // to 1.
  const double third = 1.0 / 3.0;
  networks::Network network{.W = Matrix::Zero(1, 1),
                            .W_in = Matrix::Constant(1, 1, third),
                            .b = Vector::Constant(1, -1.0),
                            .activation = activations::Relu{},
                            .leak = 0.5};
  const auto list = fixed_points::enumerate({network, {}}, Vector::Constant(1, 3.0));
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
  const auto check = fixed_points::check_index(
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
  BOOST_TEST(fixed_points::to_string(half_line.sets[0]) == "a half-line from (0) along (1)");
  BOOST_TEST(!half_line.indices_known);
  BOOST_TEST(
      !fixed_points::check_index(chain_of(Matrix::Constant(1, 1, 1.0), Vector::Zero(1)), half_line)
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
  BOOST_TEST(fixed_points::to_string(segment.sets[0]) == "a segment from (-1) to (1)");
  // a = a: a line, in one piece or in two.
  BOOST_TEST(fixed_points::to_string(one(1.0, 0.0, activations::Identity{}).sets.at(0)) ==
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

BOOST_AUTO_TEST_CASE(a_p_matrix_has_one_point_of_index_one) {
  // (W + Wᵀ)/2 < 1.
  std::mt19937_64 engine(tests::seed);
  for (int k = 0; k < 20; ++k) {
    const Matrix W = gaussian(8, 8, 0.2, engine);
    const auto chain = chain_of(W, gaussian(8, 1, 2.0, engine));
    const auto list = enumerate(chain);
    BOOST_REQUIRE(list.expected_index_sum.has_value());
    BOOST_TEST(list.points.size() == 1u);
    BOOST_TEST(list.index_sum() == 1);
    const auto check = fixed_points::check_index(chain, list);
    BOOST_TEST(check.demanded);
    BOOST_TEST(check.expected == 1);
    BOOST_TEST(check.holds);
  }
}

BOOST_AUTO_TEST_CASE(multistart_finds_nothing_else) {
  std::mt19937_64 engine(tests::seed);
  for (int k = 0; k < 6; ++k) {
    const Index n = 6;
    const auto chain = chain_of(competitive(n, engine), positive_bias(n, engine));
    const auto all = enumerate(chain);
    const auto some = fixed_points::find(chain, Vector(), {}, {}, {.starts = 256});
    BOOST_TEST(some.points.size() <= all.points.size());
    for (const auto& point : some.points) {
      double nearest = INFINITY;
      for (const auto& known : all.points) {
        const double distance = (known.point.state - point.state).lpNorm<Eigen::Infinity>();
        if (distance >= nearest) continue;
        nearest = distance;
        if (distance > 1e-9) continue;
        BOOST_TEST(known.point.unstable_directions == point.unstable_directions);
        BOOST_TEST(known.point.index == point.index);
      }
      BOOST_TEST(nearest < 1e-9);
    }
  }
}

BOOST_AUTO_TEST_CASE(limits_leave_open_branches_and_say_so) {
  Matrix W = Matrix::Constant(8, 8, -1.25);
  W.diagonal().setZero();
  const auto chain = chain_of(W, Vector::Ones(8));
  const auto by_nodes = fixed_points::enumerate(chain, Vector(), {.max_nodes = 50});
  BOOST_TEST((by_nodes.report.status == Status::step_limit));
  BOOST_TEST(by_nodes.effort.open_branches > 0);
  BOOST_TEST(by_nodes.effort.nodes <= 51);
  BOOST_TEST(by_nodes.completeness.find("max_nodes = 50") != std::string::npos);
  BOOST_TEST(by_nodes.completeness.find("incomplete") != std::string::npos);
  BOOST_TEST(!fixed_points::check_index(chain, by_nodes).demanded);
  const auto by_points = fixed_points::enumerate(chain, Vector(), {.max_points = 10});
  BOOST_TEST((by_points.report.status == Status::step_limit));
  BOOST_TEST(by_points.points.size() == 11u);
  const auto by_time = fixed_points::enumerate(chain, Vector(), {.max_seconds = 1e-9});
  BOOST_TEST((by_time.report.status == Status::step_limit));
  // A network that needs one node is complete within a limit of one.
  const auto one = fixed_points::enumerate(chain_of(Matrix::Zero(1, 1), Vector::Ones(1)), Vector(),
                                           {.max_nodes = 10});
  BOOST_TEST(one.report.ok());

  request_interrupt();
  BOOST_CHECK_THROW(enumerate(chain), Interrupted);
  request_interrupt(false);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  const auto throws = [](const models::NoisyChain& chain, const Vector& input,
                         const fixed_points::EnumerateOptions& options, const std::string& word) {
    BOOST_CHECK_EXCEPTION(fixed_points::enumerate(chain, input, options), std::invalid_argument,
                          [&word](const std::exception& error) {
                            return std::string(error.what()).find(word) != std::string::npos;
                          });
  };
  const Matrix W = Matrix::Identity(2, 2) * 0.5;
  const Vector b = Vector::Ones(2);
  throws(chain_of(W, b, activations::Tanh{}), Vector(), {}, "tanh is not piecewise linear");
  throws(chain_of(W, b, activations::Heaviside{}), Vector(), {}, "heaviside jumps");
  throws(chain_of(W, b), Vector::Ones(1), {}, "input has 1");
  throws(chain_of(W, b), Vector(), {.max_nodes = 0}, "max_nodes = 0");
  throws(chain_of(W, b), Vector(), {.max_seconds = 0.0}, "max_seconds = 0");
  throws(chain_of(W, b), Vector(), {.max_points = -1}, "max_points = -1");
  throws(chain_of(Matrix::Constant(2, 2, 1e-250), b), Vector(), {}, "rescale");
}
