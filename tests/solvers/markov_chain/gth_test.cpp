// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE gth
#include "solvers/markov_chain/gth.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace stillpoint;
using markov_chain::stationary_vector;

// A birth and death chain in detailed balance: π_{k+1}/π_k = up/down, down to 1e-120.
BOOST_AUTO_TEST_CASE(every_entry_is_right_to_its_own_digits) {
  constexpr Index n = 40;
  Matrix rates = Matrix::Zero(n, n);
  for (Index k = 0; k + 1 < n; ++k) {
    rates(k, k + 1) = 1e-3;
    rates(k + 1, k) = 1.0 + 0.1 * static_cast<double>(k);
  }
  const auto pi = stationary_vector(rates);
  BOOST_REQUIRE(pi.has_value());
  double worst = 0.0;
  for (Index k = 0; k + 1 < n; ++k)
    worst = std::max(worst, std::abs((*pi)(k + 1) / (*pi)(k)*rates(k + 1, k) / 1e-3 - 1.0));
  BOOST_TEST(worst < 1e-14);
  BOOST_TEST((*pi)(n - 1) < 1e-120);
  BOOST_TEST(std::abs(pi->sum() - 1.0) < 1e-15);
}

// Two wells that exchange at 1e-18 and 3e-18 have the weights 3 : 1, which no residual sees.
BOOST_AUTO_TEST_CASE(weights_of_wells_that_hardly_exchange) {
  Matrix rates = Matrix::Zero(4, 4);
  rates(0, 1) = rates(1, 0) = rates(2, 3) = rates(3, 2) = 1.0;
  rates(1, 2) = 1e-18;
  rates(2, 1) = 3e-18;
  const auto pi = stationary_vector(rates);
  BOOST_REQUIRE(pi.has_value());
  BOOST_TEST((*pi)(0) + (*pi)(1) == 0.75, boost::test_tools::tolerance(1e-15));
}

// The residual of a full matrix, cyclic and not in detailed balance.
BOOST_AUTO_TEST_CASE(full_matrix) {
  constexpr Index n = 30;
  Matrix rates(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) rates(i, j) = 1.0 + std::sin(3.0 * i + 7.0 * j + i * j);
  const auto pi = stationary_vector(rates);
  BOOST_REQUIRE(pi.has_value());
  rates.diagonal().setZero();
  const Vector out = rates.rowwise().sum().cwiseProduct(*pi), in = rates.transpose() * *pi;
  BOOST_TEST((in - out).cwiseAbs().maxCoeff() < 1e-15 * n);
}

BOOST_AUTO_TEST_CASE(left_for_good_and_out_of_reach) {
  Matrix rates = Matrix::Zero(3, 3);
  rates(0, 1) = rates(1, 0) = rates(2, 0) = 1.0;
  const auto pi = stationary_vector(rates);
  BOOST_REQUIRE(pi.has_value());
  BOOST_TEST((*pi)(2) == 0.0);
  rates(2, 0) = 0.0;
  BOOST_TEST(!stationary_vector(rates).has_value());
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  BOOST_CHECK_THROW(stationary_vector(Matrix(2, 3)), std::invalid_argument);
  BOOST_CHECK_THROW(stationary_vector(Matrix::Constant(2, 2, -1.0)), std::invalid_argument);
  BOOST_CHECK_THROW(stationary_vector(Matrix::Constant(2, 2, std::nan(""))), std::invalid_argument);
}
