// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "lib/core/parallel.hpp"
#include "lib/core/report.hpp"
#include "lib/core/require.hpp"
#include "lib/core/types.hpp"
#include "lib/statistics/estimate.hpp"
#include "solvers/ensemble/process.hpp"

/// Rare transitions: how often they happen, and by which way.
namespace stillpoint::escape {

using ensemble::MarkovProcess;
using ensemble::StepAddress;

struct SplittingOptions {
  Index trajectories = 256;  ///< M, trajectories a stage of one replica, ≥ 2.
  Index replicas = 32;       ///< Independent repetitions, ≥ 2; the standard error is theirs.
  /// Values of the coordinate, strictly ascending: the edge of the home set, λ₁ … and at the end
  /// the target. Empty: chosen by the pilot. At most 60.
  Vector levels = {};
  double passing = 0.25;  ///< Share of trajectories that the pilot lets pass a level, in (0, 1).
  Index pilot_steps = 16384;  ///< Length of the pilot's stationary run, ≥ 1024.
  /// Steps of the stationary run of a replica; 0: as many as give about M entries in the pilot.
  Index run_steps = 0;
  Index burn_in = 0;  ///< Steps before that; 0: 30 autocorrelation times of the coordinate.
  /// Longest trajectory and longest run allowed, < 2³² − 1.
  Index max_steps = Index{1} << 31;
  random::Stream stream = {};
  int threads = 0;  ///< 0: all cores. The result does not depend on it, bit for bit.
};

/// The answer of splitting().
struct SplittingEstimate {
  statistics::Estimate rate;  ///< Transitions a step, unbiased.
  /// Mean number of steps to the target, 1/rate; its relative bias is the squared relative
  /// standard error of the rate.
  statistics::Estimate lifetime;
  Vector levels;        ///< As given or chosen, (stages + 1): home, λ₁, …, target.
  Vector passed;        ///< Share of trajectories that went from λ_k to λ_{k+1}, (stages − 1).
  Index run_steps = 0;  ///< Of one replica.
  Index burn_in = 0;    ///< Of one replica.
  Index steps = 0;      ///< Steps of the process, everything included.
  Index pilot_steps = 0;  ///< Those of the pilot alone.
  Index extinct = 0;      ///< Replicas without a single trajectory at the target.
  /// Relative variance × steps, the cost of one unit of relative variance.
  double work = std::numeric_limits<double>::quiet_NaN();
  /// lifetime/work: brute force needs one lifetime of steps for a relative variance of one.
  double gain = std::numeric_limits<double>::quiet_NaN();
  Report report;
};

/// Reaction coordinate ξ(x), finite and cheap; home is where it is small, the target where it is
/// large. Called from several threads at once.
using Coordinate = std::function<double(const Vector& x)>;

namespace detail {

/// What one replica found.
struct Replica {
  double rate = 0.0;
  std::vector<Index> started, passed;  // trajectories, one a stage
  Index steps = 0;
  Status status = Status::success;
};

/// What the pilot found about the stationary run.
struct StationaryRun {
  std::vector<double> coordinate;  // ξ after each step
};

/// Checks everything that does not need the process.
void require_sound(const SplittingOptions& options, Index state_size, const Vector& start,
                   double start_coordinate, double target);
/// Home and first level, 90 % quantile of the coordinate, from the second part of the pilot's run.
/// @returns false if that is not below the target.
bool choose_home(const StationaryRun& run, double start_coordinate, double target, double& home,
                 double& first);
/// 30 autocorrelation times of the coordinate.
Index choose_burn_in(const StationaryRun& run);
/// The hit from which trajectory j of M starts: stratified, ⌊H (j + u)/M⌋, u uniform.
Index parent(const StepAddress& address, Index j, Index trajectories, Index hits);
/// Mean over replicas and its standard error, counts, work and gain.
void summarize(const std::vector<Replica>& replicas, SplittingEstimate& result);
Report failure(Status status);

/// One process at work: everything that steps.
template <MarkovProcess Process>
class Splitter {
 public:
  Splitter(const Process& process, const Coordinate& coordinate, const Vector& start, double target,
           const SplittingOptions& options)
      : process_(process), xi_(coordinate), start_(start), target_(target), options_(options) {}

