// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace stillpoint::studies {

/// The comment that heads studies/NAME.cpp, without its slashes: question, model, methods,
/// acceptance, sample runs. The build puts it into every study's program, for --help.
extern const std::string_view about;

}  // namespace stillpoint::studies
