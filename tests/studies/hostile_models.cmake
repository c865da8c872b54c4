# SPDX-License-Identifier: GPL-3.0-or-later
cmake_minimum_required(VERSION 3.25)
# Writes models whose formulas have no value, no end or no bound into FOLDER and gives each to
# PROGRAM --model: exit code 2 and one sentence on stderr, nothing else, in bounded time and memory.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
get_filename_component(name ${PROGRAM} NAME)
# 4 GiB; the sanitizers reserve more address space than there is memory, and have a limit of their own.
if(SANITIZED)
  set(LIMIT ${CMAKE_COMMAND} -E env ASAN_OPTIONS=hard_rss_limit_mb=4096)
else()
  set(LIMIT sh -c "ulimit -d 4194304 && exec \"$0\" \"$@\"")
endif()
set(count 0)
set(failures 0)

# A file of that text is refused.
function(expect_sentence title text)
  set(path ${FOLDER}/${title}.toml)
  file(WRITE ${path} "${text}")
  execute_process(
    COMMAND ${LIMIT} ${PROGRAM} --model ${path} --out ${FOLDER}/results --quick --no-plots
    RESULT_VARIABLE code ERROR_VARIABLE sentence OUTPUT_QUIET TIMEOUT 20)
  math(EXPR count "${count} + 1")
  set(count ${count} PARENT_SCOPE)
  if(NOT code EQUAL 2 OR NOT sentence MATCHES "^${name}: [^\n]+\n$")
    string(SUBSTRING "${sentence}" 0 2000 sentence)
    message(STATUS "${path}: exit code ${code}, stderr: ${sentence}")
    math(EXPR failures "${failures} + 1")
    set(failures ${failures} PARENT_SCOPE)
  endif()
endfunction()

function(expect_refused title formula)
  expect_sentence(${title} "kind = \"diffusion\"\nstate = [\"x\"]\n[drift]\nx = \"${formula}\"\n")
  set(count ${count} PARENT_SCOPE)
  set(failures ${failures} PARENT_SCOPE)
endfunction()

function(expect_refused_activation title activation formula)
  expect_sentence(${title} "kind = \"diffusion\"\nstate = [\"x\"]\nactivation = \"${activation}\"
[drift]\nx = \"${formula}\"\n")
  set(count ${count} PARENT_SCOPE)
  set(failures ${failures} PARENT_SCOPE)
endfunction()

function(expect_refused_parameter title value formula)
  expect_sentence(${title} "kind = \"diffusion\"\nstate = [\"x\"]\n[parameters]\nw = \"${value}\"
[drift]\nx = \"${formula}\"\n")
  set(count ${count} PARENT_SCOPE)
  set(failures ${failures} PARENT_SCOPE)
endfunction()

# Deep nesting.
foreach(length 300 50000 10000000)
  foreach(opening "(" "-" "sin(" "x^")
    string(REPEAT "${opening}" ${length} text)
    string(MAKE_C_IDENTIFIER "${opening}" word)
    expect_refused(nested_${word}_${length} "${text}")
  endforeach()
endforeach()
string(REPEAT "a." 100000 dotted)
expect_sentence(dotted_keys "${dotted}x = 1\n")
string(REPEAT "f(" 60 opening)
string(REPEAT ")" 60 closing)
expect_refused_activation(doubling "sin(u) + cos(u)" "${opening}x${closing}")

# Huge exponents and numbers.
expect_refused(tower "9^9^9^9*x")
expect_refused(power_of_power "(2^1000)^1000*x")
expect_refused(power "x^1000000000000")
expect_refused(literal "1e999999999*x")
expect_refused(many_terms "-((x + 1)^100 + 1)^10")
expect_sentence(many_states "kind = \"diffusion\"\nstate = [\"x\", \"y\", \"z\", \"w\"]
[drift]\nx = \"-(x + y + z + w)^280\"\ny = \"-y\"\nz = \"-z\"\nw = \"-w\"\n")
expect_refused_activation(power_in_function "(u^1000 + 1)^1000" "f(2^1000)*x")
expect_refused_parameter(power_of_parameter "2^1000" "-x*(w^1000 + 1)^1000")
expect_refused_parameter(parameter_as_power "1e10" "-x*2^w")
expect_refused_parameter(root_of_parameter "1/3 + 1e18" "-x*2^w")

# Unknown names.
expect_refused(unknown_function "-x + tanhh(x)")
expect_refused(unknown_name "-x + y")
expect_refused(shell "system(x)")
expect_refused(word "x import os")

# Division by zero, logarithm of zero, not real.
expect_refused(zero "x/0")
expect_refused(difference_zero "1/(x - x)")
expect_refused(power_zero "(x - x)^(-1)")
expect_refused(logarithm "x*log(0)")
expect_refused(root "x*sqrt(-1)")
expect_refused_activation(zero_in_function "1/u" "f(0)")
expect_refused_activation(logarithm_in_function "log(u)" "f(0)")
expect_refused_parameter(zero_parameter "0" "x/w")
expect_refused_parameter(logarithm_of_parameter "0" "-x + log(w)")
expect_refused_parameter(root_of_negative "-1" "-x + sqrt(w)")

if(count LESS 35)
  message(FATAL_ERROR "${count} hostile models, expected 35 or more")
endif()
if(failures)
  message(FATAL_ERROR "${failures} of ${count} hostile models were not answered as they should")
endif()
message(STATUS "${count} hostile models, each answered with exit code 2 and a sentence")
