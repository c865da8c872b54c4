// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE optimizer
#include "solvers/training/optimizer.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace stillpoint;
using training::Adam;
using training::GradientDescent;
using training::Optimizer;
using training::Schedule;

// Two steps by hand: the first has length η in every direction, for any gradient.
BOOST_AUTO_TEST_CASE(adam) {
  Optimizer optimizer(Adam{.first = 0.5, .second = 0.75, .epsilon = 1e-300}, 2);
  Vector x = Vector::Zero(2);
  optimizer.step(Eigen::Vector2d(3.0, -1e-5), 0.1, x);
  BOOST_TEST((x - Eigen::Vector2d(-0.1, 0.1)).norm() < 1e-15);
  optimizer.step(Eigen::Vector2d(-1.0, 0.0), 0.1, x);
  // m = (3/4 − 1/2, …), m̂ = m/(3/4); v = (9·3/16 + 1/4), v̂ = v/(7/16)
  const double m = 0.25 / 0.75, v = (9.0 * 3 / 16 + 0.25) / (7.0 / 16);
  BOOST_TEST(std::abs(x(0) + 0.1 + 0.1 * m / std::sqrt(v)) < 1e-15);
}

BOOST_AUTO_TEST_CASE(momentum) {
  Optimizer optimizer(GradientDescent{.momentum = 0.5}, 1);
  Vector x = Vector::Zero(1);
  for (const double expected : {-1.0, -2.5, -4.25}) {  // steps of 1, 1.5, 1.75
    optimizer.step(Vector::Ones(1), 1.0, x);
    BOOST_TEST(x(0) == expected);
  }
}

BOOST_AUTO_TEST_CASE(goes_on_from_its_memory) {
  const auto gradient = [](const Vector& x) { return Vector(4.0 * x - Vector::Ones(x.size())); };
  Optimizer one(Adam{}, 3);
  Vector x = Vector::LinSpaced(3, -1.0, 1.0);
  for (int k = 0; k < 5; ++k) one.step(gradient(x), 0.1, x);
  Optimizer two(Adam{}, 3);
  two.restore(one.steps(), one.memory());
  Vector y = x;
  for (int k = 0; k < 5; ++k) {
    one.step(gradient(x), 0.1, x);
    two.step(gradient(y), 0.1, y);
  }
  BOOST_TEST((x == y));
  BOOST_CHECK_THROW(two.restore(1, Matrix::Zero(2, 2)), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(schedules) {
  const Schedule cosine{.rate = 2.0, .final_share = 0.5};
  BOOST_TEST(cosine.at(0, 10) == 2.0);
  BOOST_TEST(std::abs(cosine.at(5, 10) - 1.5) < 1e-15);
  BOOST_TEST(cosine.at(9, 10) > 1.0);
  const Schedule linear{
      .shape = Schedule::Shape::linear, .rate = 2.0, .final_share = 0.5, .warm_up = 2};
  BOOST_TEST(linear.at(0, 10) == 1.0);
  BOOST_TEST(std::abs(linear.at(5, 10) - 1.5) < 1e-15);
  BOOST_TEST((Schedule{.shape = Schedule::Shape::constant, .rate = 3.0}.at(7, 10)) == 3.0);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  BOOST_CHECK_THROW(Optimizer(Adam{}, 0), std::invalid_argument);
  BOOST_CHECK_THROW(Optimizer(Adam{.first = 1.0}, 1), std::invalid_argument);
  BOOST_CHECK_THROW(Optimizer(Adam{.epsilon = 0.0}, 1), std::invalid_argument);
  BOOST_CHECK_THROW(Optimizer(GradientDescent{.momentum = -0.1}, 1), std::invalid_argument);
}
