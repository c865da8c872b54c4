// SPDX-License-Identifier: GPL-3.0-or-later
//
// Fixed points of random tanh networks x = W tanh x, W ~ N(0, gain²/n), by multistart: one thread.
//
//   points, seconds   find() with 1024 starts: everything, polish and multipliers included
//   search            the search alone, in seconds; the rest are polish and multipliers
//   newton, powell    points that damped Newton and Powell's hybrid method (GSL) find from 1024
//                     starts x ~ N(0, 1) and 1024 x ~ N(0, 4) each; `together` is their union
//   missed            points of that union that find() does not list
//   newton_s, powell_s  their seconds
//   ratio             search / (factorisations × one factorisation with its evaluation and solve
//                     by the kernels, measured in the same run)
//   step_us           that floor of one Newton step
//
// Times are the least of all turns in processor time of this thread; the ratio is the least too.

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <limits>
#include <random>

#include "solvers/fixed_points/multistart.hpp"
#include "solvers/fixed_points/newton_group.hpp"
#include "tests/benchmarks/stopwatch.hpp"
#include "tests/support/plain_multistart.hpp"

using namespace stillpoint;

namespace {

/// Seconds of a Newton step of one of eight points: evaluation, factorisation, solve.
double step_seconds(const fixed_points::Map& map, const Vector& y) {
  fixed_points::NewtonGroup group(map);
  for (Index lane = 0; lane < fixed_points::group_size; ++lane) group.set_point(lane, y);
  constexpr int calls = 100;
  const double seconds = seconds_of([&] {
    for (int k = 0; k < calls; ++k) {
      group.evaluate();
      std::copy_n(group.residual(), group.doubles(), group.right(0));
      group.solve(1);
    }
  });
  return seconds / calls / fixed_points::group_size;
}

void tanh_network(benchmark::State& state) {
  const Index n = state.range(0);
  const double gain = 0.1 * static_cast<double>(state.range(1));
  std::mt19937_64 engine(static_cast<std::uint64_t>(state.range(2)));
  const Matrix W = tests::random_weights(n, gain, engine);

  tests::PointSet newton, powell;
  const double newton_seconds = seconds_of([&] {
    for (const double scale : {1.0, 2.0})
      tests::newton_multistart(W, 1024, scale, true, engine, newton);
  });
  const double powell_seconds = seconds_of([&] {
    for (const double scale : {1.0, 2.0}) tests::powell_multistart(W, 1024, scale, engine, powell);
  });
  tests::PointSet together = newton;
  for (const Vector& x : powell.points()) together.add(x);

  const models::NoisyChain chain(
      {.W = W, .b = Vector::Zero(n), .activation = activations::Tanh{}, .leak = 1.0}, {});
  const fixed_points::Options options{.rounds = state.range(3), .threads = 1};
  const fixed_points::Map map = fixed_points::argument_map(chain, Vector());
  const fixed_points::Box box = fixed_points::starting_box(chain, Vector());
  const Matrix starts = Matrix::NullaryExpr(
      n, options.starts, [&] { return std::normal_distribution<double>(0.0, gain)(engine); });

  constexpr double infinity = std::numeric_limits<double>::infinity();
  double whole = infinity, search = infinity, ratio = infinity, step = infinity;
  fixed_points::FixedPoints result;
  for (auto _ : state) {
    const double seconds =
        seconds_of([&] { result = fixed_points::find(chain, Vector(), {}, {}, options); });
    whole = std::min(whole, seconds);
    const double one_step = step_seconds(map, starts.col(0));
    step = std::min(step, one_step);
    Index steps = 0;
    const double alone = seconds_of([&] {
      steps = fixed_points::multistart(map, box, Matrix(), starts, {}, options).iterations;
    });
    search = std::min(search, alone);
    ratio = std::min(ratio, alone / (static_cast<double>(steps) * one_step));
    state.SetIterationTime(seconds);
  }
  tests::PointSet ours;
  for (const auto& point : result.points) ours.add(point.argument);
  const auto missed = std::count_if(together.points().begin(), together.points().end(),
                                    [&ours](const Vector& x) { return !ours.contains(x); });
  state.counters["points"] = static_cast<double>(result.points.size());
  state.counters["index_sum"] = result.index_sum();
  state.counters["seconds"] = whole;
  state.counters["search"] = search;
  state.counters["newton"] = static_cast<double>(newton.size());
  state.counters["newton_s"] = newton_seconds;
  state.counters["powell"] = static_cast<double>(powell.size());
  state.counters["powell_s"] = powell_seconds;
  state.counters["together"] = static_cast<double>(together.size());
  state.counters["missed"] = static_cast<double>(missed);
  state.counters["ratio"] = ratio;
  state.counters["step_us"] = 1e6 * step;
}

}  // namespace

// n, ten times the gain, seed, rounds
BENCHMARK(tanh_network)
    ->Args({16, 30, 1, 4})
    ->Args({64, 25, 1, 4})
    ->Args({64, 30, 1, 2})
    ->Args({64, 30, 1, 4})
    ->Args({64, 30, 2, 4})
    ->Args({64, 30, 3, 4})
    ->Args({64, 30, 3, 16})
    ->Iterations(5)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
