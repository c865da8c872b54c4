// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace stillpoint::io {

/// Version of the project, "0.1.0".
const std::string& version();

/// Git revision of the sources at build time, with "-dirty" if they differed from it; "unknown"
/// outside git.
const std::string& revision();

/// Compiler and libraries that this program was compiled with: (name, version).
const std::vector<std::pair<std::string, std::string>>& libraries();

}  // namespace stillpoint::io
