// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "lib/core/report.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"
#include "lib/tasks/trials.hpp"
#include "solvers/training/optimizer.hpp"
#include "solvers/training/parameters.hpp"

namespace stillpoint::training {

struct TrainingOptions {
  Index iterations = 1000;
  Method method = Adam{};
  Schedule schedule;
  double clip = 1.0;              ///< Largest Euclidean norm of a gradient; 0: none.
  double weight_decay = 0.0;      ///< Weights, not biases, shrink by rate · this a step.
  double activity_penalty = 0.0;  ///< See BackPropagation.
  Trained trained;
  /// The noise of iteration k is that of the argument, every sigma times this; empty: 1 always.
  std::function<double(Index)> noise_factor;
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores. The answer does not depend on it.
  /// Where the state is saved (.npz), and found again; empty: nowhere.
  std::filesystem::path checkpoint;
  Index checkpoint_every = 1000;  ///< Iterations; it is saved at the end and on Ctrl-C too.
};

/// The trials of an iteration, the same for the same number.
using Sampler = std::function<tasks::Trials(Index iteration)>;

/// A trained network and how it came about.
struct Training {
  networks::Network network;
  std::vector<double> losses;  ///< L of every iteration's batch before its step.
  Index resumed_at = 0;        ///< Iterations that a checkpoint had done.
  Report report;               ///< Not ok if a loss was no number: then the network before that.
};

/// @brief Trains a network under fresh noise in every iteration, which minimises E L.
///
/// Decoupled weight decay as in Loshchilov & Hutter (2019). The draws of iteration k are those of
/// paths 32 ⌈B/32⌉ k … of the stream {seed, 0}: the same seed gives the same weights for any number
/// of threads, and for a run that was stopped and resumed.
/// @throws std::invalid_argument for options out of range, trials that do not fit, and a checkpoint
///   of another network, seed or method; io::FileError; Interrupted, after saving the checkpoint.
Training train(networks::Network network, const networks::NoiseSpec& noise, const Sampler& sampler,
               const TrainingOptions& options);

}  // namespace stillpoint::training
