// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE finite_volume
#include "solvers/fokker_planck/finite_volume.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "lib/random/normal.hpp"
#include "solvers/fokker_planck/chart.hpp"
#include "solvers/fokker_planck/spectral.hpp"
#include "tests/support/fokker_planck.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;
using tests::cell_masses;
using tests::cube;

namespace {

/// What the scheme promises for every input: mass one to rounding, no negative cell.
void check_density(const GridDensity& density, const std::string& what) {
  BOOST_TEST(density.report.ok(), what << ": " << density.report.message);
  BOOST_TEST(std::abs(density.masses.sum() - 1.0) < 1e-13, what);
  BOOST_TEST(density.masses.minCoeff() >= 0.0, what);
  BOOST_TEST(std::isfinite(density.error), what);
}

/// Solves a linear diffusion on the chart of its law and compares with the Gaussian.
struct GaussianCase {
  Matrix A, G;
  double stretch = 0.0;

  double error(std::vector<Index> cells) const {
    const Index n = A.rows();
    const Matrix C = tests::linear_covariance(A, G), inverse = C.inverse();
    Chart chart = principal_chart(Vector::Zero(n), C, 0.5 * G * G.transpose());
    chart.stretch.setConstant(stretch);
    const double reach = chart.coordinates(7.0 * chart.axes.col(0))(0);
    std::vector<Axis> axes;
    for (const Index count : cells) axes.push_back({-reach, reach, count});
    const Grid grid(axes);
    const auto density = solve_finite_volume(on_chart(tests::linear_diffusion(A, G), chart), grid);
    check_density(density, "Gaussian");
    const Vector exact = cell_masses(grid, [&](const Vector& xi) {
      const Vector x = chart.position(xi);
      return std::exp(-0.5 * x.dot(inverse * x)) * chart.volume_factor(xi);
    });
    const double error = (exact - density.masses).lpNorm<1>();
    // Richardson's estimate is meant for a small error of second order.
    if (error < 0.02) {
      BOOST_TEST(density.error > 0.4 * error);
      BOOST_TEST(density.error < 2.5 * error);
    }
    return error;
  }
};

Matrix noise(double correlation, double second) {
  Matrix G(2, 2);
  G << 1.0, 0.0, correlation * second, std::sqrt(1.0 - correlation * correlation) * second;
  return G;
}

Matrix rotation_and_decay() {
  Matrix A(2, 2);
  A << -1.0, 0.7, -0.4, -0.5;
  return A;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(closed_forms)

// Noise correlation 0.95, standard deviations 1 : 1 and 1 : 10. Where the coupling makes the law
// much wider than the weak direction of the noise, that direction wants more cells.
BOOST_AUTO_TEST_CASE(correlated_noise_in_two_dimensions) {
  for (const double second : {1.0, 10.0, 0.1})
    for (const double stretch : {0.0, 0.25}) {
      const GaussianCase gaussian{rotation_and_decay(), noise(0.95, second), stretch};
      const Index finer = second == 1.0 ? 2 : second == 0.1 ? 16 : 40;
      const double coarse = gaussian.error({48 * finer, 48}),
                   fine = gaussian.error({96 * finer, 96});
      const double order = std::log2(coarse / fine);
      BOOST_TEST_MESSAGE("sd 1 : " << second << ", stretch " << stretch << ": L1 error " << fine
                                   << ", order " << order);
      BOOST_TEST(order > 1.9);
    }
}

// Rank one along (1, 0.3): what drift alone carries is upwinded, and the order is that of
// upwinding.
BOOST_AUTO_TEST_CASE(rank_one_noise) {
  Matrix G(2, 1);
  G << 1.0, 0.3;
  const GaussianCase gaussian{rotation_and_decay(), G};
  const double coarse = gaussian.error({256, 64}), fine = gaussian.error({512, 128});
  BOOST_TEST_MESSAGE("rank one: L1 error " << fine << ", order " << std::log2(coarse / fine));
  BOOST_TEST(std::log2(coarse / fine) > 0.8);
}

BOOST_AUTO_TEST_CASE(three_dimensions) {
  Matrix A(3, 3), G(3, 3);
  A << -1.0, 0.5, 0.0, -0.3, -0.8, 0.4, 0.2, 0.0, -1.2;
  G << 1.0, 0.0, 0.0, 0.8, 0.6, 0.0, -0.3, 0.5, 0.7;
  const GaussianCase gaussian{A, G};
  const double coarse = gaussian.error({20, 20, 20}), fine = gaussian.error({40, 40, 40});
  BOOST_TEST_MESSAGE("three dimensions: L1 error " << fine << ", order "
                                                   << std::log2(coarse / fine));
  BOOST_TEST(std::log2(coarse / fine) > 1.9);
}

BOOST_AUTO_TEST_CASE(double_well) {
  const double sigma = 0.5;
  double last = 0.0;
  for (const Index n : {64, 128, 256}) {
    const Grid grid = cube(1, 2.5, n);
    const auto density = solve_finite_volume(tests::double_well(sigma), grid);
    check_density(density, "double well");
    const Vector exact = cell_masses(grid, [sigma](const Vector& x) {
      const double q = x(0) * x(0);
      return std::exp((q - 0.5 * q * q) / (sigma * sigma));
    });
    const double error = (exact - density.masses).lpNorm<1>();
    if (n > 64) BOOST_TEST(std::log2(last / error) > 1.9);
    last = error;
  }
}

// Multiplicative noise, dx = −x dt + √(1 + x²) dW (Itô): p ∝ (1 + x²)⁻².
BOOST_AUTO_TEST_CASE(noise_that_depends_on_the_state) {
  const Coefficients student{
      1, [](const Vector& x, Vector& drift) { drift = -x; },
      [](const Vector& x, Matrix& tensor) { tensor.setConstant(1, 1, 0.5 * (1.0 + x(0) * x(0))); }};
  double last = 0.0;
  for (const Index n : {128, 256}) {
    const Grid grid = cube(1, 20.0, n);
    const auto density = solve_finite_volume(student, grid);
    const Vector exact =
        cell_masses(grid, [](const Vector& x) { return std::pow(1.0 + x(0) * x(0), -2.0); });
    const double error = (exact - density.masses).lpNorm<1>();
    if (n == 256) BOOST_TEST(std::log2(last / error) > 1.9);
    last = error;
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(independent_methods)

/// Two tanh neurons whose noises depend on the state and are correlated.
Coefficients oblique_network(double correlation) {
  Matrix W(2, 2);
  W << 0.6, 0.3, -0.2, 0.5;
  return {2, [W](const Vector& x, Vector& drift) { drift = -x + W * Vector(x.array().tanh()); },
          [correlation](const Vector& x, Matrix& tensor) {
            const double a = 0.5 + 0.2 * std::tanh(x(0)), b = 0.4 + 0.1 * std::tanh(x(1));
            tensor.resize(2, 2);
            tensor << a * a, correlation * a * b, correlation * a * b, b * b;
            tensor *= 0.5;
          }};
}

// A tensor that depends on the state and is oblique everywhere, against the spectral solver.
BOOST_AUTO_TEST_CASE(oblique_tensor_that_depends_on_the_state) {
  const Coefficients network = oblique_network(0.6);
  const auto reference =
      solve_spectral(network, Vector::Zero(2), Matrix::Identity(2, 2), {.tolerance = 1e-6});
  BOOST_REQUIRE_MESSAGE(reference.report.ok(), reference.report.message);
  Matrix tensor(2, 2);
  network.tensor(reference.mean, tensor);
  const Chart chart = principal_chart(reference.mean, reference.covariance, tensor);
  Vector errors(2);
  for (const Index n : {128, 256}) {
    const Grid grid = cube(2, 6.0, n);
    const auto density = solve_finite_volume(on_chart(network, chart), grid);
    check_density(density, "oblique tensor");
    const Vector exact =
        cell_masses(grid, [&](const Vector& xi) { return reference.density(chart.position(xi)); });
    errors(n == 128 ? 0 : 1) = (exact - density.masses).lpNorm<1>();
    if (n == 128) continue;
    const Vector mean = chart.position(density.mean);
    const Matrix covariance = chart.axes * density.covariance * chart.axes.transpose();
    BOOST_TEST((mean - reference.mean).norm() < 3.0 * (chart.axes * density.mean_error).norm());
    BOOST_TEST((covariance - reference.covariance).norm() < 2e-3 * covariance.norm());
    BOOST_TEST(density.error > 0.4 * errors(1));
    BOOST_TEST(density.error < 2.5 * errors(1));
  }
  BOOST_TEST_MESSAGE("oblique tensor: L1 error " << errors(1) << ", order "
                                                 << std::log2(errors(0) / errors(1)));
  BOOST_TEST(std::log2(errors(0) / errors(1)) > 1.9);
}

// The same with correlation 0.95: the order that the grids themselves show.
BOOST_AUTO_TEST_CASE(order_with_strongly_correlated_noise) {
  const Coefficients network = oblique_network(0.95);
  const auto rough = solve_finite_volume(network, cube(2, 4.0, 96));
  Matrix tensor(2, 2);
  network.tensor(rough.mean, tensor);
  const Chart chart = principal_chart(rough.mean, rough.covariance, tensor);
  const Coefficients straight = on_chart(network, chart);
  const auto density = solve_finite_volume(straight, Grid({{-6.0, 6.0, 512}, {-6.0, 6.0, 256}}));
  check_density(density, "correlation 0.95");
  BOOST_TEST_MESSAGE("correlation 0.95: error " << density.error << ", order " << density.order);
  BOOST_TEST(density.order > 1.9);
}

// Wells that exchange once in 1e6 time units keep the weights of their symmetry.
BOOST_AUTO_TEST_CASE(two_wells) {
  Matrix W(2, 2);
  W << 1.5, 0.2, 0.2, 1.5;
  const auto density = solve_finite_volume(tests::tanh_network(W, 0.3), cube(2, 3.0, 128));
  check_density(density, "two wells");
  BOOST_TEST(density.mean.norm() < 1e-7);
}

BOOST_AUTO_TEST_SUITE_END()

// Random smooth fields, tensors down to rank one and coarse grids: a density for all of them.
BOOST_AUTO_TEST_CASE(positive_and_conservative_for_any_input) {
  for (std::uint64_t path = 0; path < 60; ++path) {
    const auto draw = [path](std::uint32_t k) {
      return random::normal({tests::seed, 3}, path, 0, k);
    };
    const Index n = path % 3 == 2 ? 3 : 2;
    Matrix W(n, n), G(n, path % 2 == 0 ? n : 1);
    for (Index k = 0; k < W.size(); ++k) W(k) = 3.0 * draw(static_cast<std::uint32_t>(k));
    for (Index k = 0; k < G.size(); ++k) G(k) = draw(20 + static_cast<std::uint32_t>(k));
    const Coefficients network{
        n, [W](const Vector& x, Vector& drift) { drift = -x + W * Vector(x.array().tanh()); },
        [G](const Vector& x, Matrix& tensor) {
          tensor = 0.05 * (1.5 + std::tanh(x(0))) * G * G.transpose();
        }};
    std::vector<Axis> axes;
    for (Index i = 0; i < n; ++i)
      axes.push_back({-8.0, 8.0 + 0.3 * static_cast<double>(i), 11 + 3 * i});
    const Grid grid(axes);
    const Generator generator = make_generator(network, grid);
    BOOST_REQUIRE(generator.report.ok());
    double least = 0.0, drift_of_mass = 0.0;
    for (Index row = 0; row < grid.cells(); ++row) {
      double sum = 0.0, size = 0.0;
      for (SparseMatrix::InnerIterator entry(generator.rates, row); entry; ++entry) {
        if (entry.col() != row) least = std::min(least, entry.value());
        sum += entry.value();
        size += std::abs(entry.value());
      }
      drift_of_mass = std::max(drift_of_mass, std::abs(sum) / size);
    }
    BOOST_TEST(least >= 0.0);
    BOOST_TEST(drift_of_mass < 1e-14);
    const auto density = solve_finite_volume(network, grid);
    BOOST_TEST(density.masses.minCoeff() >= 0.0);
    BOOST_TEST(std::abs(density.masses.sum() - 1.0) < 1e-13);
  }
}

// The cost a cell does not grow: iterations of the last grid.
BOOST_AUTO_TEST_CASE(iterations_do_not_grow_with_the_mesh) {
  Matrix W(2, 2);
  W << 1.2, 0.8, -0.6, 1.1;
  for (const Index n : {64, 128, 256, 512}) {
    const auto density = solve_finite_volume(tests::tanh_network(W, 0.6), cube(2, 4.0, n),
                                             {.estimate_error = false});
    BOOST_TEST_MESSAGE(n << "^2: " << density.report.iterations << " iterations");
    BOOST_TEST(density.report.iterations <= 24);
  }
}

BOOST_AUTO_TEST_SUITE(bad_input)

BOOST_AUTO_TEST_CASE(coefficients_that_are_none) {
  const Coefficients broken{1, [](const Vector& x, Vector& drift) { drift = x.array().sqrt(); },
                            [](const Vector&, Matrix& tensor) { tensor.setOnes(1, 1); }};
  const auto nan = solve_finite_volume(broken, cube(1, 1.0, 16));
  BOOST_TEST(static_cast<int>(nan.report.status) == static_cast<int>(Status::non_finite_state));
  BOOST_TEST(nan.report.message.find("x = (") != std::string::npos);
  const Coefficients negative{2, [](const Vector& x, Vector& drift) { drift = -x; },
                              [](const Vector&, Matrix& tensor) {
                                tensor.resize(2, 2);
                                tensor << 1.0, 2.0, 2.0, 1.0;
                              }};
  const auto indefinite = solve_finite_volume(negative, cube(2, 1.0, 16));
  BOOST_TEST(static_cast<int>(indefinite.report.status) ==
             static_cast<int>(Status::outside_validity));
  BOOST_TEST(indefinite.report.message.find("eigenvalue") != std::string::npos);
  const Coefficients frozen{1, [](const Vector&, Vector& drift) { drift.setZero(1); },
                            [](const Vector&, Matrix& tensor) { tensor.setZero(1, 1); }};
  BOOST_TEST(!solve_finite_volume(frozen, cube(1, 1.0, 16)).report.ok());
}

BOOST_AUTO_TEST_CASE(arguments) {
  const auto well = tests::double_well(0.5);
  BOOST_CHECK_THROW(Grid(std::vector<Axis>{}), std::invalid_argument);
  BOOST_CHECK_THROW(Grid(std::vector<Axis>{{1.0, -1.0, 10}}), std::invalid_argument);
  BOOST_CHECK_THROW(Grid(std::vector<Axis>{{-1.0, 1.0, 2}}), std::invalid_argument);
  BOOST_CHECK_THROW(Grid({{-1.0, 1.0, 10, Side::periodic, Side::reflecting}}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(solve_finite_volume(well, cube(2, 1.0, 16)), std::invalid_argument);
  BOOST_CHECK_THROW(solve_finite_volume(well, cube(1, 1.0, 16), {.tolerance = 0.0}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(
      solve_finite_volume(well, Grid({{-1.0, 1.0, 10, Side::absorbing, Side::reflecting}})),
      std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