  Index steps() const { return steps_; }
  Status status() const { return status_; }

  /// Runs the process, put back to the start whenever it is at the target; visit(t, x, ξ, entry)
  /// sees every state, entry where it is the first at or beyond `first` after a visit to home.
  template <typename Visit>
  void run(std::uint64_t path, double home, double first, Index count, Visit&& visit) {
    Vector x = start_;
    bool away = false;
    for (Index t = 0; t < count; ++t) {
      const double xi = advance(path, t, x);
      if (status_ != Status::success) return;
      const bool entry = !away && xi >= first;
      away = (away || entry) && xi > home;
      visit(t, x, xi, entry);
      if (xi >= target_) {
        x = start_;
        away = false;
      }
    }
  }

  /// Advances x until ξ ≥ level (true) or ξ ≤ home (false); highest: largest ξ on the way.
  bool climb(std::uint64_t path, double home, double level, Vector& x, double& highest) {
    double xi = highest = xi_(x);
    for (Index t = 0; xi < level; ++t) {
      if (t >= options_.max_steps) status_ = Status::step_limit;
      if (status_ != Status::success) return false;
      xi = advance(path, t, x);
      highest = std::max(highest, xi);
      if (xi <= home) return false;
    }
    return true;
  }

  /// One replica at given levels: rate = entries/steps × Π (hits/M).
  Replica replica(std::uint64_t first_path, const Vector& levels, Index burn_in, Index run_steps) {
    Replica result;
    std::vector<Vector> hits, next;
    run(first_path, levels(0), levels(1), burn_in + run_steps,
        [&](Index t, const Vector& x, double, bool entry) {
          if (entry && t >= burn_in) hits.push_back(x);
        });
    const Index M = options_.trajectories;
    result.rate = static_cast<double>(hits.size()) / static_cast<double>(run_steps);
    for (Index k = 2; k < levels.size() && !hits.empty(); ++k) {
      next.clear();
      for (Index j = 0; j < M; ++j) {
        const std::uint64_t path = first_path + static_cast<std::uint64_t>((k - 1) * M + j);
        Vector x = hits[start_of(path, j, hits)];
        double highest;
        if (climb(path, levels(0), levels(k), x, highest)) next.push_back(std::move(x));
      }
      result.rate *= static_cast<double>(next.size()) / static_cast<double>(M);
      result.started.push_back(M);
      result.passed.push_back(static_cast<Index>(next.size()));
      hits.swap(next);
    }
    if (hits.empty()) result.rate = 0.0;
    result.steps = steps_;
    result.status = status_;
    return result;
  }

  std::size_t start_of(std::uint64_t path, Index j, const std::vector<Vector>& hits) const {
    return static_cast<std::size_t>(parent({options_.stream, path, 0xffffffffU}, j,
                                           options_.trajectories, static_cast<Index>(hits.size())));
  }

 private:
  double advance(std::uint64_t path, Index t, Vector& x) {
    process_.step({options_.stream, path, static_cast<std::uint32_t>(t)}, x);
    ++steps_;
    const double xi = xi_(x);
    if (!std::isfinite(xi)) status_ = Status::non_finite_state;
    return xi;
  }

  Process process_;
  const Coordinate& xi_;
  const Vector& start_;
  double target_;
  const SplittingOptions& options_;
  Index steps_ = 0;
  Status status_ = Status::success;
};

constexpr Index stages_a_replica = 64;  // paths of a replica: 64 M, the first of them its run

/// Levels, length of the run and burn-in, from randomness of its own: paths of replica 0.
template <MarkovProcess Process>
class Pilot {
 public:
  Pilot(const Process& process, const Coordinate& coordinate, const Vector& start, double target,
        const SplittingOptions& options)
      : process_(process), xi_(coordinate), start_(start), target_(target), options_(options) {}

