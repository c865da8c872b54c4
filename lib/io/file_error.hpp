// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace stillpoint::io {

/// @brief A file or folder that cannot be read or written: "PATH: what happened, what to try".
/// A study answers it with exit code 2 and this sentence.
class FileError : public std::runtime_error {
 public:
  FileError(const std::string& path, const std::string& what)
      : std::runtime_error(path + ": " + what) {}
};

}  // namespace stillpoint::io
