// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/window.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>
#include <string_view>
#include <vector>

#include "lib/core/interrupt.hpp"
#include "lib/core/parallel.hpp"
#include "lib/core/progress.hpp"
#include "lib/core/require.hpp"
#include "solvers/ensemble/chain_block.hpp"
#include "solvers/ensemble/path_moments.hpp"

namespace stillpoint::ensemble {
namespace {

using statistics::Estimate;
using statistics::WindowLaw;

constexpr std::string_view where = "simulate_window";
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr Index max_groups = 64;

struct Plan {
  Index paths;
  Index copies;   // paths of a sample: 2 for antithetic pairs
  Index samples;  // paths / copies
  Index steps;
  Index window;
  Index panels;  // of a block, twins not counted
  Index blocks;
  Index groups;  // of blocks; each is summed up by one thread

  Index before() const { return steps - window; }
};

/// About these numbers moments are summed up: the mean of 32 paths at every step of the window.
struct Reference {
  Matrix state;   // (n, K)
  Matrix output;  // (outputs, K)
};

/// What the paths of one group add up to, relative to the reference.
struct Tally {
  Tally() = default;
  Tally(Index n, Index outputs, Index window)
      : state_sum(Matrix::Zero(n, window)),
        state_squares(Matrix::Zero(n, window)),
        output_sum(Matrix::Zero(outputs, window)),
        output_squares(Matrix::Zero(outputs, window)),
        state_mean(n),
        state_square(n),
        output_mean(outputs),
        loss(1) {}

  Tally& operator+=(const Tally& other) {
    state_sum += other.state_sum;
    state_squares += other.state_squares;
    output_sum += other.output_sum;
    output_squares += other.output_squares;
    state_mean += other.state_mean;
    state_square += other.state_square;
    output_mean += other.output_mean;
    loss += other.loss;
    finite = finite && other.finite;
    return *this;
  }

