# SPDX-License-Identifier: GPL-3.0-or-later
cmake_minimum_required(VERSION 3.25)
# The layer test sees what it is there for: a small tree with one violation of each kind, planted.
file(REMOVE_RECURSE ${WORK})
file(WRITE ${WORK}/lib/CMakeLists.txt "add_subdirectory(core)\nadd_subdirectory(io)\n")
file(WRITE ${WORK}/lib/core/CMakeLists.txt
     "stillpoint_library(core\n  SOURCES a.cpp\n  HEADERS types.hpp backward.hpp upward.hpp vendor.hpp\n  PUBLIC x)\n")
file(WRITE ${WORK}/lib/core/types.hpp "#include <Eigen/Core>\n")
file(WRITE ${WORK}/lib/io/CMakeLists.txt "stillpoint_library(io HEADERS good.hpp PUBLIC core)\n")
file(WRITE ${WORK}/lib/io/good.hpp "#include \"lib/core/types.hpp\"\n")

function(expect outcome pattern)
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${WORK} -P ${SCRIPT}
                  RESULT_VARIABLE result ERROR_VARIABLE errors OUTPUT_QUIET)
  string(REGEX REPLACE "[ \n]+" " " errors "${errors}")  # message() wraps its lines
  if(outcome STREQUAL "pass" AND NOT result EQUAL 0)
    message(FATAL_ERROR "a clean tree was refused:\n${errors}")
  elseif(outcome STREQUAL "fail" AND (result EQUAL 0 OR NOT errors MATCHES "${pattern}"))
    message(FATAL_ERROR "not noticed: ${pattern}\n${errors}")
  endif()
endfunction()

function(plant file content pattern)  # an empty pattern: allowed
  file(WRITE ${WORK}/${file} "${content}\n")
  if(pattern)
    expect(fail "${pattern}")
  else()
    expect(pass "")
  endif()
  file(REMOVE ${WORK}/${file})
endfunction()

expect(pass "")
plant(lib/core/backward.hpp "#include \"lib/io/good.hpp\"" "lib/io comes after lib/core")
plant(lib/core/upward.hpp "#include \"solvers/sde/scheme.hpp\"" "includes solvers/sde/scheme.hpp")
plant(lib/core/vendor.hpp "#include <gsl/gsl_math.h>" "allowed in files that match")
plant(lib/core/kinsol.cpp "#include <kinsol/kinsol.h>" "allowed in files that match .solvers/")
plant(lib/core/vendor.hpp "#include <boost/math/constants/constants.hpp>" "no vendor's type")
plant(lib/core/vendor.hpp "#include \"solvers/sundials/handles.hpp\"" "a private header")
file(WRITE ${WORK}/lib/core/kernel.hpp "")
plant(lib/core/types.cpp "#include \"lib/core/kernel.hpp\"" "")
plant(lib/io/reader.cpp "#include \"lib/core/kernel.hpp\"" "not among the HEADERS")
plant(lib/core/backward.hpp "#include \"lib/core/kernel.hpp\"" "not among the HEADERS")
plant(plots/picture.cpp "#include \"lib/models/noisy_chain.hpp\"" "plots may include plots")
expect(pass "")
file(REMOVE_RECURSE ${WORK})
