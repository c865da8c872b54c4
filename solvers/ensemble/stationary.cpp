// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/stationary.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
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
using statistics::StationaryLaw;

constexpr std::string_view where = "simulate_stationary";
constexpr Index paths_for_errors = 32;  // fewer paths are cut into batches
constexpr double drift_limit = 6.0;     // standard errors
/// A drift below this is no reason for doubt, however well it is known: relative to the standard
/// deviation, and to 1 + |mean| for what still settles or rounds without noise.
constexpr double negligible_drift = 1e-6, negligible_motion = 1e-10;

/// The run in numbers, every automatic choice made.
struct Plan {
  Index paths;
  Index burn_in;
  Index record_every;
  Index batches;            // samples a path is cut into
  Index records_per_batch;  // recorded steps of one
  Index panels;             // of a block
  Index blocks;
  Index groups;  // of blocks; each is summed up by one thread and has its own covariance

  Index records() const { return batches * records_per_batch; }
  Index last_step() const { return burn_in + records() * record_every; }
};

Plan make_plan(const ChainProgram& program, const StationaryOptions& options) {
  require(options.paths > 0, where, "paths = ", options.paths, ", expected > 0");
  require(options.steps > 0, where, "steps = ", options.steps, ", expected > 0");
  require(options.burn_in >= 0, where, "burn_in = ", options.burn_in,
          ", expected >= 0 (0: automatic)");
  require(options.record_every >= 0, where, "record_every = ", options.record_every,
          ", expected >= 0 (0: automatic)");
  const models::NoisyChain& chain = program.chain();
  Plan plan;
  plan.paths = chain.noise().silent() ? 1 : options.paths;
  double memory = 1.0 / chain.leak();  // steps until the slowest uncoupled part has forgotten
  for (const auto& source : chain.noise().coloured)
    memory = std::max(memory, 2.0 / (source.step_sd * source.step_sd));  // 1 − ρ² ≈ 2/memory
  constexpr double most_steps = 4294967296.0;  // the counter of the random numbers
  require(options.burn_in > 0 || 30.0 * memory < most_steps, where,
          "the slowest noise or leak needs a burn-in of ", 30.0 * memory,
          " steps, expected < 2^32; state a burn_in");
  plan.burn_in =
      options.burn_in > 0 ? options.burn_in : static_cast<Index>(std::ceil(30.0 * memory));
  plan.record_every = options.record_every > 0
                          ? options.record_every
                          : static_cast<Index>(std::lround(1.0 / chain.leak()));
  plan.record_every = std::min(plan.record_every, options.steps);
  const Index records = options.steps / plan.record_every;
  plan.batches = plan.paths >= paths_for_errors || chain.noise().silent()
                     ? 1
                     : std::min(records, 2 * paths_for_errors / plan.paths);
  plan.records_per_batch = records / plan.batches;
  require(plan.last_step() < Index{1} << 32, where, "burn-in and steps together are ",
          plan.last_step(), ", expected < 2^32");
  const Index needed = (plan.paths + Panels::paths_each - 1) / Panels::paths_each;
  plan.panels = std::min(needed, program.panels_per_block());
  plan.blocks = (needed + plan.panels - 1) / plan.panels;
  // A group keeps a covariance of its own: at most 64 of them, fewer if they are large.
  const Index n = chain.units();
  plan.groups = std::min(plan.blocks, std::clamp<Index>((Index{1} << 24) / (n * n), 8, 64));
  return plan;
}

/// What the paths of one group add up to.
struct Tally {
  PathMoments state, output;
  // Second half minus first half in place of the average: of the state d, and of d².
  PathMoments drift, square_drift;
  Matrix covariance;  // Σ d dᵀ over records and paths, lower panels
  std::vector<PathMoments> cells;
  Index broken_at = -1;  // a step by which a state was not finite
};

/// Time sums of every path of a block.
struct Sums {
  Sums(Index rows, Index panels) : s1(rows, panels), s2(rows, panels), s3(rows, panels) {}
  void set_zero() {
    s1.set_zero();
    s2.set_zero();
    s3.set_zero();
  }
  Panels s1, s2, s3;
};

/// What a block adds up, allocated once a group: touching fresh memory for every block would cost a
/// tenth of the run.
struct Workspace {
  Workspace(Index units, Index outputs, Index panels, const std::vector<PathMoments>& cells)
      : state(units, panels),
        output(outputs, panels),
        z(outputs, panels),
        first_half(units, panels),
        first_half_squares(units, panels),
        drift(units, panels),
        products(units, (units + Panels::paths_each - 1) / Panels::paths_each),
        transposed(products.panels() * panels * Panels::paths_each * Panels::paths_each) {
    for (const PathMoments& cell : cells) counts.emplace_back(cell.rows(), panels);
  }

