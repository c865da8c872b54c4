// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <concepts>
#include <memory>
#include <string_view>

/// Formulas: built in C++ or parsed from text, differentiated, simplified, printed as LaTeX and
/// compiled to a tape that evaluates them fast.
///
/// Numbers are exact rationals, symbols are real. GiNaC does the algebra inside and is not thread
/// safe: one thread at a time builds, copies into new formulas, prints and compiles expressions. A
/// Tape (tape.hpp) is plain data and is shared between threads freely.
namespace stillpoint::symbolic {

/// @brief A formula in symbols, exact numbers and the functions of functions.hpp; a value type.
///
/// Usable as the scalar of templates: arithmetic with numbers works, and `==` compares structure
/// after automatic simplification (x + x == 2 x, but x (x + 1) != x² + x: see is_zero()).
class Expression {
 public:
  Expression();  ///< 0
  template <std::integral Integer>
  Expression(Integer value)  // NOLINT(google-explicit-constructor): numbers are formulas
      : Expression(from_integer(static_cast<long>(value))) {}
  /// @brief The exact binary value of the double, as a rational: 0.1 is not rational(1, 10).
  /// @throws std::invalid_argument if it is not finite.
  Expression(double value);  // NOLINT(google-explicit-constructor): numbers are formulas

  Expression& operator+=(const Expression& other);
  Expression& operator-=(const Expression& other);
  Expression& operator*=(const Expression& other);
  /// @throws std::invalid_argument if other is 0.
  Expression& operator/=(const Expression& other);

  friend Expression operator+(Expression a, const Expression& b) { return a += b; }
  friend Expression operator-(Expression a, const Expression& b) { return a -= b; }
  friend Expression operator*(Expression a, const Expression& b) { return a *= b; }
  friend Expression operator/(Expression a, const Expression& b) { return a /= b; }
  friend Expression operator-(const Expression& a) { return Expression() - a; }
  friend Expression operator+(const Expression& a) { return a; }
  /// Equal structure; two different forms of one function may differ.
  friend bool operator==(const Expression& a, const Expression& b) { return a.equals(b); }

 private:
  friend struct Engine;  // lib/symbolic/engine.hpp, the wall to GiNaC
  struct Content;
  explicit Expression(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  static Expression from_integer(long value);
  bool equals(const Expression& other) const;

  std::shared_ptr<const Content> content_;
};

/// @brief p/q, exactly. @throws std::invalid_argument if q = 0.
Expression rational(long p, long q);

/// @brief The real symbol of that name; the same name is the same symbol everywhere.
/// @param[in] name  A letter, then letters, digits and underscores. LaTeX writes sigma_in as σ with
///   the subscript "in", x12 as x with the subscript 12.
/// @throws std::invalid_argument for any other name.
Expression symbol(std::string_view name);

/// True for a letter followed by letters, digits and underscores (ASCII), at most 64 of them.
bool is_name(std::string_view text);

/// The number π, exact.
Expression pi();

/// @brief base^exponent, real: a negative number has integer powers only, 0 positive numbers only.
/// @throws std::invalid_argument where the result is not real, is a division by zero, or holds a
/// number of more than 2²⁰ bits, which would be computed at once.
Expression pow(const Expression& base, const Expression& exponent);

/// True if the expression is a number as it stands, such as 3/4.
bool is_number(const Expression& e);

/// True if the expression is a symbol.
bool is_symbol(const Expression& e);

}  // namespace stillpoint::symbolic
