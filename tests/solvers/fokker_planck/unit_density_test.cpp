// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE unit_density
#include "solvers/fokker_planck/unit_density.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "solvers/moments/stationary.hpp"
#include "tests/support/chains.hpp"
#include "tests/support/fokker_planck.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;
using networks::Equation;
using networks::NoiseSource;

namespace {

networks::NoiseSpec both_places() {
  return {{.where = NoiseSource::inside, .sigma = {0.8}},
          {.where = NoiseSource::state,
           .sigma = {0.4},
           .convention = networks::NoiseConvention::per_sqrt_time}};
}

/// Value at x of a function known at evenly spaced points.
double interpolated(const Vector& points, const Vector& values, double x) {
  const double place = (x - points(0)) / (points(1) - points(0));
  if (place < 0.0 || place >= static_cast<double>(points.size() - 1)) return 0.0;
  const auto k = static_cast<Index>(place);
  const double t = place - static_cast<double>(k);
  return (1.0 - t) * values(k) + t * values(k + 1);
}

}  // namespace

// Linear: with the covariance of the diffusion the unit's own diffusion has exactly its variance.
BOOST_AUTO_TEST_CASE(linear_network_is_exact) {
  const Index n = 6;
  for (const auto equation : {Equation::rate, Equation::current}) {
    const auto network = tests::wavy_network(n, 0.1, equation, activations::Identity{});
    const models::NoisyDiffusion diffusion({network, both_places()}, Vector::Ones(2));
    const Matrix J = network.W - Matrix::Identity(n, n);
    const Vector mean = -J.lu().solve(network.b + network.W_in * Vector::Ones(2));
    Matrix C;
    diffusion.diffusion(0.0, mean, C);
    const Matrix covariance = tests::linear_covariance(J, C);
    for (const Index unit : {0, 4}) {
      const auto law =
          solve_stationary(unit_coefficients(diffusion, mean, covariance, unit),
                           {Vector::Zero(1), Matrix::Identity(1, 1)}, {.tolerance = 1e-9});
      BOOST_TEST_REQUIRE(law.report.ok(), law.report.message);
      BOOST_TEST(std::abs(law.mean(0) - mean(unit)) < 1e-9);
      BOOST_TEST(std::abs(law.covariance(0, 0) / covariance(unit, unit) - 1.0) < 1e-9);
    }
  }
}

// A network of one unit: its own input is known given its state, so that nothing is averaged.
BOOST_AUTO_TEST_CASE(single_unit_is_exact) {
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, 1.2, 0.2, 0.05), both_places());
  const models::NoisyDiffusion diffusion(chain, Vector());
  const auto closure = moments::solve_closure(chain, Vector(), Vector::Zero(1));
  const auto unit = solve_unit_density(diffusion, closure, 0, {.consistency = 1.0});
  BOOST_TEST(unit.report.ok(), unit.report.message);
  const auto exact =
      solve_stationary(coefficients_of(diffusion), {Vector::Zero(1), Matrix::Identity(1, 1)});
  BOOST_TEST(std::abs(unit.mean - exact.mean(0)) < 1e-6);
  BOOST_TEST(std::abs(unit.variance - exact.covariance(0, 0)) < 1e-6);
  for (const Index k : {100, 200, 250})
    BOOST_TEST(std::abs(unit.density(k) - exact.density(Vector::Constant(1, unit.states(k)))) <
               1e-5);
}

