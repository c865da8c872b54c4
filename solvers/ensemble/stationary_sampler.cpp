// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/stationary_sampler.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"

namespace stillpoint::ensemble {
namespace {

constexpr std::string_view where = "simulate_stationary";
constexpr Index most_groups = 64;

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

/// The lower triangle, on both sides.
Matrix symmetric(const Panels& products) {
  const Index n = products.rows();
  Matrix result(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j) result(i, j) = result(j, i) = products(i, j);
  return result;
}

/// d = y − reference of the live paths, transposed for Kernels::correlate.
void transpose(const Panels& y, const Vector& reference, const Samples& live, double* to) {
  constexpr Index width = Panels::paths_each;
  constexpr Index strip = 8;  // rows at a time: what they write of a column is one cache line
  for (Index first = 0; first < y.rows(); first += strip) {
    const Index rows = std::min(strip, y.rows() - first);
    double* const columns = to + first / width * width * y.paths() + first % width;
    for (Index panel = 0; panel < y.panels(); ++panel) {
      const double* const from = y.row(panel, first);
      const Index filled = live.in_panel(panel);
      for (Index p = 0; p < filled; ++p)
        for (Index i = 0; i < rows; ++i)
          columns[(panel * width + p) * width + i] = from[i * width + p] - reference(first + i);
    }
  }
}

void count(const Histogram& histogram, const Panels& y, Panels& counts) {
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

}  // namespace

Plan make_plan(const ChainProgram& program, const StationaryOptions& options, bool control) {
  require(options.paths > 0, where, "paths = ", options.paths, ", expected > 0");
  require(options.steps > 0, where, "steps = ", options.steps, ", expected > 0");
  require(options.burn_in >= 0, where, "burn_in = ", options.burn_in,
          ", expected >= 0 (0: automatic)");
  require(options.record_every >= 0, where, "record_every = ", options.record_every,
          ", expected >= 0 (0: automatic)");
  const models::NoisyChain& chain = program.chain();
  const bool silent = chain.noise().silent();
  Plan plan;
  plan.paths = silent ? 1 : options.paths;
  plan.control = control;
  plan.copies = !silent && options.variance_reduction == VarianceReduction::antithetic ? 2 : 1;
  require(plan.paths % plan.copies == 0, where, "paths = ", plan.paths,
          ", expected an even number for antithetic pairs");
  plan.samples = plan.paths / plan.copies;
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
  plan.batches = plan.samples >= Plan::paths_for_errors || silent
                     ? 1
                     : std::min(records, 2 * Plan::paths_for_errors / plan.samples);
  plan.records_per_batch = records / plan.batches;
  require(plan.last_step() < Index{1} << 32, where, "burn-in and steps together are ",
          plan.last_step(), ", expected < 2^32");
  const Index needed = (plan.samples + Panels::paths_each - 1) / Panels::paths_each;
  Index panels = std::min(needed, program.panels_per_block() / plan.copies);
  // Control variates are judged by the scatter of groups: blocks small enough for many of them.
  if (control) panels = std::min(panels, std::max<Index>(needed / most_groups, 1));
  plan.panels = panels * plan.copies;
  plan.blocks = (needed + panels - 1) / panels;
  // A group keeps a covariance of its own: at most 64 of them, fewer if they are large.
  const Index n = chain.units();
  plan.groups = std::min(plan.blocks, std::clamp<Index>((Index{1} << 24) / (n * n),
                                                        control ? least_groups : 8, most_groups));
  return plan;
}

/// What a block adds up, allocated once a group: touching fresh memory for every block would cost a
/// tenth of the run.
struct Sampler::Workspace {
  Workspace(Index units, Index outputs, Index panels, bool control,
            const std::vector<PathMoments>& cells)
      : state(units, panels),
        output(outputs, panels),
        z(outputs, panels),
        first_half(units, panels),
        first_half_squares(units, panels),
        drift(units, panels),
        products(units, (units + Panels::paths_each - 1) / Panels::paths_each),
        transposed(products.panels() * panels * Panels::paths_each * Panels::paths_each) {
    if (control) linear.emplace(units, panels, products.panels());
    for (const PathMoments& cell : cells) counts.emplace_back(cell.rows(), panels);
  }

  Sums state, output;
  Panels z, first_half, first_half_squares, drift;
  Panels products;          // Σ d dᵀ of all blocks so far
  AlignedArray transposed;  // d of one record
  std::vector<Panels> counts;

