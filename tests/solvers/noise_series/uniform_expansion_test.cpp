// SPDX-License-Identifier: GPL-3.0-or-later
// The uniform expansion at kinks against exact laws, its limits and its scaling.
#define BOOST_TEST_MODULE uniform_expansion
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "lib/networks/single_unit.hpp"
#include "solvers/noise_series/noise_series.hpp"
#include "solvers/noise_series/series_validity.hpp"
#include "solvers/noise_series/uniform_expansion.hpp"
#include "solvers/transfer_operator/stationary.hpp"
#include "tests/solvers/noise_series/series_cases.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;

namespace {

models::NoisyChain relu(NoiseSource::Where where, double w, double c, double g, double s) {
  return {networks::single_unit(Equation::rate, activations::Relu{}, w, c, g),
          networks::white_noise(where, s)};
}

noise_series::UniformExpansion solve(const models::NoisyChain& chain) {
  return noise_series::solve_uniform_expansion(chain, Vector(), tests::fixed_point_of(chain));
}

}  // namespace

// Exact means of the theory page. The Taylor series has no shift at all here, and says so.
BOOST_AUTO_TEST_CASE(exact_cases) {
  const auto inside = relu(NoiseSource::inside, 0.5, 0.3, 0.2, 0.5);
  BOOST_TEST(std::abs(solve(inside).law.mean[0].value - 0.653722468678) < 6.1e-5);  // shift 0.0537
  const auto outside = relu(NoiseSource::outside, 0.5, 0.05, 0.2, 0.5);
  BOOST_TEST(std::abs(solve(outside).law.mean[0].value - 0.116449143143) < 9.8e-4);  // 0.0164
  for (const auto& chain : {inside, outside}) {
    const auto series =
        noise_series::solve_noise_series(chain, Vector(), tests::fixed_point_of(chain), 4);
    BOOST_TEST(series.mean[1](0) == 0.0);
    const auto verdict = noise_series::judge_series(series, chain.activation(), 1.0);
    BOOST_TEST(!verdict.valid);
    BOOST_TEST(verdict.note.find("kink") != std::string::npos);
  }
}

// From far above through the kink to far below: uniformly within 0.02 s of the exact mean, where
// the Taylor series errs by up to 0.4 s.
BOOST_AUTO_TEST_CASE(uniform_in_the_distance) {
  for (const auto where : {NoiseSource::inside, NoiseSource::outside}) {
    double worst = 0.0, worst_taylor = 0.0;
    for (const double c : {-0.8, -0.4, -0.2, -0.1, 0.0, 0.1, 0.2, 0.4, 0.8, 1.6}) {
      const double s = 0.4;
      const auto chain = relu(where, 0.5, c, 0.3, s);
      const auto exact = transfer_operator::solve_stationary(chain, Vector());
      if (!exact.report.ok()) continue;
      worst = std::max(worst, std::abs(solve(chain).law.mean[0].value - exact.mean) / s);
      worst_taylor =
          std::max(worst_taylor, std::abs(tests::fixed_point_of(chain)(0) - exact.mean) / s);
    }
    BOOST_TEST_MESSAGE(to_string(where) << ": largest error " << worst << " s, Taylor series "
                                        << worst_taylor << " s");
    BOOST_TEST(worst < 0.02);
    BOOST_TEST(worst_taylor > 5.0 * worst);
  }
}

