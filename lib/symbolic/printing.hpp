// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
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

/// Writes formulas; what a product looks like is the notation's own.
class Printer {
 public:
  virtual ~Printer() = default;
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;
  std::string term(const Term& t) const;

 protected:
  /// Both are borrowed; `where` begins the sentence of bounded().
  Printer(const Canonical& forms, std::string_view where) : forms_(forms), where_(where) {}
  std::string sum(const Node& n) const;
  virtual std::string magnitude(const Quotient& parts) const = 0;
  /// The text itself, refused where it grows beyond all use.
  const std::string& bounded(const std::string& text) const;

  const Canonical& forms_;

 private:
  std::string_view where_;
};

}  // namespace stillpoint::symbolic
