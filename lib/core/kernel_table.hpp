// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/instruction_set.hpp"

/// @file
/// @brief Which of a folder's kernels run: those of the level that is asked for.

/// @brief Declares `const Type table` of the namespaces v1, v3 and v4, which the files *_v1.cpp to
/// *_v4.cpp define, and defines `const Type& function(InstructionSet)`, which returns one of them.
/// Processors other than x86-64 have v1 only. To be used in the folder's namespace, in one .cpp
/// file.
#if defined(__x86_64__)
#define STILLPOINT_KERNEL_TABLE(Type, function)                 \
  namespace v1 {                                                \
  extern const Type table;                                      \
  }                                                             \
  namespace v3 {                                                \
  extern const Type table;                                      \
  }                                                             \
  namespace v4 {                                                \
  extern const Type table;                                      \
  }                                                             \
  const Type& function(InstructionSet level) {                  \
    if (level == InstructionSet::v4) return v4::table;          \
    return level == InstructionSet::v3 ? v3::table : v1::table; \
  }
#else
#define STILLPOINT_KERNEL_TABLE(Type, function) \
  namespace v1 {                                \
  extern const Type table;                      \
  }                                             \
  const Type& function(InstructionSet) { return v1::table; }
#endif
