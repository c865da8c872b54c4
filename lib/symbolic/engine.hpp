// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ginac/ginac.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/symbolic/expression.hpp"

/// The wall: GiNaC is seen by the .cpp files of this folder only, through this header.
namespace stillpoint::symbolic {

struct Expression::Content {
  GiNaC::ex value;
};

struct Engine {
  static const GiNaC::ex& value(const Expression& e) { return e.content_->value; }
  static Expression wrap(const GiNaC::ex& value) {
    return Expression(std::make_shared<const Expression::Content>(Expression::Content{value}));
  }
};

inline const GiNaC::ex& value(const Expression& e) { return Engine::value(e); }

/// @brief The result of make() as an Expression. What GiNaC throws (division by zero, a logarithm
/// of 0) becomes std::invalid_argument with a sentence; so does a number that is not real. GiNaC
/// loses memory where it throws, so that the usual cases are better seen before, as pow() does.
template <typename Make>
Expression guarded(std::string_view where, Make&& make) {
  try {
    const GiNaC::ex result = std::forward<Make>(make)();
    if (GiNaC::is_a<GiNaC::numeric>(result))
      require(GiNaC::ex_to<GiNaC::numeric>(result).is_real(), where,
              "the result is not a real number, expected formulas in real numbers");
    return Engine::wrap(result);
  } catch (const std::invalid_argument&) {
    throw;
  } catch (const std::bad_alloc&) {
    require(false, where, "the result does not fit into memory, expected a smaller formula");
    throw;
  } catch (const std::exception& error) {
    require(false, where, "the formula has no value there (", error.what(),
            "); look for a division by zero or a logarithm of zero");
    throw;
  }
}

/// The exact value of a finite double.
GiNaC::numeric exact(double value);

/// Bits of numerator and denominator of a rational.
double bits(const GiNaC::numeric& number);

/// The one symbol of that name; names of unspecified functions are kept apart from symbols.
const GiNaC::symbol& symbol_named(const std::string& name);
const GiNaC::symbol& function_named(const std::string& name);

}  // namespace stillpoint::symbolic