  /// The same of the linearised chain.
  struct Linear {
    Linear(Index units, Index panels, Index product_panels)
        : s1(units, panels),
          s2(units, panels),
          first_half(units, panels),
          first_half_squares(units, panels),
          drift(units, panels),
          products(units, product_panels) {}
    Panels s1, s2, first_half, first_half_squares, drift, products;
  };
  std::optional<Linear> linear;
};

Sampler::Sampler(const ChainProgram& program, const ChainProgram* linear, const Plan& plan,
                 const Vector& state_reference, const Vector& output_reference,
                 std::span<const Histogram> histograms, Progress& progress)
    : program_(program),
      linear_(linear),
      plan_(plan),
      state_reference_(state_reference),
      output_reference_(output_reference),
      histograms_(histograms),
      progress_(progress),
      kernels_(kernels(instruction_set())) {}

Tally Sampler::group(Index group) const {
  const Index n = program_.chain().units();
  Tally tally{.state = PathMoments(n),
              .output = PathMoments(program_.chain().outputs()),
              .drift = PathMoments(n),
              .square_drift = PathMoments(n)};
  for (const Histogram& histogram : histograms_)
    tally.cells.emplace_back(histogram.edges.size() - 1);
  Workspace work(n, program_.chain().outputs(), plan_.panels, plan_.control, tally.cells);
  tally.control = Vector::Zero(plan_.control ? n : 0);
  for (Index block = group * plan_.blocks / plan_.groups;
       block < (group + 1) * plan_.blocks / plan_.groups; ++block)
    run(block, tally, work);
  tally.covariance = symmetric(work.products);
  if (work.linear) tally.control_products = symmetric(work.linear->products);
  return tally;
}

/// Every block has the same panels; what the last one has beyond `live` is left out of sums.
void Sampler::run(Index block, Tally& tally, Workspace& work) const {
  const Index n = program_.chain().units();
  const Index panels = plan_.panels;
  const Index samples = panels / plan_.copies * Panels::paths_each;
  const Index first = block * samples;
  const Samples live{std::min(plan_.samples - first, samples), panels, plan_.copies};
  ChainBlock chain(program_, first, panels, plan_.copies == 2);
  std::optional<ChainBlock> shadow;
  if (linear_ != nullptr) shadow.emplace(*linear_, first, panels);
  auto& [state, output, z, first_half, first_half_squares, drift, products, transposed, counts,
         linear] = work;
  transposed.set_zero();  // no path beyond `live` counts in a covariance
  if (linear) {
    linear->s1.set_zero();
    linear->s2.set_zero();
  }

  const Vector zero = Vector::Zero(n);
  const Index half = plan_.records() / 2;
  Index t = 0;
  const auto advance = [&](Index steps) {
    for (Index end = t + steps; t < end; ++t) {
      chain.step(t);
      if (shadow) shadow->step(t);
    }
    throw_if_interrupted();
    progress_.advance(live.paths() * steps);
  };
  for (Index left = plan_.burn_in; left > 0;) {
    const Index steps = std::min(left, plan_.record_every);
    advance(steps);
    left -= steps;
  }
  for (Index record = 1; record <= plan_.records(); ++record) {
    advance(plan_.record_every);
    kernels_.accumulate({n, panels, chain.state().data(), state_reference_.data(), state.s1.data(),
                         state.s2.data(), state.s3.data()});
    if (z.rows() > 0) {
      chain.read_out(z);
      kernels_.accumulate({z.rows(), panels, z.data(), output_reference_.data(), output.s1.data(),
                           output.s2.data(), output.s3.data()});
    }
    transpose(chain.state(), state_reference_, live, transposed.get());
    kernels_.correlate({n, panels * Panels::paths_each, transposed.get(), products.data()});
    if (shadow) {
      kernels_.accumulate({n, panels, shadow->state().data(), zero.data(), linear->s1.data(),
                           linear->s2.data(), nullptr});
      transpose(shadow->state(), zero, live, transposed.get());
      kernels_.correlate(
          {n, panels * Panels::paths_each, transposed.get(), linear->products.data()});
    }
    for (std::size_t k = 0; k < counts.size(); ++k) count(histograms_[k], chain.state(), counts[k]);
    if (record == half) {
      std::copy_n(state.s1.data(), first_half.size(), first_half.data());
      std::copy_n(state.s2.data(), first_half.size(), first_half_squares.data());
      if (shadow) {
        std::copy_n(linear->s1.data(), first_half.size(), linear->first_half.data());
        std::copy_n(linear->s2.data(), first_half.size(), linear->first_half_squares.data());
      }
    }
    if (record == plan_.records() && half > 0 && plan_.batches == 1) {
      // Of what is left when the linearised chain's own drift by chance is subtracted.
      const auto add_drift = [&](const Panels& sum, const Panels& before, const Panels* sum_linear,
                                 const Panels* before_linear, PathMoments& to) {
        find_drift(sum, before, half, drift);
        if (shadow) {
          find_drift(*sum_linear, *before_linear, half, linear->drift);
          drift -= linear->drift;
        }
        live.add_twins(drift);
        to.add(drift, plan_.copies, live.live);
      };
      add_drift(state.s1, first_half, shadow ? &linear->s1 : nullptr,
                shadow ? &linear->first_half : nullptr, tally.drift);
      add_drift(state.s2, first_half_squares, shadow ? &linear->s2 : nullptr,
                shadow ? &linear->first_half_squares : nullptr, tally.square_drift);
    }
    if (record % plan_.records_per_batch == 0) {
      if (tally.broken_at < 0 && !chain.finite()) tally.broken_at = t;
      const Index terms = plan_.records_per_batch * plan_.copies;  // of a sample's average
      for (Sums* sums : {&state, &output}) {
        for (Panels* sum : {&sums->s1, &sums->s2, &sums->s3}) live.add_twins(*sum);
        (sums == &state ? tally.state : tally.output)
            .add(sums->s1, sums->s2, sums->s3, terms, live.live);
        sums->set_zero();
      }
      for (std::size_t k = 0; k < counts.size(); ++k) {
        live.add_twins(counts[k]);
        tally.cells[k].add(counts[k], terms, live.live);
        counts[k].set_zero();
      }
    }
  }
  if (!shadow) return;
  for (Index panel = 0; panel < panels; ++panel)
    for (Index i = 0; i < n; ++i)
      for (Index p = 0; p < live.in_panel(panel); ++p)
        tally.control(i) += linear->s1.row(panel, i)[p];
}

/// Mean over the second half of the records minus that over the first, of every path.
void Sampler::find_drift(const Panels& sum, const Panels& first_half, Index half,
                         Panels& drift) const {
  const double early = 1.0 / static_cast<double>(half);
  const double late = 1.0 / static_cast<double>(plan_.records() - half);
  for (Index k = 0; k < sum.size(); ++k)
    drift.data()[k] = (sum.data()[k] - first_half.data()[k]) * late - first_half.data()[k] * early;
}

}  // namespace stillpoint::ensemble
