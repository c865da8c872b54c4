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

Expression& Expression::operator/=(const Expression& other) {
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

Expression pow(const Expression& base, int exponent) {
  return guarded("pow", [&] { return GiNaC::pow(value(base), exponent); });
}

Expression pow(const Expression& base, const Expression& exponent) {
  const auto number = [](const Expression& e) {
    return GiNaC::is_a<GiNaC::numeric>(value(e)) ? &GiNaC::ex_to<GiNaC::numeric>(value(e))
                                                 : nullptr;
  };
  if (const auto* b = number(base); b != nullptr && b->is_negative()) {
    const auto* n = number(exponent);
    require(n != nullptr && n->is_integer(), "pow",
            "a negative number to a power that is no integer, expected a real result");
  }
  return guarded("pow", [&] { return GiNaC::pow(value(base), value(exponent)); });
}

bool is_number(const Expression& e) { return GiNaC::is_a<GiNaC::numeric>(value(e)); }

bool is_symbol(const Expression& e) { return GiNaC::is_a<GiNaC::symbol>(value(e)); }

}  // namespace stillpoint::symbolic
