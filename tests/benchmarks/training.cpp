// SPDX-License-Identifier: GPL-3.0-or-later
// Training steps a second on one core, and the ratio of a step to the sum of its parts: the matrix
// products and gradients, the normal draws, the activation with its slope, each alone on arrays of
// the same size. The third argument is the batch. Times are the least of samples taken in turns.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "lib/networks/initial_weights.hpp"
#include "lib/networks/single_unit.hpp"
#include "lib/random/noise_panels.hpp"
#include "lib/tasks/function_approximation.hpp"
#include "solvers/ensemble/panel_activation.hpp"
#include "solvers/ensemble/panels.hpp"
#include "solvers/training/kernels.hpp"
#include "solvers/training/train.hpp"
#include "tests/benchmarks/stopwatch.hpp"

using namespace stillpoint;

namespace {

void step(benchmark::State& state, activations::Activation activation) {
  const Index n = state.range(0), steps = state.range(1), batch = state.range(2);
  const Index panels = (batch + 31) / 32, depth = n + 2;
  const auto network = networks::draw_network({.W = Matrix::Zero(n, n),
                                               .W_in = Matrix::Zero(n, 1),
                                               .W_out = Matrix::Zero(1, n),
                                               .activation = std::move(activation),
                                               .leak = 0.5},
                                              {}, {.seed = 1});
  const auto noise = networks::white_noise(networks::NoiseSource::inside, 0.5);
  const tasks::FunctionApproximation task{.steps = steps, .window = steps / 2};
  const auto sampler = [&](Index iteration) {
    return task.draw(batch, n, {.seed = 1, .stream = 2}, static_cast<std::uint32_t>(iteration));
  };
  constexpr Index iterations = 50;

  const auto& products = ensemble::kernels(instruction_set());
  const auto& kernels = training::kernels(instruction_set());
  const auto normals = random::noise_kernel(instruction_set());
  const auto kind = ensemble::panel_activation(network.activation);
  Matrix A(n, depth);
  A << network.W_in, network.b, network.W;
  const ensemble::PackedMatrix forward(A), back(network.W.transpose());
  const Vector zero = Vector::Zero(n), sd = Vector::Ones(n);
  ensemble::Panels operands(depth, panels * (steps + 1)), units(n, panels * (steps + 1));
  ensemble::Panels out(n, panels), slopes(n, panels);
  std::vector<double> gradient(static_cast<std::size_t>(n * depth));
  Stopwatch whole, product, outer, draws, activate;
  for (auto _ : state) {
    state.SetIterationTime(whole.sample([&] {
      training::train(network, noise, sampler, {.iterations = iterations, .threads = 1});
    }));
    product.sample([&] {
      products.multiply({forward.data(), n, depth, panels, operands.data(), out.data()});
      products.multiply({back.data(), n, n, panels, units.data(), out.data()});
    });
    outer.sample([&] {
      for (Index k = 0; k < panels; ++k)
        kernels.gradient({n, depth, steps, units.row(k, 0), n * panels * 32, operands.row(k, 0),
                          depth * panels * 32, gradient.data()});
    });
    draws.sample([&] {
      normals({1, 0, 0, 0, 0, n, panels, nullptr, out.data(), nullptr, zero.data(), sd.data()});
    });
    activate.sample([&] {
      kernels.activate({kind.kind, kind.parameter, out.size(), units.data(), out.data(), out.data(),
                        slopes.data(), 0.5, 0.5});
    });
  }
  const double one = whole.least() / iterations;
  const double parts =
      static_cast<double>(steps) * (product.least() + draws.least() + activate.least()) +
      outer.least();
  state.counters["steps_per_second"] = 1.0 / one;
  state.counters["step_us"] = 1e6 * one;
  state.counters["products_us"] = 1e6 * static_cast<double>(steps) * product.least();
  state.counters["gradient_us"] = 1e6 * outer.least();
  state.counters["normals_us"] = 1e6 * static_cast<double>(steps) * draws.least();
  state.counters["activation_us"] = 1e6 * static_cast<double>(steps) * activate.least();
  state.counters["ratio_to_parts"] = one / parts;
}

void relu(benchmark::State& state) { step(state, activations::Relu{}); }
void tanh(benchmark::State& state) { step(state, activations::Tanh{}); }

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({50, 14, 32})->Args({16, 40, 64})->Args({100, 40, 64});
  benchmark->UseManualTime()->Iterations(15)->Unit(benchmark::kMillisecond);
}

BENCHMARK(relu)->Apply(sizes);
BENCHMARK(tanh)->Apply(sizes);

}  // namespace
