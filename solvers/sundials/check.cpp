// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/sundials/check.hpp"

#include <sundials/sundials_config.h>

#include <cstdlib>
#include <memory>

#if SUNDIALS_VERSION_MAJOR >= 7
#include <sundials/sundials_errors.h>
#endif

namespace stillpoint::sun {

std::string flag_text(int flag, FlagName name) {
  const std::string number = std::to_string(flag);
#if SUNDIALS_VERSION_MAJOR >= 7
  if (flag <= SUN_ERR_MAXIMUM && flag >= SUN_ERR_MINIMUM)  // an error of the core, in every package
    return std::string(SUNGetErrMsg(flag)) + " (" + number + ")";
#endif
  if (!name) return "flag " + number;
  const std::unique_ptr<char, decltype(&std::free)> text(name(flag), &std::free);
  return (text ? std::string(text.get()) : "flag") + " (" + number + ")";
}

void check(int flag, std::string_view call, FlagName name) {
  if (flag != 0) throw SundialsError(std::string(call) + ": " + flag_text(flag, name));
}

}  // namespace stillpoint::sun
