// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "lib/symbolic/model.hpp"
#include "lib/symbolic/parser.hpp"

namespace stillpoint::symbolic {

/// @brief Reads a model written as formulas (parser.hpp) from a toml file:
///
///     kind = "diffusion"              # or "chain"
///     state = ["x", "y"]
///     activation = "tanh"             # optional: f(u) in the formulas; a name, or a formula of u
///     [parameters]
///     w = 1.5                         # decimal numbers are exact; or a formula of numbers, "1/3"
///     sigma = 0.1
///     [drift]                         # of a diffusion, one formula a state
///     x = "-x + f(w*x - y)"
///     y = "x - y"
///     [noise]                         # of a diffusion, optional: C by rows, all of one length;
///     x = ["sigma", "0"]              # or one formula for each state, then C is diagonal
///     y = ["0", "sigma*y"]
///
/// A chain has instead
///
///     normals = ["xi_1", "xi_2"]      # optional, independent and fresh every step
///     [update]                        # the state after a step
///     x = "x/2 + f(w*x + sigma*xi_1)/2"
///
/// Further keys: name; slope and sharpness, the parameter of an activation given by name. A key
/// that is not known is an error, unlike in a network's file: a formula's misspelt name changes the
/// model.
/// @throws std::invalid_argument naming file, key and position in the formula: what is there and
/// what
///   was expected. Files above 4 MiB are refused.
Model load_model(const std::filesystem::path& toml, const FormulaLimits& limits = {});

}  // namespace stillpoint::symbolic
