// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE arnoldi
#include "solvers/algebraic/arnoldi.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

using namespace stillpoint;
using algebraic::arnoldi;
using algebraic::exponential_action;

namespace {

/// Second differences on n points between walls at distance 1, times n².
struct Heat {
  Index n;
  void operator()(const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> y) const {
    const double scale = static_cast<double>((n + 1) * (n + 1));
    for (Index k = 0; k < n; ++k)
      y(k) = scale * ((k > 0 ? x(k - 1) : 0.0) - 2.0 * x(k) + (k + 1 < n ? x(k + 1) : 0.0));
  }
  Vector mode(Index k) const {
    Vector v(n);
    for (Index i = 0; i < n; ++i)
      v(i) = std::sin(std::numbers::pi * static_cast<double>(k * (i + 1)) /
                      static_cast<double>(n + 1));
    return v;
  }
  double rate(Index k) const {
    const double s =
        std::sin(0.5 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n + 1));
    return -4.0 * static_cast<double>((n + 1) * (n + 1)) * s * s;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(relation_and_orthogonality) {
  const Heat A{200};
  const auto space = arnoldi(A, Vector::Random(200), 40);
  Matrix image(200, 40);
  for (Index k = 0; k < 40; ++k) A(space.basis.col(k), image.col(k));
  image -= space.basis.leftCols(40) * space.hessenberg;
  image.col(39) -= space.next * space.basis.col(40);
  BOOST_TEST(image.norm() < 1e-12 * space.hessenberg.norm());
  BOOST_TEST((space.basis.transpose() * space.basis - Matrix::Identity(41, 41)).norm() < 1e-13);
}

BOOST_AUTO_TEST_CASE(invariant_space_ends_early) {
  const auto A = [](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> y) {
    y = Vector::LinSpaced(50, 1.0, 50.0).cwiseProduct(x);
  };
  const auto space = arnoldi(A, Vector::Unit(50, 3) + Vector::Unit(50, 20), 10);
  BOOST_TEST(space.hessenberg.rows() == 2);
  BOOST_TEST(space.next == 0.0);
}

// Modes decay by their exact rates; ‖tA‖ is 1600, so that many steps are needed.
BOOST_AUTO_TEST_CASE(decay_of_modes) {
  const Heat A{400};
  const Vector v = A.mode(1) + 0.5 * A.mode(3) + 0.2 * A.mode(40) + 0.1 * A.mode(399);
  const double t = 0.01;
  const Vector exact =
      std::exp(t * A.rate(1)) * A.mode(1) + 0.5 * std::exp(t * A.rate(3)) * A.mode(3) +
      0.2 * std::exp(t * A.rate(40)) * A.mode(40) + 0.1 * std::exp(t * A.rate(399)) * A.mode(399);
  for (const double tolerance : {1e-6, 1e-10}) {
    const Vector rough = v + 1e-2 * Vector::LinSpaced(400, -1.0, 1.0);
    const auto answer = exponential_action(A, v, t, {.tolerance = tolerance});
    BOOST_TEST(answer.report.ok());
    BOOST_TEST((answer.value - exact).norm() <= tolerance * v.norm());
    // The same by two half times, with all modes in the start.
    const auto whole = exponential_action(A, rough, t, {.tolerance = tolerance});
    const auto half = exponential_action(A, rough, 0.5 * t, {.tolerance = tolerance});
    const auto rest = exponential_action(A, half.value, 0.5 * t, {.tolerance = tolerance});
    BOOST_TEST((whole.value - rest.value).norm() <= 3.0 * tolerance * rough.norm());
  }
}

// A rotation: purely imaginary eigenvalues, norm kept.
BOOST_AUTO_TEST_CASE(rotation) {
  const auto A = [](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> y) {
    y(0) = -5.0 * x(1);
    y(1) = 5.0 * x(0);
  };
  const auto answer = exponential_action(A, Vector::Unit(2, 0), 3.0);
  BOOST_TEST(answer.value(0) == std::cos(15.0), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(answer.value(1) == std::sin(15.0), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(limits_and_bad_arguments) {
  const Heat A{100};
  const Vector v = Vector::Random(100);
  BOOST_TEST(exponential_action(A, v, 0.0).value == v);
  const auto stopped = exponential_action(A, v, 1.0, {.max_steps = 2});
  BOOST_TEST(static_cast<int>(stopped.report.status) == static_cast<int>(Status::step_limit));
  BOOST_TEST(!stopped.report.message.empty());
  BOOST_CHECK_THROW(exponential_action(A, v, -1.0), std::invalid_argument);
  BOOST_CHECK_THROW(exponential_action(A, v, 1.0, {.tolerance = 0.0}), std::invalid_argument);
  BOOST_CHECK_THROW(arnoldi(A, Vector::Zero(100), 5), std::invalid_argument);
  BOOST_CHECK_THROW(arnoldi(A, v, 0), std::invalid_argument);
  BOOST_CHECK_THROW(arnoldi({}, v, 5), std::invalid_argument);
}