  Sums state, output;
  Panels z, first_half, first_half_squares, drift;
  Panels products;          // Σ d dᵀ of all blocks so far
  AlignedArray transposed;  // d of one record
  std::vector<Panels> counts;
};

class Sampler {
 public:
  Sampler(const ChainProgram& program, const Plan& plan, const Vector& state_reference,
          const Vector& output_reference, std::span<const Histogram> histograms, Progress& progress)
      : program_(program),
        plan_(plan),
        state_reference_(state_reference),
        output_reference_(output_reference),
        histograms_(histograms),
        progress_(progress),
        kernels_(kernels(instruction_set())) {}

  Tally group(Index group) const {
    const Index n = program_.chain().units();
    Tally tally{.state = PathMoments(n),
                .output = PathMoments(program_.chain().outputs()),
                .drift = PathMoments(n),
                .square_drift = PathMoments(n)};
    for (const Histogram& histogram : histograms_)
      tally.cells.emplace_back(histogram.edges.size() - 1);
    Workspace work(n, program_.chain().outputs(), plan_.panels, tally.cells);
    for (Index block = group * plan_.blocks / plan_.groups;
         block < (group + 1) * plan_.blocks / plan_.groups; ++block)
      run(block, tally, work);
    tally.covariance.resize(n, n);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j <= i; ++j)
        tally.covariance(i, j) = tally.covariance(j, i) = work.products(i, j);
    return tally;
  }

 private:
  /// Every block has the same panels; what the last one has beyond `live` paths is left out of
  /// sums.
  void run(Index block, Tally& tally, Workspace& work) const {
    const Index n = program_.chain().units();
    const Index first = block * plan_.panels * Panels::paths_each;
    const Index live = std::min(plan_.paths - first, plan_.panels * Panels::paths_each);
    const Index panels = plan_.panels;
    ChainBlock chain(program_, first, panels);
    auto& [state, output, z, first_half, first_half_squares, drift, products, transposed, counts] =
        work;
    transposed.set_zero();  // no path beyond `live` counts in a covariance

    const Index half = plan_.records() / 2;
    Index t = 0;
    const auto advance = [&](Index steps) {
      for (Index end = t + steps; t < end; ++t) chain.step(t);
      throw_if_interrupted();
      progress_.advance(live * steps);
    };
    for (Index left = plan_.burn_in; left > 0;) {
      const Index steps = std::min(left, plan_.record_every);
      advance(steps);
      left -= steps;
    }
    for (Index record = 1; record <= plan_.records(); ++record) {
      advance(plan_.record_every);
      kernels_.accumulate({n, panels, chain.state().data(), state_reference_.data(),
                           state.s1.data(), state.s2.data(), state.s3.data()});
      if (z.rows() > 0) {
        chain.read_out(z);
        kernels_.accumulate({z.rows(), panels, z.data(), output_reference_.data(), output.s1.data(),
                             output.s2.data(), output.s3.data()});
      }
      transpose(chain.state(), live, transposed.get());
      kernels_.correlate({n, panels * Panels::paths_each, transposed.get(), products.data()});
      for (std::size_t k = 0; k < counts.size(); ++k)
        count(histograms_[k], chain.state(), counts[k]);
      if (record == half) {
        std::copy_n(state.s1.data(), first_half.size(), first_half.data());
        std::copy_n(state.s2.data(), first_half.size(), first_half_squares.data());
      }
      if (record == plan_.records() && half > 0 && plan_.batches == 1) {
        find_drift(state.s1, first_half, half, drift);
        tally.drift.add(drift, 1, live);
        find_drift(state.s2, first_half_squares, half, drift);
        tally.square_drift.add(drift, 1, live);
      }
      if (record % plan_.records_per_batch == 0) {
        if (tally.broken_at < 0 && !chain.finite()) tally.broken_at = t;
        tally.state.add(state.s1, state.s2, state.s3, plan_.records_per_batch, live);
        tally.output.add(output.s1, output.s2, output.s3, plan_.records_per_batch, live);
        state.set_zero();
        output.set_zero();
        for (std::size_t k = 0; k < counts.size(); ++k) {
          tally.cells[k].add(counts[k], plan_.records_per_batch, live);
          counts[k].set_zero();
        }
      }
    }
  }

  /// Mean over the second half of the records minus that over the first, of every path.
  void find_drift(const Panels& sum, const Panels& first_half, Index half, Panels& drift) const {
    const double early = 1.0 / static_cast<double>(half);
    const double late = 1.0 / static_cast<double>(plan_.records() - half);
    for (Index k = 0; k < sum.size(); ++k)
      drift.data()[k] =
          (sum.data()[k] - first_half.data()[k]) * late - first_half.data()[k] * early;
  }

  /// d = y − reference of the live paths, transposed for Kernels::correlate.
  void transpose(const Panels& y, Index live, double* to) const {
    constexpr Index width = Panels::paths_each;
    constexpr Index strip = 8;  // rows at a time: what they write of a column is one cache line
    for (Index first = 0; first < y.rows(); first += strip) {
      const Index rows = std::min(strip, y.rows() - first);
      double* const columns = to + first / width * width * y.paths() + first % width;
      for (Index panel = 0; panel < y.panels(); ++panel) {
        const double* const from = y.row(panel, first);
        const Index filled = std::min(live - panel * width, width);
        for (Index p = 0; p < filled; ++p)
          for (Index i = 0; i < rows; ++i)
            columns[(panel * width + p) * width + i] =
                from[i * width + p] - state_reference_(first + i);
      }
    }
  }

  static void count(const Histogram& histogram, const Panels& y, Panels& counts) {
    const double* const begin = histogram.edges.data();
    const double* const end = begin + histogram.edges.size();
    for (Index panel = 0; panel < y.panels(); ++panel) {
      const double* const row = y.row(panel, histogram.unit);
      for (Index p = 0; p < Panels::paths_each; ++p) {
        const Index cell = std::upper_bound(begin, end, row[p]) - begin - 1;
        if (cell >= 0 && cell < counts.rows()) counts.row(panel, cell)[p] += 1.0;
      }
    }
  }

  const ChainProgram& program_;
  const Plan& plan_;
  const Vector& state_reference_;
  const Vector& output_reference_;
  std::span<const Histogram> histograms_;
  Progress& progress_;
  const Kernels& kernels_;
};

