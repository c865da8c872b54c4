// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lib/symbolic/expression.hpp"

namespace stillpoint::symbolic {

/// A text that is no formula: "line 1, column 7: what is there, what was expected".
class FormulaError : public std::invalid_argument {
 public:
  FormulaError(std::size_t line, std::size_t column, const std::string& what)
      : std::invalid_argument("line " + std::to_string(line) + ", column " +
                              std::to_string(column) + ": " + what),
        line_(line),
        column_(column) {}
  std::size_t line() const { return line_; }      ///< From 1.
  std::size_t column() const { return column_; }  ///< In bytes, from 1.

 private:
  std::size_t line_, column_;
};

/// @brief What a formula's text may ask of the reader. What asks for more is refused before it is
/// computed.
struct FormulaLimits {
  std::size_t text_bytes = std::size_t{1} << 16;
  int depth = 200;            ///< Brackets, signs, calls and powers inside each other.
  int nodes = 20000;          ///< Numbers, names, operators and calls.
  int literal_digits = 400;   ///< Of one number; also the size of its power of ten.
  int exponent = 1000;        ///< The largest numerical power, |n|.
  int number_bits = 1 << 16;  ///< Of an exact number that arises; powers count as multiplied out.
};

/// What names in a text mean.
struct FormulaNames {
  std::vector<std::string> symbols;
  /// Functions of one argument beside the built-in ones, as formulas of the symbol u.
  std::map<std::string, Expression> functions;
};

/// @brief The formula that a text writes. Nothing is executed.
///
///     formula  = sum
///     sum      = product { ("+" | "-") product }
///     product  = signed { ("*" | "/") signed }
///     signed   = { "+" | "-" } power
///     power    = primary [ "^" signed ]            right to left; −x^2 = −(x^2)
///     primary  = number | name | name "(" arguments ")" | "(" sum ")"
///     number   = digits [ "." digits ] [ ("e" | "E") [ "+" | "-" ] digits ], or "." digits
///
/// Numbers are exact: 0.1 is 1/10. Names: the symbols given; pi; the functions exp, log, sqrt, sin,
/// cos, tanh, abs, erf, normal_pdf, normal_cdf, relu, heaviside, logistic, softplus(u) or
/// softplus(u, sharpness), leaky_relu(u, slope), saturating_linear; smoothed(f, u, q),
/// smoothed(f, u, q, n) and transmitted_variance(f, u, q) with f the name of an activation, its
/// parameter in brackets: softplus(4). to_text() writes this grammar.
/// @throws FormulaError with line, column and a sentence for any other text, an unknown name (with
///   the nearest known one), a wrong number of arguments, a division by zero, a value that is not
///   real, or more than the limits allow. Time and memory are bounded by the limits.
Expression parse(std::string_view text, const FormulaNames& names,
                 const FormulaLimits& limits = {});

/// The names a symbol may not have: functions and constants of the grammar.
const std::vector<std::string>& reserved_names();

}  // namespace stillpoint::symbolic
