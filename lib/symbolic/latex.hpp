// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "lib/symbolic/expression.hpp"

namespace stillpoint::symbolic {

/// @brief LaTeX of a formula, for maths mode; the same formula gives the same text in every run.
///
/// Sums ascend in degree, then by name; \frac for quotients; \left( and \right) where brackets are
/// needed, in pairs; names of Greek letters become the letters, what follows an underscore or a
/// last number of a name a subscript. A number of more than nine digits is written as the nearest
/// decimal: the double 0.1 as 0.1, not as its exact fraction.
/// @throws std::invalid_argument if the text would be longer than 16 MiB.
std::string to_latex(const Expression& e);

/// @brief The formula as text, in the grammar of parser.hpp (unspecified functions aside, written
/// f''(u)), with exact numbers; the same formula gives the same text in every run.
/// @throws std::invalid_argument if the text would be longer than 16 MiB.
std::string to_text(const Expression& e);

}  // namespace stillpoint::symbolic
