// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE enumerate
#include "solvers/piecewise_linear/enumerate.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "lib/core/interrupt.hpp"
#include "solvers/piecewise_linear/index_check.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/piecewise_networks.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::tests;
using fixed_points::Stability;
using networks::Equation;

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
    const auto check = piecewise_linear::check_index(chain_of(W, b), rate);
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

BOOST_AUTO_TEST_CASE(fourteen_units_against_brute_force) {
  std::mt19937_64 engine(tests::seed);
  for (const bool competes : {true, false}) {
    const Index n = 14;
    const Matrix W = competes ? competitive(n, engine) : gaussian(n, n, 0.3, engine);
    const Vector b = competes ? positive_bias(n, engine) : Vector(gaussian(n, 1, 1.0, engine));
    const auto list = enumerate(chain_of(W, b));
    require_equal(list, brute_force(W, b, tests::broken_relu()));
    BOOST_TEST(list.effort.nodes < 4096);
  }
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
    const auto check = piecewise_linear::check_index(chain, list);
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
  const auto by_nodes = piecewise_linear::enumerate(chain, Vector(), {.max_nodes = 50});
  BOOST_TEST((by_nodes.report.status == Status::step_limit));
  BOOST_TEST(by_nodes.effort.open_branches > 0);
  BOOST_TEST(by_nodes.effort.nodes <= 51);
  BOOST_TEST(by_nodes.completeness.find("max_nodes = 50") != std::string::npos);
  BOOST_TEST(by_nodes.completeness.find("incomplete") != std::string::npos);
  BOOST_TEST(!piecewise_linear::check_index(chain, by_nodes).demanded);
  const auto by_points = piecewise_linear::enumerate(chain, Vector(), {.max_points = 10});
  BOOST_TEST((by_points.report.status == Status::step_limit));
  BOOST_TEST(by_points.points.size() == 11u);
  const auto by_time = piecewise_linear::enumerate(chain, Vector(), {.max_seconds = 1e-9});
  BOOST_TEST((by_time.report.status == Status::step_limit));
  // A network that needs one node is complete within a limit of one.
  const auto one = piecewise_linear::enumerate(chain_of(Matrix::Zero(1, 1), Vector::Ones(1)),
                                               Vector(), {.max_nodes = 10});
  BOOST_TEST(one.report.ok());

  request_interrupt();
  BOOST_CHECK_THROW(enumerate(chain), Interrupted);
  request_interrupt(false);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_refused) {
  const auto throws = [](const models::NoisyChain& chain, const Vector& input,
                         const piecewise_linear::EnumerateOptions& options,
                         const std::string& word) {
    BOOST_CHECK_EXCEPTION(piecewise_linear::enumerate(chain, input, options), std::invalid_argument,
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
