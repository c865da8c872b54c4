// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE find
#include "solvers/fixed_points/find.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>

#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using fixed_points::Stability;
using networks::Equation;

namespace {

models::NoisyChain chain_of(Matrix W, Vector b, activations::Activation f, double leak = 1.0,
                            Equation equation = Equation::rate) {
  return {
      {.equation = equation, .W = std::move(W), .b = std::move(b), .activation = f, .leak = leak},
      {}};
}

models::NoisyChain neuron(double w, double b, double leak = 1.0) {
  return chain_of(Matrix::Constant(1, 1, w), Vector::Constant(1, b), activations::Tanh{}, leak);
}

fixed_points::FixedPoints find(const models::NoisyChain& chain,
                               const fixed_points::Options& options = {}) {
  return fixed_points::find(chain, Vector(), {}, {}, options);
}

Matrix gaussian(Index rows, Index columns, double sd, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, sd);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

/// W = −1.25 off the diagonal, bias 1.
models::NoisyChain winner_take_all(Index n, Equation equation = Equation::rate) {
  Matrix W = Matrix::Constant(n, n, -1.25);
  W.diagonal().setZero();
  return chain_of(W, Vector::Ones(n), activations::Relu{}, 0.2, equation);
}

/// All fixed points of h = relu(W h + b) by trying every support.
std::vector<Vector> brute_force(const Matrix& W, const Vector& b) {
  const Index n = b.size();
  std::vector<Vector> points;
  for (Index support = 0; support < (Index{1} << n); ++support) {
    Matrix A = Matrix::Identity(n, n);
    Vector right = Vector::Zero(n);
    for (Index i = 0; i < n; ++i)
      if (support >> i & 1) {
        A.row(i) -= W.row(i);
        right(i) = b(i);
      }
    const Vector h = A.fullPivLu().solve(right);
    const Vector a = W * h + b;
    bool consistent = true;
    for (Index i = 0; i < n; ++i)
      consistent = consistent && (support >> i & 1 ? a(i) > 0.0 : a(i) <= 0.0);
    if (consistent) points.push_back(h);
  }
  return points;
}

double nearest(const Vector& point, const fixed_points::FixedPoints& list) {
  double distance = INFINITY;
  for (const auto& other : list.points)
    distance = std::min(distance, (point - other.state).lpNorm<Eigen::Infinity>());
  return distance;
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_tanh_neuron_has_three_points) {
  // h = tanh(1.5 h): 0 and ±h*, h* by bisection.
  double lower = 0.5, h = 0.75, upper = 1.0;
  for (; lower < h && h < upper; h = 0.5 * (lower + upper))
    (h < std::tanh(1.5 * h) ? lower : upper) = h;
  const auto result = find(neuron(1.5, 0.0, 0.2));
  BOOST_TEST(result.report.ok());
  BOOST_REQUIRE(result.points.size() == 3);
  BOOST_TEST(result.points[0].state(0) == -h, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(result.points[1].state(0) == h, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(result.points[2].state(0)) < 1e-15);
  BOOST_TEST((result.points[0].stability == Stability::stable));
  BOOST_TEST((result.points[2].stability == Stability::unstable));
  BOOST_TEST(result.points[2].unstable_directions == 1);
  // Multipliers 1 − g + g w (1 − h²).
  BOOST_TEST(result.points[1].multipliers(0).real() == 0.8 + 0.2 * 1.5 * (1.0 - h * h),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(result.points[2].multipliers(0).real() == 1.1, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(result.points[1].argument(0) == 1.5 * h, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(result.index_sum() == 1);
  BOOST_TEST(result.box.contains_all);
  BOOST_TEST(result.completeness.find("may be incomplete") != std::string::npos);
  BOOST_TEST(result.converged <= result.starts);
  BOOST_TEST(result.points[0].reached + result.points[1].reached + result.points[2].reached ==
             result.converged);
  BOOST_TEST(result.converged > 1000);
}

BOOST_AUTO_TEST_CASE(a_pitchfork_is_one_degenerate_point) {
  // w = 1: h = tanh h only at 0, a triple root: rounding leaves an error of about its cubic root,
  // and the Newton step from there is y/3.
  const auto result = find(neuron(1.0, 0.0));
  BOOST_REQUIRE(result.points.size() == 1);
  const auto& point = result.points[0];
  BOOST_TEST(std::abs(point.state(0)) <= 4.0 * point.error);
  BOOST_TEST(point.error < 1e-5);
  BOOST_TEST((point.stability == Stability::marginal));
  BOOST_TEST(point.index == 0);
  BOOST_TEST(result.completeness.find("degenerate") != std::string::npos);
  // On either side one and three.
  BOOST_TEST(find(neuron(0.999, 0.0)).points.size() == 1u);
  BOOST_TEST(find(neuron(1.001, 0.0)).points.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_relu_network_with_a_known_active_set) {
  // Units 1 and 2 active: h = (I − W)⁻¹ b; unit 3 is driven below its threshold.
  Matrix W(3, 3);
  W << 0.0, 0.5, 0.3, -0.25, 0.2, 0.1, -1.0, -1.0, 0.4;
  const Vector b = Eigen::Vector3d(1.0, 0.8, 0.1);
  const auto result = find(chain_of(W, b, activations::Relu{}, 0.3));
  BOOST_REQUIRE(result.points.size() == 1);
  const Eigen::Vector2d active =
      (Eigen::Matrix2d::Identity() - W.topLeftCorner<2, 2>()).lu().solve(b.head<2>());
  BOOST_TEST((result.points[0].state.head<2>() - active).norm() < 1e-14);
  BOOST_TEST(result.points[0].state(2) == 0.0);
  BOOST_TEST(result.points[0].argument(2) < 0.0);
  BOOST_TEST(!result.box.contains_all);
}

BOOST_AUTO_TEST_CASE(winner_take_all_has_a_point_for_every_set_of_winners) {
  // k winners are at 1/(1 + 1.25 (k − 1)); the others get 1 − 1.25 k/(1 + 1.25 (k − 1)) < 0.
  for (const Index n : {3, 4}) {
    const auto result = find(winner_take_all(n));
    BOOST_TEST(static_cast<Index>(result.points.size()) == (Index{1} << n) - 1);
    for (const auto& point : result.points) {
      const auto winners = (point.state.array() > 0.0).count();
      const double level = 1.0 / (1.0 + 1.25 * static_cast<double>(winners - 1));
      BOOST_TEST(point.state.maxCoeff() == level, boost::test_tools::tolerance(1e-14));
      BOOST_TEST((point.stability == Stability::stable) == (winners == 1));
      BOOST_TEST(point.unstable_directions == winners - 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(relu_networks_against_all_supports) {
  std::mt19937_64 engine(tests::seed);
  std::uniform_real_distribution<double> self(0.0, 0.9), bias(0.2, 1.0);
  Index total = 0;
  for (int trial = 0; trial < (tests::full_effort() ? 200 : 60); ++trial) {
    const Index n = 3 + trial % 6;
    Matrix W = gaussian(n, n, 0.3, engine).array() - 1.2;
    for (Index i = 0; i < n; ++i) W(i, i) = self(engine);
    const Vector b = Vector::NullaryExpr(n, [&] { return bias(engine); });
    const auto equation = trial % 2 ? Equation::rate : Equation::current;
    const auto result = find(chain_of(W, b, activations::Relu{}, 0.4, equation));
    const auto exact = brute_force(W, b);
    total += static_cast<Index>(exact.size());
    BOOST_TEST(result.points.size() == exact.size(), "network " << trial << ", n = " << n << ": "
                                                                << result.points.size() << " of "
                                                                << exact.size());
    for (const Vector& h : exact) {
      const Vector state = equation == Equation::rate ? h : Vector(W * h + b);
      BOOST_TEST(nearest(state, result) < 1e-11, "network " << trial);
    }
  }
  BOOST_TEST(total > 60);  // the networks are competitive: several points each
}

BOOST_AUTO_TEST_CASE(indices_add_up_to_one_for_a_bounded_activation) {
  std::mt19937_64 engine(tests::seed);
  std::size_t total = 0;
  for (int trial = 0; trial < (tests::full_effort() ? 300 : 60); ++trial) {
    const Index n = 1 + trial % 3;
    const double gain = std::array{1.5, 3.0, 6.0}[static_cast<std::size_t>(trial / 3 % 3)];
    const auto chain = chain_of(gaussian(n, n, gain / std::sqrt(static_cast<double>(n)), engine),
                                gaussian(n, 1, 0.3, engine), activations::Tanh{}, 0.5,
                                trial % 2 ? Equation::rate : Equation::current);
    const auto result = find(chain, {.starts = 256, .threads = 1});
    total += result.points.size();
    BOOST_TEST(result.index_sum() == 1, "network " << trial << ": " << result.completeness);
    BOOST_TEST(result.completeness.find("as it is for a complete list") != std::string::npos);
    for (const auto& point : result.points) {
      BOOST_TEST(point.residual < 1e-14);
      BOOST_TEST((point.argument.array() >= result.box.lower.array()).all());
      BOOST_TEST((point.argument.array() <= result.box.upper.array()).all());
    }
  }
  BOOST_TEST(total > 100u);
}

BOOST_AUTO_TEST_CASE(rate_and_current_share_points_and_multipliers) {
  std::mt19937_64 engine(tests::seed);
  const Index n = 5;
  std::size_t total = 0;
  for (int trial = 0; trial < 5; ++trial) {
    const Matrix W = gaussian(n, n, 5.0 / std::sqrt(5.0), engine);
    const Vector b = gaussian(n, 1, 0.2, engine);
    const auto rate = find(chain_of(W, b, activations::Tanh{}, 0.3));
    const auto current = find(chain_of(W, b, activations::Tanh{}, 0.3, Equation::current));
    total += rate.points.size();
    BOOST_REQUIRE(rate.points.size() == current.points.size());
    for (const auto& point : rate.points) {
      const Vector x = W * point.state + b;
      const auto partner = std::min_element(current.points.begin(), current.points.end(),
                                            [&x](const auto& a, const auto& c) {
                                              return (a.state - x).norm() < (c.state - x).norm();
                                            });
      // Each errs by at most its residual, 1e-15, over |1 − multiplier|, which exceeds 1e-3.
      for (const auto& multiplier : point.multipliers)
        BOOST_TEST(std::abs(1.0 - multiplier) > 1e-3);
      BOOST_TEST((partner->state - x).norm() < 1e-11);
      BOOST_TEST((partner->argument - x).norm() < 1e-11);
      BOOST_TEST((partner->multipliers - point.multipliers).norm() < 1e-10);
      BOOST_TEST(partner->index == point.index);
      BOOST_TEST((partner->stability == point.stability));
    }
  }
  BOOST_TEST(total > 10u);
}

BOOST_AUTO_TEST_CASE(multipliers_are_those_of_finite_differences) {
  std::mt19937_64 engine(tests::seed);
  const Index n = 4;
  for (const Equation equation : {Equation::rate, Equation::current})
    for (const Vector& q : {Vector(), Vector(Vector::Constant(n, 0.4))}) {
      const auto chain = chain_of(gaussian(n, n, 1.0, engine), gaussian(n, 1, 0.2, engine),
                                  activations::Tanh{}, 0.3, equation);
      const auto map = fixed_points::chain_map(chain, Vector(), q);
      for (const auto& point : fixed_points::find(chain, Vector(), q, {}, {.starts = 32}).points) {
        // Central differences with h = 1e-5 err by h² |third derivative|/6 + 1e-16/h < 1e-9 for
        // these weights; each multiplier must be a root of their characteristic polynomial.
        Matrix J(n, n);
        Vector up(n), down(n);
        const double h = 1e-5;
        for (Index j = 0; j < n; ++j) {
          map.evaluate(point.state + h * Vector::Unit(n, j), up, nullptr);
          map.evaluate(point.state - h * Vector::Unit(n, j), down, nullptr);
          J.col(j) = (up - down) / (2.0 * h);
        }
        BOOST_TEST(std::abs(point.multipliers.sum() - J.trace()) < 1e-8);
        for (const auto& multiplier : point.multipliers)
          BOOST_TEST(std::abs((J - multiplier * Eigen::MatrixXcd::Identity(n, n)).determinant()) <
                     1e-8);
      }
    }
}

BOOST_AUTO_TEST_CASE(smoothing_moves_the_point_as_the_closed_form_says) {
  // relu, w = 0: h = f_q(b) = b Φ(b/q) + q φ(b/q).
  const double b = 0.3, q = 0.5, x = b / q;
  const double expected = b * 0.5 * std::erfc(-x / std::numbers::sqrt2) +
                          q * std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
  const auto chain = chain_of(Matrix::Zero(1, 1), Vector::Constant(1, b), activations::Relu{}, 0.2);
  const auto result = fixed_points::find(chain, Vector(), Vector::Constant(1, q));
  BOOST_REQUIRE(result.points.size() == 1);
  BOOST_TEST(result.points[0].state(0) == expected, boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(the_same_list_for_any_number_of_threads) {
  std::mt19937_64 engine(tests::seed);
  const Index n = 12;
  const auto chain = chain_of(gaussian(n, n, 2.5 / std::sqrt(12.0), engine),
                              gaussian(n, 1, 0.1, engine), activations::Tanh{}, 0.2);
  const auto one = find(chain, {.threads = 1});
  BOOST_TEST(one.points.size() > 3u);
  for (const int threads : {2, 4}) {
    const auto many = find(chain, {.threads = threads});
    BOOST_REQUIRE(many.points.size() == one.points.size());
    BOOST_TEST(many.converged == one.converged);
    for (std::size_t k = 0; k < one.points.size(); ++k) {
      BOOST_TEST((many.points[k].state.array() == one.points[k].state.array()).all(), "bitwise");
      BOOST_TEST((many.points[k].multipliers.array() == one.points[k].multipliers.array()).all());
      BOOST_TEST(many.points[k].reached == one.points[k].reached);
    }
  }
}

BOOST_AUTO_TEST_CASE(given_starts_are_used_as_they_stand) {
  const Matrix given = Matrix::Constant(1, 1, 0.9);
  const auto result =
      fixed_points::find(neuron(1.5, 0.0), Vector(), {}, given, {.starts = 0, .rounds = 0});
  BOOST_TEST(result.starts == 1);
  BOOST_REQUIRE(result.points.size() == 1);
  BOOST_TEST(result.points[0].state(0) > 0.8);
  // One round adds the mirror image, the next the midpoint: all three.
  const auto rounds =
      fixed_points::find(neuron(1.5, 0.0), Vector(), {}, given, {.starts = 0, .rounds = 4});
  BOOST_TEST(rounds.points.size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_index_sum_that_is_not_one_is_said) {
  const auto result = fixed_points::find(neuron(1.5, 0.0), Vector(), {}, Matrix::Zero(1, 1),
                                         {.starts = 0, .rounds = 0});
  BOOST_REQUIRE(result.points.size() == 1);
  BOOST_TEST(result.index_sum() == -1);
  BOOST_TEST(result.completeness.find("points are missing") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_found_is_a_report_with_a_sentence) {
  const fixed_points::Box box{Vector::Constant(1, -2.0), Vector::Constant(1, 2.0)};
  const fixed_points::Map shift{1, [](const Vector& y, Vector& image, Matrix* jacobian) {
                                  image = y.array() + 1.0 + 0.1 * y.array().square();
                                  if (jacobian) (*jacobian)(0, 0) = 1.0 + 0.2 * y(0);
                                }};
  const auto none = fixed_points::find(shift, box, Matrix(), {.starts = 16});
  BOOST_TEST(none.points.empty());
  BOOST_TEST((none.report.status == Status::no_convergence));
  BOOST_TEST(none.report.message ==
             "no fixed point was found from 16 starts; try more starts or a wider box");
  const fixed_points::Map nan{1, [](const Vector&, Vector& image, Matrix* jacobian) {
                                image.setConstant(std::nan(""));
                                if (jacobian) jacobian->setZero();
                              }};
  const auto bad = fixed_points::find(nan, box, Matrix(), {.starts = 16});
  BOOST_TEST((bad.report.status == Status::non_finite_state));
  BOOST_TEST(bad.report.message.find("NaN") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const auto chain = neuron(1.5, 0.0);
  const auto throws = [&chain](const Vector& q, const Matrix& given,
                               const fixed_points::Options& options) {
    BOOST_CHECK_THROW(fixed_points::find(chain, Vector(), q, given, options),
                      std::invalid_argument);
  };
  throws(Vector::Ones(2), {}, {});
  throws(Vector::Constant(1, -1.0), {}, {});
  throws({}, Matrix::Zero(2, 1), {});
  throws({}, Matrix::Constant(1, 1, std::nan("")), {});
  throws({}, {}, {.starts = -1});
  throws({}, {}, {.starts = 0});
  throws({}, {}, {.relaxation_steps = -1});
  throws({}, {}, {.rounds = -1});
  throws({}, {}, {.curves = -1});
  throws({}, {}, {.curve_steps = 0});
  throws({}, {}, {.deflated_starts = -1});
  throws({}, {}, {.max_iterations = 0});
  throws({}, {}, {.tolerance = 0.0});
  throws({}, {}, {.merge_tolerance = 0.0});
  BOOST_CHECK_THROW(fixed_points::find(chain, Vector::Ones(1)), std::invalid_argument);
}
