// SPDX-License-Identifier: GPL-3.0-or-later
// Tapes of x' = −x + tanh(Wx + b): the field and its derivatives, evaluated in double. Beside each
// stands a floor: the same numbers of multiply-adds and of tanh in a plain loop over memory of the
// same size, without any bookkeeping.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"
#include "lib/symbolic/tape.hpp"

namespace {

using namespace stillpoint;
using symbolic::Expression;

struct Field {
  std::vector<Expression> states, outputs;

  /// f and all unique partial derivatives up to the given order (2: Hessians, 3: third).
  Field(int n, int order) {
    std::mt19937_64 engine(1);
    std::normal_distribution<double> weight(0.0, 1.0 / std::sqrt(n));
    for (int i = 0; i < n; ++i) states.push_back(symbolic::symbol("x_" + std::to_string(i)));
    for (int i = 0; i < n; ++i) {
      Expression u = weight(engine);
      for (const Expression& x : states) u += weight(engine) * x;
      add(symbolic::tanh(u) - states[static_cast<std::size_t>(i)], 0, order);
    }
  }

  void add(const Expression& e, std::size_t first, int order) {
    outputs.push_back(e);
    if (order == 0) return;
    for (std::size_t j = first; j < states.size(); ++j)
      add(symbolic::derivative(e, states[j]), j, order - 1);
  }
};

void evaluate(benchmark::State& state) {
  const Field field(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const auto tape = symbolic::Tape::compile(field.outputs, field.states);
  auto workspace = tape.workspace<double>();
  std::vector<double> in(field.states.size(), 0.3), out(field.outputs.size());
  for (auto _ : state) {
    tape.evaluate<double>(in, out, workspace);
    benchmark::DoNotOptimize(out.data());
    in[0] += 1e-9;
  }
  state.counters["instructions"] = static_cast<double>(tape.instructions());
  state.counters["runs"] = static_cast<double>(tape.program().runs.size());
  state.counters["outputs"] = static_cast<double>(tape.outputs());
}

void floor(benchmark::State& state) {
  const Field field(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const auto tape = symbolic::Tape::compile(field.outputs, field.states);
  const std::size_t calls = field.states.size();
  const std::size_t rest = static_cast<std::size_t>(tape.instructions()) - calls;
  std::vector<double> a(rest, 0.7), b(rest, 0.9), c(rest, 0.1), t(calls, 0.3);
  for (auto _ : state) {
    for (std::size_t k = 0; k < calls; ++k) t[k] = std::tanh(t[k] + 1.0);
    for (std::size_t k = 0; k < rest; ++k) c[k] = a[k] * b[k] + c[k];
    benchmark::DoNotOptimize(t.data());
    benchmark::DoNotOptimize(c.data());
    benchmark::ClobberMemory();
  }
}

void compile(benchmark::State& state) {
  const Field field(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto _ : state)
    benchmark::DoNotOptimize(symbolic::Tape::compile(field.outputs, field.states).fingerprint());
}

// Order 1 is f and J; 3 adds Hessians and third derivatives.
void sizes(benchmark::internal::Benchmark* bench) {
  for (const int n : {3, 6, 10})
    for (const int order : {1, 2, 3}) bench->Args({n, order});
  bench->ArgNames({"n", "order"});
}

}  // namespace

BENCHMARK(evaluate)->Apply(sizes);
BENCHMARK(floor)->Apply(sizes);
BENCHMARK(compile)->Apply(sizes)->Unit(benchmark::kMillisecond);
