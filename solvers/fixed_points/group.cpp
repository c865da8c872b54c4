// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/group.hpp"

namespace stillpoint::fixed_points {

namespace v1 {
extern const GroupKernels table;
}
namespace v3 {
extern const GroupKernels table;
}
namespace v4 {
extern const GroupKernels table;
}

const GroupKernels& group_kernels(InstructionSet level) {
#if defined(__x86_64__)
  if (level == InstructionSet::v4) return v4::table;
  if (level == InstructionSet::v3) return v3::table;
#endif
  (void)level;
  return v1::table;
}

}  // namespace stillpoint::fixed_points
