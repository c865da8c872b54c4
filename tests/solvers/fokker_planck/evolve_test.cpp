// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE evolve
#include "solvers/fokker_planck/evolve.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "solvers/fokker_planck/chart.hpp"
#include "solvers/fokker_planck/finite_volume.hpp"
#include "tests/support/fokker_planck.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;
using tests::cube;

namespace {

Matrix two_rates() {
  Matrix A(2, 2);
  A << -1.0, 0.7, -0.4, -0.5;
  return A;
}
Matrix correlated() {
  Matrix G(2, 2);
  G << 1.0, 0.0, 0.8, 0.6;
  return G;
}

}  // namespace

// dx = −x dt + √2 dW from a Gaussian at 2 with variance 0.04: mean 2 e⁻ᵗ, variance
// 1 + (0.04 − 1) e⁻²ᵗ.
BOOST_AUTO_TEST_CASE(moments_of_a_relaxing_density) {
  const auto ou =
      tests::linear_diffusion(-Matrix::Identity(1, 1), std::sqrt(2.0) * Matrix::Identity(1, 1));
  const Vector times = Vector::LinSpaced(5, 0.0, 2.0);
  Vector errors(2);
  for (const Index n : {200, 400}) {
    const Grid grid = cube(1, 8.0, n);
    const Generator generator = make_generator(ou, grid);
    const Vector start = tests::cell_masses(
        grid, [](const Vector& x) { return std::exp(-std::pow(x(0) - 2.0, 2) / 0.08); });
    const auto evolution = evolve(generator.rates, start, times);
    BOOST_REQUIRE(evolution.report.ok());
    BOOST_TEST(evolution.masses.minCoeff() >= 0.0);
    double error = 0.0;
    Vector x;
    for (Index k = 0; k < times.size(); ++k) {
      BOOST_TEST(std::abs(evolution.masses.col(k).sum() - 1.0) < 1e-12);
      double mean = 0.0, square = 0.0;
      for (Index cell = 0; cell < grid.cells(); ++cell) {
        grid.centre(cell, x);
        mean += evolution.masses(cell, k) * x(0);
        square += evolution.masses(cell, k) * x(0) * x(0);
      }
      const double decay = std::exp(-times(k));
      error = std::max({error, std::abs(mean - 2.0 * decay),
                        std::abs(square - mean * mean - 1.0 + 0.96 * decay * decay)});
    }
    errors(n == 200 ? 0 : 1) = error;
  }
  BOOST_TEST_MESSAGE("order in the mesh " << std::log2(errors(0) / errors(1)));
  BOOST_TEST(std::log2(errors(0) / errors(1)) > 1.9);
}

// The survival of Brownian motion from the middle of absorbing walls is a theta series.
BOOST_AUTO_TEST_CASE(mass_lost_through_absorbing_sides) {
  const Coefficients brownian{1, [](const Vector&, Vector& drift) { drift.setZero(1); },
                              [](const Vector&, Matrix& tensor) { tensor.setOnes(1, 1); }};
  const Grid grid({{0.0, 1.0, 201, Side::absorbing, Side::absorbing}});
  const Generator generator = make_generator(brownian, grid);
  const Vector times = Vector::LinSpaced(3, 0.05, 0.25);
  const auto evolution = evolve(generator.rates, Vector::Unit(201, 100), times);
  BOOST_REQUIRE(evolution.report.ok());
  for (Index k = 0; k < 3; ++k) {
    double survival = 0.0;
    for (int j = 0; j < 30; ++j) {
      const double m = 2.0 * j + 1.0, rate = std::pow(m * std::numbers::pi, 2);
      survival +=
          4.0 / (m * std::numbers::pi) * (j % 2 == 0 ? 1.0 : -1.0) * std::exp(-rate * times(k));
    }
    BOOST_TEST(evolution.masses.col(k).sum() == survival, boost::test_tools::tolerance(2e-4));
  }
}

// The exponential and CVODES agree, with and without exits.
BOOST_AUTO_TEST_CASE(two_ways_through_time) {
  for (const Side side : {Side::reflecting, Side::absorbing}) {
    const Grid grid({{-2.0, 2.0, 100, side, side}, {-2.0, 2.0, 40}});
    Matrix W(2, 2);
    W << 1.4, 0.3, -0.3, 0.8;
    const Generator generator = make_generator(tests::tanh_network(W, 0.5), grid);
    const Vector start = tests::cell_masses(grid, [](const Vector& x) {
      return std::exp(-8.0 * (x - Vector::Constant(2, 0.5)).squaredNorm());
    });
    const Vector times = Vector::LinSpaced(4, 0.0, 3.0);
    const auto exponential = evolve(generator.rates, start, times),
               bdf = evolve(generator.rates, start, times,
                            {.method = EvolveMethod::bdf, .tolerance = 1e-8});
    BOOST_REQUIRE_MESSAGE(exponential.report.ok(), exponential.report.message);
    BOOST_REQUIRE_MESSAGE(bdf.report.ok(), bdf.report.message);
    for (Index k = 0; k < times.size(); ++k)
      BOOST_TEST((exponential.masses.col(k) - bdf.masses.col(k)).lpNorm<1>() < 1e-5);
    BOOST_TEST((exponential.masses.col(3).sum() < 0.99) == (side == Side::absorbing));
  }
}

