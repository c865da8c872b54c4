// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE banded_chain
#include "solvers/markov_chain/banded_chain.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <vector>

using namespace stillpoint;
using markov_chain::BandedChain;
using Rates = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

namespace {

Rates sparse(const Matrix& rates) { return rates.sparseView(); }

/// Rates to the next three states on either side, not in detailed balance.
Matrix some_rates(Index n, Index width) {
  Matrix rates = Matrix::Zero(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = std::max<Index>(0, i - width); j < std::min(n, i + width + 1); ++j)
      if (i != j) rates(i, j) = 2.0 + std::sin(3.0 * i + 7.0 * j + i * j);
  return rates;
}

Matrix generator(const Matrix& rates, const Vector& exits) {
  Matrix Q = rates;
  Q.diagonal() = -(rates.rowwise().sum() + exits);
  return Q;
}

}  // namespace

// A birth and death chain in detailed balance: π_{k+1}/π_k = up/down, down to 1e-120.
BOOST_AUTO_TEST_CASE(every_entry_is_right_to_its_own_digits) {
  constexpr Index n = 40;
  for (const bool reversed : {false, true}) {
    Matrix rates = Matrix::Zero(n, n);
    for (Index k = 0; k + 1 < n; ++k) {
      const double down = 1.0 + 0.1 * static_cast<double>(k);
      rates(k, k + 1) = reversed ? down : 1e-3;
      rates(k + 1, k) = reversed ? 1e-3 : down;
    }
    const Vector pi = BandedChain(sparse(rates), Vector::Zero(n)).stationary();
    double worst = 0.0;
    for (Index k = 0; k + 1 < n; ++k)
      worst =
          std::max(worst, std::abs(pi(k + 1) / pi(k) * rates(k + 1, k) / rates(k, k + 1) - 1.0));
    BOOST_TEST(worst < 1e-14);
    BOOST_TEST(pi.minCoeff() < 1e-120);
    BOOST_TEST(std::abs(pi.sum() - 1.0) < 1e-15);
  }
}

// Ratios beyond the range of a double do not overflow: the far end is 0.
BOOST_AUTO_TEST_CASE(beyond_the_range_of_numbers) {
  constexpr Index n = 200;
  Matrix rates = Matrix::Zero(n, n);
  for (Index k = 0; k + 1 < n; ++k) {
    rates(k, k + 1) = 1.0;
    rates(k + 1, k) = 1e-8;
  }
  const Vector pi = BandedChain(sparse(rates), Vector::Zero(n)).stationary();
  BOOST_TEST(pi.allFinite());
  BOOST_TEST(pi(n - 1) == 1.0, boost::test_tools::tolerance(1e-7));
  BOOST_TEST(pi(0) == 0.0);
}

// Two wells that exchange at 1e-18 and 3e-18 have the weights 3 : 1, which no residual sees.
BOOST_AUTO_TEST_CASE(weights_of_wells_that_hardly_exchange) {
  Matrix rates = Matrix::Zero(4, 4);
  rates(0, 1) = rates(1, 0) = rates(2, 3) = rates(3, 2) = 1.0;
  rates(1, 2) = 1e-18;
  rates(2, 1) = 3e-18;
  const Vector pi = BandedChain(sparse(rates), Vector::Zero(4)).stationary();
  BOOST_TEST(pi(0) + pi(1) == 0.75, boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(states_that_are_left_for_good) {
  Matrix rates = Matrix::Zero(4, 4);
  rates(0, 1) = rates(1, 2) = rates(2, 1) = rates(3, 2) = 1.0;  // {1, 2} is closed
  const Vector pi = BandedChain(sparse(rates), Vector::Zero(4)).stationary();
  BOOST_TEST(pi(1) == 0.5);
  BOOST_TEST(pi(2) == 0.5);
  BOOST_TEST(pi(0) < 1e-250);
  BOOST_TEST(pi(3) < 1e-250);
}

// Systems of closed and open chains, against dense elimination.
BOOST_AUTO_TEST_CASE(linear_systems) {
  constexpr Index n = 60;
  for (const Index width : {1, 3, 59}) {
    const Matrix rates = some_rates(n, width);
    Vector exits = Vector::Zero(n);
    exits(17) = 0.3;
    const Matrix open = generator(rates, exits);
    const BandedChain chain(sparse(rates), exits);
    BOOST_TEST(!chain.closed());
    Vector b(n);
    for (Index k = 0; k < n; ++k) b(k) = std::cos(2.0 * static_cast<double>(k));
    const Vector forward = open.transpose().partialPivLu().solve(b),
                 backward = open.partialPivLu().solve(b);
    BOOST_TEST((chain.solve_forward(b) - forward).norm() < 1e-10 * forward.norm());
    BOOST_TEST((chain.solve_backward(b) - backward).norm() < 1e-10 * backward.norm());

    const BandedChain closed(sparse(rates), Vector::Zero(n));
    BOOST_TEST(closed.closed());
    const Matrix Q = generator(rates, Vector::Zero(n));
    const Vector pi = closed.stationary();
    BOOST_TEST((Q.transpose() * pi).norm() < 1e-14);
    b.array() -= b.mean();
    const Vector x = closed.solve_forward(b);
    BOOST_TEST((Q.transpose() * x - b).norm() < 1e-11 * b.norm());
    BOOST_TEST(std::abs(x.sum()) < 1e-11 * x.norm());
    const Vector c = (b.array() - b.dot(pi)).matrix();
    BOOST_TEST((Q * closed.solve_backward(c) - c).norm() < 1e-11 * c.norm());
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const Matrix rates = some_rates(5, 2);
  BOOST_CHECK_THROW(BandedChain(sparse(rates), Vector::Zero(4)), std::invalid_argument);
  BOOST_CHECK_THROW(BandedChain(sparse(-rates), Vector::Zero(5)), std::invalid_argument);
  BOOST_CHECK_THROW(BandedChain(sparse(rates), -Vector::Ones(5)), std::invalid_argument);
  BOOST_CHECK_THROW(BandedChain(sparse(Matrix::Ones(2, 3)), Vector::Zero(2)),
                    std::invalid_argument);
}
