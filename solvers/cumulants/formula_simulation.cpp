// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/formula_simulation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "lib/core/interrupt.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "solvers/ensemble/path_moments.hpp"

namespace stillpoint::cumulants {
namespace {

using ensemble::Panels;
using ensemble::PathMoments;
using statistics::Estimate;

constexpr std::string_view where = "cumulants::simulate_formulas";

/// The records of a run: `count` of them, `stride` steps apart.
struct Mesh {
  double step;
  Index stride, count;
};

Mesh mesh_of(double duration, Index most, double longest_step, bool chain) {
  if (chain) {
    const auto steps = static_cast<Index>(duration);
    const Index stride = (steps + most - 1) / most;
    return {1.0, stride, steps / stride};
  }
  const double interval = duration / static_cast<double>(most);
  const auto stride = static_cast<Index>(std::ceil(interval / longest_step));
  return {interval / static_cast<double>(stride), stride, most};
}

/// A step for which a trial ensemble is neither unstable nor far from the diffusion.
double trial_step(const symbolic::Model& model, const Vector& start, double duration,
                  const FormulaSimulationOptions& options) {
  constexpr int most_trials = 4;
  constexpr double least = 1e-4;  // a state that runs away is not followed more closely
  constexpr Index paths = 16;
  const symbolic::Tape jacobian = symbolic::jacobian_tape(model);
  double h = std::min(0.01, duration / static_cast<double>(options.records));
  for (int trial = 0; trial < most_trials; ++trial) {
    const Mesh mesh = mesh_of(duration, options.records, h, false);
    FormulaProcess process(model, mesh.step, options.positive);
    double squares = 0.0, largest = 0.0;
    for (Index path = 0; path < paths; ++path) {
      Vector x = start;
      for (Index k = 0; k < mesh.count * mesh.stride; ++k) {
        throw_if_interrupted();
        process.step(
            {{options.seed, 1}, static_cast<std::uint64_t>(path), static_cast<std::uint32_t>(k)},
            x);
        if ((k + 1) % mesh.stride != 0) continue;
        const auto J = jacobian.evaluate(std::vector<double>(x.begin(), x.end()));
        double norm = 0.0;
        for (const double entry : J) norm += entry * entry;
        squares += norm;
        largest = std::isfinite(norm) ? std::max(largest, std::sqrt(norm)) : INFINITY;
      }
    }
    const double mean = std::sqrt(squares / static_cast<double>(paths * mesh.count));
    if (std::isfinite(largest) && h * mean <= 0.02 && h * largest <= 0.5) return h;
    h = std::max(least, std::isfinite(largest) ? std::min(0.018 / mean, 0.45 / largest) : h / 4.0);
  }
  return h;
}

/// Sums of d, d² and d³ over records, d = x − reference, one row each.
struct Sums {
  Panels first, second, third;
  Sums(Index rows, Index panels) : first(rows, panels), second(rows, panels), third(rows, panels) {}
  void add(Index row, Index path, double d) {
    const Index panel = path / Panels::paths_each, lane = path % Panels::paths_each;
    first.row(panel, row)[lane] += d;
    second.row(panel, row)[lane] += d * d;
    third.row(panel, row)[lane] += d * d * d;
  }
};

struct Block {
  PathMoments times, third_quarter, last_quarter, late;
  Index lost = 0;
};

bool same(const Estimate& a, const Estimate& b, double slack) {
  return std::abs(a.value - b.value) <=
         5.0 * std::hypot(a.standard_error, b.standard_error) + slack;
}

}  // namespace

FormulaProcess::FormulaProcess(const symbolic::Model& model, double step, bool positive)
    : drift_(symbolic::drift_tape(model)),
      noise_(symbolic::noise_tape(model)),
      drift_slots_(drift_.workspace<double>()),
      noise_slots_(noise_.workspace<double>()),
      h_(step),
      positive_(positive),
      chain_(model.kind == symbolic::Model::Kind::chain),
      noises_(model.noise_size()),
      in_(static_cast<std::size_t>(drift_.inputs())),
      change_(static_cast<std::size_t>(model.state_size())),
      C_(static_cast<std::size_t>(noise_.outputs())) {
  require(step > 0.0 && std::isfinite(step) && (!chain_ || step == 1.0), "FormulaProcess",
          "step = ", step, ", expected > 0, and 1 for a chain");
}

void FormulaProcess::step(const ensemble::StepAddress& address, Vector& x) {
  const Index n = state_size();
  std::copy(x.begin(), x.end(), in_.begin());
  if (chain_)
    for (Index k = 0; k < noises_; ++k) in_[n + k] = address.normal(k);
  drift_.evaluate<double>(in_, change_, drift_slots_);
  if (chain_) {
    std::copy(change_.begin(), change_.end(), x.begin());
  } else {
    for (Index i = 0; i < n; ++i) x(i) += h_ * change_[i];
    if (noises_ > 0) noise_.evaluate<double>(in_, C_, noise_slots_);
    for (Index k = 0; k < noises_; ++k) {
      const double dW = std::sqrt(h_) * address.normal(k);
      for (Index i = 0; i < n; ++i) x(i) += C_[k * n + i] * dW;
    }
  }
  if (positive_)
    for (double& each : x) each = each < 0.0 ? 0.0 : each;  // a NaN stays one
}

SimulatedMoments simulate_formulas(const symbolic::Model& model, const Vector& start,
                                   double duration, const FormulaSimulationOptions& options) {
  const Index n = model.state_size();
  const bool chain = model.kind == symbolic::Model::Kind::chain;
  require(start.size() == n && start.allFinite(), where, "the start has ", start.size(),
          " entries or holds a NaN, expected ", n, " finite numbers");
  require(duration > 0.0 && std::isfinite(duration), where, "duration = ", duration,
          ", expected > 0");
  require(options.paths >= 64 && options.records >= 4, where, "paths = ", options.paths,
          ", records = ", options.records, ", expected >= 64 and >= 4");
  if (chain) duration = std::max(std::floor(duration), 4.0);
  const Mesh mesh = mesh_of(duration, options.records,
                            chain ? 1.0 : trial_step(model, start, duration, options), chain);
  const Index steps = mesh.stride * mesh.count;
  SimulatedMoments result{.step = mesh.step};
  result.paths = std::min(
      options.paths,
      std::max<Index>(64, static_cast<Index>(options.most_steps / static_cast<double>(steps))));
  result.times = Vector::LinSpaced(mesh.count + 1, 0.0, static_cast<double>(steps) * mesh.step);

  constexpr Index block_paths = 2 * Panels::paths_each;
  const Index block_count = (result.paths + block_paths - 1) / block_paths;
  std::vector<Block> blocks(static_cast<std::size_t>(block_count));
  Progress progress("Monte Carlo of the formulas", block_count);
  const FormulaProcess prototype(model, mesh.step, options.positive);
  parallel_for(block_count, options.threads, [&](Index b) {
    FormulaProcess process = prototype;
    const Index live = std::min(block_paths, result.paths - b * block_paths);
    Sums times(n * mesh.count, 2), third(n, 2), last(n, 2), late(n, 2);
    Block& block = blocks[static_cast<std::size_t>(b)];
    const Index half = mesh.count / 2, middle = half + (mesh.count - half) / 2;
    Vector x;
    for (Index p = 0; p < live; ++p) {
      throw_if_interrupted();
      x = start;
      for (Index k = 0; k < steps; ++k) {
        process.step({{options.seed, 0},
                      static_cast<std::uint64_t>(b * block_paths + p),
                      static_cast<std::uint32_t>(k)},
                     x);
        if ((k + 1) % mesh.stride != 0) continue;
        if (!x.allFinite()) break;  // counted below, and no moment is right without it
        const Index record = k / mesh.stride;
        for (Index i = 0; i < n; ++i) {
          const double d = x(i) - start(i);
          times.add(record * n + i, p, d);
          if (record < half) continue;
          (record < middle ? third : last).add(i, p, d);
          late.add(i, p, d);
        }
      }
      block.lost += !x.allFinite();
    }
    const auto moments_of = [live](const Sums& sums, Index records) {
      PathMoments moments(sums.first.rows());
      moments.add(sums.first, sums.second, sums.third, records, live);
      return moments;
    };
    block.times = moments_of(times, 1);
    block.third_quarter = moments_of(third, middle - half);
    block.last_quarter = moments_of(last, mesh.count - middle);
    block.late = moments_of(late, mesh.count - half);
    progress.advance();
  });
  Block all = blocks.front();
  for (std::size_t b = 1; b < blocks.size(); ++b) {
    all.times += blocks[b].times;
    all.third_quarter += blocks[b].third_quarter;
    all.last_quarter += blocks[b].last_quarter;
    all.late += blocks[b].late;
    all.lost += blocks[b].lost;
  }

  result.mean.emplace_back();
  result.variance.emplace_back(static_cast<std::size_t>(n), Estimate{0.0, 0.0});
  for (Index i = 0; i < n; ++i) result.mean.front().push_back({start(i), 0.0});
  for (Index record = 0; record < mesh.count; ++record) {
    auto& mean = result.mean.emplace_back();
    auto& variance = result.variance.emplace_back();
    for (Index i = 0; i < n; ++i) {
      mean.push_back(all.times.mean(record * n + i, start(i)));
      variance.push_back(all.times.variance(record * n + i));
    }
  }
  bool settled = true;
  for (Index i = 0; i < n; ++i) {
    result.late_mean.push_back(all.late.mean(i, start(i)));
    result.late_variance.push_back(all.late.variance(i));
    const double variance = result.late_variance.back().value;
    settled = settled &&
              same(all.third_quarter.mean(i, 0.0), all.last_quarter.mean(i, 0.0),
                   0.02 * std::sqrt(variance)) &&
              same(all.third_quarter.variance(i), all.last_quarter.variance(i), 0.02 * variance);
  }
  std::ostringstream text;
  if (all.lost > 0) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const Estimate nothing{nan, nan};
    for (auto* estimates : {&result.late_mean, &result.late_variance})
      std::fill(estimates->begin(), estimates->end(), nothing);
    for (auto* rows : {&result.mean, &result.variance})
      for (auto& row : *rows) std::fill(row.begin(), row.end(), nothing);
    text << all.lost << " of " << result.paths << " simulated paths left the numbers";
    result.report = Report::failure(Status::non_finite_state, text.str());
  } else if (!settled) {
    text << "the simulated moments still change in the second half of a time of "
         << result.times(mesh.count);
    result.report = Report::failure(Status::outside_validity, text.str());
  }
  return result;
}

}  // namespace stillpoint::cumulants
