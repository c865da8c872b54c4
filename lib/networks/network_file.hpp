// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"

namespace stillpoint::networks {

/// @brief Losses and mean outputs measured by another program, from the table [evaluation].
///
/// Noise levels are those of NetworkFile::noise_at. The loss is the squared error, mean over
/// conditions, outputs, noise copies and the last K steps. Standard errors are over noise copies;
/// the conditions are fixed. One that the file does not state is 0; what else it does not state is
/// empty.
struct EvaluationTable {
  Vector sigma_test;              ///< Noise levels ≥ 0, (levels).
  Vector loss;                    ///< (levels)
  Vector loss_se;                 ///< (levels)
  Matrix mean_output_zero_noise;  ///< E z at level 0, mean over the last K steps, (conditions,
                                  ///< outputs).
  double noisy_level = 0.0;       ///< Level of the next two: sigma_train, or sigma_reference.
  Matrix mean_output_noisy;       ///< E z, (conditions, outputs).
  Matrix mean_output_noisy_se;    ///< (conditions, outputs)
  Index noise_copies = 0;         ///< Copies for every condition and level; 0: not stated.
};

/// @brief A trained network as someone hands it over: weights, noise, task.
///
/// Read from a NAME.toml that names the weights file and states
///
/// | key | |
/// | --- | --- |
/// | `weights` | .npz, .json or .mat (version 5), folder of .npy files, or table {key = "x.npy"} |
/// | `evaluation_set` | optional: another such file, for `u_eval` and `y_eval` |
/// | `equation` | "rate" or "current", see Equation |
/// | `activation` | name; its parameters (`slope`, `sharpness`) are keys |
/// | `leak` | g in (0, 1]; or `dt` and `tau`, g = dt/tau |
/// | `noise_placement`, `convention`, `sigma_train` | one scalar source |
/// | `sigma_reference` | optional: the level to look at where sigma_train is 0 |
/// | `noise_sd_per_step` | optional: what `sigma_train` means a step; must agree to 1e-6 |
/// | `[[noise]]` | instead: sources {where, sigma, convention, correlation_time = 0} |
/// | `steps`, `read_window` | T and K; without `steps` the stationary law is meant |
/// | `h0` | "zeros", "trained" (the array h0) or numbers; default: the array, else zeros |
/// | `[keys]` | what the arrays are called in the file, where the name differs |
/// | `[evaluation]` | optional, see EvaluationTable |
///
/// Arrays (n units): W_rec (n, n), and optionally W_in (n, inputs), b_rec (n), W_out (outputs, n),
/// b_out (outputs), h0 (n), u_eval (conditions, inputs) or (conditions, T, inputs), y_eval likewise
/// with outputs, and masks mask_rec, mask_in, mask_out that multiply W_rec, W_in, W_out
/// elementwise. W_rec[i, j] is the weight to i from j. A vector may come as (1, n) or (n, 1).
///
/// With the simple keys and equation = "current", convention = "per_sqrt_time" spells the
/// convention psychrnn (step sd √(2g) σ, the √2 is part of that equation); in [[noise]] every
/// convention has its own name and means what NoiseConvention says.
/// A sigma in [[noise]] is a number, one number a unit, or the name of an array of the weights.
struct NetworkFile {
  std::string name;
  std::filesystem::path path;
  Network network;
  NoiseSpec unit_noise;  ///< The sources at noise level 1.
  /// sigma_train, or 1 where the sources of [[noise]] carry their own sigmas.
  double training_level = 0.0;
  std::optional<double> reference_level;  ///< sigma_reference
  Index steps = 0;                        ///< T; 0: the stationary law is meant.
  Index read_window = 0;                  ///< K, 1 ≤ K ≤ T; 0 without steps.
  Vector h0;                              ///< State before the first step, (n).
  /// One a condition, at least one: (inputs, 1) where constant, else (inputs, T).
  std::vector<Matrix> inputs;
  /// One a condition, or none at all: (outputs, 1) where constant, else (outputs, K), the last K
  /// steps.
  std::vector<Matrix> targets;
  std::optional<EvaluationTable> evaluation;
  std::vector<std::string> notes;  ///< What was converted, skipped or assumed, for the reader.

  Index conditions() const { return static_cast<Index>(inputs.size()); }

  /// The noise at this level ≥ 0: the unit noise with every sigma multiplied.
  NoiseSpec noise_at(double level) const { return scaled(unit_noise, level); }

  /// The level to look at first: training_level, or reference_level where that is 0.
  double default_level() const {
    return training_level > 0.0 ? training_level : reference_level.value_or(0.0);
  }
};

/// @brief Reads a network from its toml file and the files it names.
/// @throws std::invalid_argument with one sentence that names file and key, what is there and what
///   was expected, for everything that is missing, malformed, of a wrong shape or not finite.
NetworkFile load_network(const std::filesystem::path& toml);

}  // namespace stillpoint::networks
