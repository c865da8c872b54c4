// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE closure_error
#include "solvers/moments/closure_error.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "lib/networks/single_unit.hpp"
#include "solvers/moments/stationary.hpp"
#include "solvers/moments/window.hpp"
#include "tests/solvers/moments/sample_networks.hpp"
#include "tests/solvers/moments/trained_networks.hpp"
#include "tests/support/effort.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;

namespace {

/// The verdict on the closure's loss at one level, over every `stride`-th condition.
moments::Validity verdict(const networks::NetworkFile& file, double level, Index stride) {
  const models::NoisyChain chain(file.network, file.noise_at(level));
  std::vector<moments::ClosureError> errors;
  double loss = 0.0;
  for (Index i = 0; i < file.conditions(); i += stride) {
    const tasks::WindowTask task = tasks::window_task(file, i);
    loss += moments::evolve_closure(chain, task).loss.value;
    errors.push_back(moments::estimate_closure_error(chain, task));
  }
  const auto validity =
      moments::judge(loss / static_cast<double>(errors.size()), moments::mean(errors));
  BOOST_TEST_MESSAGE(file.name << " at " << level << ": " << validity.note);
  return validity;
}

moments::Validity unit_verdict(const activations::Activation& f, double w, double c, double g,
                               NoiseSource::Where where, double s, double h0) {
  const models::NoisyChain chain(networks::single_unit(Equation::rate, f, w, c, g),
                                 networks::white_noise(where, s));
  const auto law = moments::solve_closure(chain, Vector(0), Vector::Constant(1, h0));
  const auto validity = moments::judge(chain, Vector(0), law);
  BOOST_TEST_MESSAGE(activations::name(f) << ": " << validity.note);
  return validity;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exact_cases)

BOOST_AUTO_TEST_CASE(a_linear_network_has_no_error) {
  for (const auto equation : {Equation::rate, Equation::current})
    for (const auto& [name, noise] : tests::sample_noises()) {
      const models::NoisyChain chain(tests::sample_network(equation, activations::Identity{}, 0.3),
                                     noise);
      const tasks::WindowTask task{.inputs = Matrix(0, 1),
                                   .h0 = Vector::Zero(3),
                                   .steps = 30,
                                   .window = 5,
                                   .targets = Matrix::Zero(2, 1)};
      const auto error = moments::estimate_closure_error(chain, task);
      const double loss = moments::evolve_closure(chain, task).loss.value;
      BOOST_TEST_CONTEXT(networks::to_string(equation) << ", noise " << name) {
        BOOST_TEST(std::abs(error.third_cumulant) < 1e-12 * loss);
        BOOST_TEST(error.higher_orders < 1e-12 * loss);
        BOOST_TEST(moments::judge(loss, error).valid);
      }
    }
}

BOOST_AUTO_TEST_CASE(no_noise_no_error) {
  const auto file = tests::trained_network("sine_relu_inside");
  const models::NoisyChain chain(file.network, file.noise_at(0.0));
  const auto error = moments::estimate_closure_error(chain, tasks::window_task(file, 0));
  BOOST_TEST(error.total() == 0.0);
  BOOST_TEST(moments::judge(0.1, error).valid);
}

// The estimate grows from 0 with the noise and is a number for every activation, kinks and jumps
// included. With noise of 1e-3 no unit of these networks is nearer than 100 sd to a kink.
BOOST_AUTO_TEST_CASE(every_activation_has_an_estimate) {
  for (const auto equation : {Equation::rate, Equation::current})
    for (const std::string_view name : activations::activation_names()) {
      const auto network =
          tests::sample_network(equation, activations::make_activation(name, {}), 0.5);
      const tasks::WindowTask task{.inputs = Matrix(0, 1),
                                   .h0 = Vector::Constant(3, 0.3),
                                   .steps = 20,
                                   .window = 4,
                                   .targets = Matrix::Zero(2, 1)};
      for (const auto& [noise_name, noise] : tests::sample_noises())
        BOOST_TEST_CONTEXT(networks::to_string(equation) << ", " << name << ", " << noise_name) {
          const models::NoisyChain loud(network, noise);
          const auto error = moments::estimate_closure_error(loud, task);
          BOOST_TEST(std::isfinite(error.total()));
          BOOST_TEST(error.higher_orders >= 0.0);
          const models::NoisyChain quiet(network, networks::scaled(noise, 2.5e-3));
          const auto law = moments::evolve_closure(quiet, task);
          BOOST_TEST(moments::estimate_closure_error(quiet, task).total() <=
                     1e-3 * law.output_variance.mean());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

// One criterion for all: the estimated error against the 4 % asked of the loss.
BOOST_AUTO_TEST_SUITE(trained_networks)

BOOST_AUTO_TEST_CASE(sine_networks_are_valid_at_every_level) {
  for (const char* name : {"sine_relu_inside", "sine_relu_outside"}) {
    const auto file = tests::trained_network(name);
    for (const double level : file.evaluation->sigma_test)
      if (tests::full_effort() || level == 0.5 || level == 1.0)
        BOOST_TEST(verdict(file, level, 1).valid);
  }
}

BOOST_AUTO_TEST_CASE(flip_flop_is_valid_up_to_one_and_a_quarter) {
  const auto file = tests::trained_network("flipflop3_tanh_inside");
  for (const double level : file.evaluation->sigma_test) {
    const double ratio = level / file.training_level;
    const bool near = ratio > 1.2 && ratio < 1.6;
    if (tests::full_effort() || near)
      BOOST_TEST(verdict(file, level, tests::full_effort() ? 1 : 4).valid == (ratio < 1.4));
  }
}

// Trained without noise; from 0.025 on noise makes it decide wrongly now and then.
BOOST_AUTO_TEST_CASE(psychrnn_is_valid_below_a_fortieth) {
  const auto file = tests::shared_network("psychrnn_perceptual_discrimination");
  if (!file) {
    BOOST_TEST_MESSAGE("skipped: set STILLPOINT_NETWORKS to the folder of the shared networks");
    return;
  }
  for (const double level : file->evaluation->sigma_test)
    if (tests::full_effort() || level == 0.01 || level == 0.025)
      BOOST_TEST(verdict(*file, level, 1).valid == (level < 0.02));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(stationary_laws)

// Theory section 6 has the closure's relative variance errors against the exact law: −0.4, −0.8 and
// −1.5 %. The estimate is their leading term; next orders and the printed digits allow 25 %.
BOOST_AUTO_TEST_CASE(units_with_one_well_are_valid_and_the_estimate_is_the_error) {
  const auto check = [](const moments::Validity& validity, double error) {
    BOOST_TEST(validity.valid);
    BOOST_TEST(validity.relative_error == error, boost::test_tools::tolerance(0.25));
  };
  check(unit_verdict(activations::Relu{}, 0.5, 0.3, 0.2, NoiseSource::inside, 0.5, 0.0), 0.004);
  check(unit_verdict(activations::Softplus{}, 0.5, 0.0, 0.5, NoiseSource::inside, 1.0, 0.0), 0.008);
  check(unit_verdict(activations::Relu{}, 0.5, 0.05, 0.2, NoiseSource::outside, 0.5, 0.0), 0.015);
}

BOOST_AUTO_TEST_CASE(a_bistable_unit_is_not) {
  BOOST_TEST(
      !unit_verdict(activations::Tanh{}, 1.5, 0.05, 0.2, NoiseSource::outside, 0.6, 0.8).valid);
  // The same unit with so little noise that it stays in its well.
  BOOST_TEST(
      unit_verdict(activations::Tanh{}, 1.5, 0.05, 0.2, NoiseSource::outside, 0.1, 0.8).valid);
}

// 3 · 8 bytes · 100² · steps: 8000 steps are 1.92 GB, 9000 are 2.16.
BOOST_AUTO_TEST_CASE(an_estimate_that_needs_too_much_memory_is_refused) {
  networks::Network network{.activation = activations::Tanh{}, .leak = 0.2};
  network.W = Matrix::Zero(100, 100);
  network.b = Vector::Zero(100);
  const models::NoisyChain chain(network, {{.sigma = {0.1}}});
  BOOST_TEST(moments::can_estimate(chain, 8000).valid);
  const auto refused = moments::can_estimate(chain, 9000);
  BOOST_TEST(!refused.valid);
  BOOST_TEST(refused.note.find("3 GB") != std::string::npos, refused.note);
}

BOOST_AUTO_TEST_SUITE_END()
