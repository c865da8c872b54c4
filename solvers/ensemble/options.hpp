// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "lib/core/types.hpp"

namespace stillpoint::ensemble {

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
};

/// @brief Choices of a Monte Carlo run of a task read over a window; paths as above.
struct WindowOptions {
  Index paths = 4096;        ///< Independent paths, > 0.
  std::uint64_t seed = 1;    ///< Key of all draws.
  std::uint32_t stream = 0;  ///< Another stream is independent noise under the same seed.
  int threads = 0;           ///< 0: all cores. The result does not depend on it, bit for bit.
};

}  // namespace stillpoint::ensemble
