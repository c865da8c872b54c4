// SPDX-License-Identifier: GPL-3.0-or-later
//
// Exhaustive fixed points of piecewise-linear networks: seconds and nodes of whole answers, one
// thread, as means and largest values over random networks.
//
//   relu, leaky, saturating
//                W ~ N(0, 1/N) divided by its spectral radius, bias ~ N(0, 1); slope 0.1
//   competitive  W_ij ~ −1.2 ± 0.3 off the diagonal, self-excitation in [0, 0.9], bias in [½, 1½]
//   winners      W = −1.25 off the diagonal, bias 1: 2^N − 1 points
//
//   ms, worst_ms    time of an answer with the exact points, their multipliers and indices
//   nodes, most     nodes of the tree
//   points          fixed points
//   exact           pruned branches whose proof needed rational numbers
//   of_naive        time / (2^N · 19 ns), what a pivot tree over all supports costs
// Goals, one core: 12 units 5 ms, 20 units 30 ms, 30 units 1 s and 10⁴ nodes, 40 units 20 s.
//
// Times are processor times of this thread.

#include <benchmark/benchmark.h>
#include <time.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "solvers/piecewise_linear/enumerate.hpp"
#include "tests/benchmarks/stopwatch.hpp"

using namespace stillpoint;

namespace {

constexpr double naive_seconds_a_support = 19e-9;

networks::Network unit_radius(Index n, activations::Activation f, std::mt19937_64& engine) {
  std::normal_distribution<double> normal;
  const auto draw = [&] { return normal(engine); };
  Matrix W = Matrix::NullaryExpr(n, n, draw);
  W /= Eigen::EigenSolver<Matrix>(W, false).eigenvalues().cwiseAbs().maxCoeff();
  return {.W = W, .b = Vector::NullaryExpr(n, draw), .activation = std::move(f)};
}

networks::Network competitive(Index n, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(-1.2, 0.3);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  Matrix W = Matrix::NullaryExpr(n, n, [&] { return normal(engine); });
  for (Index i = 0; i < n; ++i) W(i, i) = 0.9 * uniform(engine);
  return {.W = W,
          .b = Vector::NullaryExpr(n, [&] { return 0.5 + uniform(engine); }),
          .activation = activations::Relu{}};
}

networks::Network winners(Index n) {
  Matrix W = Matrix::Constant(n, n, -1.25);
  W.diagonal().setZero();
  return {.W = W, .b = Vector::Ones(n), .activation = activations::Relu{}};
}

/// Answers for so many networks made by make(engine).
template <typename Make>
void measure(benchmark::State& state, int networks, Make make) {
  const Index n = state.range(0);
  double seconds = 0.0, worst = 0.0;
  Index nodes = 0, most = 0, exact = 0;
  std::size_t points = 0;
  for (auto _ : state) {
    std::mt19937_64 engine(20260104);
    double total = 0.0;
    nodes = most = exact = 0;
    points = 0;
    for (int k = 0; k < networks; ++k) {
      const models::NoisyChain chain(make(n, engine), {});
      const double start = thread_seconds();
      const auto list = piecewise_linear::enumerate(chain, Vector());
      const double time = thread_seconds() - start;
      if (!list.report.ok()) state.SkipWithError(list.report.message.c_str());
      total += time;
      worst = std::max(worst, time);
      nodes += list.effort.nodes;
      most = std::max(most, list.effort.nodes);
      exact += list.effort.exact_certificates;
      points += list.points.size();
    }
    state.SetIterationTime(total);
    seconds = total / networks;
  }
  state.counters["ms"] = 1e3 * seconds;
  state.counters["worst_ms"] = 1e3 * worst;
  state.counters["nodes"] = static_cast<double>(nodes) / networks;
  state.counters["most"] = static_cast<double>(most);
  state.counters["points"] = static_cast<double>(points) / networks;
  state.counters["exact"] = static_cast<double>(exact) / networks;
  state.counters["of_naive"] =
      seconds / (naive_seconds_a_support * std::exp2(static_cast<double>(n)));
}

void relu(benchmark::State& state) {
  measure(state, state.range(0) < 40 ? 50 : 10, [](Index n, std::mt19937_64& engine) {
    return unit_radius(n, activations::Relu{}, engine);
  });
}

void leaky(benchmark::State& state) {
  measure(state, 20, [](Index n, std::mt19937_64& engine) {
    return unit_radius(n, activations::LeakyRelu(0.1), engine);
  });
}

void saturating(benchmark::State& state) {
  measure(state, 20, [](Index n, std::mt19937_64& engine) {
    return unit_radius(n, activations::SaturatingLinear{}, engine);
  });
}

void competing(benchmark::State& state) { measure(state, 20, competitive); }

void winner_take_all(benchmark::State& state) {
  measure(state, 1, [](Index n, std::mt19937_64&) { return winners(n); });
}

}  // namespace

BENCHMARK(relu)->Arg(12)->Arg(20)->Arg(30)->Arg(40)->Iterations(2)->UseManualTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK(leaky)->Arg(12)->Arg(20)->Arg(30)->Iterations(2)->UseManualTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK(saturating)
    ->Arg(12)
    ->Arg(20)
    ->Iterations(2)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(competing)->Arg(8)->Arg(12)->Arg(16)->Iterations(2)->UseManualTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK(winner_take_all)
    ->Arg(8)
    ->Arg(12)
    ->Iterations(2)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
