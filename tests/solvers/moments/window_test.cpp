// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE window
#include "solvers/moments/window.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/solvers/moments/trained_networks.hpp"

using namespace stillpoint;

namespace {

/// Loss of the closure at one level of noise, mean over conditions.
double predicted_loss(const networks::NetworkFile& file, double level) {
  const models::NoisyChain chain(file.network, file.noise_at(level));
  double loss = 0.0;
  for (Index i = 0; i < file.conditions(); ++i)
    loss += moments::evolve_closure(chain, tasks::window_task(file, i)).loss.value;
  return loss / static_cast<double>(file.conditions());
}

/// Largest error of the closure's mean outputs at the level of the file's second table.
double mean_output_error(const networks::NetworkFile& file) {
  const networks::EvaluationTable& table = *file.evaluation;
  const models::NoisyChain chain(file.network, file.noise_at(table.noisy_level));
  double worst = 0.0;
  for (Index i = 0; i < file.conditions(); ++i) {
    const auto law = moments::evolve_closure(chain, tasks::window_task(file, i));
    for (Index k = 0; k < chain.outputs(); ++k)
      worst = std::max(worst, std::abs(law.mean_output[static_cast<std::size_t>(k)].value -
                                       table.mean_output_noisy(i, k)));
  }
  return worst;
}

/// The closure's loss lies within 4 % + 5 s.e. of the file's own Monte Carlo at every level up to
/// `highest`, the acceptance of the closure on trained networks.
void check_losses(const networks::NetworkFile& file, double highest) {
  const networks::EvaluationTable& table = *file.evaluation;
  for (Index k = 0; k < table.loss.size(); ++k) {
    if (table.sigma_test(k) > highest) continue;
    const double loss = predicted_loss(file, table.sigma_test(k));
    BOOST_TEST_CONTEXT(file.name << " at sigma = " << table.sigma_test(k) << ": closure " << loss
                                 << ", Monte Carlo " << table.loss(k))
    BOOST_TEST(std::abs(loss - table.loss(k)) <=
               0.04 * table.loss(k) + 5.0 * table.loss_se(k) + 2e-6);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trained_networks)

BOOST_AUTO_TEST_CASE(sine_networks) {
  for (const char* name : {"sine_relu_inside", "sine_relu_outside"}) {
    const auto file = tests::trained_network(name);
    check_losses(file, 1.0);
    BOOST_TEST(mean_output_error(file) <= 0.005);
  }
}

BOOST_AUTO_TEST_CASE(flip_flop) {
  const auto file = tests::trained_network("flipflop3_tanh_inside");
  check_losses(file, 1.25 * file.training_level * (1.0 + 1e-12));
  BOOST_TEST(mean_output_error(file) <= 0.002);
}

BOOST_AUTO_TEST_CASE(psychrnn_with_little_noise) {
  const auto file = tests::shared_network("psychrnn_perceptual_discrimination");
  if (!file) {
    BOOST_TEST_MESSAGE("skipped: set STILLPOINT_NETWORKS to the folder of the shared networks");
    return;
  }
  check_losses(*file, 0.01);
}

BOOST_AUTO_TEST_CASE(noise_free_losses_are_those_of_the_tables) {
  for (const char* name : {"sine_relu_inside", "sine_relu_outside", "flipflop3_tanh_inside"}) {
    const auto file = tests::trained_network(name);
    const models::NoisyChain chain(file.network, file.noise_at(file.training_level));
    double loss = 0.0;
    for (Index i = 0; i < file.conditions(); ++i) {
      const auto law = moments::evolve_deterministic(chain, tasks::window_task(file, i));
      loss += law.loss.value / static_cast<double>(file.conditions());
      for (Index k = 0; k < chain.outputs(); ++k)  // 7 digits in the tables
        BOOST_TEST(std::abs(law.mean_output[static_cast<std::size_t>(k)].value -
                            file.evaluation->mean_output_zero_noise(i, k)) < 2e-6);
    }
    BOOST_TEST(std::abs(loss - file.evaluation->loss(0)) < 2e-6);
  }
}

BOOST_AUTO_TEST_SUITE_END()
