// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace stillpoint {

/// Levels of x86-64 for which the hot kernels are compiled; every binary holds all of them.
enum class InstructionSet {
  v1,  ///< SSE2, every x86-64 processor; also the portable version on other processors
  v3,  ///< AVX2 and fused multiply-add
  v4,  ///< AVX-512 (F, BW, CD, DQ, VL)
};

std::string_view to_string(InstructionSet level);

/// True if this processor and its operating system can run the level.
bool supported(InstructionSet level);

/// @brief The level that kernels use: the highest supported one, or a lower one if the environment
/// variable STILLPOINT_ISA names it (v1, v3 or v4); that serves tests and benchmarks.
/// @throws std::invalid_argument if STILLPOINT_ISA names no level or one this processor lacks.
InstructionSet instruction_set();

}  // namespace stillpoint
