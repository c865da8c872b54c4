// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>

namespace stillpoint::tests {

/// True if the expensive version of every test was asked for: STILLPOINT_FULL is set.
inline bool full_effort() { return std::getenv("STILLPOINT_FULL") != nullptr; }

/// @brief Picks cases of nested loops: first, first + stride …; all of them with full effort. A
/// stride that is prime to the loops' lengths meets every value of each loop early.
class Sampled {
 public:
  explicit Sampled(int stride, int first = 0) : stride_(stride), count_(stride - first) {}

  /// True if the next case is one of them.
  bool next() { return count_++ % stride_ == 0 || full_effort(); }

 private:
  int stride_, count_;
};

}  // namespace stillpoint::tests
