// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

#include "lib/core/types.hpp"

namespace stillpoint {

/// @brief One line on stderr that shows how far long work has come: share, rate, remaining time.
///
/// Silent unless stderr is a terminal and the work has lasted two seconds. Thread safe; one call
/// of advance() costs an atomic addition and, ten times a second at most, one write.
class Progress {
 public:
  /// @param[in] label  What is being done, for example "Monte Carlo".
  /// @param[in] total  Number of units of work, > 0.
  Progress(std::string label, Index total);
  ~Progress();  ///< Clears the line.
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(Index units = 1);

 private:
  using Clock = std::chrono::steady_clock;
  void draw(double seconds);

  std::string label_;
  Index total_;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  std::atomic<Index> done_{0};
  std::mutex mutex_;
  double last_drawn_ = 0.0;  // seconds since start_
};

}  // namespace stillpoint
