// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace stillpoint::intervals {

/// @brief While an object lives arithmetic rounds upward; then the caller's mode is back.
///
/// A lower bound is the negative of an upward-rounded sum or product of which one operand is
/// negated. For the sources here alone, which are compiled with -frounding-math: the compiler knows
/// nothing of the mode, so what is computed in its scope has to come through volatile reads or sit
/// in a function called through a volatile pointer.
class UpwardRounding {
 public:
  UpwardRounding();
  ~UpwardRounding();
  UpwardRounding(const UpwardRounding&) = delete;
  UpwardRounding& operator=(const UpwardRounding&) = delete;

 private:
  int before_;
};

}  // namespace stillpoint::intervals
