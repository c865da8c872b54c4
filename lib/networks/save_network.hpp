// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "lib/io/npy.hpp"
#include "lib/networks/network_file.hpp"

namespace stillpoint::networks {

/// @brief Writes NAME.toml and NAME.npz beside it, such that load_network(NAME.toml) gives the
/// network, noise, task and notes' facts again: weights as float64 to the bit, or as float32.
///
/// The table [evaluation] is not written. Targets of the last K steps are filled up with zeros in
/// front, which are not read.
/// @param[in] toml  Ends in ".toml".
/// @throws std::invalid_argument for another ending or a text with a control character;
///   io::FileError if a file cannot be written.
void save_network(const std::filesystem::path& toml, const NetworkFile& file,
                  io::Precision precision = io::Precision::full);

}  // namespace stillpoint::networks
