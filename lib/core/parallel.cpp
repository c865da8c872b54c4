// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/core/parallel.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"

namespace stillpoint {

int default_threads() { return omp_get_max_threads(); }

namespace {
/// More than any machine of today has; the system runs out of stacks somewhere above.
constexpr int most_threads = 1024;
}  // namespace

void parallel_for(Index blocks, int threads, const std::function<void(Index)>& body) {
  require(blocks >= 0, "parallel_for", "blocks = ", blocks, ", expected >= 0");
  require(threads >= 0, "parallel_for", "threads = ", threads, ", expected >= 0 (0: all cores)");
  std::exception_ptr error;
  Index error_block = blocks;
  std::atomic<bool> stop{false};
#pragma omp parallel for schedule(dynamic, 1) \
    num_threads(std::min(threads > 0 ? threads : default_threads(), most_threads))
  for (Index block = 0; block < blocks; ++block) {
    if (stop.load(std::memory_order_relaxed) || interrupt_requested()) continue;
    try {
      body(block);
    } catch (...) {
#pragma omp critical(stillpoint_parallel_for_error)
      if (block < error_block) {
        error = std::current_exception();
        error_block = block;
      }
      stop.store(true, std::memory_order_relaxed);
    }
  }
  if (error) std::rethrow_exception(error);
  throw_if_interrupted();
}

}  // namespace stillpoint
