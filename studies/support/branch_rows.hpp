// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/core/types.hpp"
#include "lib/io/table.hpp"
#include "solvers/continuation/continuation.hpp"

namespace stillpoint::studies {

/// @brief Adds a branch to a table of the columns rung, branch, sigma, state, stable,
/// unstable_directions: its points, each bifurcation twice, as the end of what is before it and the
/// beginning of what is after it, and a row that breaks the line (stable = "end").
/// @param[in] unit  Whose state is shown.
void append_branch(io::Table& table, const std::string& rung, Index number,
                   const continuation::Branch& branch, Index unit);

}  // namespace stillpoint::studies
