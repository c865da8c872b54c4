// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sundials/sundials_config.h>
#include <sundials/sundials_types.h>

#include <sundials/sundials_context.h>

#include "solvers/sundials/check.hpp"

/// Our layer over SUNDIALS, private to solvers. It is called `sun`, the one exception to
/// folder = namespace: a namespace `sundials` would hide SUNDIALS' own. Everything that differs
/// between SUNDIALS 6.4 and 7 is in this folder.
namespace stillpoint::sun {

/// @brief Owns the SUNContext that all objects of one solve share.
///
/// Declare it before every handle made from it, so that it is destroyed after them. One context a
/// thread. It prints nothing: failures are reported by check().
class Context {
 public:
  Context() {
#if SUNDIALS_VERSION_MAJOR >= 7
    check(SUNContext_Create(SUN_COMM_NULL, &context_), "SUNContext_Create");
    SUNContext_ClearErrHandlers(context_);
#else
    check(SUNContext_Create(nullptr, &context_), "SUNContext_Create");
#endif
  }
  ~Context() { SUNContext_Free(&context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  operator SUNContext() const { return context_; }

 private:
  SUNContext context_ = nullptr;
};

}  // namespace stillpoint::sun