// Covariance of a linear diffusion at a lag: e^{tA} C.
BOOST_AUTO_TEST_CASE(autocorrelation_of_a_linear_diffusion) {
  const auto ou = tests::linear_diffusion(two_rates(), correlated());
  const Matrix C = tests::linear_covariance(two_rates(), correlated());
  const Grid grid = cube(2, 7.0, 96);
  const auto density = solve_finite_volume(ou, grid);
  const Generator generator = make_generator(ou, grid);
  Vector first(grid.cells()), x;
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, x);
    first(cell) = x(0);
  }
  const Vector times = Vector::LinSpaced(6, 0.0, 5.0);
  const Vector found = autocorrelation(generator.rates, density.masses, first, times);
  // e^{tA} by its own small equation, RK4 steps.
  Matrix power = Matrix::Identity(2, 2);
  const Matrix A = two_rates();
  for (Index k = 0; k < times.size(); ++k) {
    BOOST_TEST(std::abs(found(k) - (power * C)(0, 0)) < 0.01 * C(0, 0));
    const double h = 1e-3;
    for (int step = 0; step < 1000; ++step) {
      const Matrix k1 = A * power, k2 = A * (power + 0.5 * h * k1), k3 = A * (power + 0.5 * h * k2),
                   k4 = A * (power + h * k3);
      power += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
    }
  }
}

// Eigenvalues of a linear diffusion are the sums of those of its drift, n₁ λ₁ + n₂ λ₂, here a
// complex pair; of Brownian motion in a box −D (kπ/L)².
BOOST_AUTO_TEST_CASE(eigenvalues) {
  const Matrix A = two_rates();
  const double re = 0.5 * A.trace(), im = std::sqrt(A.determinant() - re * re);
  const Chart chart = principal_chart(Vector::Zero(2), tests::linear_covariance(A, correlated()),
                                      0.5 * correlated() * correlated().transpose());
  // λ, λ̄, λ + λ̄, 2λ, 2λ̄
  const std::vector<std::complex<double>> exact = {
      {re, im}, {re, -im}, {2.0 * re, 0.0}, {2.0 * re, 2.0 * im}, {2.0 * re, -2.0 * im}};
  Matrix errors(5, 2);
  for (const Index n : {96, 192}) {
    const auto modes = slowest_modes(on_chart(tests::linear_diffusion(A, correlated()), chart),
                                     cube(2, 6.5, n), 5);
    BOOST_REQUIRE(modes.report.ok());
    for (std::size_t k = 0; k < 5; ++k) {
      double nearest = 1.0;
      for (const auto& value : modes.eigenvalues)
        nearest = std::min(nearest, std::abs(value - exact[k]));
      errors(static_cast<Index>(k), n == 96 ? 0 : 1) = nearest;
    }
    // The two slowest are far from all others, so that their estimate cannot mistake them.
    for (std::size_t k = 0; k < 2; ++k) {
      BOOST_TEST(modes.errors[k] > 0.5 * errors(0, n == 96 ? 0 : 1));
      BOOST_TEST(modes.errors[k] < 2.0 * errors(0, n == 96 ? 0 : 1));
    }
  }
  for (Index k = 0; k < 5; ++k) {
    BOOST_TEST_MESSAGE("eigenvalue error " << errors(k, 1) << ", order "
                                           << std::log2(errors(k, 0) / errors(k, 1)));
    BOOST_TEST(std::log2(errors(k, 0) / errors(k, 1)) > 1.8);
  }

  const Coefficients brownian{1, [](const Vector&, Vector& drift) { drift.setZero(1); },
                              [](const Vector&, Matrix& tensor) { tensor.setConstant(1, 1, 0.5); }};
  const auto modes = slowest_modes(brownian, Grid({{0.0, 2.0, 400}}), 3);
  BOOST_REQUIRE(modes.report.ok());
  for (int k = 1; k <= 3; ++k)
    BOOST_TEST(modes.eigenvalues[static_cast<std::size_t>(k - 1)].real() ==
                   -0.5 * std::pow(0.5 * k * std::numbers::pi, 2),
               boost::test_tools::tolerance(1e-4));
}

// The slow eigenvalue of a double well is the rate of both ways over the barrier.
BOOST_AUTO_TEST_CASE(slow_mode_of_a_double_well) {
  const double sigma = 0.3;
  const auto modes = slowest_modes(tests::double_well(sigma), cube(1, 2.2, 800), 2);
  BOOST_REQUIRE(modes.report.ok());
  // 1/λ = ∫∫ form for a symmetric double well: λ ≈ 2/(time from well to well) up to e^{−barrier}.
  double inner = 0.0, time = 0.0;  // T = (2/σ²) ∫_{−1}^{1} e^{Φ(y)} ∫_{−∞}^{y} e^{−Φ(z)} dz dy
  constexpr Index pieces = 40000;
  const double h = 3.2 / pieces;
  for (Index k = 0; k < pieces; ++k) {
    const double y = -2.2 + h * (static_cast<double>(k) + 0.5);
    const double potential = (-y * y + 0.5 * std::pow(y, 4)) / (sigma * sigma);
    inner += h * std::exp(-potential);
    if (y > -1.0) time += h * std::exp(potential) * inner * 2.0 / (sigma * sigma);
  }
  BOOST_TEST(-modes.eigenvalues[0].real() == 2.0 / time, boost::test_tools::tolerance(0.02));
  BOOST_TEST(modes.eigenvalues[1].real() < -0.5);
}

