// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cvodes/cvodes.h>

#include "solvers/sundials/check.hpp"
#include "solvers/sundials/context.hpp"
#include "solvers/sundials/handles.hpp"

namespace stillpoint::sun {

using CvodesMemory = Memory<CVodeFree>;

/// @brief The memory of CVODES, silent: failures are reported by what the calls return.
/// @param[in] method  CV_ADAMS or CV_BDF.
inline CvodesMemory make_cvodes(int method, const Context& context) {
  CvodesMemory memory(check_handle(CVodeCreate(method, context), "CVodeCreate"));
#if SUNDIALS_VERSION_MAJOR < 7
  check(CVodeSetErrFile(memory.get(), nullptr), "CVodeSetErrFile", CVodeGetReturnFlagName);
#endif
  check(CVodeSetMaxHnilWarns(memory.get(), -1), "CVodeSetMaxHnilWarns", CVodeGetReturnFlagName);
  return memory;
}

}  // namespace stillpoint::sun