  /// Fills levels, run_steps, burn_in, pilot_steps and, where it fails, the report.
  void plan(SplittingEstimate& result) {
    status_ = look(result);
    result.pilot_steps = steps_;
    if (status_ != Status::success) result.report = failure(status_);
  }

 private:
  Status look(SplittingEstimate& result) {
    auto splitter = make();
    StationaryRun run;
    const double nowhere = std::numeric_limits<double>::infinity();
    splitter.run(0, nowhere, nowhere, options_.pilot_steps,
                 [&run](Index, const Vector&, double xi, bool) { run.coordinate.push_back(xi); });
    if (splitter.status() != Status::success) return count(splitter);
    result.burn_in = options_.burn_in > 0 ? options_.burn_in : choose_burn_in(run);
    double home, first;
    if (options_.levels.size() > 0) {
      home = options_.levels(0);
      first = options_.levels(1);
    } else if (!choose_home(run, xi_(start_), target_, home, first)) {
      count(splitter);
      return Status::outside_validity;
    }
    // The same run once more: the states at its entries.
    std::vector<Vector> hits;
    splitter.run(0, home, first, options_.pilot_steps,
                 [&hits](Index, const Vector& x, double, bool entry) {
                   if (entry) hits.push_back(x);
                 });
    count(splitter);
    result.run_steps = options_.run_steps;
    if (result.run_steps == 0)
      result.run_steps = static_cast<Index>(static_cast<double>(options_.pilot_steps) *
                                            static_cast<double>(options_.trajectories) /
                                            std::max(1.0, static_cast<double>(hits.size())));
    if (result.run_steps + result.burn_in > options_.max_steps) return Status::step_limit;
    if (options_.levels.size() > 0) {
      result.levels = options_.levels;
      return Status::success;
    }
    if (hits.empty()) return Status::no_convergence;
    return choose_levels(home, first, std::move(hits), result.levels);
  }

  /// λ_{k+1} is the value that the wanted share of trajectories from λ_k reaches before home.
  Status choose_levels(double home, double first, std::vector<Vector> hits, Vector& levels) {
    std::vector<double> chosen{home, first};
    const Index M = options_.trajectories;
    std::vector<double> highest(static_cast<std::size_t>(M));
    std::vector<Vector> end(static_cast<std::size_t>(M));
    std::vector<char> passed(static_cast<std::size_t>(M));
    for (Index stage = 1; chosen.back() < target_; ++stage) {
      if (stage + 4 >= stages_a_replica) return Status::no_convergence;
      const auto climb_all = [&](double level) {
        return each_trajectory([&](Splitter<Process>& splitter, Index j) {
          const auto path = static_cast<std::uint64_t>(stage * M + j);
          Vector x = hits[splitter.start_of(path, j, hits)];
          passed[j] = splitter.climb(path, home, level, x, highest[j]);
          end[j] = std::move(x);
        });
      };
      Status status = climb_all(target_);
      if (status != Status::success) return status;
      std::vector<double> sorted = highest;
      std::sort(sorted.begin(), sorted.end());
      const auto below = static_cast<Index>((1.0 - options_.passing) * static_cast<double>(M));
      const double next = sorted[static_cast<std::size_t>(std::min(below, M - 1))];
      if (next >= target_) {
        chosen.push_back(target_);
        break;
      }
      if (!(next > chosen.back())) return Status::no_convergence;
      chosen.push_back(next);
      status = climb_all(next);  // the same noise: those that reach it, where they reach it
      if (status != Status::success) return status;
      std::vector<Vector> survivors;
      for (std::size_t j = 0; j < end.size(); ++j)
        if (passed[j]) survivors.push_back(end[j]);
      hits = std::move(survivors);
    }
    levels = Eigen::Map<const Vector>(chosen.data(), static_cast<Index>(chosen.size()));
    return Status::success;
  }