/// Means over the paths of one panel at the end of the burn-in: moments are summed up about them,
/// so that no digits are lost to a mean that is large beside the standard deviation.
void find_reference(const ChainProgram& program, const Plan& plan, Vector& state, Vector& output) {
  ChainBlock pilot(program, 0, 1);
  for (Index t = 0; t < plan.burn_in; ++t) {
    throw_if_interrupted();
    pilot.step(t);
  }
  Panels z(program.chain().outputs(), 1);
  pilot.read_out(z);
  const auto mean = [](const Panels& panels, Index i) {
    // Differences from the first path keep the mean of equal numbers exact.
    const double first = panels(i, 0);
    double sum = 0.0;
    for (Index p = 0; p < Panels::paths_each; ++p) sum += panels(i, p) - first;
    const double value = first + sum / static_cast<double>(Panels::paths_each);
    return std::isfinite(value) ? value : 0.0;
  };
  for (Index i = 0; i < state.size(); ++i) state(i) = mean(pilot.state(), i);
  for (Index i = 0; i < output.size(); ++i) output(i) = mean(z, i);
}

/// Covariance and, from eight groups on, its standard errors by the scatter of the groups.
void fill_covariance(const std::vector<Tally>& tallies, const PathMoments& state, const Plan& plan,
                     StationaryLaw& law) {
  const Index n = state.rows();
  const double records = static_cast<double>(plan.records());
  const double paths = static_cast<double>(plan.paths);
  const Vector mean = state.mean_offset();
  Matrix sum = Matrix::Zero(n, n);
  for (const Tally& tally : tallies) sum += tally.covariance;
  law.covariance = sum / (records * paths) - mean * mean.transpose();
  for (Index i = 0; i < n; ++i) law.covariance(i, i) = law.variance[i].value;
  if (plan.groups < 8) return;
  Matrix squares = Matrix::Zero(n, n);
  for (const Tally& tally : tallies) {
    const double share =
        static_cast<double>(tally.state.samples()) / static_cast<double>(plan.batches) / paths;
    const Vector own = tally.state.mean_offset();
    const Matrix deviation = tally.covariance / (records * paths) -
                             share * (mean * own.transpose() + own * mean.transpose() -
                                      mean * mean.transpose() + law.covariance);
    squares += deviation.cwiseAbs2();
  }
  const double groups = static_cast<double>(plan.groups);
  law.covariance_standard_error = (squares * (groups / (groups - 1.0))).cwiseSqrt();
  for (Index i = 0; i < n; ++i)
    law.covariance_standard_error(i, i) = law.variance[i].standard_error;
}

