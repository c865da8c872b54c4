// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE cycles
#include "solvers/piecewise_linear/cycles.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <set>
#include <stdexcept>

#include "solvers/fixed_points/map.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/piecewise_brute_force.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using fixed_points::Stability;
using networks::Equation;

namespace {

models::NoisyChain chain_of(Matrix W, Vector b, double leak, activations::Activation f,
                            Equation equation = Equation::rate) {
  return {
      {.equation = equation, .W = std::move(W), .b = std::move(b), .activation = f, .leak = leak},
      {}};
}

models::NoisyChain neuron(double w, double c, double leak,
                          activations::Activation f = activations::Relu{}) {
  return chain_of(Matrix::Constant(1, 1, w), Vector::Constant(1, c), leak, f);
}

/// The equations of all orbits of a period, P a + Q f(a) = r, times one below the other.
tests::BrokenEquation orbits(const models::NoisyChain& chain, Index period,
                             const tests::BrokenLine& f) {
  const Index n = chain.units();
  const double g = chain.leak();
  Matrix P = Matrix::Identity(n * period, n * period), Q = Matrix::Zero(n * period, n * period);
  for (Index t = 0; t < period; ++t) {
    const Index next = (t + 1) % period;
    P.block(next * n, t * n, n, n) -= (1.0 - g) * Matrix::Identity(n, n);
    Q.block(next * n, t * n, n, n) -= g * chain.network().W;
  }
  return {P, Q, g * chain.network().b.replicate(period, 1), f};
}

/// Number of cycles of exactly that period, by the patterns of brute force.
Index cycles_by_brute_force(const models::NoisyChain& chain, Index period,
                            const tests::BrokenLine& f) {
  const Index n = chain.units();
  const auto found = tests::solve_by_brute_force(orbits(chain, period, f));
  BOOST_REQUIRE(found.singular == 0);
  Index points = 0;
  for (const auto& solution : found.points) {
    const Matrix a = Eigen::Map<const Matrix>(solution.a.data(), n, period);
    bool shorter = false;
    for (Index divisor = 1; divisor < period; ++divisor) {
      if (period % divisor != 0) continue;
      double distance = 0.0;
      for (Index t = 0; t < period; ++t)
        distance = std::max(distance,
                            (a.col(t) - a.col((t + divisor) % period)).lpNorm<Eigen::Infinity>());
      shorter = shorter || distance < 1e-9;
    }
    points += shorter ? 0 : 1;
  }
  BOOST_REQUIRE(points % period == 0);
  return points / period;
}

/// Every listed orbit is one, of that period and no other, and its multipliers are those of the
/// product of Jacobians.
void check_orbits(const models::NoisyChain& chain, const piecewise_linear::Cycles& found) {
  const fixed_points::Map map = fixed_points::chain_map(chain, Vector());
  std::set<std::pair<Index, double>> starts;
  for (const auto& cycle : found.cycles) {
    BOOST_REQUIRE(cycle.states.cols() == cycle.period);
    Matrix product = Matrix::Identity(chain.units(), chain.units()), jacobian;
    Vector image;
    bool kink = false;
    for (Index t = 0; t < cycle.period; ++t) {
      const Vector next = cycle.states.col((t + 1) % cycle.period);
      map.evaluate(cycle.states.col(t), image, &jacobian);
      BOOST_TEST((image - next).lpNorm<Eigen::Infinity>() <
                 1e-12 * std::max(1.0, next.lpNorm<Eigen::Infinity>()));
      product = (jacobian * product).eval();
      kink = kink || !cycle.on_kink[static_cast<std::size_t>(t)].empty();
      if (t > 0) BOOST_TEST((cycle.states.col(t) - cycle.states.col(0)).norm() > 0.0);
    }
    if (kink) continue;
    const double scale = std::max(1.0, product.norm());
    BOOST_TEST(std::abs(cycle.multipliers.sum().real() - product.trace()) < 1e-9 * scale);
    const Matrix defect = Matrix::Identity(chain.units(), chain.units()) - product;
    BOOST_TEST(cycle.index == (defect.determinant() > 0.0 ? 1 : -1));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_neuron_that_switches_itself_off_and_on) {
  // h' = relu(1 − 2 h): the fixed point 1/3 and the cycle 0 → 1 → 0, which passes the flat piece.
  for (const Equation equation : {Equation::rate, Equation::current}) {
    const auto chain =
        chain_of(Matrix::Constant(1, 1, -2.0), Vector::Ones(1), 1.0, activations::Relu{}, equation);
    const auto found = piecewise_linear::enumerate_cycles(chain, Vector(), 6);
    BOOST_TEST(found.report.ok());
    BOOST_REQUIRE(found.cycles.size() == 2);
    BOOST_TEST(found.cycles[0].period == 1);
    BOOST_TEST(found.cycles[0].multipliers(0).real() == -2.0);
    BOOST_TEST(found.cycles[1].period == 2);
    BOOST_TEST(found.cycles[1].arguments.minCoeff() == -1.0);
    BOOST_TEST(found.cycles[1].arguments.maxCoeff() == 1.0);
    BOOST_TEST(found.cycles[1].multipliers(0).real() == 0.0);
    BOOST_TEST((found.cycles[1].stability == Stability::stable));
    BOOST_TEST(found.completeness.find("all cycles of period up to 6") != std::string::npos);
    check_orbits(chain, found);
  }
}

BOOST_AUTO_TEST_CASE(a_chaotic_neuron_has_the_cycles_of_the_tent_map) {
  // With leak ½ and w = −6 the argument obeys a' = a/2 + ½ (c − 6 relu(a)): slope ½ left of the
  // kink, −5/2 right of it; saturating units fold twice. Brute force over 2ᵏ and 3ᵏ patterns.
  std::mt19937_64 engine(tests::seed);
  std::uniform_real_distribution<double> weight(-12.0, -3.0), bias(0.25, 2.0);
  Index cycles = 0;
  for (int k = 0; k < 12; ++k) {
    const bool saturates = k % 3 == 2;
    const double leak = k % 2 == 0 ? 0.5 : 0.75;
    // Few digits, so that products are exact in the oracle too.
    const double w = std::round(1024.0 * weight(engine)) / 1024.0;
    const activations::Activation f = saturates
                                          ? activations::Activation(activations::SaturatingLinear{})
                                          : activations::Activation(activations::Relu{});
    const tests::BrokenLine line = saturates ? tests::broken_saturation() : tests::broken_relu();
    const auto chain = neuron(w, std::round(1024.0 * bias(engine)) / 1024.0, leak, f);
    const Index longest = 6;
    const auto found = piecewise_linear::enumerate_cycles(chain, Vector(), longest);
    BOOST_REQUIRE(found.report.ok());
    for (Index period = 1; period <= longest; ++period) {
      const Index expected = cycles_by_brute_force(chain, period, line);
      BOOST_TEST(found.count(period) == expected);
      cycles += expected;
    }
    check_orbits(chain, found);
  }
  BOOST_TEST_MESSAGE(cycles << " cycles of one neuron");
  BOOST_TEST(cycles >= 50);
}

BOOST_AUTO_TEST_CASE(cycles_of_small_networks_against_brute_force) {
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal(0.0, 1.0);
  const auto draw = [&] { return std::round(1024.0 * normal(engine)) / 1024.0; };
  Index longer = 0;
  tests::Sampled sampled(3);
  for (int k = 0; k < 60; ++k) {
    if (!sampled.next()) continue;
    const Index n = 2 + k % 2;
    const Matrix W = 3.0 * Matrix::NullaryExpr(n, n, draw);
    const Vector b = Vector::NullaryExpr(n, draw);
    const double slope = k % 4 == 0 ? 0.25 : 0.0;
    const Equation equation = k % 2 == 0 ? Equation::rate : Equation::current;
    const auto chain = chain_of(W, b, 0.5, activations::LeakyRelu(slope), equation);
    const Index longest = n == 2 ? 5 : 4;
    const auto found = piecewise_linear::enumerate_cycles(chain, Vector(), longest);
    BOOST_REQUIRE(found.report.ok());
    for (Index period = 1; period <= longest; ++period) {
      const Index expected = cycles_by_brute_force(chain, period, tests::broken_relu(slope));
      BOOST_TEST(found.count(period) == expected);
      if (period > 1) longer += expected;
    }
    check_orbits(chain, found);
  }
  BOOST_TEST_MESSAGE(longer << " cycles longer than 1 of two and three neurons");
  BOOST_TEST(longer >= 10);
}

BOOST_AUTO_TEST_CASE(indices_of_all_points_of_a_period_add_up_to_one_for_bounded_units) {
  // Points of period k, of cycles and of shorter ones alike, are the fixed points of Φᵏ, which maps
  // a box into itself: Σ index = 1. A shorter cycle's index under Φᵏ follows from its multipliers.
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal(0.0, 3.0);
  const Matrix W = Matrix::NullaryExpr(3, 3, [&] { return normal(engine); });
  const auto chain =
      chain_of(W, Vector::Zero(3).array() + 0.25, 0.5, activations::SaturatingLinear{});
  const auto found = piecewise_linear::enumerate_cycles(chain, Vector(), 4);
  BOOST_REQUIRE(found.report.ok());
  BOOST_REQUIRE(found.sets.empty());
  BOOST_TEST(found.cycles.size() > 2u);
  for (Index k = 1; k <= 4; ++k) {
    double sum = 0.0;
    for (const auto& cycle : found.cycles) {
      if (k % cycle.period != 0) continue;
      double determinant = 1.0;  // of I − Jᵏ, whose complex factors come in conjugate pairs
      for (const auto& multiplier : cycle.multipliers)
        if (multiplier.imag() == 0.0)
          determinant *= 1.0 - std::pow(multiplier.real(), static_cast<double>(k / cycle.period));
      sum += (determinant > 0.0 ? 1.0 : -1.0) * static_cast<double>(cycle.period);
    }
    BOOST_TEST(sum == 1.0);
  }
}

BOOST_AUTO_TEST_CASE(a_line_of_two_cycles) {
  // h' = relu(1 − h): every h in [0, 1] returns after two steps; only ½ is a fixed point.
  const auto found = piecewise_linear::enumerate_cycles(neuron(-1.0, 1.0, 1.0), Vector(), 4);
  BOOST_TEST(found.report.ok());
  BOOST_REQUIRE(found.cycles.size() == 1);
  BOOST_TEST(found.cycles[0].states(0, 0) == 0.5);
  BOOST_REQUIRE(found.sets.size() == 1);
  BOOST_TEST(found.sets[0].period == 2);
  BOOST_TEST(to_string(found.sets[0].set) == "a segment from (1, 0) to (0, 1)");
}

BOOST_AUTO_TEST_CASE(a_cycle_through_a_kink_is_listed_once) {
  // h' = relu(1 − 2 h) with bias 1 and leak 1 never meets a = 0; h' = relu(1 − h) from a = 0 does,
  // inside its line. Here a' = −relu(a) · 2 + 1 with a two-unit delay: (1, 0) → (0, 1) → (1, 0).
  Matrix W(2, 2);
  W << 0.0, 1.0, 1.0, 0.0;
  const auto chain = chain_of(W, Vector::Zero(2), 1.0, activations::Relu{});
  // Swapping h₁ and h₂: every (h₁, h₂) ≥ 0 has period 2, the diagonal period 1.
  const auto found = piecewise_linear::enumerate_cycles(chain, Vector(), 2);
  BOOST_TEST(found.cycles.empty());
  BOOST_REQUIRE(found.sets.size() == 2);
  BOOST_TEST(found.sets[0].period == 1);
  BOOST_TEST(found.sets[0].set.dimension == 1);
  BOOST_TEST(found.sets[1].period == 2);
  BOOST_TEST(found.sets[1].set.dimension == 2);
  // a' = 1 − 2 relu(a) at leak 1 with the bias of unit 2 such that a₂ = h₁ − 1 = 0 when h₁ = 1.
  W << -2.0, 0.0, 1.0, 0.0;
  const auto kinked = piecewise_linear::enumerate_cycles(
      chain_of(W, Eigen::Vector2d(1.0, -1.0), 1.0, activations::Relu{}), Vector(), 2);
  BOOST_TEST(kinked.count(1) == 1);
  BOOST_REQUIRE(kinked.count(2) == 1);
  const auto& cycle = kinked.cycles[1];
  BOOST_TEST(cycle.on_kink[0].size() + cycle.on_kink[1].size() == 1u);
  BOOST_TEST((cycle.stability == Stability::marginal));
  BOOST_TEST(cycle.index == 1);
}

BOOST_AUTO_TEST_CASE(limits_and_bad_arguments) {
  const auto limited =
      piecewise_linear::enumerate_cycles(neuron(-8.0, 1.0, 0.5), Vector(), 5, {.max_nodes = 3});
  BOOST_TEST((limited.report.status == Status::step_limit));
  BOOST_TEST(limited.completeness.find("max_nodes = 3") != std::string::npos);
  BOOST_CHECK_THROW(piecewise_linear::enumerate_cycles(neuron(-8.0, 1.0, 0.5), Vector(), 0),
                    std::invalid_argument);
  BOOST_CHECK_THROW(piecewise_linear::enumerate_cycles(
                        neuron(1.0, 1.0, 0.5, activations::Softplus(1.0)), Vector(), 2),
                    std::invalid_argument);
}
