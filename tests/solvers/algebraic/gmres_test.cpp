// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE gmres
#include "solvers/algebraic/gmres.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace stillpoint;
using algebraic::gmres;
using algebraic::LinearMap;

namespace {

/// Unsymmetric convection–diffusion on a line, (n, n): −1 − c below, 2.1 on, −1 + c above.
LinearMap convection_diffusion(double c) {
  return [c](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> Ax) {
    const Index n = x.size();
    for (Index i = 0; i < n; ++i)
      Ax(i) = 2.1 * x(i) - (i > 0 ? (1.0 + c) * x(i - 1) : 0.0) -
              (i + 1 < n ? (1.0 - c) * x(i + 1) : 0.0);
  };
}

Vector wave(Index n) {
  Vector x(n);
  for (Index i = 0; i < n; ++i) x(i) = std::sin(0.3 * static_cast<double>(i)) + 0.5;
  return x;
}

}  // namespace

// A x = b for b made of a known x. The residual is 1e-12 |b|, |A⁻¹| ≤ 1/0.1.
BOOST_AUTO_TEST_CASE(a_known_solution) {
  const Vector exact = wave(400);
  for (const double c : {0.0, 0.5}) {
    const LinearMap A = convection_diffusion(c);
    Vector b(exact.size());
    A(exact, b);
    const auto plain = gmres(A, {}, b, {});
    BOOST_TEST(plain.report.ok(), plain.report.message);
    BOOST_TEST((plain.x - exact).norm() < 1e-11 * b.norm() / 0.1);
    BOOST_TEST(plain.report.residual <= 1e-12);
  }
}

// With the inverse itself as preconditioner one iteration is enough; with a start at the solution
// none is.
BOOST_AUTO_TEST_CASE(preconditioner_and_first_guess_are_used) {
  const Vector diagonal = wave(50).array() + 2.0, b = wave(50);
  const LinearMap A = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> Ax) {
    Ax = diagonal.cwiseProduct(x);
  };
  const LinearMap inverse = [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
    result = x.cwiseQuotient(diagonal);
  };
  const Vector exact = b.cwiseQuotient(diagonal);
  const auto answer = gmres(A, inverse, b, {});
  BOOST_TEST(answer.report.iterations == 1);
  BOOST_TEST((answer.x - exact).norm() < 1e-14 * b.norm());
  BOOST_TEST(gmres(A, {}, b, exact).report.iterations == 0);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const Vector b = wave(400);
  const LinearMap A = convection_diffusion(0.5);
  const auto few = gmres(A, {}, b, {}, {.dimension = 5, .restarts = 0});
  BOOST_TEST(static_cast<int>(few.report.status) == static_cast<int>(Status::no_convergence));
  BOOST_TEST(few.report.message.find("iterations") != std::string::npos);
  const LinearMap broken = [](const Eigen::Ref<const Vector>&, Eigen::Ref<Vector> Ax) {
    Ax.setConstant(NAN);
  };
  const auto nan = gmres(broken, {}, b, {});
  BOOST_TEST(static_cast<int>(nan.report.status) == static_cast<int>(Status::non_finite_state));
  const LinearMap thrower = [](const Eigen::Ref<const Vector>&, Eigen::Ref<Vector>) {
    throw std::domain_error("mine");
  };
  BOOST_CHECK_THROW(gmres(thrower, {}, b, {}), std::domain_error);
  BOOST_CHECK_THROW(gmres({}, {}, b, {}), std::invalid_argument);
  BOOST_CHECK_THROW(gmres(A, {}, Vector(), {}), std::invalid_argument);
  BOOST_CHECK_THROW(gmres(A, {}, b, Vector::Zero(3)), std::invalid_argument);
  BOOST_CHECK_THROW(gmres(A, {}, b, {}, {.tolerance = 0.0}), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(zero_right_hand_side) {
  const auto answer = gmres(convection_diffusion(0.0), {}, Vector::Zero(5), Vector::Ones(5));
  BOOST_TEST(answer.report.ok());
  BOOST_TEST(answer.x.isZero(0.0));
}
