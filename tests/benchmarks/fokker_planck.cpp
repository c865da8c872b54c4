// SPDX-License-Identifier: GPL-3.0-or-later
//
// Fokker–Planck solvers: seconds, errors and memory of whole answers, one thread.
//
//   line         1-D (W = 1.5, σ = 0.6, [−4, 4]): moments by quadrature and density by polynomials
//   passage      mean first-passage time of that neuron from its well to 0, σ = 0.3
//   spectral     2-D (two tanh neurons, σ = 0.6): error against the solution of the highest degree
//   plane        the same by finite volumes, n² cells, with Richardson's estimate; `error` is that
//                of the probabilities against the spectral solution
//   space        3-D (three tanh neurons), n³ cells
//   evolve       2-D transient p(0) → p(5), n² cells; error: a third of the change from n/2
//
// Ratios to limits measured in the same run:
//   models       all coefficients of the grid, or of the quadrature's nodes, evaluated once
//   streams      time of a V-cycle in units of reading the finest matrix once
// After the list: exponents k of seconds ∝ cells^k, from the least times, and of error ∝ seconds^k.
//
// Times are processor times of this thread. `least` is the smallest of all turns and `MB` the
// growth of the resident set at its peak in the first one (Linux only).

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "solvers/fokker_planck/evolve.hpp"
#include "solvers/fokker_planck/finite_volume.hpp"
#include "solvers/fokker_planck/line.hpp"
#include "solvers/fokker_planck/multigrid.hpp"
#include "solvers/fokker_planck/spectral.hpp"
#include "tests/benchmarks/stopwatch.hpp"

using namespace stillpoint;
using namespace stillpoint::fokker_planck;

namespace {

/// Seconds of one call, for what is too short for the clock: the least of a few long samples.
template <typename Work>
double short_seconds(const Work& work) {
  double least = std::numeric_limits<double>::infinity();
  for (int calls = 1, turns = 0; turns < 3; ++turns) {
    double seconds = seconds_of([&] {
      for (int k = 0; k < calls; ++k) work();
    });
    while (seconds < 2e-3) {
      calls *= 2;
      seconds = seconds_of([&] {
        for (int k = 0; k < calls; ++k) work();
      });
    }
    least = std::min(least, seconds / calls);
  }
  return least;
}

/// A line of /proc/self/status, in MB; NaN where there is none.
double resident(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kilobytes = 0.0; word == name && status >> kilobytes) return 1e-3 * kilobytes;
  return std::numeric_limits<double>::quiet_NaN();
}

/// What some work needs at its peak, beyond what was there before.
template <typename Work>
double megabytes_of(const Work& work) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak so far is forgotten
  const double before = resident("VmRSS:");
  work();
  return resident("VmHWM:") - before;
}

/// dxᵢ = (−xᵢ + Σ W_ij tanh x_j) dt + σ dBᵢ, without an allocation a call.
Coefficients network(const Matrix& W, double sigma) {
  const Index n = W.rows();
  return {n,
          [W, n](const Vector& x, Vector& drift) {
            double f[3];
            for (Index j = 0; j < n; ++j) f[j] = std::tanh(x(j));
            drift.resize(n);
            for (Index i = 0; i < n; ++i) {
              drift(i) = -x(i);
              for (Index j = 0; j < n; ++j) drift(i) += W(i, j) * f[j];
            }
          },
          [sigma, n](const Vector&, Matrix& tensor) {
            tensor.setZero(n, n);
            tensor.diagonal().setConstant(0.5 * sigma * sigma);
          }};
}

Coefficients neuron(double sigma) { return network(Matrix::Constant(1, 1, 1.5), sigma); }

Coefficients two_neurons() {
  Matrix W(2, 2);
  W << 1.2, 0.8, -0.6, 1.1;
  return network(W, 0.6);
}

Coefficients three_neurons() {
  Matrix W(3, 3);
  W << 1.2, 0.8, 0.3, -0.6, 1.1, 0.2, 0.1, -0.4, 0.9;
  return network(W, 0.6);
}

Grid cube(Index dimension, Index cells) {
  return Grid(std::vector<Axis>(static_cast<std::size_t>(dimension), {-4.0, 4.0, cells}));
}

/// Time of drift and tensor at so many points.
double model_seconds(const Coefficients& coefficients, Index points) {
  const Index n = coefficients.dimension;
  Vector x(n), drift(n);
  Matrix tensor(n, n);
  return short_seconds([&] {
    for (Index k = 0; k < points; ++k) {
      x.setConstant(4.0 * std::sin(static_cast<double>(k)));
      coefficients.drift(x, drift);
      coefficients.tensor(x, tensor);
      benchmark::DoNotOptimize(drift.data());
      benchmark::DoNotOptimize(tensor.data());
    }
  });
}

/// One line of the table at the end.
struct Point {
  double cells, seconds, error;
};
std::map<std::string, std::map<Index, Point>> results;

const SpectralDensity& reference() {
  static const SpectralDensity density =
      solve_spectral(two_neurons(), Vector::Zero(2), Matrix::Identity(2, 2), {.tolerance = 1e-12});
  return density;
}

