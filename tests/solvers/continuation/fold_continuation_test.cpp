// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE fold_continuation
#include "solvers/continuation/fold_continuation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "tests/solvers/continuation/gaussian_average.hpp"

using namespace stillpoint;
using continuation::BranchEnd;
using continuation::FoldContinuationOptions;
using continuation::Parameter;
using moments::Rung;

namespace {

continuation::ParametricMap neuron(std::vector<Parameter> parameters, Rung rung, double w, double c,
                                   activations::Activation f = activations::Tanh{},
                                   double leak = 0.2) {
  return continuation::network_map(
      {.network = networks::single_unit(networks::Equation::rate, f, w, c, leak),
       .noise = networks::white_noise(networks::NoiseSource::inside, 1.0)},
      parameters, rung);
}

const Parameter sigma = Parameter::noise_level(), weight = Parameter::weight(0, 0),
                bias = Parameter::bias(0);

}  // namespace

BOOST_AUTO_TEST_CASE(without_noise_the_folds_are_the_closed_form_and_end_in_a_cusp) {
  // tanh: 1 = w (1 − h²), c = artanh h − w h; the cusp at w = 1, c = 0.
  const auto map = neuron({bias, weight}, Rung::deterministic, 1.5, 0.0);
  const double h = std::sqrt(1.0 - 1.0 / 2.0);
  const Vector start = Vector::Constant(1, h + 0.01),
               at = Eigen::Vector2d(std::atanh(h) - 2.0 * h + 0.01, 2.0);
  const auto folds = continuation::trace_folds(
      map, start, at, {.lower = Eigen::Vector2d(-1.0, 0.5), .upper = Eigen::Vector2d(1.0, 2.5)});
  BOOST_TEST(folds.report.ok(), folds.report.message);
  BOOST_TEST((folds.begins == BranchEnd::parameter_bound));
  BOOST_TEST((folds.ends == BranchEnd::parameter_bound));
  BOOST_TEST(folds.points.front().parameters(1) == 2.5);
  BOOST_TEST(folds.points.back().parameters(1) == 2.5);
  BOOST_TEST(folds.points.front().parameters(0) * folds.points.back().parameters(0) < 0.0);
  for (const auto& point : folds.points) {
    const double x = point.state(0), w = 1.0 / (1.0 - x * x);
    BOOST_TEST(std::abs(point.parameters(1) - w) < 1e-11);
    BOOST_TEST(std::abs(point.parameters(0) - (std::atanh(x) - w * x)) < 1e-11);
  }
  BOOST_REQUIRE(folds.cusps.size() == 1u);
  BOOST_TEST(std::abs(folds.cusps[0].parameters(0)) < 1e-12);
  BOOST_TEST(std::abs(folds.cusps[0].parameters(1) - 1.0) < 1e-12);
  BOOST_TEST(folds.cusps[0].error < 1e-7);
}

BOOST_AUTO_TEST_CASE(noise_against_bias_is_the_closed_form_of_erf) {
  // u = w h + c, f_q = erf(u/k), k = √(1 + 2q²): 1 = 2w/(√π k) exp(−u²/k²); cusp at c = 0 where
  // w f_q'(0) = 1.
  const double w = 1.5;
  const auto map = neuron({sigma, bias}, Rung::smoothed, w, 0.05, activations::Erf{});
  const auto folds = continuation::trace_folds(
      map, Vector::Constant(1, -0.4), Eigen::Vector2d(0.8, 0.05),
      {.lower = Eigen::Vector2d(0.0, -1.0), .upper = Eigen::Vector2d(3.0, 1.0)});
  BOOST_TEST(folds.report.ok(), folds.report.message);
  for (const auto& point : folds.points) {
    const double k = std::sqrt(1.0 + 2.0 * point.parameters(0) * point.parameters(0));
    const double u = w * point.state(0) + point.parameters(1);
    BOOST_TEST(std::abs(std::erf(u / k) - point.state(0)) < 1e-13);
    BOOST_TEST(std::abs(w * 2.0 / std::sqrt(std::numbers::pi) / k * std::exp(-u * u / (k * k)) -
                        1.0) < 1e-11);
  }
  BOOST_REQUIRE(folds.cusps.size() == 1u);
  BOOST_TEST(std::abs(folds.cusps[0].parameters(1)) < 1e-11);
  BOOST_TEST(
      folds.cusps[0].parameters(0) == std::sqrt(0.5 * (4.0 * std::numbers::inv_pi * w * w - 1.0)),
      boost::test_tools::tolerance(1e-11));
  // Both ends are at the noise-free folds ±.
  BOOST_TEST(folds.points.front().parameters(0) == 0.0);
  BOOST_TEST(std::abs(folds.points.front().parameters(1) + folds.points.back().parameters(1)) <
             1e-12);
}

