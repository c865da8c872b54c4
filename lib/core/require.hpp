// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sstream>
#include <stdexcept>
#include <string_view>

namespace stillpoint {

/// @brief Checks what a caller can get wrong; always on, O(1), or O(n) outside loops.
///
/// The message says where, what is there, what was expected and what to try:
/// `require(h > 0, "EulerMaruyama", "step = ", h, ", expected > 0")`. Its parts are streamed only
/// on failure. What only we can get wrong, or what sits inside a loop, is an `eigen_assert`.
/// @throws std::invalid_argument "where: parts" if ok is false.
template <typename... Parts>
void require(bool ok, std::string_view where, const Parts&... parts) {
  if (ok) [[likely]]
    return;
  std::ostringstream message;
  message.precision(12);
  message << where << ": ";
  (message << ... << parts);
  throw std::invalid_argument(message.str());
}

}  // namespace stillpoint