/// L1 distance of two densities in polynomials, on a fine grid.
double distance(const SpectralDensity& a, const SpectralDensity& b) {
  const Grid grid = cube(2, 120);
  double sum = 0.0;
  Vector x;
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, x);
    sum += std::abs(a.density(x) - b.density(x)) * grid.volume();
  }
  return sum;
}

void line_quadrature(benchmark::State& state) {
  const Coefficients coefficients = neuron(0.6);
  LineLaw law;
  double least = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const double seconds =
        short_seconds([&] { law = stationary_on_line(coefficients, -4.0, 4.0); });
    least = std::min(least, seconds);
    state.SetIterationTime(seconds);
  }
  const LineLaw finer =
      stationary_on_line(coefficients, -4.0, 4.0, {.tolerance = 1e-15, .max_panels = 512});
  state.counters["least"] = least;
  state.counters["error"] = std::abs(law.variance / finer.variance - 1.0);
  // All panels of both rounds, 16 nodes each.
  state.counters["models"] = least / model_seconds(coefficients, 24 * law.report.iterations);
}

void line_spectral(benchmark::State& state) {
  const Coefficients coefficients = neuron(0.6);
  SpectralDensity density;
  double least = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const double seconds = short_seconds([&] {
      density = solve_spectral(coefficients, Vector::Zero(1), Matrix::Identity(1, 1),
                               {.tolerance = 1e-10});
    });
    least = std::min(least, seconds);
    state.SetIterationTime(seconds);
  }
  // ln p = (2/σ²)(1.5 ln cosh x − x²/2) + constant.
  const auto weight = [](double x) {
    return std::exp((1.5 * std::log(std::cosh(x)) - 0.5 * x * x) / 0.18);
  };
  double whole = 0.0, error = 0.0;
  constexpr double step = 1e-3;
  for (double x = -5.0; x < 5.0; x += step) whole += step * weight(x);
  for (double x = -5.0; x < 5.0; x += step)
    error += step * std::abs(density.density(Vector::Constant(1, x)) - weight(x) / whole);
  state.counters["least"] = least;
  state.counters["error"] = error;
  state.counters["degree"] = static_cast<double>(density.degree);
}

void passage(benchmark::State& state) {
  const Coefficients coefficients = neuron(0.3);
  PassageTime time;
  double least = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const double seconds =
        short_seconds([&] { time = first_passage(coefficients, -1.29, 0.0, -4.0); });
    least = std::min(least, seconds);
    state.SetIterationTime(seconds);
  }
  const PassageTime finer =
      first_passage(coefficients, -1.29, 0.0, -4.0, {.tolerance = 1e-15, .max_panels = 512});
  state.counters["least"] = least;
  state.counters["error"] = std::abs(time.mean / finer.mean - 1.0);
  state.counters["mean"] = time.mean;
  // All panels of both stretches and both rounds.
  state.counters["models"] = least / model_seconds(coefficients, 48 * time.report.iterations);
}

void spectral(benchmark::State& state) {
  const double tolerance = std::pow(10.0, -static_cast<double>(state.range(0)));
  const Coefficients coefficients = two_neurons();
  SpectralDensity density;
  double least = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const double seconds = seconds_of([&] {
      density = solve_spectral(coefficients, Vector::Zero(2), Matrix::Identity(2, 2),
                               {.tolerance = tolerance});
    });
    least = std::min(least, seconds);
    state.SetIterationTime(seconds);
  }
  const double error = distance(density, reference());
  state.counters["least"] = least;
  state.counters["error"] = error;
  state.counters["estimate"] = density.error;
  state.counters["degree"] = static_cast<double>(density.degree);
  state.counters["models"] = least / model_seconds(coefficients, density.masses.size());
  results["spectral"][state.range(0)] = {static_cast<double>(density.coefficients.size()), least,
                                         error};
}

/// V-cycle in units of reading the finest matrix once.
double streams(const Coefficients& coefficients, const Grid& grid) {
  Multigrid multigrid(coefficients, grid, {}, Multigrid::Direction::forward);
  Vector b = Vector::Unit(grid.cells(), 0) - Vector::Unit(grid.cells(), grid.cells() / 2);
  Vector x(grid.cells());
  const double cycle = short_seconds([&] { multigrid.cycle(0, b, x); });
  const SparseMatrix rates = make_generator(coefficients, grid).rates;
  const double read = short_seconds([&] {
    double sum = 0.0;
    long columns = 0;
    for (Index k = 0; k < rates.nonZeros(); ++k) {
      sum += rates.valuePtr()[k];
      columns += rates.innerIndexPtr()[k];
    }
    benchmark::DoNotOptimize(sum);
    benchmark::DoNotOptimize(columns);
  });
  return cycle / read;
}

/// The exact probabilities of the cells to fourth order: the density at 2² Gauss points.
Vector exact_masses(const Grid& grid) {
  const double d = 0.5 * grid.axis(0).width() / std::sqrt(3.0);
  Vector masses = Vector::Zero(grid.cells()), x;
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, x);
    for (const double dx : {-d, d})
      for (const double dy : {-d, d})
        masses(cell) += 0.25 * grid.volume() * reference().density(x + Eigen::Vector2d(dx, dy));
  }
  return masses;
}