BOOST_AUTO_TEST_CASE(noise_against_weight_begins_at_the_noise_free_fold) {
  const double c = 0.05;
  const auto map = neuron({sigma, weight}, Rung::smoothed, 1.5, c);
  const auto folds = continuation::trace_folds(
      map, Vector::Constant(1, -0.38), Eigen::Vector2d(0.63, 1.5),
      {.lower = Eigen::Vector2d(0.0, 0.5), .upper = Eigen::Vector2d(3.0, 3.0)});
  BOOST_TEST(folds.report.ok(), folds.report.message);
  BOOST_TEST(folds.cusps.empty());
  const auto& first =
      folds.points.front().parameters(0) == 0.0 ? folds.points.front() : folds.points.back();
  const auto& last =
      folds.points.front().parameters(0) == 0.0 ? folds.points.back() : folds.points.front();
  // artanh h − h/(1 − h²) = c on the lower branch.
  const double h =
      tests::bisect([c](double x) { return std::atanh(x) - x / (1.0 - x * x) - c; }, -0.9, -0.01);
  BOOST_TEST(first.parameters(1) == 1.0 / (1.0 - h * h), boost::test_tools::tolerance(1e-11));
  BOOST_TEST(last.parameters(1) == 3.0);
  BOOST_TEST(std::abs(1.0 - 3.0 * tests::tanh_slope(3.0 * last.state(0) + c, last.parameters(0))) <
             1e-10);
}

BOOST_AUTO_TEST_CASE(folds_of_the_closure_are_folds_of_its_branches) {
  const double w = 1.5;
  const auto map = neuron({sigma, bias}, Rung::closure, w, 0.05, activations::Tanh{}, 0.1);
  const auto one = neuron({sigma}, Rung::closure, w, 0.1, activations::Tanh{}, 0.1);
  const double h = tests::bisect([w](double x) { return std::tanh(w * x + 0.1) - x; }, -0.9, -0.5);
  const auto branch =
      continuation::trace_branch(one, Eigen::Vector2d(h, 0.0), 0.0, true, {.upper = 2.0});
  BOOST_REQUIRE(!branch.bifurcations.empty());
  const auto& fold = branch.bifurcations[0];
  const auto folds = continuation::trace_folds(
      map, fold.state, Eigen::Vector2d(fold.parameter, 0.1),
      {.lower = Eigen::Vector2d(0.0, 0.0), .upper = Eigen::Vector2d(2.0, 0.12)});
  BOOST_TEST(folds.report.ok(), folds.report.message);
  // At c = 0.12 and at c = 0 as a branch of fixed points finds them.
  for (const auto* end : {&folds.points.front(), &folds.points.back()}) {
    const double c = end->parameters(1);
    BOOST_TEST((c == 0.12 || c == 0.0));
    const double lower =
        tests::bisect([w, c](double x) { return std::tanh(w * x + c) - x; }, -0.95, -0.45);
    const auto again =
        continuation::trace_branch(neuron({sigma}, Rung::closure, w, c, activations::Tanh{}, 0.1),
                                   Eigen::Vector2d(lower, 0.0), 0.0, true, {.upper = 2.0});
    BOOST_REQUIRE(!again.bifurcations.empty());
    BOOST_TEST(std::abs(again.bifurcations[0].parameter - end->parameters(0)) < 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const auto map = neuron({sigma, bias}, Rung::smoothed, 1.5, 0.05);
  const Vector y = Vector::Constant(1, -0.38), p = Eigen::Vector2d(0.63, 0.05);
  const Vector lower = Eigen::Vector2d(0.0, -1.0), upper = Eigen::Vector2d(2.0, 1.0);
  const auto throws = [&](const Vector& state, const Vector& at,
                          const FoldContinuationOptions& options) {
    BOOST_CHECK_THROW(continuation::trace_folds(map, state, at, options), std::invalid_argument);
  };
  throws(y, p, {});
  throws(y, p, {.lower = upper, .upper = lower});
  throws(y, p, {.lower = lower, .upper = upper, .scales = Vector::Ones(1)});
  throws(y, p, {.lower = lower, .upper = upper, .first_step = 1.0});
  throws(Vector::Zero(2), p, {.lower = lower, .upper = upper});
  throws(Vector::Constant(1, 0.9), Eigen::Vector2d(1.9, 0.9), {.lower = lower, .upper = upper});
  BOOST_CHECK_THROW(continuation::trace_folds(neuron({sigma}, Rung::smoothed, 1.5, 0.05), y, p,
                                              {.lower = lower, .upper = upper}),
                    std::invalid_argument);
}
