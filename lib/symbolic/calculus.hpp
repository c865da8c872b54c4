// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/symbolic/expression.hpp"

namespace stillpoint::symbolic {

/// @brief The derivative of that order in a symbol; kinks as in functions.hpp.
/// @throws std::invalid_argument if the variable is no symbol or order < 0.
Expression derivative(const Expression& e, const Expression& variable, int order = 1);

/// A symbol and what takes its place.
struct Substitution {
  Expression symbol;
  Expression value;
};

/// @brief All substitutions at once: {x → y, y → x} swaps.
/// @throws std::invalid_argument if a left side is no symbol, a value makes the formula divide by
///   zero, or a number arises that pow() refuses.
Expression substitute(const Expression& e, const std::vector<Substitution>& substitutions);

/// @brief Products of sums and their integer powers multiplied out; not inside functions.
/// @throws std::invalid_argument for more than 10⁵ terms.
Expression expand(const Expression& e);

/// @brief The rational normal form: one fraction of expanded polynomials without a common factor,
/// in the symbols, roots and function values; inside the arguments of functions too.
/// @throws std::invalid_argument if the formula has more than 4·10⁶ terms when multiplied out,
///   those that cancel included.
Expression simplify(const Expression& e);

/// True if simplify(e) is 0. False may also mean that an identity between functions was needed.
bool is_zero(const Expression& e);

/// The coefficient of variable^power in e, a polynomial in it (after expansion).
Expression coefficient(const Expression& e, const Expression& variable, int power);

/// The names of the symbols in e, sorted.
std::vector<std::string> symbols(const Expression& e);

}  // namespace stillpoint::symbolic