// A tilted periodic potential: dx = (F − V'(x)) dt + √(2D) dW, V = cos x. The current is
// J = D (1 − e^{−2πF/D}) / ∫₀^{2π} ∫₀^{2π} exp((V(x) − V(x−y) − F y)/D) dy dx.
BOOST_AUTO_TEST_CASE(current_over_a_tilted_periodic_potential) {
  const double F = 0.4, D = 0.5, turn = 2.0 * std::numbers::pi;
  const Coefficients tilted{1, [F](const Vector& x, Vector& drift) { drift = F + x.array().sin(); },
                            [D](const Vector&, Matrix& tensor) { tensor.setConstant(1, 1, D); }};
  constexpr Index points = 800;
  double integral = 0.0;
  for (Index i = 0; i < points; ++i)
    for (Index j = 0; j < points; ++j) {
      const double x = turn * static_cast<double>(i) / points,
                   y = turn * (static_cast<double>(j) + 0.5) / points;
      integral += std::exp((std::cos(x) - std::cos(x - y) - F * y) / D);
    }
  integral *= turn / points * turn / points;
  const double exact = D * (1.0 - std::exp(-turn * F / D)) / integral;
  double last = 0.0;
  for (const Index n : {64, 128}) {
    const Grid grid({{0.0, turn, n, Side::periodic, Side::periodic}});
    const auto density = solve_finite_volume(tilted, grid);
    BOOST_REQUIRE(density.report.ok());
    const Matrix current =
        probability_current(make_generator(tilted, grid).rates, grid, density.masses);
    // Stationary in one dimension: the same everywhere.
    BOOST_TEST(current.maxCoeff() - current.minCoeff() < 1e-7 * exact);
    const double error = std::abs(current.mean() / exact - 1.0);
    if (n == 128) BOOST_TEST(std::log2(last / error) > 1.9);
    last = error;
  }
  BOOST_TEST_MESSAGE("current " << exact << ", relative error " << last);
}

// The stationary current of a linear diffusion is (A + D C⁻¹) x p(x).
BOOST_AUTO_TEST_CASE(current_of_a_linear_diffusion) {
  const Matrix A = two_rates(), G = correlated(), C = tests::linear_covariance(A, G);
  const Matrix drive = A + 0.5 * G * G.transpose() * C.inverse();
  Vector errors(2);
  for (const Index n : {64, 128}) {
    const Grid grid = cube(2, 6.0, n);
    const auto density = solve_finite_volume(tests::linear_diffusion(A, G), grid);
    const Matrix current = probability_current(
        make_generator(tests::linear_diffusion(A, G), grid).rates, grid, density.masses);
    double error = 0.0, size = 0.0;
    Vector x;
    for (Index cell = 0; cell < grid.cells(); ++cell) {
      grid.centre(cell, x);
      const Vector exact = drive * x * std::exp(-0.5 * x.dot(C.inverse() * x)) /
                           (2.0 * std::numbers::pi * std::sqrt(C.determinant()));
      error += grid.volume() * (current.col(cell) - exact).norm();
      size += grid.volume() * exact.norm();
    }
    errors(n == 64 ? 0 : 1) = error / size;
  }
  BOOST_TEST_MESSAGE("current in the plane: error " << errors(1) << ", order "
                                                    << std::log2(errors(0) / errors(1)));
  BOOST_TEST(std::log2(errors(0) / errors(1)) > 1.9);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const Generator generator = make_generator(tests::double_well(0.5), cube(1, 2.0, 20));
  const Vector start = Vector::Constant(20, 0.05), times = Vector::LinSpaced(3, 0.0, 1.0);
  BOOST_CHECK_THROW(evolve(generator.rates, Vector::Ones(3), times), std::invalid_argument);
  BOOST_CHECK_THROW(evolve(generator.rates, -start, times), std::invalid_argument);
  BOOST_CHECK_THROW(evolve(generator.rates, start, -times), std::invalid_argument);
  BOOST_CHECK_THROW(evolve(generator.rates, start, Vector(0)), std::invalid_argument);
  BOOST_CHECK_THROW(evolve(generator.rates, start, times, {.tolerance = 0.0}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(slowest_modes(tests::double_well(0.5), cube(1, 2.0, 20), 0),
                    std::invalid_argument);
  BOOST_CHECK_THROW(probability_current(generator.rates, cube(1, 2.0, 21), start),
                    std::invalid_argument);
}
