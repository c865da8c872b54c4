# SPDX-License-Identifier: GPL-3.0-or-later
cmake_minimum_required(VERSION 3.25)
# Run at every build: writes the git revision of SOURCE_DIR into OUTPUT, a C++ file that is touched
# only when the revision changes, so that nothing else is compiled again.
set(revision unknown)
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE_DIR}/.git)
  # The one exception to git's ownership check: a checkout made by another user than root's build.
  execute_process(
    COMMAND ${GIT} -c safe.directory=${SOURCE_DIR} -C ${SOURCE_DIR}
            describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(revision ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "lib/io/build.hpp"

const std::string& stillpoint::io::revision() {
  static const std::string text = "@revision@";
  return text;
}
]])
