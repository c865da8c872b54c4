// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace stillpoint::sun {

/// A call that sets SUNDIALS up failed; the message names the call and the flag.
class SundialsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// KINGetReturnFlagName, CVodeGetReturnFlagName, …: returns malloc'ed text.
using FlagName = char* (*)(long int);

/// @brief The name of a return flag, for example "KIN_MEM_NULL (-1)"; frees SUNDIALS' text.
/// @param[in] name  The package's function of names; nullptr for the generic modules.
std::string flag_text(int flag, FlagName name = nullptr);

/// @brief Checks a set-up call, for which only 0 is success: a positive return is a failure too.
/// @throws SundialsError "call: flag".
void check(int flag, std::string_view call, FlagName name = nullptr);

/// @brief Passes a handle on unless it is null.
/// @throws SundialsError "call: no memory or bad input".
template <typename Handle>
Handle check_handle(Handle handle, std::string_view call) {
  if (!handle) throw SundialsError(std::string(call) + ": returned nothing, expected a handle");
  return handle;
}

}  // namespace stillpoint::sun
