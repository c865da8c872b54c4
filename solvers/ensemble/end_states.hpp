// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "lib/core/parallel.hpp"
#include "lib/core/require.hpp"
#include "solvers/ensemble/process.hpp"

namespace stillpoint::ensemble {

/// @brief Independent states of a Markov process after `steps` steps: a sample of its law at that
/// time.
/// @param[in] starts  First states, (n, k): path p starts from column p mod k.
/// @return (n, paths); a path that left the numbers holds NaN or infinities. Bit-identical for any
///   number of threads.
/// @throws std::invalid_argument for a wrong shape or number; Interrupted.
template <MarkovProcess P>
Matrix end_states(const P& process, const Matrix& starts, Index steps, Index paths,
                  const random::Stream& stream, int threads = 0) {
  require(starts.rows() == process.state_size() && starts.cols() > 0 && starts.allFinite(),
          "end_states", "starts of shape (", starts.rows(), ", ", starts.cols(),
          ") or not finite, expected (", process.state_size(), ", >= 1)");
  require(steps >= 0 && paths > 0, "end_states", "steps = ", steps, ", paths = ", paths,
          ", expected >= 0 and > 0");
  constexpr Index block = 64;
  Matrix states(starts.rows(), paths);
  parallel_for((paths + block - 1) / block, threads, [&](Index task) {
    P own = process;
    Vector x;
    for (Index path = task * block; path < std::min(paths, (task + 1) * block); ++path) {
      x = starts.col(path % starts.cols());
      for (Index step = 0; step < steps; ++step)
        own.step({stream, static_cast<std::uint64_t>(path), static_cast<std::uint32_t>(step)}, x);
      states.col(path) = x;
    }
  });
  return states;
}

}  // namespace stillpoint::ensemble
