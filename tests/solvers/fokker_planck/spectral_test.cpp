// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE spectral
#include "solvers/fokker_planck/spectral.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <numbers>
#include <stdexcept>

using namespace stillpoint;
using fokker_planck::Coefficients;
using fokker_planck::solve_spectral;

namespace {

/// dx = A x dt + G dW.
Coefficients linear(const Matrix& A, const Matrix& G) {
  const Matrix D = 0.5 * G * G.transpose();
  return {A.rows(), [A](const Vector& x, Vector& drift) { drift = A * x; },
          [D](const Vector&, Matrix& tensor) { tensor = D; }};
}

/// dx_i = (−x_i + Σ_j W_ij tanh x_j) dt + σ dB_i.
Coefficients tanh_network(const Matrix& W, double sigma) {
  const Index n = W.rows();
  return {n, [W](const Vector& x, Vector& drift) { drift = -x + W * Vector(x.array().tanh()); },
          [sigma, n](const Vector&, Matrix& tensor) {
            tensor = 0.5 * sigma * sigma * Matrix::Identity(n, n);
          }};
}

/// ∫ v p and the L1 distance of a density to exp(−potential), by the trapezoid rule on [−a, a],
/// which is exact to rounding for functions that have decayed there.
struct OnLine {
  double mass = 0.0, distance = 0.0, mean = 0.0, variance = 0.0;