void finite_volume(benchmark::State& state, const std::string& name,
                   const Coefficients& coefficients) {
  const Grid grid = cube(coefficients.dimension, state.range(0));
  GridDensity density;
  const double megabytes = megabytes_of([&] { density = solve_finite_volume(coefficients, grid); });
  double least = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const double seconds = seconds_of([&] { density = solve_finite_volume(coefficients, grid); });
    least = std::min(least, seconds);
    state.SetIterationTime(seconds);
  }
  if (!density.report.ok()) state.SkipWithError(density.report.message.c_str());
  const double error = grid.dimension() == 2 && grid.cells() <= 512 * 512
                           ? (exact_masses(grid) - density.masses).lpNorm<1>()
                           : density.error;
  state.counters["least"] = least;
  state.counters["MB"] = megabytes;
  state.counters["error"] = error;
  state.counters["estimate"] = density.error;
  state.counters["iterations"] = static_cast<double>(density.report.iterations);
  state.counters["models"] = least / model_seconds(coefficients, grid.cells());
  state.counters["streams"] = streams(coefficients, grid);
  results[name][state.range(0)] = {static_cast<double>(grid.cells()), least, error};
}

/// p(5) from a Gaussian of sd 0.4 around (1, 0).
Vector transient(Index cells, double& seconds) {
  const Grid grid = cube(2, cells);
  Vector start(grid.cells()), x;
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, x);
    start(cell) = std::exp(-((x(0) - 1.0) * (x(0) - 1.0) + x(1) * x(1)) / 0.32);
  }
  start /= start.sum();
  Vector end;
  seconds = seconds_of([&] {
    const Generator generator = make_generator(two_neurons(), grid);
    end =
        evolve(generator.rates, start, Vector::Constant(1, 5.0), {.tolerance = 1e-7}).masses.col(0);
  });
  return end;
}

void evolve_plane(benchmark::State& state) {
  const Index n = state.range(0);
  double least = std::numeric_limits<double>::infinity(), seconds = 0.0;
  Vector fine;
  for (auto _ : state) {
    fine = transient(n, seconds);
    least = std::min(least, seconds);
    state.SetIterationTime(seconds);
  }
  const Vector rough = transient(n / 2, seconds);
  double change = 0.0;
  for (Index j = 0; j < n / 2; ++j)
    for (Index i = 0; i < n / 2; ++i) {
      const Index corner = 2 * i + 2 * j * n;
      change += std::abs(fine(corner) + fine(corner + 1) + fine(corner + n) + fine(corner + n + 1) -
                         rough(i + j * (n / 2)));
    }
  state.counters["least"] = least;
  state.counters["error"] = change / 3.0;
  results["evolve"][n] = {static_cast<double>(n * n), least, change / 3.0};
}

/// Slope of y against x by least squares.
double slope(const std::vector<double>& x, const std::vector<double>& y) {
  const auto count = static_cast<Index>(x.size());
  const Vector u = Eigen::Map<const Vector>(x.data(), count),
               v = Eigen::Map<const Vector>(y.data(), count);
  const Vector du = u.array() - u.mean(), dv = v.array() - v.mean();
  return du.dot(dv) / du.squaredNorm();
}

void print_table() {
  for (const auto& [name, points] : results) {
    std::printf("\n%-10s %10s %12s %12s %14s\n", name.c_str(), "cells", "seconds", "error",
                "ns a cell");
    std::vector<double> cells, seconds, errors;
    for (const auto& [key, point] : points) {
      std::printf("%-10s %10.0f %12.3e %12.2e %14.1f\n", "", point.cells, point.seconds,
                  point.error, 1e9 * point.seconds / point.cells);
      cells.push_back(std::log(point.cells));
      seconds.push_back(std::log(point.seconds));
      errors.push_back(std::log(point.error));
    }
    if (points.size() < 2) continue;
    std::printf("%-10s seconds ~ cells^%.2f, error ~ seconds^%.2f\n", "", slope(cells, seconds),
                slope(seconds, errors));
  }
}

}  // namespace

BENCHMARK(line_quadrature)->Iterations(5)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(line_spectral)->Iterations(5)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(passage)->Iterations(5)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(spectral)->Arg(3)->Arg(4)->Arg(6)->Iterations(7)->UseManualTime()->Unit(
    benchmark::kMillisecond);
BENCHMARK_CAPTURE(finite_volume, plane, "plane", two_neurons())
    ->RangeMultiplier(2)
    ->Range(64, 1024)
    ->Iterations(3)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(finite_volume, space, "space", three_neurons())
    ->RangeMultiplier(2)
    ->Range(16, 64)
    ->Iterations(3)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(evolve_plane)
    ->Arg(64)
    ->Arg(128)
    ->Arg(256)
    ->Iterations(2)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  print_table();
  benchmark::Shutdown();
  return 0;
}
