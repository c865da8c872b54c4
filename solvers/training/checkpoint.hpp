// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "lib/core/types.hpp"

namespace stillpoint::training {

/// Everything that the rest of a training depends on.
struct Checkpoint {
  std::uint64_t fingerprint = 0;  ///< Of what must be the same when it goes on.
  Index iteration = 0;            ///< Iterations done.
  Vector values;                  ///< Of the trained numbers.
  Matrix memory;                  ///< Of the optimizer.
  std::vector<double> losses;
};

/// @throws io::FileError if it cannot be written.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// @throws std::invalid_argument if the file is no checkpoint or is damaged.
Checkpoint load_checkpoint(const std::filesystem::path& path);

}  // namespace stillpoint::training