  template <typename Potential>
  OnLine(const fokker_planck::SpectralDensity& density, Potential&& potential, double a) {
    constexpr Index points = 4001;
    const Vector x = Vector::LinSpaced(points, -a, a);
    const double h = x(1) - x(0);
    Vector exact(points);
    for (Index k = 0; k < points; ++k) exact(k) = std::exp(-potential(x(k)));
    exact /= h * exact.sum();
    for (Index k = 0; k < points; ++k) {
      const double p = density.density(Vector::Constant(1, x(k)));
      mass += h * p;
      distance += h * std::abs(p - exact(k));
      mean += h * x(k) * exact(k);
    }
    for (Index k = 0; k < points; ++k) variance += h * std::pow(x(k) - mean, 2) * exact(k);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(closed_forms)

// The law of a linear diffusion is N(0, C), A C + C Aᵀ + G Gᵀ = 0.
BOOST_AUTO_TEST_CASE(ornstein_uhlenbeck_in_two_dimensions) {
  Matrix A(2, 2), G(2, 2);
  A << -1.0, 0.7, -0.4, -0.5;
  for (const double ratio : {1.0, 0.1}) {
    G << 1.0, 0.0, 0.95 * ratio, std::sqrt(1.0 - 0.95 * 0.95) * ratio;
    // Lyapunov equation as a linear system.
    const Matrix one = Matrix::Identity(2, 2), B = G * G.transpose();
    Matrix system(4, 4);
    for (Index j = 0; j < 2; ++j)
      for (Index i = 0; i < 2; ++i)
        system.block(2 * j, 2 * i, 2, 2) = A(j, i) * one + (i == j ? A : Matrix::Zero(2, 2));
    const Vector c = system.fullPivLu().solve(-Eigen::Map<const Vector>(B.data(), 4));
    const Matrix C = Eigen::Map<const Matrix>(c.data(), 2, 2);

    const auto density = solve_spectral(linear(A, G), Vector::Ones(2), Matrix::Identity(2, 2));
    BOOST_TEST(density.report.ok(), density.report.message);
    BOOST_TEST(density.mean.norm() < 1e-8);
    BOOST_TEST((density.covariance - C).norm() < 1e-8 * C.norm());
    BOOST_TEST(density.skewness.norm() < 1e-6);
    Vector x(2);
    for (const double t : {0.0, 0.7, 2.0}) {
      x << t * std::sqrt(C(0, 0)), -0.5 * t * std::sqrt(C(1, 1));
      const double exact = std::exp(-0.5 * x.dot(C.inverse() * x)) /
                           (2.0 * std::numbers::pi * std::sqrt(C.determinant()));
      BOOST_TEST(std::abs(density.density(x) - exact) < 1e-7 / std::sqrt(C.determinant()));
    }
  }
}

// A gradient drift: p ∝ exp(−V/D).
BOOST_AUTO_TEST_CASE(quartic_double_well) {
  const double D = 0.25;
  const Coefficients well{1, [](const Vector& x, Vector& A) { A(0) = x(0) - x(0) * x(0) * x(0); },
                          [D](const Vector&, Matrix& tensor) { tensor(0, 0) = D; }};
  for (const double tolerance : {1e-4, 1e-8, 1e-11}) {
    const auto density = solve_spectral(well, Vector::Constant(1, 0.2), Matrix::Identity(1, 1),
                                        {.tolerance = tolerance});
    const OnLine exact(
        density, [D](double x) { return (0.25 * x * x * x * x - 0.5 * x * x) / D; }, 5.0);
    BOOST_TEST_MESSAGE("tolerance " << tolerance << ": degree " << density.degree << ", L1 error "
                                    << exact.distance << ", estimated " << density.error);
    BOOST_TEST(density.report.ok(), density.report.message);
    BOOST_TEST(std::abs(exact.mass - 1.0) < 1e-12);
    BOOST_TEST(exact.distance <= tolerance);
    BOOST_TEST(exact.distance <=
               10.0 * density.error + 1e-13);  // the estimate is no promise too far
    BOOST_TEST(std::abs(density.covariance(0, 0) - exact.variance) <= 10.0 * tolerance);
  }
}

// Multiplicative noise: dx = −x dt + √(2(a + b x²)) dW, Itô: D = a + b x², p ∝ D^{−1−1/(2b)}, a
// power law: only few moments exist, and the method has to say so rather than answer.
BOOST_AUTO_TEST_CASE(heavy_tails_are_refused) {
  const Coefficients pearson{1, [](const Vector& x, Vector& A) { A(0) = -x(0); },
                             [](const Vector& x, Matrix& D) { D(0, 0) = 0.5 + 0.4 * x(0) * x(0); }};
  const auto density =
      solve_spectral(pearson, Vector::Zero(1), Matrix::Identity(1, 1), {.max_degree = 96});
  BOOST_TEST(!density.report.ok());
  BOOST_TEST(!density.report.message.empty());
}

// State-dependent noise that stays bounded: D = 1 + sin(x)/2, A = −x.
BOOST_AUTO_TEST_CASE(state_dependent_noise) {
  const Coefficients model{
      1, [](const Vector& x, Vector& A) { A(0) = -x(0); },
      [](const Vector& x, Matrix& D) { D(0, 0) = 1.0 + 0.5 * std::sin(x(0)); }};
  const auto density =
      solve_spectral(model, Vector::Zero(1), Matrix::Identity(1, 1), {.tolerance = 1e-9});
  // p = exp(∫ A/D)/D; the integral by Simpson's rule on the grid of OnLine's points.
  const auto potential = [](double x) {
    const Index pieces = 400;
    double integral = 0.0;
    const double h = x / static_cast<double>(pieces);
    const auto f = [](double y) { return y / (1.0 + 0.5 * std::sin(y)); };
    for (Index k = 0; k < pieces; ++k) {
      const double left = h * static_cast<double>(k);
      integral += h / 6.0 * (f(left) + 4.0 * f(left + 0.5 * h) + f(left + h));
    }
    return integral + std::log(1.0 + 0.5 * std::sin(x));
  };
  const OnLine exact(density, potential, 9.0);
  BOOST_TEST_MESSAGE("degree " << density.degree << ", L1 error " << exact.distance);
  BOOST_TEST(density.report.ok(), density.report.message);
  BOOST_TEST(exact.distance < 1e-9);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(networks)

// One tanh unit, p ∝ exp(−2V/σ²), V = x²/2 − w ln cosh x, bistable at w = 1.5.
BOOST_AUTO_TEST_CASE(one_bistable_unit) {
  const double w = 1.5, sigma = 0.6;
  const auto model = tanh_network(Matrix::Constant(1, 1, w), sigma);
  const auto start = std::chrono::steady_clock::now();
  const auto density =
      solve_spectral(model, Vector::Constant(1, 0.1), Matrix::Identity(1, 1), {.tolerance = 1e-10});
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const OnLine exact(
      density,
      [=](double x) { return 2.0 / (sigma * sigma) * (0.5 * x * x - w * std::log(std::cosh(x))); },
      5.0);
  BOOST_TEST_MESSAGE("degree " << density.degree << ", L1 error " << exact.distance
                               << ", estimated " << density.error << ", " << 1e3 * seconds
                               << " ms");
  BOOST_TEST(density.report.ok(), density.report.message);
  BOOST_TEST(exact.distance < 1e-10);
}

// Two coupled units: no closed form; the answer against one of far higher degree and against the
// stationary moment equations E A = 0, E(x Aᵀ + A xᵀ) + 2 D = 0, which hold exactly.
BOOST_AUTO_TEST_CASE(two_coupled_units) {
  Matrix W(2, 2);
  W << 1.2, -0.5, 0.8, 0.6;
  const double sigma = 0.5;
  const auto model = tanh_network(W, sigma);
  const auto start = std::chrono::steady_clock::now();
  const auto density =
      solve_spectral(model, Vector::Constant(2, 0.1), Matrix::Identity(2, 2), {.tolerance = 1e-6});
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const auto fine =
      solve_spectral(model, Vector::Constant(2, 0.1), Matrix::Identity(2, 2), {.tolerance = 1e-9});
  BOOST_TEST(density.report.ok(), density.report.message);
  BOOST_TEST(fine.report.ok(), fine.report.message);
  double distance = 0.0;
  for (Index q = 0; q < fine.masses.size(); ++q)
    distance +=
        std::abs(fine.masses(q)) *
        std::abs(density.density(fine.nodes.col(q)) / fine.density(fine.nodes.col(q)) - 1.0);
  BOOST_TEST_MESSAGE("degree " << density.degree << " and " << fine.degree << ", L1 distance "
                               << distance << ", estimated " << density.error << ", "
                               << 1e3 * seconds << " ms, " << density.report.iterations
                               << " iterations");
  BOOST_TEST(distance < 1e-6);
  Matrix balance = Matrix::Zero(2, 2);
  Vector drift(2), mean_drift = Vector::Zero(2);
  for (Index q = 0; q < fine.masses.size(); ++q) {
    const Vector x = fine.nodes.col(q);
    model.drift(x, drift);
    mean_drift += fine.masses(q) * drift;
    balance += fine.masses(q) * (x * drift.transpose() + drift * x.transpose());
  }
  balance += sigma * sigma * Matrix::Identity(2, 2);
  BOOST_TEST(mean_drift.norm() < 1e-9);
  BOOST_TEST(balance.norm() < 1e-9);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(what_goes_wrong)

BOOST_AUTO_TEST_CASE(a_kink_is_reported_with_what_was_reached) {
  const Coefficients relu{
      1, [](const Vector& x, Vector& A) { A(0) = -x(0) + std::max(0.5 * x(0), 0.0); },
      [](const Vector&, Matrix& D) { D(0, 0) = 0.5; }};
  const auto density = solve_spectral(relu, Vector::Zero(1), Matrix::Identity(1, 1),
                                      {.tolerance = 1e-10, .max_degree = 128});
  const OnLine exact(
      density, [](double x) { return x * x - (x > 0.0 ? 0.5 * x * x : 0.0); }, 8.0);
  BOOST_TEST_MESSAGE("L1 error " << exact.distance << ", estimated " << density.error);
  BOOST_TEST(!density.report.ok());
  BOOST_TEST(density.report.message.find("kink") != std::string::npos);
  BOOST_TEST(exact.distance < 5.0 * density.error);  // and the estimate is honest
}

BOOST_AUTO_TEST_CASE(a_drift_that_is_no_number) {
  const Coefficients broken{1, [](const Vector& x, Vector& A) { A(0) = std::sqrt(x(0)); },
                            [](const Vector&, Matrix& D) { D(0, 0) = 0.5; }};
  const auto density = solve_spectral(broken, Vector::Zero(1), Matrix::Identity(1, 1));
  BOOST_TEST(static_cast<int>(density.report.status) == static_cast<int>(Status::non_finite_state));
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const auto model = tanh_network(Matrix::Identity(2, 2), 0.5);
  const Matrix one = Matrix::Identity(2, 2);
  BOOST_CHECK_THROW(solve_spectral(model, Vector::Zero(3), one), std::invalid_argument);
  BOOST_CHECK_THROW(solve_spectral(model, Vector::Zero(2), -one), std::invalid_argument);
  BOOST_CHECK_THROW(solve_spectral(model, Vector::Zero(2), one, {.tolerance = 0.0}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(solve_spectral(model, Vector::Zero(2), one, {.max_degree = 4}),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
