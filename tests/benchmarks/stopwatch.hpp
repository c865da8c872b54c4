// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <ctime>
#include <limits>

#include "lib/core/types.hpp"

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

/// Time of one call, over samples taken in turns. Samples of whole and parts should be alike and
/// short: load hits long ones more.
class Stopwatch {
 public:
  /// Seconds of one call in this sample, which lasts `sample_seconds` or one call.
  template <typename Work>
  double sample(const Work& work) {
    if (calls_ == 1) work();  // a part that is called once must not pay for a cold cache
    const double start = thread_seconds();
    for (Index k = 0; k < calls_; ++k) work();
    const double seconds = thread_seconds() - start;
    least_ = std::min(least_, seconds / static_cast<double>(calls_));
    const double each = seconds / static_cast<double>(calls_);
    if (seconds < 0.5 * sample_seconds) calls_ *= 2;
    return each;
  }
  double least() const { return least_; }

 private:
  static constexpr double sample_seconds = 8e-3;
  Index calls_ = 1;
  double least_ = std::numeric_limits<double>::infinity();
};

}  // namespace stillpoint
