# SPDX-License-Identifier: GPL-3.0-or-later
cmake_minimum_required(VERSION 3.25)
# Puts the comment that heads a study (SOURCE, from its line "// NAME: one sentence" to the first
# line that is no comment) into OUTPUT, as the text studies::about that --help begins with.
file(READ ${SOURCE} source)
if(NOT source MATCHES "\n(// ${NAME}: [^\n]*\n(//[^\n]*\n)*)")
  message(FATAL_ERROR "${SOURCE}: no heading comment \"// ${NAME}: one sentence\"")
endif()
string(REGEX REPLACE "\n// ?" "\n" about "\n${CMAKE_MATCH_1}")
string(STRIP "${about}" about)
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "studies/support/about.hpp"

const std::string_view stillpoint::studies::about = R"about(@about@)about";
]])
