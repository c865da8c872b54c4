// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE line
#include "solvers/fokker_planck/line.hpp"

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "solvers/fokker_planck/spectral.hpp"

using namespace stillpoint;
using fokker_planck::Coefficients;
using fokker_planck::first_passage;
using fokker_planck::stationary_on_line;

namespace {

template <typename Drift>
Coefficients diffusion(Drift drift, double D) {
  return {1, [drift](const Vector& x, Vector& A) { A(0) = drift(x(0)); },
          [D](const Vector&, Matrix& tensor) { tensor(0, 0) = D; }};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stationary)

BOOST_AUTO_TEST_CASE(ornstein_uhlenbeck) {
  const auto law = stationary_on_line(diffusion([](double x) { return 0.3 - x; }, 0.25), -5.0, 6.0);
  BOOST_TEST(law.report.ok(), law.report.message);
  BOOST_TEST(std::abs(law.mean - 0.3) < 1e-12);
  BOOST_TEST(std::abs(law.variance - 0.25) < 1e-12);
  BOOST_TEST(std::abs(law.skewness) < 1e-10);
  BOOST_TEST(law.end_density < 1e-20);
}

// A kinked drift and state-dependent noise, against the spectral solver where that one is smooth
// and against p = e^{−Φ}/D by another quadrature where it is not.
BOOST_AUTO_TEST_CASE(a_kink_is_no_obstacle) {
  const auto relu = diffusion([](double x) { return -x + std::max(0.5 * x + 0.1, 0.0); }, 0.2);
  const auto law = stationary_on_line(relu, -4.0, 6.0, {.breaks = {-0.2}});
  BOOST_TEST(law.report.ok(), law.report.message);
  const double kink = -0.2;
  const auto weight = [&](double x) {
    const double u = 0.5 * x + 0.1;
    return std::exp((-0.5 * x * x + (u > 0.0 ? u * u : 0.0)) / 0.2);
  };
  boost::math::quadrature::tanh_sinh<double> quadrature;
  const auto integral = [&](auto&& f) {
    return quadrature.integrate(f, -4.0, kink) + quadrature.integrate(f, kink, 6.0);
  };
  const double mass = integral(weight);
  const double mean = integral([&](double x) { return x * weight(x); }) / mass;
  const double variance =
      integral([&](double x) { return (x - mean) * (x - mean) * weight(x); }) / mass;
  BOOST_TEST(std::abs(law.mean - mean) < 1e-9);
  BOOST_TEST(std::abs(law.variance / variance - 1.0) < 1e-9);
}

BOOST_AUTO_TEST_CASE(state_dependent_noise_as_the_spectral_solver) {
  const Coefficients model{
      1, [](const Vector& x, Vector& A) { A(0) = 0.2 - x(0); },
      [](const Vector& x, Matrix& D) { D(0, 0) = 1.0 + 0.5 * std::sin(x(0)); }};
  const auto law = stationary_on_line(model, -11.0, 11.0);
  const auto spectral = fokker_planck::solve_spectral(model, Vector::Zero(1),
                                                      Matrix::Identity(1, 1), {.tolerance = 1e-9});
  BOOST_TEST(std::abs(law.mean - spectral.mean(0)) < 1e-8);
  BOOST_TEST(std::abs(law.variance / spectral.covariance(0, 0) - 1.0) < 1e-8);
  BOOST_TEST(std::abs(law.skewness - spectral.skewness(0)) < 1e-7);
}

BOOST_AUTO_TEST_CASE(what_is_cut_off_is_told) {
  const auto law = stationary_on_line(diffusion([](double x) { return -x; }, 1.0), -1.0, 1.0);
  BOOST_TEST(std::abs(law.end_density - std::exp(-0.5)) < 0.01);  // p at the outermost node
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(passage)

// Brownian motion from x in [0, L], absorbed at 0, reflected at L: mean x(2L − x)/2D; from L the
// time has variance L⁴/6D² (mean L²/2D).
BOOST_AUTO_TEST_CASE(brownian_motion) {
  const double D = 0.7, L = 1.3, x = 0.4;
  const auto free = diffusion([](double) { return 0.0; }, D);
  for (const double sign : {1.0, -1.0}) {  // to the left and to the right
    const auto time = first_passage(free, sign * x, 0.0, sign * L);
    BOOST_TEST(time.report.ok(), time.report.message);
    BOOST_TEST(std::abs(time.mean - x * (2.0 * L - x) / (2.0 * D)) < 1e-12);
    const auto from_end = first_passage(free, sign * L, 0.0, sign * L);
    BOOST_TEST(std::abs(from_end.mean - L * L / (2.0 * D)) < 1e-12);
    BOOST_TEST(std::abs(std::pow(from_end.standard_deviation, 2) - std::pow(L, 4) / (6.0 * D * D)) <
               1e-11);
  }
}

// Drift v towards the boundary and no reflection near: mean x/v, variance 2 D x/v³.
BOOST_AUTO_TEST_CASE(drift_towards_the_boundary) {
  const double v = 0.8, D = 0.3, x = 2.0;
  const auto time = first_passage(diffusion([v](double) { return -v; }, D), x, 0.0, 40.0);
  BOOST_TEST(time.report.ok(), time.report.message);
  BOOST_TEST(std::abs(time.mean - x / v) < 1e-9);
  BOOST_TEST(std::abs(time.standard_deviation - std::sqrt(2.0 * D * x / (v * v * v))) < 1e-8);
}

// Double well, high barrier: Kramers, 2π/√(V''(−1)|V''(0)|) e^{ΔV/D} from well to well, half of it
// to the top; its next order is known to be relative O(D).
BOOST_AUTO_TEST_CASE(kramers_limit) {
  double gap[2];
  int k = 0;
  for (const double D : {0.02, 0.01}) {
    const auto well = diffusion([](double x) { return x - x * x * x; }, D);
    const auto time = first_passage(well, -1.0, 1.0, -3.0);
    BOOST_TEST(time.report.ok(), time.report.message);
    const double kramers = 2.0 * M_PI / std::sqrt(2.0) * std::exp(0.25 / D);
    gap[k++] = time.mean / kramers - 1.0;
    // An escape forgets where it came from: exponential.
    BOOST_TEST(std::abs(time.standard_deviation / time.mean - 1.0) < 1e-3);
    const auto to_top = first_passage(well, -1.0, 0.0, -3.0);
    BOOST_TEST(std::abs(to_top.mean / time.mean - 0.5) < 0.01);
  }
  BOOST_TEST_MESSAGE("Kramers errs by " << gap[0] << " and " << gap[1]);
  BOOST_TEST(std::abs(gap[0] / gap[1] - 2.0) < 0.3);
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_said) {
  const auto broken = diffusion([](double x) { return std::log(x); }, 0.1);
  const auto time = first_passage(broken, 0.5, -1.0, 1.0);
  BOOST_TEST(static_cast<int>(time.report.status) == static_cast<int>(Status::non_finite_state));
  const auto negative = diffusion([](double x) { return -x; }, -1.0);
  BOOST_TEST(!stationary_on_line(negative, -1.0, 1.0).report.ok());
  const auto fine = diffusion([](double x) { return -x; }, 1.0);
  BOOST_TEST(first_passage(fine, 0.0, 0.0, 1.0).mean == 0.0);
  BOOST_CHECK_THROW(first_passage(fine, 2.0, 0.0, 1.0), std::invalid_argument);
  BOOST_CHECK_THROW(stationary_on_line(fine, 1.0, 1.0), std::invalid_argument);
  Coefficients two = fine;
  two.dimension = 2;
  BOOST_CHECK_THROW(stationary_on_line(two, 0.0, 1.0), std::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
