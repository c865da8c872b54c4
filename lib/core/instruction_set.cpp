// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/core/instruction_set.hpp"

#include <cstdlib>

#include "lib/core/require.hpp"

namespace stillpoint {

std::string_view to_string(InstructionSet level) {
  switch (level) {
    case InstructionSet::v1:
      return "v1";
    case InstructionSet::v3:
      return "v3";
    case InstructionSet::v4:
      return "v4";
  }
  return "unknown";
}

bool supported(InstructionSet level) {
#if defined(__x86_64__)
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  switch (level) {
    case InstructionSet::v1:
      return true;
    case InstructionSet::v3:
      return v3;
    case InstructionSet::v4:
      return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
  }
  return false;
#else
  return level == InstructionSet::v1;
#endif
}

InstructionSet instruction_set() {
  constexpr InstructionSet levels[] = {InstructionSet::v4, InstructionSet::v3, InstructionSet::v1};
  if (const char* wanted = std::getenv("STILLPOINT_ISA"); wanted != nullptr && *wanted != '\0') {
    for (const InstructionSet level : levels) {
      if (to_string(level) != wanted) continue;
      require(supported(level), "STILLPOINT_ISA", "this processor lacks ", wanted,
              ", expected a level it has; unset the variable to use the best one");
      return level;
    }
    require(false, "STILLPOINT_ISA", "is \"", wanted, "\", expected v1, v3 or v4");
  }
  for (const InstructionSet level : levels)
    if (supported(level)) return level;
  return InstructionSet::v1;
}

}  // namespace stillpoint
