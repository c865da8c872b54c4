// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/training/kernels.hpp"

namespace stillpoint::training {

namespace v1 {
extern const Kernels table;
}
namespace v3 {
extern const Kernels table;
}
namespace v4 {
extern const Kernels table;
}

const Kernels& kernels(InstructionSet level) {
#if defined(__x86_64__)
  if (level == InstructionSet::v4) return v4::table;
  if (level == InstructionSet::v3) return v3::table;
#endif
  (void)level;
  return v1::table;
}

}  // namespace stillpoint::training
