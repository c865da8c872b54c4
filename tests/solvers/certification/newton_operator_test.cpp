// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE newton_operator
#include "solvers/certification/newton_operator.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>

#include "solvers/certification/activation_curve.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using certification::ActivationCurve;
using certification::NewtonOperator;
using intervals::Interval;
using intervals::IntervalVector;

namespace {

Matrix gaussian(Index rows, Index columns, double sd, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, sd);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_holds_the_newton_image_of_every_member) {
  std::mt19937_64 engine(tests::seed);
  std::uniform_real_distribution<double> share;
  const ActivationCurve curve(activations::Tanh{});
  for (int trial = 0; trial < 200; ++trial) {
    const Index n = 1 + trial % 5;
    const Matrix W = gaussian(n, n, 2.0 / std::sqrt(static_cast<double>(n)), engine);
    const Vector c = gaussian(n, 1, 0.5, engine), lower = gaussian(n, 1, 1.0, engine);
    IntervalVector X(n), remainder(n);
    Vector s(n);
    for (Index i = 0; i < n; ++i) {
      X.set(i, {lower(i), lower(i) + share(engine)});
      const auto strip = curve.strip(curve.piece(X.lower(i), X.upper(i)));
      s(i) = strip.slope;
      remainder.set(i, strip.remainder);
    }
    NewtonOperator newton(W, IntervalVector(c));
    BOOST_REQUIRE(newton.linearize(s));
    const IntervalVector image = newton.apply(X, remainder);
    const Matrix A = Matrix::Identity(n, n) - W * s.asDiagonal(), Y = A.inverse();
    BOOST_TEST(newton.determinant_sign() == (A.determinant() > 0.0 ? 1 : -1));
    BOOST_TEST((newton.gain().magnitude() - (Y * W).cwiseAbs()).norm() < 1e-9 * (Y * W).norm());
    // Rounding of this check is of the size of the condition.
    const double rounding = 1e-13 * Y.norm() * (1.0 + W.norm()) * (1.0 + A.norm() * Y.norm());
    for (int member = 0; member < 20; ++member) {
      const Vector a = Vector::NullaryExpr(
          n, [&](Index i) { return X.lower(i) + share(engine) * (X.upper(i) - X.lower(i)); });
      const Vector F = a - W * a.array().tanh().matrix() - c, N = a - Y * F;
      BOOST_TEST((N.array() >= image.lower.array() - rounding).all());
      BOOST_TEST((N.array() <= image.upper.array() + rounding).all());
    }
  }
}

BOOST_AUTO_TEST_CASE(contraction_is_that_of_the_spectral_radius) {
  // W = w, slope s: ∂N/∂a = w (f' − s)/(1 − w s). With w = 2, s = ¼ it is 4 (f' − ¼).
  NewtonOperator newton(Matrix::Constant(1, 1, 2.0), IntervalVector(Vector(Vector::Zero(1))));
  BOOST_REQUIRE(newton.linearize(Vector::Constant(1, 0.25)));
  const auto slopes = [](double lower, double upper) {
    return IntervalVector(Vector::Constant(1, lower), Vector::Constant(1, upper));
  };
  BOOST_TEST(newton.contracts(slopes(0.1, 0.49)));
  BOOST_TEST(!newton.contracts(slopes(0.1, 0.5)));  // f' = ½ is singular
  BOOST_TEST(!newton.contracts(slopes(-0.01, 0.3)));
  // Two neurons: the matrix |Q| diag |f' − s| has norm above 1 but spectral radius below.
  Matrix W(2, 2);
  W << 0.0, 10.0, 0.01, 0.0;
  NewtonOperator coupled(W, IntervalVector(Vector(Vector::Zero(2))));
  BOOST_REQUIRE(coupled.linearize(Vector::Zero(2)));
  BOOST_TEST(coupled.contracts(IntervalVector(Vector::Zero(2), Vector::Constant(2, 1.0))));
  BOOST_TEST(!coupled.contracts(IntervalVector(Vector::Zero(2), Vector::Constant(2, 3.2))));
}

BOOST_AUTO_TEST_CASE(a_singular_matrix_is_refused) {
  NewtonOperator newton(Matrix::Constant(1, 1, 2.0), IntervalVector(Vector(Vector::Zero(1))));
  BOOST_TEST(!newton.linearize(Vector::Constant(1, 0.5)));
}
