// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>

namespace stillpoint {

/// Thrown by long loops once an interrupt was requested; a study answers it with exit code 130.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// @brief Makes Ctrl-C (SIGINT) and SIGTERM set the flag below instead of ending the process, so
/// that finished tables reach the disk. A second signal ends the process at once.
void catch_interrupts();

/// Sets the flag, as a signal would; used by tests and by embedding programs.
void request_interrupt(bool requested = true) noexcept;

/// True once an interrupt was requested. Cheap: one relaxed atomic load.
bool interrupt_requested() noexcept;

/// @throws Interrupted if an interrupt was requested.
void throw_if_interrupted();

}  // namespace stillpoint