/// What the run says against itself.
void judge(const Tally& total, const Plan& plan, StationaryLaw& law) {
  std::ostringstream note;
  if (total.broken_at >= 0) {
    law.valid = false;
    note << "a state stopped being finite by step " << total.broken_at
         << ": the chain diverges and has no stationary law";
  } else if (!std::all_of(law.variance.begin(), law.variance.end(),
                          [](const Estimate& variance) { return std::isfinite(variance.value); })) {
    law.valid = false;
    note << "a variance is beyond all numbers: the chain diverges and has no stationary law";
  } else if (plan.batches > 1) {
    const double memory = total.state.autocorrelation_times();
    note << plan.paths << " paths were cut into " << total.state.samples()
         << " batches, each about " << std::lround(memory)
         << " autocorrelation times long, and a drift was not looked for; use 32 paths or more for "
         << "errors from whole paths";
  } else if (plan.paths > 1) {
    for (Index i = 0; i < total.drift.rows() && law.valid; ++i) {
      const double variance = std::max(law.variance[i].value, 0.0);
      const double motion = negligible_motion * (1.0 + std::abs(law.mean[i].value));
      const auto moves = [](const Estimate& drift, double negligible) {
        return std::abs(drift.value) > drift_limit * drift.standard_error + negligible;
      };
      const Estimate drift = total.drift.mean(i, 0.0), square = total.square_drift.mean(i, 0.0);
      const bool mean_moves = moves(drift, negligible_drift * std::sqrt(variance) + motion);
      if (!mean_moves && !moves(square, negligible_drift * variance + motion)) continue;
      const Estimate& what = mean_moves ? drift : square;
      law.valid = false;
      note << "the " << (mean_moves ? "mean" : "mean square") << " of unit " << i
           << " still moves by " << what.value << " +- " << what.standard_error
           << " between the two halves of the run; a longer burn_in than " << plan.burn_in
           << " steps is needed";
    }
  }
  law.note = note.str();
}

void check(const Histogram& histogram, Index units) {
  require(histogram.unit >= 0 && histogram.unit < units, where, "histogram of unit ",
          histogram.unit, ", expected 0 to ", units - 1);
  const Vector& edges = histogram.edges;
  bool ascending = edges.size() >= 2;
  for (Index k = 1; k < edges.size(); ++k) ascending = ascending && edges(k - 1) < edges(k);
  require(ascending, where, "histogram edges must be at least two ascending numbers");
}

}  // namespace

StationaryLaw simulate_stationary(const models::NoisyChain& chain, const Vector& input,
                                  const Vector& initial_state, const StationaryOptions& options,
                                  std::span<Histogram> histograms) {
  const auto start = std::chrono::steady_clock::now();
  for (const Histogram& histogram : histograms) check(histogram, chain.units());
  const ChainProgram program(chain, input, initial_state,
                             {.seed = options.seed, .stream = options.stream});
  const Plan plan = make_plan(program, options);
  Vector state_reference(chain.units()), output_reference(chain.outputs());
  find_reference(program, plan, state_reference, output_reference);

  Progress progress("Monte Carlo", plan.paths * plan.last_step());
  const Sampler sampler(program, plan, state_reference, output_reference, histograms, progress);
  std::vector<Tally> tallies(plan.groups);
  parallel_for(plan.groups, options.threads, [&](Index k) { tallies[k] = sampler.group(k); });

  Tally total{.state = PathMoments(chain.units()),
              .output = PathMoments(chain.outputs()),
              .drift = PathMoments(chain.units()),
              .square_drift = PathMoments(chain.units())};
  for (const Histogram& histogram : histograms)
    total.cells.emplace_back(histogram.edges.size() - 1);
  for (const Tally& tally : tallies) {
    total.state += tally.state;
    total.output += tally.output;
    total.drift += tally.drift;
    total.square_drift += tally.square_drift;
    for (std::size_t k = 0; k < total.cells.size(); ++k) total.cells[k] += tally.cells[k];
    if (total.broken_at < 0) total.broken_at = tally.broken_at;
  }

  StationaryLaw law{.method = "monte_carlo"};
  for (Index i = 0; i < chain.units(); ++i) {
    law.mean.push_back(total.state.mean(i, state_reference(i)));
    law.variance.push_back(total.state.variance(i));
    law.skewness.push_back(total.state.skewness(i));
  }
  for (Index i = 0; i < chain.outputs(); ++i) {
    law.output_mean.push_back(total.output.mean(i, output_reference(i)));
    law.output_variance.push_back(total.output.variance(i));
  }
  fill_covariance(tallies, total.state, plan, law);
  if (chain.noise().silent()) {  // one path is all there is
    for (auto* estimates :
         {&law.mean, &law.variance, &law.skewness, &law.output_mean, &law.output_variance})
      for (Estimate& estimate : *estimates) estimate.standard_error = 0.0;
  }
  for (std::size_t k = 0; k < histograms.size(); ++k) {
    histograms[k].fraction.resize(total.cells[k].rows());
    histograms[k].standard_error.resize(total.cells[k].rows());
    for (Index cell = 0; cell < total.cells[k].rows(); ++cell) {
      const Estimate share = total.cells[k].mean(cell, 0.0);
      histograms[k].fraction(cell) = share.value;
      histograms[k].standard_error(cell) = share.standard_error;
    }
  }
  judge(total, plan, law);
  law.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return law;
}

}  // namespace stillpoint::ensemble
