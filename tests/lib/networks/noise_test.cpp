// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE networks_noise
#include "lib/networks/noise.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

using namespace stillpoint;
using networks::NoiseConvention;
using networks::NoiseSource;
using networks::NoiseSpec;
using networks::step_noise;

namespace {

networks::Network linear_unit(double leak, Index n = 1) {
  return networks::make_network(
      {.W = Matrix::Zero(n, n), .activation = activations::Identity{}, .leak = leak});
}

/// Stationary variance s²/(g(2 − g)) of an uncoupled linear unit for one source of sd sigma.
double variance(double leak, NoiseSource::Where where, double sigma, NoiseConvention convention) {
  const auto step =
      step_noise(linear_unit(leak), {{.where = where, .sigma = {sigma}, .convention = convention}});
  const double s = std::hypot(leak * step.argument_sd(0), step.state_sd(0));
  return s * s / (leak * (2.0 - leak));
}

}  // namespace

// The variance of a linear unit without recurrence, in the convention of each published code: the
// table of the trap list (v' = (1 − a) v + s ξ, variance s²/(a(2 − a)), a the leak).
BOOST_AUTO_TEST_CASE(linear_unit_variance_in_published_codes) {
  using enum NoiseConvention;
  for (const double a : {0.05, 0.2, 0.5, 1.0}) {
    const double sigma = 0.7, s2 = sigma * sigma;
    const auto tolerance = boost::test_tools::tolerance(1e-14);
    const auto outside = NoiseSource::outside, state = NoiseSource::state,
               inside = NoiseSource::inside;
    // PsychRNN: √(2aσ²) ξ on the state; 2σ²/(2 − a) → σ².
    BOOST_TEST(variance(a, outside, sigma, psychrnn) == 2.0 * s2 / (2.0 - a), tolerance);
    BOOST_TEST(variance(a, state, sigma, psychrnn) == 2.0 * s2 / (2.0 - a), tolerance);
    // trainRNNbrain: a √(2/a) σ ξ in the bracket: per_step with √(2/a) σ, which is the same number.
    BOOST_TEST(variance(a, outside, std::sqrt(2.0 / a) * sigma, per_step) == 2.0 * s2 / (2.0 - a),
               tolerance);
    // nn4n RecurrentLayer: v += a σ ξ before f; a σ²/(2 − a).
    BOOST_TEST(variance(a, inside, sigma, per_step) == a * s2 / (2.0 - a), tolerance);
    BOOST_TEST(variance(a, outside, sigma, per_step) == a * s2 / (2.0 - a), tolerance);
    // nn4n HiddenLayer, NoisyRNN: σ ξ as it is, every step; σ²/(a(2 − a)).
    BOOST_TEST(variance(a, state, sigma, raw_step) == s2 / (a * (2.0 - a)), tolerance);
    BOOST_TEST(variance(a, outside, sigma, raw_step) == s2 / (a * (2.0 - a)), tolerance);
    // NEST input noise: √τ σ dW; step sd √a σ.
    BOOST_TEST(variance(a, outside, sigma, per_sqrt_time) == s2 / (2.0 - a), tolerance);
    // The stationary sd itself.
    BOOST_TEST(variance(a, outside, sigma, stationary_sd) == s2, tolerance);
    BOOST_TEST(variance(a, state, sigma, stationary_sd) == s2, tolerance);
  }
}

BOOST_AUTO_TEST_CASE(white_noise_inside_depends_on_the_step_and_says_so) {
  const auto step = step_noise(linear_unit(0.25),
                               {{.sigma = {0.3}, .convention = NoiseConvention::per_sqrt_time}});
  BOOST_TEST(step.argument_sd(0) == 0.6, boost::test_tools::tolerance(1e-15));
  BOOST_REQUIRE(step.notes.size() == 1);
  BOOST_TEST(step.notes[0].find("depends on the step") != std::string::npos);
  BOOST_TEST(step_noise(linear_unit(0.25), {{.sigma = {0.3}}}).notes.empty());
}