// With noise outside and g → 0 the law of a relu neuron is two half-Gaussians, p ∝ exp(−2U/s²), U'
// = h − relu(wh + c): their mean by its closed form, with the kink at most one sd away. The
// expansion misses it by less than (r − 1)/(r + 1)/3 of what the fixed point, Taylor's answer,
// does, r the ratio of the rates 1 and 1 − w; and at the distance 1 by more than 0.7 of that, so
// that the bound says something. A leak g changes the law by O(g).
BOOST_AUTO_TEST_CASE(error_within_one_standard_deviation_of_a_kink) {
  const double g = 2e-3, s = std::sqrt(2.0 / g);  // variances 1/rate
  const auto pdf = [](double x) {
    return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
  };
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  for (const double w : {-10.0, -3.0, -1.0, 0.3, 0.5, 0.8, 0.9}) {
    const double rate = 1.0 - w, ratio = std::max(rate, 1.0 / rate),
                 bound = (ratio - 1.0) / (ratio + 1.0) / 3.0;
    double largest = 0.0;
    for (const double distance : {-0.97, -0.5, 0.0, 0.5, 0.97}) {
      // The bias that puts the expansion's argument there: a = q · distance.
      const double q = std::abs(w) / std::sqrt(1.0 - w * cdf(distance)),
                   c = q * distance - w * q * (distance * cdf(distance) + pdf(distance));
      const auto expansion = solve(relu(NoiseSource::outside, w, c, g, s));
      BOOST_TEST(std::abs(expansion.kink_distance(0) - std::abs(distance)) < 0.02);
      // In a = wh + c, on the side a > 0 rate 1 − w about c/(1 − w), else rate 1 about c; the noise
      // is w² there, the density continuous at 0.
      const double on = std::abs(w) / std::sqrt(rate), off = std::abs(w);
      const double x = c / rate / on, y = c / off;
      const double on_mass = on * cdf(x) / pdf(x), off_mass = off * cdf(-y) / pdf(y);
      const double mean =
          (on * (x * on_mass + on) + off * (y * off_mass - off)) / (on_mass + off_mass);
      const double exact = (mean - c) / w, taylor = c > 0.0 ? c / rate : 0.0;
      const double error = std::abs(expansion.law.mean[0].value - exact) / std::abs(taylor - exact);
      largest = std::max(largest, error);
      BOOST_TEST(error < bound, "w " << w << ", distance " << distance << ": " << error
                                     << " of Taylor's error, expected below " << bound);
    }
    BOOST_TEST(largest > 0.7 * bound, "w " << w << ": at most " << largest << ", bound " << bound);
  }
}

// m(s, c) = s M(c/s), V = s² N(c/s).
BOOST_AUTO_TEST_CASE(homogeneous) {
  const auto one = solve(relu(NoiseSource::inside, -0.7, 0.3, 0.4, 1.0)).law;
  const auto tenth = solve(relu(NoiseSource::inside, -0.7, 0.03, 0.4, 0.1)).law;
  BOOST_TEST(tenth.mean[0].value == 0.1 * one.mean[0].value, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(tenth.variance[0].value == 0.01 * one.variance[0].value,
             boost::test_tools::tolerance(1e-9));
}

// w = 0, inside, c = 0: m = s/√(2π), V = g/(2 − g) s² (1/2 − 1/(2π)), exactly.
BOOST_AUTO_TEST_CASE(without_recurrence) {
  const double s = 0.7, g = 0.3;
  const auto expansion = solve(relu(NoiseSource::inside, 0.0, 0.0, g, s));
  BOOST_TEST(expansion.law.mean[0].value == s / std::sqrt(2.0 * std::numbers::pi),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(
      expansion.law.variance[0].value == g / (2.0 - g) * s * s * (0.5 - 0.5 / std::numbers::pi),
      boost::test_tools::tolerance(1e-10));
  BOOST_TEST(expansion.kink_shift(0) == s / std::sqrt(2.0 * std::numbers::pi),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(expansion.kink_distance(0) == 0.0);
}

BOOST_AUTO_TEST_CASE(smooth_activations_are_refused) {
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Tanh{}, 0.5, 0.1, 0.3),
      networks::white_noise(NoiseSource::inside, 0.3));
  const auto expansion = solve(chain);
  BOOST_TEST((expansion.report.status == Status::outside_validity));
  BOOST_TEST(!expansion.law.valid);
}
