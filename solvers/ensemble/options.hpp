// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "lib/core/types.hpp"

namespace stillpoint::ensemble {

/// @brief How a run makes more of its noise. Standard errors are those of what is averaged: of
/// pairs, or of residuals.
enum class VarianceReduction {
  none,
  /// Paths come in pairs, one with the noise ξ and one with −ξ, both from the same start: what is
  /// odd in the noise cancels, the mean of a linear network exactly. What is even is the same
  /// twice: the variance of a linear network is worth half the paths.
  antithetic,
  /// The chain linearised at its Gaussian closure runs along under the same noise, and what it does
  /// by chance is subtracted; see control_variates.hpp. For small noise the errors of mean and
  /// covariance fall by the order of the noise; a run costs about twice as much.
  control,
};

/// @brief Choices of a Monte Carlo run of the stationary law.
///
/// Path p takes the draws of path p of {seed, stream}: two runs with the same seed and stream see
/// the same noise, whatever their chains, noise levels, numbers of paths or threads.
struct StationaryOptions {
  Index paths = 4096;        ///< Independent paths, > 0.
  std::uint64_t seed = 1;    ///< Key of all draws.
  std::uint32_t stream = 0;  ///< Another stream is independent noise under the same seed.
  int threads = 0;           ///< 0: all cores. The result does not depend on it, bit for bit.
  Index steps = 1000;        ///< Steps averaged over after the burn-in, > 0.
  Index burn_in = 0;         ///< Steps thrown away first; 0: 30/leak + 30 correlation times.
  Index record_every = 0;    ///< Steps between samples; 0: 1/leak, which loses 9 % at most.
  /// antithetic: `paths` counts both of a pair and is even. control: paths ≥ 512.
  VarianceReduction variance_reduction = VarianceReduction::none;
};

/// @brief Choices of a Monte Carlo run of a task read over a window; paths as above.
struct WindowOptions {
  Index paths = 4096;        ///< Independent paths, > 0.
  std::uint64_t seed = 1;    ///< Key of all draws.
  std::uint32_t stream = 0;  ///< Another stream is independent noise under the same seed.
  int threads = 0;           ///< 0: all cores. The result does not depend on it, bit for bit.
  /// none or antithetic; then `paths` counts both of a pair and is even.
  VarianceReduction variance_reduction = VarianceReduction::none;
};

}  // namespace stillpoint::ensemble
