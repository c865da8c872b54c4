// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE survival
#include "solvers/continuation/survival.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "lib/networks/network_file.hpp"
#include "lib/networks/single_unit.hpp"
#include "solvers/continuation/closure_map.hpp"
#include "solvers/moments/stationary.hpp"
#include "tests/solvers/continuation/gaussian_average.hpp"

using namespace stillpoint;
using continuation::SurvivalEnd;
using moments::Rung;
using networks::NoiseSource;

namespace {

continuation::Subject neuron(double w, double c, activations::Activation f, double sigma = 1.0,
                             NoiseSource::Where where = NoiseSource::inside, double leak = 0.2) {
  return {.network = networks::single_unit(networks::Equation::rate, f, w, c, leak),
          .noise = networks::white_noise(where, sigma)};
}

Vector state(double h) { return Vector::Constant(1, h); }

double memory(double w, double c, double lower, double upper) {
  return tests::bisect([=](double h) { return std::erf(w * h + c) - h; }, lower, upper);
}

/// Noise at which f_q'(0) of erf has this value.
double erf_noise(double slope) {
  return std::sqrt(0.5 * (4.0 * std::numbers::inv_pi / (slope * slope) - 1.0));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_memory_ends_in_a_fold_a_merger_or_not_at_all) {
  const double w = 1.5;
  const auto fold = continuation::survival_noise(neuron(w, 0.05, activations::Erf{}),
                                                 state(memory(w, 0.05, -1.0, -0.5)), Rung::smoothed,
                                                 {.upper = 3.0});
  BOOST_TEST((fold.end == SurvivalEnd::fold));
  BOOST_TEST(fold.report.ok());
  const double k = std::sqrt(1.0 + 2.0 * fold.level * fold.level), u = w * fold.state(0) + 0.05;
  BOOST_TEST(std::abs(std::erf(u / k) - fold.state(0)) < 1e-14);
  BOOST_TEST(std::abs(2.0 * w / std::sqrt(std::numbers::pi) / k * std::exp(-u * u / k / k) - 1.0) <
             1e-9);
  BOOST_TEST(fold.error < 1e-13);
  BOOST_TEST(fold.branch.points.back().parameter == fold.level);
  // The level multiplies the noise of the subject.
  const auto doubled = continuation::survival_noise(neuron(w, 0.05, activations::Erf{}, 2.0),
                                                    state(memory(w, 0.05, -1.0, -0.5)),
                                                    Rung::smoothed, {.upper = 3.0});
  BOOST_TEST(2.0 * doubled.level == fold.level, boost::test_tools::tolerance(1e-12));

  const auto merger =
      continuation::survival_noise(neuron(w, 0.0, activations::Erf{}),
                                   state(memory(w, 0.0, 0.5, 1.0)), Rung::smoothed, {.upper = 3.0});
  BOOST_TEST((merger.end == SurvivalEnd::merges));
  BOOST_TEST(merger.level == erf_noise(1.0 / w), boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::abs(merger.state(0)) < 1e-9);

  const auto safe = continuation::survival_noise(neuron(w, 0.05, activations::Erf{}),
                                                 state(memory(w, 0.05, 0.5, 1.0)), Rung::smoothed,
                                                 {.upper = 3.0});
  BOOST_TEST((safe.end == SurvivalEnd::survives));
  BOOST_TEST(safe.level == 3.0);
  BOOST_TEST(to_string(safe.end) == "survives");
}

BOOST_AUTO_TEST_CASE(noise_can_take_stability_and_give_it) {
  // Tail of erf: noise raises the slope there, and a stable state of g = 1 starts to flip where
  // w f_q'(u) = −1.
  const double w = -6.0, u0 = 1.5;
  const auto loses = continuation::survival_noise(
      neuron(w, u0 - w * std::erf(u0), activations::Erf{}, 1.0, NoiseSource::inside, 1.0),
      state(std::erf(u0)), Rung::smoothed, {.upper = 3.0});
  BOOST_REQUIRE((loses.end == SurvivalEnd::loses_stability));
  BOOST_TEST((loses.bifurcation == continuation::BifurcationKind::flip));
  const double k = std::sqrt(1.0 + 2.0 * loses.level * loses.level);
  const double u = w * (loses.state(0) - std::erf(u0)) + u0;
  BOOST_TEST(w * 2.0 / std::sqrt(std::numbers::pi) / k * std::exp(-u * u / k / k) == -1.0,
             boost::test_tools::tolerance(1e-11));
  BOOST_TEST(loses.error < 1e-11);
  // At the centre noise lowers it: a state that flips without noise is followed through the flip.
  const auto gains = continuation::survival_noise(
      neuron(-2.5, 0.0, activations::Erf{}, 1.0, NoiseSource::inside, 0.8), state(0.0),
      Rung::smoothed, {.upper = 3.0});
  BOOST_TEST((gains.end == SurvivalEnd::survives));
  BOOST_TEST(gains.branch.bifurcations.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_closure_sees_noise_outside) {
  const double w = 1.5;
  const auto subject = neuron(w, 0.05, activations::Erf{}, 1.0, NoiseSource::outside);
  const Vector point = state(memory(w, 0.05, -1.0, -0.5));
  const auto smoothed =
      continuation::survival_noise(subject, point, Rung::smoothed, {.upper = 3.0});
  BOOST_TEST((smoothed.end == SurvivalEnd::unknown));
  BOOST_TEST((smoothed.report.status == Status::outside_validity));
  BOOST_TEST(smoothed.report.message.find("use the closure") != std::string::npos);
  const auto closure = continuation::survival_noise(subject, point, Rung::closure, {.upper = 3.0});
  BOOST_TEST((closure.end == SurvivalEnd::fold));
  // Just below the closure's own iteration stays near, just above it leaves.
  for (const double factor : {0.999, 1.001}) {
    auto noise = networks::white_noise(NoiseSource::outside, factor * closure.level);
    const auto law =
        moments::solve_closure(models::NoisyChain(subject.network, noise), Vector(), point);
    const double moved = std::abs(law.mean[0].value - closure.state(0));
    BOOST_TEST((moved < 0.1) == (factor < 1.0), factor << ": " << moved);
  }
  const auto middle = continuation::survival_noise(subject, state(memory(w, 0.05, -0.3, 0.0)),
                                                   Rung::closure, {.upper = 3.0});
  BOOST_TEST((middle.report.status == Status::outside_validity));
}

BOOST_AUTO_TEST_CASE(memories_of_a_trained_flip_flop) {
  // 64 tanh units, trained with noise inside: its memories survive more than the noise of training.
  const auto file = networks::load_network(std::string(STILLPOINT_TEST_DATA) +
                                           "/networks/flipflop3_tanh_inside.toml");
  const continuation::Subject subject{
      .network = file.network, .noise = file.unit_noise, .input = Vector::Zero(3)};
  const auto found = fixed_points::find(models::NoisyChain(file.network, {}), subject.input, {}, {},
                                        {.starts = 64, .threads = 1});
  const auto& point = found.points[0];
  BOOST_REQUIRE((point.stability == fixed_points::Stability::stable));
  const auto survival =
      continuation::survival_noise(subject, point.state, Rung::smoothed, {.upper = 10.0});
  BOOST_TEST(survival.report.ok(), survival.report.message);
  BOOST_TEST((survival.end == SurvivalEnd::fold));
  BOOST_TEST(survival.level > file.training_level);
  BOOST_TEST(survival.error < 1e-10);
  BOOST_TEST_MESSAGE("level " << survival.level << ", training " << file.training_level << ", "
                              << survival.branch.points.size() << " points");
  // Past it, iterating the smoothed network from the fold goes elsewhere.
  const double past = 1.02 * survival.level;
  const auto law = moments::solve_smoothed(models::NoisyChain(file.network, file.noise_at(past)),
                                           subject.input, survival.state);
  double moved = 0.0;
  for (Index i = 0; i < survival.state.size(); ++i)
    moved = std::max(moved, std::abs(law.mean[i].value - survival.state(i)));
  BOOST_TEST(moved > 0.1);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const auto subject = neuron(1.5, 0.0, activations::Tanh{});
  BOOST_CHECK_THROW(continuation::survival_noise(subject, state(0.0), Rung::deterministic),
                    std::invalid_argument);
  BOOST_CHECK_THROW(continuation::survival_noise(subject, Vector::Zero(2), Rung::smoothed),
                    std::invalid_argument);
  const auto nowhere = continuation::survival_noise(subject, state(0.4), Rung::smoothed);
  BOOST_TEST((nowhere.end == SurvivalEnd::unknown));
  BOOST_TEST((nowhere.report.status == Status::no_convergence));
}
