// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace stillpoint::tests {

/// @brief A network handed over with one certain mistake: no reader may accept it.
struct BrokenNetwork {
  std::string name;  ///< What is wrong, usable as a folder's name, unique.
  /// File names and contents; the first is "network.toml".
  std::vector<std::pair<std::string, std::string>> files;
};

/// @brief At least 200 distinct mistakes made from one good network of rate equation with simple
/// noise keys, steps, one input and one output, such as sine_relu_inside: misspelt, missing and
/// contradictory keys, bad toml, truncated and hostile zip files, wrong shapes and types, NaN, and
/// other formats gone wrong.
std::vector<BrokenNetwork> broken_networks(const std::filesystem::path& good_toml);

/// Writes the files into folder/name/ and returns the path of its network.toml.
std::filesystem::path write(const BrokenNetwork& network, const std::filesystem::path& folder);

}  // namespace stillpoint::tests