  template <typename Body>
  Status each_trajectory(const Body& body) {
    constexpr Index block = 32;
    const Index M = options_.trajectories, blocks = (M + block - 1) / block;
    std::vector<Index> steps(static_cast<std::size_t>(blocks));
    std::vector<Status> status(static_cast<std::size_t>(blocks));
    parallel_for(blocks, options_.threads, [&](Index k) {
      auto splitter = make();
      for (Index j = k * block; j < std::min(M, (k + 1) * block); ++j) body(splitter, j);
      steps[k] = splitter.steps();
      status[k] = splitter.status();
    });
    for (const Index count : steps) steps_ += count;
    for (const Status each : status)
      if (each != Status::success) return each;
    return Status::success;
  }

  Splitter<Process> make() const { return {process_, xi_, start_, target_, options_}; }
  Status count(const Splitter<Process>& splitter) {
    steps_ += splitter.steps();
    return splitter.status();
  }

  const Process& process_;
  const Coordinate& xi_;
  const Vector& start_;
  double target_;
  const SplittingOptions& options_;
  Index steps_ = 0;
  Status status_ = Status::success;
};

}  // namespace detail

/// @brief Rate and mean lifetime of a rare transition of a Markov process by multilevel splitting:
/// from `start` to ξ(x) ≥ target.
///
/// The process that is put back to the start whenever it reaches the target has the rate 1/E T of
/// transitions, T the number of steps from the start to the target (Hill's relation). Each of them
/// belongs to one excursion from the home set {ξ ≤ λ₀}, which enters beyond λ₁ once, so that
///
///     1/E T = E[ (entries in L steps of the stationary run)/L · P(target before home | entry) ].
///
/// P is the product of the shares of M trajectories that go from λ_k to λ_{k+1} before home, each
/// stage started from stratified draws of the states that reached λ_k (fixed effort). Given the
/// levels, which a pilot chooses by its own noise, entries/L · Π (hits/M) is unbiased for any M,
/// L and coordinate; replicas are independent, and the standard error is that of their mean. What
/// remains is the burn-in: exponentially small in its length over the relaxation time at home. A
/// coordinate far from the committor costs variance, which replicas that died out give away.
///
/// @param[in] process     Copied for each task.
/// @param[in] coordinate  Reaction coordinate ξ.
/// @param[in] start       x₀, (n), finite, ξ(x₀) ≤ home.
/// @param[in] target      Value of ξ, > ξ(x₀).
/// @returns Numbers are NaN unless the report is ok: non_finite_state; step_limit: a trajectory
///   neither returned nor arrived; outside_validity: the target is not beyond the fluctuations at
///   home, simulate it directly; no_convergence: the pilot found no entry, no higher level, or
///   too many, or every replica died out.
/// @throws std::invalid_argument for a wrong shape or option; Interrupted; what the process throws.
/// Source: Hill (1989), Free Energy Transduction; Garvels (2000), thesis, ch. 2 (fixed effort);
/// Cérou & Guyader (2007), Stoch. Anal. Appl. 25, 417 (levels by quantiles).
template <MarkovProcess Process>
SplittingEstimate splitting(const Process& process, const Coordinate& coordinate,
                            const Vector& start, double target,
                            const SplittingOptions& options = {}) {
  require(static_cast<bool>(coordinate), "splitting", "the coordinate is empty");
  require(start.size() == process.state_size(), "splitting", "start has ", start.size(),
          " entries, expected ", process.state_size());
  detail::require_sound(options, process.state_size(), start, coordinate(start), target);
  SplittingEstimate result;
  detail::Pilot<Process>(process, coordinate, start, target, options).plan(result);
  if (!result.report.ok()) return result;
  std::vector<detail::Replica> replicas(static_cast<std::size_t>(options.replicas));
  parallel_for(options.replicas, options.threads, [&](Index r) {
    const auto first_path =
        static_cast<std::uint64_t>((r + 1) * detail::stages_a_replica * options.trajectories);
    replicas[r] = detail::Splitter<Process>(process, coordinate, start, target, options)
                      .replica(first_path, result.levels, result.burn_in, result.run_steps);
  });
  detail::summarize(replicas, result);
  return result;
}

}  // namespace stillpoint::escape