  Matrix state_sum, state_squares;    // over paths, at every step of the window
  Matrix output_sum, output_squares;  // the same of the read-out
  PathMoments state_mean, state_square, output_mean, loss;  // window means of single paths
  bool finite = true;
};

/// Adds up the live columns of a panel array and their squares, about a reference.
void add_up(const Panels& y, const Vector& reference, const Samples& live, auto&& sum,
            auto&& squares) {
  for (Index panel = 0; panel < y.panels(); ++panel) {
    const Index filled = live.in_panel(panel);
    for (Index i = 0; i < y.rows(); ++i) {
      const double* const row = y.row(panel, i);
      double total = 0.0, square = 0.0;
      for (Index p = 0; p < filled; ++p) {
        const double d = row[p] - reference(i);
        total += d;
        square += d * d;
      }
      sum(i) += total;
      squares(i) += square;
    }
  }
}

Reference find_reference(const ChainProgram& program, const Plan& plan) {
  const Index n = program.chain().units(), outputs = program.chain().outputs();
  Reference reference{Matrix(n, plan.window), Matrix(outputs, plan.window)};
  ChainBlock pilot(program, 0, 1);
  Panels z(outputs, 1);
  const auto mean = [](const Panels& y, auto&& column) {
    for (Index i = 0; i < y.rows(); ++i) {
      // Differences from the first path keep the mean of equal numbers exact.
      double sum = 0.0;
      for (Index p = 0; p < Panels::paths_each; ++p) sum += y(i, p) - y(i, 0);
      const double value = y(i, 0) + sum / static_cast<double>(Panels::paths_each);
      column(i) = std::isfinite(value) ? value : 0.0;
    }
  };
  for (Index t = 0; t < plan.steps; ++t) {
    throw_if_interrupted();
    pilot.step(t);
    if (t < plan.before()) continue;
    pilot.read_out(z);
    mean(pilot.state(), reference.state.col(t - plan.before()));
    mean(z, reference.output.col(t - plan.before()));
  }
  return reference;
}

void run_block(const ChainProgram& program, const Plan& plan, const Reference& reference,
               const Matrix& targets, Index block, Progress& progress, Tally& tally) {
  const Index n = program.chain().units(), outputs = program.chain().outputs();
  const Index first = block * plan.panels * Panels::paths_each;
  const Index samples = std::min(plan.samples - first, plan.panels * Panels::paths_each);
  const Index panels = (samples + Panels::paths_each - 1) / Panels::paths_each * plan.copies;
  const Samples live{samples, panels, plan.copies};
  const Kernels& table = kernels(instruction_set());
  ChainBlock chain(program, first, panels, plan.copies == 2);
  Panels z(outputs, panels), loss(1, panels);
  Panels state_sum(n, panels), state_squares(n, panels);
  Panels output_sum(outputs, panels), output_squares(outputs, panels);
  for (Index t = 0; t < plan.steps; ++t) {
    throw_if_interrupted();
    chain.step(t);
    progress.advance(live.paths());
    if (t < plan.before()) continue;
    const Index k = t - plan.before();
    const Vector state_reference = reference.state.col(k),
                 output_reference = reference.output.col(k);
    table.accumulate({n, panels, chain.state().data(), state_reference.data(), state_sum.data(),
                      state_squares.data(), nullptr});
    add_up(chain.state(), state_reference, live, tally.state_sum.col(k),
           tally.state_squares.col(k));
    if (outputs == 0) continue;
    chain.read_out(z);
    table.accumulate({outputs, panels, z.data(), output_reference.data(), output_sum.data(),
                      output_squares.data(), nullptr});
    add_up(z, output_reference, live, tally.output_sum.col(k), tally.output_squares.col(k));
    if (targets.size() == 0) continue;
    const auto target = targets.col(targets.cols() == 1 ? 0 : k);
    for (Index panel = 0; panel < panels; ++panel)
      for (Index i = 0; i < outputs; ++i)
        for (Index p = 0; p < Panels::paths_each; ++p) {
          const double error = z.row(panel, i)[p] - target(i);
          loss.row(panel, 0)[p] += error * error;
        }
  }
  tally.finite = tally.finite && chain.finite();
  const auto add = [&](Panels& sum, Index terms, PathMoments& to) {
    live.add_twins(sum);
    to.add(sum, terms * plan.copies, samples);
  };
  add(state_sum, plan.window, tally.state_mean);
  add(state_squares, plan.window, tally.state_square);
  add(output_sum, plan.window, tally.output_mean);
  if (targets.size() > 0) add(loss, plan.window * outputs, tally.loss);
}

/// Variance over paths at each step of sums about a reference; 0 for a single path.
Matrix variance(const Matrix& sum, const Matrix& squares, double paths) {
  if (paths < 2.0) return Matrix::Zero(sum.rows(), sum.cols());
  return ((squares - sum.cwiseAbs2() / paths) / (paths - 1.0)).cwiseMax(0.0);
}

}  // namespace

WindowLaw simulate_window(const models::NoisyChain& chain, const tasks::WindowTask& task,
                          const WindowOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const Index outputs = chain.outputs();
  require(options.paths > 0, where, "paths = ", options.paths, ", expected > 0");
  tasks::require_fits(task, chain.network());
  const ChainProgram program(chain, task.inputs, task.h0,
                             {.seed = options.seed, .stream = options.stream});
  const bool silent = chain.noise().silent();
  const bool pairs = options.variance_reduction == VarianceReduction::antithetic && !silent;
  require(options.variance_reduction != VarianceReduction::control, where,
          "control variates are for the stationary law, expected none or antithetic");
  Plan plan{.paths = silent ? 1 : options.paths,
            .copies = pairs ? 2 : 1,
            .steps = task.steps,
            .window = task.window};
  require(plan.paths % plan.copies == 0, where, "paths = ", plan.paths,
          ", expected an even number for antithetic pairs");
  plan.samples = plan.paths / plan.copies;
  const Index needed = (plan.samples + Panels::paths_each - 1) / Panels::paths_each;
  plan.panels = std::min(needed, program.panels_per_block() / plan.copies);
  plan.blocks = (needed + plan.panels - 1) / plan.panels;
  plan.groups = std::min(plan.blocks, max_groups);

  const Reference reference = find_reference(program, plan);
  Progress progress("Monte Carlo", plan.paths * plan.steps);
  std::vector<Tally> tallies(plan.groups, Tally(chain.units(), outputs, plan.window));
  parallel_for(plan.groups, options.threads, [&](Index group) {
    for (Index block = group * plan.blocks / plan.groups;
         block < (group + 1) * plan.blocks / plan.groups; ++block)
      run_block(program, plan, reference, task.targets, block, progress, tallies[group]);
  });
  Tally total(chain.units(), outputs, plan.window);
  for (const Tally& tally : tallies) total += tally;

  // Without noise there is one path and no error; with noise and one path the error is unknown.
  const double paths = static_cast<double>(plan.paths);
  const auto finished = [&](Estimate estimate) {
    if (silent) estimate.standard_error = 0.0;
    return estimate;
  };
  WindowLaw law{.method = "monte_carlo"};
  law.output_mean = reference.output + total.output_sum / paths;
  law.output_variance = variance(total.output_sum, total.output_squares, paths);
  const Matrix state_variance = variance(total.state_sum, total.state_squares, paths);
  for (Index i = 0; i < outputs; ++i)
    law.mean_output.push_back(finished(total.output_mean.mean(i, reference.output.row(i).mean())));
  for (Index i = 0; i < chain.units(); ++i) {
    law.state_mean.push_back(finished(total.state_mean.mean(i, reference.state.row(i).mean())));
    // The reference stands in for the mean inside the influence function (y − mean)² − variance,
    // which makes this standard error 1.5 % too large (32 paths in the reference).
    law.state_variance.push_back(
        finished({state_variance.row(i).mean(), total.state_square.mean(i, 0.0).standard_error}));
  }
  law.loss = task.targets.size() > 0 ? finished(total.loss.mean(0, 0.0)) : Estimate{nan, 0.0};
  if (!total.finite || !state_variance.allFinite() || !law.output_variance.allFinite()) {
    law.valid = false;
    std::ostringstream note;
    note << "a state or its variance stopped being finite within " << task.steps
         << " steps: the chain diverges";
    law.note = note.str();
  }
  law.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return law;
}

}  // namespace stillpoint::ensemble
