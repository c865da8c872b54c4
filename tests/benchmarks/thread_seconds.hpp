// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ctime>

namespace stillpoint {

/// Processor time of this thread: preemption does not count.
inline double thread_seconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Of one call.
template <typename Work>
double seconds_of(const Work& work) {
  const double start = thread_seconds();
  work();
  return thread_seconds() - start;
}

}  // namespace stillpoint
