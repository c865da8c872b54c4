// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <vector>

#include "lib/core/progress.hpp"
#include "solvers/ensemble/chain_block.hpp"
#include "solvers/ensemble/path_moments.hpp"
#include "solvers/ensemble/stationary.hpp"

/// @file
/// @brief The loop behind simulate_stationary: what is run, and what its paths add up to.

namespace stillpoint::ensemble {

constexpr Index least_groups = 16;  ///< That control variates are judged by.

/// The run in numbers, every automatic choice made.
struct Plan {
  static constexpr Index paths_for_errors = 32;  ///< Fewer are cut into batches.

  Index paths;
  Index copies;   // paths of a sample: 2 for antithetic pairs
  Index samples;  // paths / copies
  bool control;   // the linearised chain runs along
  Index burn_in;
  Index record_every;
  Index batches;            // a sample is cut into
  Index records_per_batch;  // recorded steps of one
  Index panels;             // of a block
  Index blocks;
  Index groups;  // of blocks; each is summed up by one thread and has its own covariance

  Index records() const { return batches * records_per_batch; }
  Index last_step() const { return burn_in + records() * record_every; }
};

/// @param[in] control  A linearised chain runs along.
/// @throws std::invalid_argument for an option out of range.
Plan make_plan(const ChainProgram& program, const StationaryOptions& options, bool control);

/// What the paths of one group add up to.
struct Tally {
  PathMoments state, output;
  // Second half minus first half in place of the average: of the state d, and of d².
  PathMoments drift, square_drift;
  Matrix covariance;        // Σ d dᵀ over records and paths, lower panels
  Vector control;           // Σ e and
  Matrix control_products;  // Σ e eᵀ of the linearised chain
  std::vector<PathMoments> cells;
  Index broken_at = -1;  // a step by which a state was not finite
};

/// @brief Runs the blocks of a group. Shared by all threads.
class Sampler {
 public:
  /// @param[in] linear  The linearised chain, or null. All arguments are borrowed.
  Sampler(const ChainProgram& program, const ChainProgram* linear, const Plan& plan,
          const Vector& state_reference, const Vector& output_reference,
          std::span<const Histogram> histograms, Progress& progress);

  Tally group(Index group) const;

 private:
  struct Workspace;
  void run(Index block, Tally& tally, Workspace& work) const;
  void find_drift(const Panels& sum, const Panels& first_half, Index half, Panels& drift) const;

  const ChainProgram& program_;
  const ChainProgram* linear_;
  const Plan& plan_;
  const Vector& state_reference_;
  const Vector& output_reference_;
  std::span<const Histogram> histograms_;
  Progress& progress_;
  const Kernels& kernels_;
};

}  // namespace stillpoint::ensemble
