// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "lib/networks/network_file.hpp"

namespace stillpoint::tests {

/// A network of tests/data/networks.
inline networks::NetworkFile trained_network(const std::string& name) {
  return networks::load_network(std::filesystem::path(STILLPOINT_TEST_DATA) / "networks" /
                                (name + ".toml"));
}

/// A network of the folder STILLPOINT_NETWORKS; empty where the variable is not set.
inline std::optional<networks::NetworkFile> shared_network(const std::string& name) {
  const char* folder = std::getenv("STILLPOINT_NETWORKS");
  if (folder == nullptr) return {};
  return networks::load_network(std::filesystem::path(folder) / (name + ".toml"));
}

}  // namespace stillpoint::tests
