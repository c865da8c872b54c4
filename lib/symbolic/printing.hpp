// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lib/symbolic/canonical.hpp"
#include "lib/symbolic/engine.hpp"

/// What LaTeX and plain text have in common.
namespace stillpoint::symbolic {

/// A product as a fraction: p/q times numerator factors over denominator factors (positive powers).
struct Quotient {
  struct Factor {
    Term base;
    Term exponent;
  };
  GiNaC::numeric p, q;  ///< p ≥ 0, q > 0.
  bool negative;
  std::vector<Factor> numerator, denominator;
};

Quotient quotient(const Canonical& forms, const Term& term);

inline bool is_number(const Term& term, int value) {
  return term.node == Canonical::one && term.coefficient.is_equal(value);
}

/// The digits of an integer, or of p/q.
std::string digits(const GiNaC::numeric& number);

/// Refuses text that grows beyond all use.
inline const std::string& bounded(const std::string& text, std::string_view where) {
  require(text.size() <= std::size_t{1} << 24, where,
          "the text is longer than 16 MiB, expected a shorter formula; a Tape evaluates long ones");
  return text;
}

}  // namespace stillpoint::symbolic
