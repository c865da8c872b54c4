// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <kinsol/kinsol.h>

#include "solvers/sundials/check.hpp"
#include "solvers/sundials/context.hpp"
#include "solvers/sundials/handles.hpp"

namespace stillpoint::sun {

using KinsolMemory = Memory<KINFree>;

/// Memory of a nonlinear solve that writes nothing to stderr.
inline KinsolMemory make_kinsol(const Context& context) {
  KinsolMemory memory(check_handle(KINCreate(context), "KINCreate"));
#if SUNDIALS_VERSION_MAJOR < 7  // from 7 on the context owns the error handlers
  check(KINSetErrFile(memory.get(), nullptr), "KINSetErrFile", KINGetReturnFlagName);
#endif
  return memory;
}

}  // namespace stillpoint::sun
