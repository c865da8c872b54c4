// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/core/progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint {

namespace {
constexpr double quiet_seconds = 2.0;
constexpr double redraw_seconds = 0.1;
}  // namespace

Progress::Progress(std::string label, Index total)
    : label_(std::move(label)), total_(total), terminal_(isatty(STDERR_FILENO) == 1) {
  require(total > 0, "Progress", "total = ", total, ", expected > 0");
}

Progress::~Progress() {
  if (last_drawn_ > 0.0) std::fputs("\r\033[K", stderr);
}

void Progress::advance(Index units) {
  done_.fetch_add(units, std::memory_order_relaxed);
  if (!terminal_) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  if (seconds < quiet_seconds) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock.owns_lock() && seconds - last_drawn_ >= redraw_seconds) draw(seconds);
}

void Progress::draw(double seconds) {
  const double done = static_cast<double>(done_.load(std::memory_order_relaxed));
  const double share = done / static_cast<double>(total_);
  const double remaining = done > 0 ? seconds * (1.0 / share - 1.0) : 0.0;
  std::fprintf(stderr, "\r\033[K%s: %3.0f %%, %.0f s left (%.3g units/s)", label_.c_str(),
               100.0 * share, remaining, done / seconds);
  last_drawn_ = seconds;
}

}  // namespace stillpoint
