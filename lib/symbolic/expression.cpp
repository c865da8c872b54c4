// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/expression.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "lib/symbolic/engine.hpp"

namespace stillpoint::symbolic {
namespace {

using Symbols = std::map<std::string, GiNaC::realsymbol>;

// Never destroyed: formulas in static variables may outlive everything else here.
const GiNaC::symbol& entry(Symbols& symbols, const std::string& name) {
  return symbols.try_emplace(name, name).first->second;
}

/// cⁿ for the number c in the base that GiNaC draws out of a power: c itself, c x, c x + c y.
double bits_of_power(const GiNaC::ex& base, const GiNaC::numeric& n) {
  const GiNaC::numeric c = base.integer_content();
  return c.is_equal(1) ? 0.0 : bits(c) * std::fabs(n.to_double());
}

}  // namespace

const GiNaC::symbol& symbol_named(const std::string& name) {
  static auto& symbols = *new Symbols;
  return entry(symbols, name);
}

const GiNaC::symbol& function_named(const std::string& name) {
  static auto& symbols = *new Symbols;
  return entry(symbols, name);
}

GiNaC::numeric exact(double value) {
  require(std::isfinite(value), "symbolic", "a number is ", value, ", expected a finite one");
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const GiNaC::numeric digits(static_cast<long>(std::ldexp(fraction, 53)));
  return digits * GiNaC::numeric(2).power(GiNaC::numeric(exponent - 53));
}

double bits(const GiNaC::numeric& number) {
  return number.numer().int_length() + number.denom().int_length();
}

Expression::Expression() : Expression(from_integer(0)) {}

Expression::Expression(double value) : Expression(Engine::wrap(exact(value))) {}

Expression Expression::from_integer(long value) {
  static const Expression zero = Engine::wrap(GiNaC::numeric(0));
  return value == 0 ? zero : Engine::wrap(GiNaC::numeric(value));
}

bool Expression::equals(const Expression& other) const {
  return content_->value.is_equal(other.content_->value);
}

Expression& Expression::operator+=(const Expression& other) {
  return *this = guarded("symbolic", [&] { return value(*this) + value(other); });
}

Expression& Expression::operator-=(const Expression& other) {
  return *this = guarded("symbolic", [&] { return value(*this) - value(other); });
}

Expression& Expression::operator*=(const Expression& other) {
  return *this = guarded("symbolic", [&] { return value(*this) * value(other); });
}

// GiNaC loses memory where it throws: a division by zero is seen before it gets there.
Expression& Expression::operator/=(const Expression& other) {
  require(!value(other).is_zero(), "symbolic", "a division by zero, expected another divisor");
  return *this = guarded("symbolic", [&] { return value(*this) / value(other); });
}

Expression rational(long p, long q) {
  require(q != 0, "rational", "the denominator is 0, expected another number");
  return Engine::wrap(GiNaC::numeric(p) / GiNaC::numeric(q));
}

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= 64 && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

Expression symbol(std::string_view name) {
  require(is_name(name), "symbol", "the name is \"", name.substr(0, 80),
          "\", expected a letter, then letters, digits and underscores, at most 64");
  return Engine::wrap(symbol_named(std::string(name)));
}

Expression pi() { return Engine::wrap(GiNaC::Pi); }

Expression pow(const Expression& base, const Expression& exponent) {
  const auto number = [](const Expression& e) {
    return GiNaC::is_a<GiNaC::numeric>(value(e)) ? &GiNaC::ex_to<GiNaC::numeric>(value(e))
                                                 : nullptr;
  };
  const auto* n = number(exponent);
  if (const auto* b = number(base); b != nullptr && b->is_negative()) {
    require(n != nullptr && n->is_integer(), "pow",
            "a negative number to a power that is no integer, expected a real result");
  }
  require((n != nullptr && n->is_positive()) || !value(base).is_zero(), "pow",
          "0 to a power that is not positive, expected another base or power");
  constexpr double most_bits = 1 << 20;
  require(n == nullptr || bits_of_power(value(base), *n) <= most_bits, "pow",
          "a number of more than ", most_bits, " bits, expected smaller numbers and powers");
  return guarded("pow", [&] { return GiNaC::pow(value(base), value(exponent)); });
}

bool is_number(const Expression& e) { return GiNaC::is_a<GiNaC::numeric>(value(e)); }

bool is_symbol(const Expression& e) { return GiNaC::is_a<GiNaC::symbol>(value(e)); }

}  // namespace stillpoint::symbolic
