// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE trained_networks
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <set>
#include <string>

#include "lib/networks/network_file.hpp"
#include "solvers/continuation/shift.hpp"
#include "solvers/fixed_points/find.hpp"
#include "tests/support/effort.hpp"

using namespace stillpoint;
using fixed_points::Stability;

namespace {

networks::NetworkFile load(const std::string& name) {
  return networks::load_network(std::string(STILLPOINT_TEST_DATA) + "/networks/" + name + ".toml");
}

models::NoisyChain silent(const networks::NetworkFile& file) { return {file.network, {}}; }

Vector read_out(const networks::Network& network, const Vector& state) {
  return network.W_out * state + network.b_out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_flip_flop_has_eight_memories_and_saddles_between_them) {
  const auto file = load("flipflop3_tanh_inside");
  const auto chain = silent(file);
  const Vector input = Vector::Zero(3);
  const auto result = fixed_points::find(
      chain, input, {}, {}, {.starts = tests::full_effort() ? 1024 : 64, .threads = 1});
  std::set<std::string> memories;
  std::size_t stable = 0, saddles = 0;
  for (const auto& point : result.points) {
    BOOST_TEST(point.residual < 1e-14);
    saddles += point.stability == Stability::saddle;
    if (point.stability != Stability::stable) continue;
    ++stable;
    // The task: every output at +1 or −1; trained to an error of a few per cent.
    std::string memory;
    for (const double z : read_out(file.network, point.state)) {
      BOOST_TEST(std::abs(std::abs(z) - 1.0) < 0.05);
      memory += z > 0.0 ? '+' : '-';
    }
    memories.insert(memory);
  }
  BOOST_TEST(stable == 8u);
  BOOST_TEST(memories.size() == 8u);
  BOOST_TEST(saddles == 19u);  // one for each edge and face of the cube of memories, one inside
  BOOST_TEST(result.index_sum() == 1, result.completeness);
  BOOST_TEST_MESSAGE(result.completeness << "; " << saddles << " saddles, "
                                         << result.report.iterations << " Newton steps");

  // Every memory survives the training noise, and moves.
  std::vector<fixed_points::FixedPoint> memory_points(result.points.begin(),
                                                      result.points.begin() + 8);
  const auto shifts =
      continuation::shift(chain, input, Vector::Constant(chain.units(), file.training_level),
                          memory_points, {.threads = 1});
  for (const auto& shift : shifts) {
    BOOST_TEST(shift.survives, shift.report.message);
    BOOST_TEST((shift.to.stability == Stability::stable));
    const double moved = (shift.to.state - shift.from.state).lpNorm<Eigen::Infinity>();
    BOOST_TEST(moved > 1e-3);
    BOOST_TEST(moved < 0.3);
  }
}

BOOST_AUTO_TEST_CASE(the_memories_are_where_the_noise_free_task_ends) {
  const auto file = load("flipflop3_tanh_inside");
  const auto chain = silent(file);
  // Pulses of +1 on every input for four steps, then 2000 steps without input.
  const auto driven = fixed_points::chain_map(chain, Vector::Ones(3));
  const auto rest = fixed_points::chain_map(chain, Vector::Zero(3));
  Vector h = file.h0, next(chain.units());
  for (int t = 0; t < 2004; ++t) {
    (t < 4 ? driven : rest).evaluate(h, next, nullptr);
    h.swap(next);
  }
  const auto result =
      fixed_points::find(chain, Vector::Zero(3), {}, h, {.starts = 0, .rounds = 0, .threads = 1});
  BOOST_REQUIRE(result.points.size() == 1);
  BOOST_TEST((result.points[0].stability == Stability::stable));
  BOOST_TEST((result.points[0].state - h).lpNorm<Eigen::Infinity>() < 1e-10);
  BOOST_TEST((read_out(file.network, result.points[0].state).array() > 0.9).all());
}

BOOST_AUTO_TEST_CASE(the_sine_networks_rest_at_a_point_of_the_list_for_every_input) {
  for (const auto* name : {"sine_relu_inside", "sine_relu_outside"}) {
    const auto file = load(name);
    const auto chain = silent(file);
    std::size_t total = 0;
    for (const Matrix& input : file.inputs) {
      const Vector u = input.col(0);
      const auto result = fixed_points::find(chain, u, {}, file.h0, {.starts = 32, .threads = 1});
      BOOST_REQUIRE(!result.points.empty());
      total += result.points.size();
      for (const auto& point : result.points) {
        BOOST_TEST(point.residual < 1e-13);
        // The active set solves its own linear equations: h = relu(W h + W_in u + b).
        const Vector a = file.network.W * point.state + file.network.W_in * u + file.network.b;
        BOOST_TEST((a.cwiseMax(0.0) - point.state).lpNorm<Eigen::Infinity>() < 1e-12);
      }
      // Where the noise-free trajectory from h0 settles, it settles at a stable point of the list.
      const auto map = fixed_points::chain_map(chain, u);
      Vector h = file.h0, next(chain.units());
      for (int t = 0; t < 4000; ++t) {
        map.evaluate(h, next, nullptr);
        h.swap(next);
      }
      if ((next - h).lpNorm<Eigen::Infinity>() > 1e-12) continue;
      const bool listed = std::any_of(result.points.begin(), result.points.end(),
                                      [&h](const fixed_points::FixedPoint& p) {
                                        return p.stability == Stability::stable &&
                                               (p.state - h).lpNorm<Eigen::Infinity>() < 1e-8;
                                      });
      BOOST_TEST(listed);
    }
    BOOST_TEST_MESSAGE(name << ": " << total << " fixed points at " << file.inputs.size()
                            << " inputs");
  }
}