BOOST_AUTO_TEST_CASE(coloured_noise) {
  const auto step = step_noise(
      linear_unit(0.2),
      {{.sigma = {0.4}, .convention = NoiseConvention::stationary_sd, .correlation_time = 2.0}});
  BOOST_REQUIRE(step.coloured.size() == 1);
  BOOST_TEST(step.coloured[0].sd(0) == 0.4);
  BOOST_TEST(step.coloured[0].retention == std::exp(-0.1), boost::test_tools::tolerance(1e-15));
  BOOST_TEST(!step.silent());
}

BOOST_AUTO_TEST_CASE(sources_add_in_variance_and_units_may_differ) {
  const auto step =
      step_noise(linear_unit(0.5, 2), {{.sigma = {3.0, 0.0}},
                                       {.sigma = {4.0}},
                                       {.where = NoiseSource::outside, .sigma = {6.0}},
                                       {.where = NoiseSource::state,
                                        .sigma = {4.0, 0.0},
                                        .convention = NoiseConvention::raw_step}});
  BOOST_TEST(step.argument_sd(0) == 5.0);
  BOOST_TEST(step.argument_sd(1) == 4.0);
  BOOST_TEST(step.state_sd(0) == 5.0);  // √((0.5·6)² + 4²)
  BOOST_TEST(step.state_sd(1) == 3.0);
  const auto none = step_noise(linear_unit(0.5, 2), {{.sigma = {0.0}}});
  BOOST_TEST(none.silent());
}

BOOST_AUTO_TEST_CASE(scaling_multiplies_every_sigma) {
  const NoiseSpec noise = {{.sigma = {1.0, 2.0}}, {.where = NoiseSource::outside, .sigma = {3.0}}};
  const NoiseSpec half = networks::scaled(noise, 0.5);
  BOOST_TEST(half[0].sigma[1] == 1.0);
  BOOST_TEST(half[1].sigma[0] == 1.5);
  BOOST_CHECK_THROW(networks::scaled(noise, -1.0), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(what_has_no_meaning_is_refused) {
  using enum NoiseConvention;
  const auto refuse = [](NoiseSource source) {
    BOOST_CHECK_THROW(step_noise(linear_unit(0.5), {source}), std::invalid_argument);
  };
  for (const auto convention : {psychrnn, stationary_sd, raw_step})  // white, inside
    refuse({.sigma = {1.0}, .convention = convention});
  for (const auto convention : {per_step, per_sqrt_time, psychrnn, raw_step})  // coloured, inside
    refuse({.sigma = {1.0}, .convention = convention, .correlation_time = 1.0});
  refuse({.where = NoiseSource::outside,
          .sigma = {1.0},
          .convention = stationary_sd,
          .correlation_time = 1.0});
  refuse({.where = NoiseSource::state, .sigma = {1.0}, .convention = per_step});
  refuse({.sigma = {1.0, 2.0}});
  refuse({.sigma = {}});
  refuse({.sigma = {-1.0}});
  refuse({.sigma = {std::numeric_limits<double>::quiet_NaN()}});
  refuse({.sigma = {1.0}, .convention = stationary_sd, .correlation_time = -1.0});
}

// What a step adds to slow noise, √(1 − ρ²), keeps its digits where ρ is 1 to rounding: for a step
// of r = g/t_c correlation times it is √(2r − 2r² + …).
BOOST_AUTO_TEST_CASE(slow_noise_keeps_its_digits_and_a_constant_is_refused) {
  const auto coloured = [](double correlation_time) {
    return step_noise(linear_unit(0.2), {{.where = NoiseSource::inside,
                                          .sigma = {0.5},
                                          .convention = NoiseConvention::stationary_sd,
                                          .correlation_time = correlation_time}})
        .coloured.at(0);
  };
  for (const double t_c : {1e4, 1e8, 1e10}) {
    const double r = 0.2 / t_c;
    BOOST_TEST(coloured(t_c).step_sd == std::sqrt(2.0 * r * (1.0 - r)),
               boost::test_tools::tolerance(1e-8));
  }
  BOOST_CHECK_THROW(coloured(1e13), std::invalid_argument);
}
