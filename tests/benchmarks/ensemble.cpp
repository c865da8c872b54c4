// SPDX-License-Identifier: GPL-3.0-or-later
//
// Monte Carlo of the noisy chain (relu and tanh, noise inside): nanoseconds per neuron and step of
// the whole simulation with its moments, and of its parts (matrix product, normals, activation)
// measured in the same run. One thread.
//
//   whole      simulate_stationary, mean and covariance, leak 0.1, noise inside
//   product, normals, activation
//              the kernels alone on the same block
// The whole is the workload users run: about 1000 paths, 1000 steps (1000 units: one block, 200).
//
//   ratio      whole / (product + normals + activation)
//   peak       rate of the product over the rate of bare fused multiply-adds
//
// Whole and parts take turns. Times are the smallest of all turns; the ratio is the median over
// turns of the ratio within one, so that other work on the machine, or a clock that changes,
// touches both of its sides alike. STILLPOINT_ISA=v1, v3 or v4 forces an instruction set.

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "lib/random/noise_panels.hpp"
#include "solvers/ensemble/chain_block.hpp"
#include "solvers/ensemble/panels.hpp"
#include "solvers/ensemble/stationary.hpp"
#include "tests/benchmarks/stopwatch.hpp"

using namespace stillpoint;
using ensemble::ActivationKind;

namespace {

constexpr double leak = 0.1;

networks::Network network(Index n, activations::Activation activation) {
  networks::Network net{.activation = std::move(activation), .leak = leak};
  net.W.resize(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      net.W(i, j) = 0.7 / std::sqrt(static_cast<double>(n)) *
                    std::sin(1.3 * static_cast<double>(i) + 2.1 * static_cast<double>(j) +
                             0.7 * static_cast<double>(i * j));
  net.b = Vector::Constant(n, 0.1);
  return net;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void noisy_chain(benchmark::State& state, activations::Activation activation, ActivationKind kind) {
  const Index n = state.range(0);
  const models::NoisyChain chain(network(n, std::move(activation)), {{.sigma = {0.5}}});
  const ensemble::ChainProgram program(chain, Vector(), Vector::Zero(n), {});
  const Index panels = program.panels_per_block();
  const Index paths = panels * ensemble::Panels::paths_each;  // of a block
  const bool large = n >= 1000;
  const Index blocks = large ? 1 : std::max<Index>(1, 1024 / paths);
  const ensemble::StationaryOptions options{
      .paths = blocks * paths, .threads = 1, .steps = large ? 200 : 1000, .burn_in = 10};
  const double steps = static_cast<double>((options.steps + options.burn_in) * blocks);

  const ensemble::Kernels& kernels = ensemble::kernels(instruction_set());
  const random::NoiseKernel noise = random::noise_kernel(instruction_set());
  const ensemble::PackedMatrix weights(chain.network().W);
  ensemble::Panels in(n, panels), out(n, panels);
  const Vector zero = Vector::Zero(n), one = Vector::Ones(n);
  std::uint32_t step = 0;
  double sink[8] = {0.5};

  Stopwatch whole, product, normals, activate, peak;
  double peak_count = 0.0;
  std::vector<double> ratios;
  for (auto _ : state) {
    const double all = whole.sample([&] {
      benchmark::DoNotOptimize(
          ensemble::simulate_stationary(chain, Vector(), Vector::Zero(n), options));
    });
    double parts = product.sample([&] {
      kernels.multiply({weights.data(), n, n, panels, in.data(), out.data()});
    });
    parts += normals.sample([&] {
      noise({.seed = 1,
             .stream = 0,
             .step = step++,
             .first_path = 0,
             .first_index = 0,
             .rows = n,
             .panels = panels,
             .in = nullptr,
             .out = in.data(),
             .scale = nullptr,
             .offset = zero.data(),
             .sd = one.data()});
    });
    parts += activate.sample([&] {
      kernels.activate({kind, 0.0, in.size(), in.data(), out.data(), 1.0 - leak, leak});
    });
    ratios.push_back(all / steps / parts);
    peak.sample([&] { peak_count = kernels.peak(20000, sink); });
    state.SetIterationTime(all);
  }
  const double size = static_cast<double>(n * paths);
  const auto nanoseconds = [size](const Stopwatch& watch) { return 1e9 * watch.least() / size; };
  state.counters["ns_neuron_step"] = nanoseconds(whole) / steps;
  state.counters["product_ns"] = nanoseconds(product);
  state.counters["normals_ns"] = nanoseconds(normals);
  state.counters["activation_ns"] = nanoseconds(activate);
  state.counters["ratio"] = median(ratios);
  state.counters["peak"] =
      size * static_cast<double>(n) / product.least() / (peak_count / peak.least());
  state.SetLabel(std::string(to_string(instruction_set())));
}

}  // namespace

BENCHMARK_CAPTURE(noisy_chain, relu, activations::Relu{}, ActivationKind::relu)
    ->Arg(1)
    ->Arg(16)
    ->Arg(100)
    ->Arg(1000)
    ->Iterations(30)
    ->UseManualTime();
BENCHMARK_CAPTURE(noisy_chain, tanh, activations::Tanh{}, ActivationKind::tanh)
    ->Arg(1)
    ->Arg(16)
    ->Arg(100)
    ->Arg(1000)
    ->Iterations(30)
    ->UseManualTime();
