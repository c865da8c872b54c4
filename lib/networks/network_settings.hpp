// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/networks/network_file.hpp"

namespace stillpoint::networks {

/// @brief What a network's toml file says, checked as far as it can be without the arrays.
///
/// The half of load_network that knows toml; network_file.cpp joins it with the arrays.
struct NetworkSettings {
  struct Source {
    NoiseSource noise;  ///< Its sigma is empty where an array is named.
    std::string array;  ///< Name of an array of the weights file, or empty.
  };
  enum class InitialState { unstated, zeros, trained, given };

  std::string name;
  Equation equation = Equation::rate;
  activations::Activation activation;
  double leak = 1.0;
  std::vector<Source> noise;  ///< At noise level 1.
  bool noise_list = false;    ///< From [[noise]], not from the simple keys.
  double training_level = 1.0;
  std::optional<double> reference_level;
  std::optional<double> noise_sd_per_step;
  Index steps = 0;
  Index read_window = 0;
  InitialState initial_state = InitialState::unstated;
  Vector h0;  ///< Where the initial state is given.
  /// One file or folder, or one .npy file a key.
  std::variant<std::filesystem::path, std::map<std::string, std::filesystem::path>> weights;
  std::optional<std::filesystem::path> evaluation_set;
  std::map<std::string, std::string, std::less<>> keys;  ///< Our key and the file's.
  std::optional<EvaluationTable> evaluation;
  std::vector<std::string> notes;
};

/// @throws std::invalid_argument as load_network does.
NetworkSettings read_settings(const std::filesystem::path& path);

/// "; did you mean \"leak\"?" where one of the known words is at most two edits away, else "".
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace stillpoint::networks
