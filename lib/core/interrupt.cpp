// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/core/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace stillpoint {
namespace {

std::atomic<bool> requested_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free, "the flag is set in a signal handler");

extern "C" void on_signal(int signal) {
  requested_flag.store(true, std::memory_order_relaxed);
  std::signal(signal, SIG_DFL);  // a second Ctrl-C ends the process
}

}  // namespace

void catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

void request_interrupt(bool requested) noexcept {
  requested_flag.store(requested, std::memory_order_relaxed);
}

bool interrupt_requested() noexcept { return requested_flag.load(std::memory_order_relaxed); }

void throw_if_interrupted() {
  if (interrupt_requested()) throw Interrupted();
}

}  // namespace stillpoint
