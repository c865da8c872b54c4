// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE window
#include "solvers/moments/window.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "lib/networks/network_file.hpp"

using namespace stillpoint;
namespace fs = std::filesystem;

namespace {

const fs::path data = fs::path(STILLPOINT_TEST_DATA) / "networks";

moments::Task task_of(const networks::NetworkFile& file, std::size_t condition) {
  return {.inputs = file.inputs[condition],
          .h0 = file.h0,
          .steps = file.steps,
          .window = file.read_window,
          .targets = file.targets[condition]};
}

/// Loss of the closure at one level of noise, mean over conditions.
double predicted_loss(const networks::NetworkFile& file, double level) {
  const models::NoisyChain chain(file.network, file.noise_at(level));
  double loss = 0.0;
  for (std::size_t i = 0; i < file.inputs.size(); ++i)
    loss += moments::evolve_closure(chain, task_of(file, i)).loss.value;
  return loss / static_cast<double>(file.inputs.size());
}

/// Largest error of the closure's mean outputs at the level of the file's second table.
double mean_output_error(const networks::NetworkFile& file) {
  const networks::EvaluationTable& table = *file.evaluation;
  const models::NoisyChain chain(file.network, file.noise_at(table.noisy_level));
  double worst = 0.0;
  for (std::size_t i = 0; i < file.inputs.size(); ++i) {
    const auto law = moments::evolve_closure(chain, task_of(file, i));
    for (Index k = 0; k < chain.outputs(); ++k)
      worst = std::max(worst, std::abs(law.mean_output[static_cast<std::size_t>(k)].value -
                                       table.mean_output_noisy(static_cast<Index>(i), k)));
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
  for (const char* name : {"sine_relu_inside.toml", "sine_relu_outside.toml"}) {
    const auto file = networks::load_network(data / name);
    check_losses(file, 1.0);
    BOOST_TEST(mean_output_error(file) <= 0.005);
  }
}

BOOST_AUTO_TEST_CASE(flip_flop) {
  const auto file = networks::load_network(data / "flipflop3_tanh_inside.toml");
  check_losses(file, 1.25 * file.training_level * (1.0 + 1e-12));
  BOOST_TEST(mean_output_error(file) <= 0.002);
}

BOOST_AUTO_TEST_SUITE_END()
