// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/printing.hpp"

#include <sstream>

namespace stillpoint::symbolic {

using GiNaC::numeric;

Quotient quotient(const Canonical& forms, const Term& term) {
  Quotient result{.p = GiNaC::abs(term.coefficient.numer()),
                  .q = term.coefficient.denom(),
                  .negative = term.coefficient.is_negative(),
                  .numerator = {},
                  .denominator = {}};
  const auto place = [&](const Term& factor) {
    const Node& n = forms.node(factor.node);
    if (n.kind != Node::Kind::power) {
      result.numerator.push_back({factor, {1, Canonical::one}});
      return;
    }
    const Term& exponent = n.operands[1];
    if (exponent.coefficient.is_negative() && forms.node(exponent.node).kind != Node::Kind::sum) {
      result.denominator.push_back({n.operands[0], {-exponent.coefficient, exponent.node}});
    } else {
      result.numerator.push_back({n.operands[0], exponent});
    }
  };
  if (term.node == Canonical::one) return result;
  const Node& n = forms.node(term.node);
  if (n.kind == Node::Kind::product) {
    for (const Term& factor : n.operands) place(factor);
  } else {
    place({1, term.node});
  }
  return result;
}

std::string digits(const numeric& number) {
  std::ostringstream text;
  text << GiNaC::dflt << number;
  return text.str();
}

std::string Printer::term(const Term& t) const {
  const Node& n = forms_.node(t.node);
  if (n.kind == Node::Kind::sum && t.coefficient.is_equal(1)) return sum(n);
  const Quotient parts = quotient(forms_, t);
  return (parts.negative ? "-" : "") + magnitude(parts);
}

std::string Printer::sum(const Node& n) const {
  std::string text;
  for (const Term& t : n.operands) {
    const Quotient parts = quotient(forms_, t);
    const bool first = text.empty();
    text += parts.negative ? (first ? "-" : " - ") : (first ? "" : " + ");
    text += magnitude(parts);
    bounded(text);
  }
  return text;
}

const std::string& Printer::bounded(const std::string& text) const {
  require(text.size() <= std::size_t{1} << 20, where_,
          "the text is longer than 1 MiB, expected a shorter formula; a Tape evaluates long ones");
  return text;
}

}  // namespace stillpoint::symbolic