// 50 units of both equations against the histogram of the chain. What the leak does to widths,
// O(g), the closure knows: the density is stretched to the closure's sd, and a quarter of what that
// moves is allowed for the rest.
BOOST_AUTO_TEST_CASE(histogram_of_fifty_units) {
  const Index n = 50;
  for (const auto equation : {Equation::rate, Equation::current}) {
    const models::NoisyChain chain(tests::wavy_network(n, 0.05, equation, activations::Tanh{}, 1.0),
                                   both_places());
    const Vector input = Vector::Ones(2);
    const models::NoisyDiffusion diffusion(chain, input);
    const auto closure = moments::solve_closure(chain, input, Vector::Zero(n));
    BOOST_TEST_REQUIRE(closure.valid, closure.note);
    std::array<ensemble::Histogram, 2> histograms;
    std::array<UnitDensity, 2> units;
    constexpr Index bins = 30;
    for (std::size_t k = 0; k < 2; ++k) {
      const Index i = k == 0 ? 3 : 37;
      units[k] = solve_unit_density(diffusion, closure, i);
      BOOST_TEST(units[k].report.ok(), units[k].report.message);
      const double sd = std::sqrt(units[k].closure_variance);
      histograms[k].unit = i;
      histograms[k].edges = Vector::LinSpaced(bins + 1, units[k].closure_mean - 4.0 * sd,
                                              units[k].closure_mean + 4.0 * sd);
    }
    const auto law = ensemble::simulate_stationary(
        chain, input, Vector::Zero(n), {.paths = 1024, .seed = tests::seed, .steps = 2000},
        histograms);
    BOOST_TEST_REQUIRE(law.valid, law.note);
    for (std::size_t k = 0; k < 2; ++k) {
      const UnitDensity& unit = units[k];
      const double stretch = std::sqrt(unit.closure_variance / unit.variance);
      double worst = 0.0;
      for (Index bin = 0; bin < bins; ++bin) {
        double plain = 0.0, stretched = 0.0;
        constexpr Index within = 20;
        const double width = (histograms[k].edges(bin + 1) - histograms[k].edges(bin)) / within;
        for (Index q = 0; q < within; ++q) {
          const double x = histograms[k].edges(bin) + (static_cast<double>(q) + 0.5) * width;
          plain += width * interpolated(unit.states, unit.density, x);
          const double at = unit.mean + (x - unit.closure_mean) / stretch;
          stretched += width / stretch * interpolated(unit.states, unit.density, at);
        }
        tests::check_agrees({histograms[k].fraction(bin), histograms[k].standard_error(bin)},
                            stretched, "share of a bin", 0.25 * std::abs(stretched - plain) + 1e-4);
        worst = std::max(worst, std::abs(histograms[k].fraction(bin) - stretched) /
                                    histograms[k].standard_error(bin));
      }
      BOOST_TEST_MESSAGE("unit " << histograms[k].unit << ": stretch " << stretch
                                 << ", largest |z| of a bin " << worst << ", skewness of the chain "
                                 << law.skewness[histograms[k].unit].value);
      // Mass of the activation's density, trapezoidal.
      const auto& f = unit.activation;
      double mass = 0.0;
      for (Index q = 1; q < f.values.size(); ++q)
        mass += 0.5 * (f.density(q) + f.density(q - 1)) * (f.values(q) - f.values(q - 1));
      BOOST_TEST(std::abs(mass - 1.0) < 1e-3);
    }
  }
}

// relu of N(a, q²): an atom Φ(−a/q) at 0 and the Gaussian itself above.
BOOST_AUTO_TEST_CASE(through_a_flat_activation) {
  const double a = 0.3, q = 0.7;
  const Vector u = Vector::LinSpaced(4001, a - 8.0 * q, a + 8.0 * q);
  const Vector p =
      (-0.5 * ((u.array() - a) / q).square()).exp() / (q * std::sqrt(2.0 * std::numbers::pi));
  const auto relu = through_activation(activations::Relu{}, u, p);
  BOOST_TEST(std::abs(relu.flat_mass - 0.5 * std::erfc(a / q / std::numbers::sqrt2)) < 1e-3);
  BOOST_TEST(relu.density(3000) == p(3000));
  BOOST_CHECK_THROW(through_activation(activations::Relu{}, u, Vector::Ones(3)),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(bad_arguments_throw) {
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, 0.5, 0.2, 0.05), both_places());
  const models::NoisyDiffusion diffusion(chain, Vector());
  const auto closure = moments::solve_closure(chain, Vector(), Vector::Zero(1));
  BOOST_CHECK_THROW(solve_unit_density(diffusion, closure, 1), std::invalid_argument);
  BOOST_CHECK_THROW(solve_unit_density(diffusion, {}, 0), std::invalid_argument);
  BOOST_CHECK_THROW(unit_coefficients(diffusion, Vector::Zero(1), Matrix::Zero(1, 1), 0),
                    std::invalid_argument);
}
