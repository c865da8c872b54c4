# SPDX-License-Identifier: GPL-3.0-or-later
cmake_minimum_required(VERSION 3.25)
# Writes networks with one certain mistake each (WRITER, from GOOD into FOLDER) and gives each to
# PROGRAM --network: exit code 2 and one sentence on stderr, nothing else.
file(REMOVE_RECURSE ${FOLDER})
execute_process(COMMAND ${WRITER} ${GOOD} ${FOLDER} OUTPUT_VARIABLE paths
                COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${paths}" paths)
string(REPLACE "\n" ";" paths "${paths}")
list(LENGTH paths count)
if(count LESS 200)
  message(FATAL_ERROR "${count} broken networks, expected 200 or more")
endif()
get_filename_component(name ${PROGRAM} NAME)
set(failures 0)
foreach(path IN LISTS paths)
  execute_process(COMMAND ${PROGRAM} --network ${path} --out ${FOLDER}/results --quick --no-plots
                  RESULT_VARIABLE code ERROR_VARIABLE sentence OUTPUT_QUIET TIMEOUT 20)
  if(NOT code EQUAL 2 OR NOT sentence MATCHES "^${name}: [^\n]+\n$")
    message(STATUS "${path}: exit code ${code}, stderr: ${sentence}")
    math(EXPR failures "${failures} + 1")
  endif()
endforeach()
if(failures)
  message(FATAL_ERROR "${failures} of ${count} broken networks were not answered as they should")
endif()
message(STATUS "${count} broken networks, each answered with exit code 2 and a sentence")
