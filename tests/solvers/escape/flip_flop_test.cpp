// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE flip_flop
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/networks/network_file.hpp"
#include "solvers/escape/splitting.hpp"
#include "solvers/fixed_points/find.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using statistics::Estimate;

namespace {

/// Mean number of steps to ξ ≥ 0 of independent paths.
Estimate brute_force(const escape::ChainProcess& process, const escape::Coordinate& xi,
                     const Vector& start, Index paths) {
  Vector times(paths);
  parallel_for(paths, 0, [&](Index path) {
    escape::ChainProcess own = process;
    Vector h = start;
    std::uint32_t t = 0;
    while (xi(h) < 0.0) own.step({{tests::seed, 81}, static_cast<std::uint64_t>(path), t++}, h);
    times(path) = t;
  });
  const double n = static_cast<double>(paths);
  return {times.mean(), std::sqrt((times.array() - times.mean()).square().sum() / (n * (n - 1.0)))};
}

}  // namespace

// The trained 3-bit flip-flop without input: how long until one of the three outputs changes its
// sign? Splitting against plain simulation at 2 and 1.5 times the training noise. The simulation
// may spend a million steps on each, in the full version forty times as many; where that is less
// than eight lifetimes there is nothing to compare, and the test says so.
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
  const escape::Coordinate xi = [&](const Vector& h) { return (rows * h + offset).maxCoeff(); };
  const double budget = tests::full_effort() ? 40e6 : 1e6;
  for (const double level : {2.0, 1.5}) {
    const escape::ChainProcess process(
        models::NoisyChain(network, file.noise_at(level * file.training_level)), input);
    const auto found = escape::splitting(
        process, xi, start, 0.0,
        {.trajectories = 128, .replicas = 16, .pilot_steps = 8192, .stream = {tests::seed, 80}});
    BOOST_TEST_REQUIRE(found.report.ok(), found.report.message);
    BOOST_TEST_MESSAGE(level << " sigma_train: lifetime " << found.lifetime.value << " +- "
                             << found.lifetime.standard_error << " steps, " << found.levels.size()
                             << " levels, " << found.steps << " steps, gain " << found.gain);
    BOOST_TEST(found.rate.standard_error < 0.3 * found.rate.value);
    const auto paths = static_cast<Index>(budget / found.lifetime.value);
    if (paths < 8) {
      BOOST_TEST_MESSAGE("no simulation: " << budget << " steps hold too few lifetimes");
      continue;
    }
    const auto simulated = brute_force(process, xi, start, paths);
    BOOST_TEST_MESSAGE("simulated " << simulated.value << " +- " << simulated.standard_error
                                    << ", z = " << z_score(found.lifetime, simulated));
    BOOST_TEST(std::abs(z_score(found.lifetime, simulated)) < tests::z_limit);
  }
}
