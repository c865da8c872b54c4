// SPDX-License-Identifier: GPL-3.0-or-later
// Certified fixed points: all of a small network, and one certificate of a large one.
#include <benchmark/benchmark.h>

#include <Eigen/LU>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "solvers/certification/certify.hpp"
#include "solvers/fixed_points/find.hpp"

namespace {

using namespace stillpoint;
using certification::certify;
using certification::certify_all;

Matrix gaussian(Index rows, Index columns, double sd, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.0, sd);
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

models::NoisyChain random_network(Index n, double gain, std::mt19937_64& engine) {
  networks::Network network{.W = gaussian(n, n, gain / std::sqrt(static_cast<double>(n)), engine)};
  network.b = gaussian(n, 1, 0.05, engine);
  return {network, {}};
}

template <typename Work>
double least_seconds(int repeats, const Work& work) {
  double least = std::numeric_limits<double>::infinity();
  for (int k = 0; k < repeats; ++k) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    least = std::min(least, seconds.count());
  }
  return least;
}

/// Time a network, nodes and points of certify_all, 20 random tanh networks; arguments n and ten
/// times the gain.
void all_points(benchmark::State& state) {
  std::mt19937_64 engine(1);
  std::vector<models::NoisyChain> networks;
  for (int k = 0; k < 20; ++k)
    networks.push_back(
        random_network(state.range(0), 0.1 * static_cast<double>(state.range(1)), engine));
  double nodes = 0.0, points = 0.0, undecided = 0.0, slowest = 0.0;
  for (auto _ : state) {
    nodes = points = undecided = 0.0;
    for (const auto& network : networks) {
      slowest = std::max(slowest, least_seconds(1, [&] {
                           const auto result = certify_all(network, Vector());
                           nodes += static_cast<double>(result.report.iterations);
                           points += static_cast<double>(result.points.size());
                           undecided += static_cast<double>(result.undecided.size());
                         }));
    }
  }
  const double count = static_cast<double>(networks.size());
  state.counters["nodes"] = nodes / count;
  state.counters["points"] = points / count;
  state.counters["undecided"] = undecided;
  state.counters["slowest_ms"] = 1e3 * slowest;
}

/// Certificates of the points a search finds at n units: time a point, beside what it is made of,
/// an LU factorisation with the inverse and two matrix products of the same size.
void found_points(benchmark::State& state, bool stability) {
  const Index n = state.range(0);
  std::mt19937_64 engine(1);
  const auto chain = random_network(n, 2.0, engine);
  const auto found = fixed_points::find(chain, Vector(), {}, {}, {.starts = 64});
  const certification::CertifyOptions options{.stability = stability, .threads = 1};
  bool proved = !found.points.empty();
  double least = std::numeric_limits<double>::infinity();
  for (auto _ : state)
    least = std::min(least, least_seconds(1, [&] {
                       for (const auto& one : certify(chain, Vector(), found.points, options))
                         proved = proved && one.report.ok();
                     }));
  if (!proved) state.SkipWithError("not proved");
  const Matrix A = Matrix::Identity(n, n) - chain.network().W;
  const double algebra = least_seconds(20, [&] {
    const Matrix inverse = A.partialPivLu().inverse();
    const Matrix product = inverse * A;
    const Matrix second = product * A;
    benchmark::DoNotOptimize(second.data());
  });
  const double one = least / static_cast<double>(found.points.size());
  state.counters["points"] = static_cast<double>(found.points.size());
  state.counters["us_a_point"] = 1e6 * one;
  state.counters["lu_and_products"] = one / algebra;
}

}  // namespace

BENCHMARK(all_points)
    ->ArgsProduct({{2, 3, 4, 6, 8}, {15, 30, 60}})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);
BENCHMARK_CAPTURE(found_points, existence, false)
    ->Arg(16)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(20);
BENCHMARK_CAPTURE(found_points, stability, true)
    ->Arg(16)
    ->Arg(64)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);
