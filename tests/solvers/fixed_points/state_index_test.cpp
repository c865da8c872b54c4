// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE state_index
#include "solvers/fixed_points/state_index.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <vector>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using fixed_points::StateIndex;

BOOST_AUTO_TEST_CASE(an_empty_index_holds_nothing) {
  BOOST_TEST(!StateIndex({}).holds(Vector::Zero(3), 1.0));
}

// Against all comparisons, on states with few different entries and states moved by about a radius.
BOOST_AUTO_TEST_CASE(it_answers_as_all_comparisons_do) {
  std::mt19937_64 engine(tests::seed);
  std::uniform_int_distribution<int> bit(0, 1);
  std::uniform_real_distribution<double> move(-1.0, 1.0);
  constexpr Index n = 6;
  std::vector<Vector> states;
  for (int k = 0; k < 40; ++k)
    states.push_back(Vector::NullaryExpr(n, [&] { return static_cast<double>(bit(engine)); }));
  const StateIndex index(states);
  int held = 0;
  constexpr int asked = 2000;
  for (int k = 0; k < asked; ++k) {
    const Vector state = states[static_cast<std::size_t>(k) % states.size()] +
                         Vector(Vector::NullaryExpr(n, [&] { return 1.2e-3 * move(engine); }));
    bool near = false;
    for (const Vector& other : states)
      near = near || (other - state).lpNorm<Eigen::Infinity>() <= 1e-3;
    BOOST_TEST(index.holds(state, 1e-3) == near);
    held += near;
  }
  BOOST_TEST(held > 0);
  BOOST_TEST(held < asked);
}
