// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE leak_corrections
#include "solvers/fokker_planck/leak_corrections.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

using namespace stillpoint;
using fokker_planck::Coefficients;

namespace {

double drift_at(const Coefficients& coefficients, double x) {
  Vector drift(1);
  coefficients.drift(Vector::Constant(1, x), drift);
  return drift(0);
}
double noise_at(const Coefficients& coefficients, double x) {
  Matrix tensor(1, 1);
  coefficients.tensor(Vector::Constant(1, x), tensor);
  return 2.0 * tensor(0, 0);
}

/// A = −x + sin x, B = g (2 + cos x).
Coefficients wavy(double g) {
  return {1, [](const Vector& x, Vector& A) { A(0) = -x(0) + std::sin(x(0)); },
          [g](const Vector& x, Matrix& D) { D(0, 0) = 0.5 * g * (2.0 + std::cos(x(0))); }};
}

}  // namespace

// Second moment: for the linear chain x' = (1 − g) x + g s ξ, of variance g s²/(2 − g), the
// corrected diffusion has the same: d E x²/dt = −2 E x² + g (s² + E x²) = 0.
BOOST_AUTO_TEST_CASE(second_moment) {
  const double g = 0.1;
  const auto corrected = fokker_planck::with_second_moment(wavy(g), g);
  for (const double x : {-1.3, 0.0, 0.4}) {
    const double A = -x + std::sin(x);
    BOOST_TEST(drift_at(corrected, x) == A);
    BOOST_TEST(std::abs(noise_at(corrected, x) - g * (2.0 + std::cos(x) + A * A)) < 1e-15);
  }
}

// Backward error: the formula with derivatives by hand; differences of fourth order at width 0.01
// err by 1e-9 of the derivatives, times g/2.
BOOST_AUTO_TEST_CASE(backward_error) {
  const double g = 0.1;
  const auto corrected = fokker_planck::with_backward_error(wavy(g), g, 0.01);
  for (const double x : {-1.3, 0.0, 0.4}) {
    const double A = -x + std::sin(x), A1 = -1.0 + std::cos(x), A2 = -std::sin(x);
    const double B = g * (2.0 + std::cos(x)), B1 = -g * std::sin(x), B2 = -g * std::cos(x);
    BOOST_TEST(std::abs(drift_at(corrected, x) - (A - 0.5 * g * (A * A1 + 0.5 * B * A2))) < 1e-9);
    BOOST_TEST(std::abs(noise_at(corrected, x) -
                        (B - 0.5 * g * (2.0 * B * A1 + A * B1 + 0.5 * B * B2))) < 1e-9);
  }
}

// For the linear chain it is −(1 + g/2) x with noise g s² (1 + g): a variance that agrees with
// g s²/(2 − g) to first order, which the limit g s²/2 does not.
BOOST_AUTO_TEST_CASE(backward_error_of_the_linear_chain) {
  const double s = 0.7;
  for (const double g : {0.1, 0.05}) {
    const Coefficients limit{1, [](const Vector& x, Vector& A) { A(0) = -x(0); },
                             [=](const Vector&, Matrix& D) { D(0, 0) = 0.5 * g * s * s; }};
    const auto corrected = fokker_planck::with_backward_error(limit, g, 0.01);
    const double rate = -drift_at(corrected, 1.0);
    const double variance = noise_at(corrected, 1.0) / (2.0 * rate);
    BOOST_TEST(std::abs(rate - (1.0 + 0.5 * g)) < 1e-10);
    const double exact = g * s * s / (2.0 - g);
    BOOST_TEST(std::abs(variance / exact - 1.0) < g * g);
    BOOST_TEST(std::abs(0.5 * g * s * s / exact - 1.0) > 0.4 * g);
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  Coefficients two = wavy(0.1);
  two.dimension = 2;
  BOOST_CHECK_THROW(fokker_planck::with_backward_error(two, 0.1, 0.01), std::invalid_argument);
  BOOST_CHECK_THROW(fokker_planck::with_backward_error(wavy(0.1), 0.1, 0.0), std::invalid_argument);
}

// Two dimensions, A = (−x + tanh(x − 2y), −y + tanh(x)), D constant and correlated: the formula
// with derivatives by hand.
BOOST_AUTO_TEST_CASE(additive_backward_error) {
  const double g = 0.1;
  const Matrix D = (Matrix(2, 2) << 0.3, 0.1, 0.1, 0.2).finished();
  const Coefficients limit{2,
                           [](const Vector& x, Vector& A) {
                             A(0) = -x(0) + std::tanh(x(0) - 2.0 * x(1));
                             A(1) = -x(1) + std::tanh(x(0));
                           },
                           [D](const Vector&, Matrix& tensor) { tensor = D; }};
  const auto corrected = fokker_planck::with_additive_backward_error(limit, g, 0.01);
  const Vector x = (Vector(2) << 0.4, -0.3).finished();
  const double t = std::tanh(x(0) - 2.0 * x(1)), u = std::tanh(x(0));
  const double t1 = 1.0 - t * t, u1 = 1.0 - u * u, t2 = -2.0 * t * t1, u2 = -2.0 * u * u1;
  const Matrix J = (Matrix(2, 2) << -1.0 + t1, -2.0 * t1, u1, -1.0).finished();
  const Vector A = (Vector(2) << -x(0) + t, -x(1) + u).finished();
  const Vector bend =
      (Vector(2) << t2 * (D(0, 0) - 4.0 * D(0, 1) + 4.0 * D(1, 1)), u2 * D(0, 0)).finished();
  Vector drift(2);
  Matrix tensor(2, 2);
  corrected.drift(x, drift);
  corrected.tensor(x, tensor);
  BOOST_TEST((drift - (A - 0.5 * g * (J * A + bend))).norm() < 1e-8);
  BOOST_TEST((tensor - (D - 0.5 * g * (J * D + D * J.transpose()))).norm() < 1e-8);
  BOOST_CHECK_THROW(fokker_planck::with_additive_backward_error(limit, g, 0.0),
                    std::invalid_argument);
}
