// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/product.hpp"

namespace stillpoint::fokker_planck {

namespace v1 {
extern const Multiply kernel;
}
namespace v3 {
extern const Multiply kernel;
}
namespace v4 {
extern const Multiply kernel;
}

Multiply multiply(InstructionSet level) {
#if defined(__x86_64__)
  if (level == InstructionSet::v4) return v4::kernel;
  if (level == InstructionSet::v3) return v3::kernel;
#endif
  (void)level;
  return v1::kernel;
}

}  // namespace stillpoint::fokker_planck
