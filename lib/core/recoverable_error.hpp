// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>

namespace stillpoint {

/// @brief Thrown by a user's function that has no value at this point but may have one nearby.
///
/// Adaptive solvers answer it with a smaller step; it reaches the caller only if that did not help.
/// Any other exception ends the computation at once.
class RecoverableError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace stillpoint
