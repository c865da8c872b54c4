// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE flip_flop
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "lib/networks/network_file.hpp"
#include "solvers/ensemble/first_passage.hpp"
#include "solvers/escape/splitting.hpp"
#include "solvers/fixed_points/find.hpp"
#include "solvers/fixed_points/map.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using statistics::Estimate;

// The trained 3-bit flip-flop without input: how long until one of the three outputs is on its way
// to the other sign, where three steps without noise would lead? Splitting against plain
// simulation, whose times are exponential: the standard error of their mean is lifetime/√paths. The
// simulation may spend 400 000 steps on each level, in the full version a hundred times as many;
// where that is less than eight lifetimes there is nothing to compare, and the test says so: at 1.5
// times the training noise a lifetime is about 5e8 steps.
BOOST_AUTO_TEST_CASE(a_memory_of_the_flip_flop) {
  const auto file = networks::load_network(std::string(STILLPOINT_TEST_DATA) +
                                           "/networks/flipflop3_tanh_inside.toml");
  const networks::Network& network = file.network;
  const Vector input = Vector::Zero(3);
  const auto memories =
      fixed_points::find(models::NoisyChain(network, {}), input, {}, {}, {.starts = 64});
  BOOST_TEST_REQUIRE(!memories.points.empty());
  BOOST_TEST_REQUIRE((memories.points[0].stability == fixed_points::Stability::stable));
  const Vector start = memories.points[0].state;
  const Vector sign = (network.W_out * start + network.b_out).array().sign();
  const Matrix rows = -(sign.asDiagonal() * network.W_out);
  const Vector offset = -sign.cwiseProduct(network.b_out);
  const Vector drive = fixed_points::constant_drive(models::NoisyChain(network, {}), input);
  const escape::Coordinate xi = [&](const Vector& h) {
    Vector here = h, a(h.size());
    for (int t = 0; t < 3; ++t) {
      a = drive;
      a.noalias() += network.W * here;
      here = (1.0 - network.leak) * here + network.leak * a.array().tanh().matrix();
    }
    return (rows * here + offset).maxCoeff();
  };
  const double budget = tests::full_effort() ? 40e6 : 4e5;
  std::vector<double> levels = {2.0};
  if (tests::full_effort()) levels = {2.0, 1.75, 1.5};
  for (const double level : levels) {
    const ensemble::ChainProcess process(
        models::NoisyChain(network, file.noise_at(level * file.training_level)), input);
    const auto found = escape::splitting(process, xi, start, 0.0,
                                         {.trajectories = 96,
                                          .replicas = tests::full_effort() ? 64 : 12,
                                          .pilot_steps = 4096,
                                          .stream = {tests::seed, 80}});
    BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
    BOOST_TEST_MESSAGE(level << " sigma_train: lifetime " << found.lifetime.value << " +- "
                             << found.lifetime.standard_error << " steps, " << found.levels.size()
                             << " levels, " << found.steps << " steps, gain " << found.gain);
    BOOST_TEST(found.rate.standard_error < 0.5 * found.rate.value);
    const auto paths = static_cast<Index>(budget / found.lifetime.value);
    if (paths < 8) {
      BOOST_TEST_MESSAGE("no simulation: " << budget << " steps hold too few lifetimes");
      continue;
    }
    const double simulated =
        ensemble::simulate_first_passage(process, xi, start, 0.0,
                                         {.paths = paths, .stream = {tests::seed, 81}})
            .lifetime.value;
    const Estimate expected{
        found.lifetime.value,
        std::hypot(found.lifetime.standard_error,
                   found.lifetime.value / std::sqrt(static_cast<double>(paths)))};
    tests::check_agrees(expected, simulated, "lifetime by splitting, against simulation");
    BOOST_TEST_MESSAGE("simulated " << simulated << " (" << paths << " paths), z = "
                                    << (expected.value - simulated) / expected.standard_error);
  }
}
