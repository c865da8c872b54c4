// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/canonical.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "lib/symbolic/engine.hpp"

namespace stillpoint::symbolic {
namespace {

using GiNaC::ex;
using GiNaC::numeric;

bool is_one(const numeric& x) { return x.is_equal(1); }

int sign(int x) { return (x > 0) - (x < 0); }

/// "x2" before "x10".
int compare_names(const std::string& a, const std::string& b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      const auto run = [&](const std::string& text, std::size_t& at) {
        const std::size_t begin = at;
        while (at < text.size() && digit(text[at])) ++at;
        std::size_t first = begin;
        while (first + 1 < at && text[first] == '0') ++first;
        return text.substr(first, at - first);
      };
      const std::string x = run(a, i), y = run(b, j);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (const int order = sign(x.compare(y)); order != 0) return order;
    } else {
      if (a[i] != b[j]) return a[i] < b[j] ? -1 : 1;
      ++i, ++j;
    }
  }
  if (i < a.size() || j < b.size()) return i < a.size() ? 1 : -1;
  return sign(a.compare(b));  // a01 and a1
}

int compare_numbers(const numeric& a, const numeric& b) {
  return a.is_equal(b) ? 0 : a < b ? -1 : 1;
}

/// A number that prints in a few characters, such as what derivatives bring forth.
bool is_small(const numeric& x) { return GiNaC::abs(x) <= 1000; }

}  // namespace

const numeric* number_exponent(const Node& power) {
  const Term& exponent = power.operands[1];
  return exponent.node == Canonical::one ? &exponent.coefficient : nullptr;
}

Canonical::Canonical() { intern({.kind = Node::Kind::one}); }

Term Canonical::add(const ex& e) { return convert(e); }

int Canonical::intern(Node node) {
  std::size_t hash = static_cast<std::size_t>(node.kind) + 1;
  const auto mix = [&hash](std::size_t value) { hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL; };
  mix(std::hash<std::string>{}(node.name));
  mix(std::hash<std::string>{}(node.label));
  for (const Term& term : node.operands) {
    mix(static_cast<std::size_t>(term.node));
    mix(term.coefficient.gethash());
  }
  auto& candidates = interned_[hash];
  for (const int id : candidates) {
    const Node& other = nodes_[static_cast<std::size_t>(id)];
    if (other.kind == node.kind && other.name == node.name && other.label == node.label &&
        std::equal(other.operands.begin(), other.operands.end(), node.operands.begin(),
                   node.operands.end(), [](const Term& a, const Term& b) {
                     return a.node == b.node && a.coefficient.is_equal(b.coefficient);
                   }))
      return id;
  }
  candidates.push_back(static_cast<int>(nodes_.size()));
  nodes_.push_back(std::move(node));
  return candidates.back();
}

Term Canonical::convert(const ex& e) {
  if (GiNaC::is_a<numeric>(e)) {
    const auto& number = GiNaC::ex_to<numeric>(e);
    require(number.is_rational(), "symbolic",
            "a number in the formula is not a real rational, expected real formulas");
    return {number, one};
  }
  if (const auto found = done_.find(e); found != done_.end()) return found->second;
  Term result{1, one};
  if (GiNaC::is_a<GiNaC::symbol>(e)) {
    result.node = intern({.kind = Node::Kind::symbol,
                          .name = GiNaC::ex_to<GiNaC::symbol>(e).get_name(),
                          .degree = 1.0});
  } else if (e.is_equal(GiNaC::Pi)) {
    result.node = intern({.kind = Node::Kind::constant, .name = "pi"});
  } else if (GiNaC::is_a<GiNaC::add>(e)) {
    result = convert_sum(e);
  } else if (GiNaC::is_a<GiNaC::mul>(e)) {
    result = convert_product(e);
  } else if (GiNaC::is_a<GiNaC::power>(e)) {
    result = convert_power(e.op(0), e.op(1));
  } else if (GiNaC::is_a<GiNaC::function>(e)) {
    result = convert_function(e);
  } else {
    require(false, "symbolic", "a part of the formula is neither number, symbol, sum, product, ",
            "power nor function; expected formulas in these");
  }
  done_.emplace(e, result);
  return result;
}

Term Canonical::convert_sum(const ex& e) {
  Terms terms;
  for (std::size_t k = 0; k < e.nops(); ++k) terms.push_back(convert(e.op(k)));
  return sum_of(std::move(terms));
}

Term Canonical::sum_of(Terms terms) {
  std::map<int, numeric> coefficients;
  const auto collect = [&](const Term& term) {
    const auto [place, fresh] = coefficients.try_emplace(term.node, term.coefficient);
    if (!fresh) place->second += term.coefficient;
  };
  for (const Term& term : terms) {
    if (node(term.node).kind != Node::Kind::sum) {
      collect(term);
    } else {
      const Terms inner = node(term.node).operands;
      for (const Term& part : inner) collect({part.coefficient * term.coefficient, part.node});
    }
  }
  terms.clear();
  for (const auto& [id, coefficient] : coefficients)
    if (!coefficient.is_zero()) terms.push_back({coefficient, id});
  if (terms.empty()) return {0, one};
  if (terms.size() == 1) return terms.front();
  std::sort(terms.begin(), terms.end(), [this](const Term& a, const Term& b) {
    const double degree_a = node(a.node).degree, degree_b = node(b.node).degree;
    return degree_a != degree_b ? degree_a < degree_b : compare(a.node, b.node) < 0;
  });

  // A common factor is drawn out where that leaves small integers and is more than one over the
  // common denominator: 2x − 4y and 0.3 − 0.3 t², not x/2 + y/3.
  numeric numerators = 0, denominators = 1;
  bool one_denominator = true;
  for (const Term& term : terms) {
    numerators = GiNaC::gcd(numerators, term.coefficient.numer());
    denominators = GiNaC::lcm(denominators, term.coefficient.denom());
    one_denominator =
        one_denominator && term.coefficient.denom().is_equal(terms.front().coefficient.denom());
  }
  numeric content = numerators / denominators;
  if (terms.front().coefficient.is_negative()) content = -content;
  bool draw = !is_one(GiNaC::abs(content)) && (one_denominator || !is_one(numerators));
  for (const Term& term : terms) draw = draw && is_small(term.coefficient / content);
  if (!draw) content = 1;
  double degree = 0.0;
  for (Term& term : terms) {
    term.coefficient = term.coefficient / content;
    degree = std::max(degree, node(term.node).degree);
  }
  return {content,
          intern({.kind = Node::Kind::sum, .operands = std::move(terms), .degree = degree})};
}

Term Canonical::positive_leading(Term term) {
  if (node(term.node).kind != Node::Kind::sum) return term;
  Node sum = node(term.node);
  if (!sum.operands.front().coefficient.is_negative()) return term;
  for (Term& part : sum.operands) part.coefficient = -part.coefficient;
  return {-term.coefficient, intern(std::move(sum))};
}

Term Canonical::convert_product(const ex& e) {
  numeric coefficient = 1;
  std::vector<int> factors;
  for (std::size_t k = 0; k < e.nops(); ++k) {
    const Term factor = positive_leading(convert(e.op(k)));
    coefficient = coefficient * factor.coefficient;
    factors.push_back(factor.node);
  }
  return product_of(coefficient, factors);
}

Term Canonical::product_of(numeric coefficient, const std::vector<int>& given) {
  if (coefficient.is_zero()) return {0, one};
  Terms all;
  for (const int id : given)
    for (const Term& factor : factors(id)) all.push_back(factor);
  // Equal bases meet: their integer or rational exponents add up.
  Terms merged;
  std::sort(all.begin(), all.end(),
            [this](const Term& a, const Term& b) { return compare_factors(a.node, b.node) < 0; });
  for (const Term& factor : all) {
    const auto [base, exponent] = base_and_exponent(factor);
    if (!merged.empty()) {
      const auto [last, last_exponent] = base_and_exponent(merged.back());
      if (base.node == last.node && base.coefficient.is_equal(last.coefficient) &&
          exponent.node == one && last_exponent.node == one) {
        const Term power = power_of(base, exponent.coefficient + last_exponent.coefficient);
        coefficient = coefficient * power.coefficient;
        merged.pop_back();
        for (const Term& part : factors(power.node)) merged.push_back(part);
        continue;
      }
    }
    merged.push_back(factor);
  }
  if (merged.empty()) return {coefficient, one};
  if (merged.size() == 1) return {coefficient, merged.front().node};
  double degree = 0.0;
  for (const Term& factor : merged) degree += node(factor.node).degree;
  return {coefficient,
          intern({.kind = Node::Kind::product, .operands = std::move(merged), .degree = degree})};
}

Term Canonical::power_of(Term base, const numeric& exponent) {
  if (exponent.is_zero()) return {1, one};
  if (is_one(exponent)) return base;
  if (!exponent.is_integer()) {
    return {1, intern({.kind = Node::Kind::power,
                       .operands = {base, {exponent, one}},
                       .degree = node(base.node).degree * exponent.to_double()})};
  }
  base = positive_leading(base);
  const numeric coefficient = base.coefficient.power(exponent);
  if (base.node == one) return {coefficient, one};
  if (node(base.node).kind == Node::Kind::product) {
    const Terms parts = node(base.node).operands;
    Term result{coefficient, one};
    std::vector<int> powers;
    for (const Term& part : parts) {
      const Term power = power_of(part, exponent);
      result.coefficient = result.coefficient * power.coefficient;
      powers.push_back(power.node);
    }
    return product_of(result.coefficient, powers);
  }
  if (node(base.node).kind == Node::Kind::power) {
    const Node inner = node(base.node);
    if (const numeric* n = number_exponent(inner); n != nullptr) {
      const Term power = power_of(inner.operands[0], *n * exponent);
      return {coefficient * power.coefficient, power.node};
    }
  }
  return {coefficient, intern({.kind = Node::Kind::power,
                               .operands = {{1, base.node}, {exponent, one}},
                               .degree = node(base.node).degree * exponent.to_double()})};
}

Term Canonical::convert_power(const ex& base, const ex& exponent) {
  const Term b = convert(base), n = convert(exponent);
  if (n.node == one) return power_of(b, n.coefficient);
  return {1, intern({.kind = Node::Kind::power, .operands = {b, n}, .degree = 1.0})};
}

Term Canonical::convert_function(const ex& e) {
  Node node{.kind = Node::Kind::function,
            .name = GiNaC::ex_to<GiNaC::function>(e).get_name(),
            .degree = 1.0};
  for (std::size_t k = 0; k < e.nops(); ++k) {
    if (node.name == "unspecified" && k == 0) {
      node.label = GiNaC::ex_to<GiNaC::symbol>(e.op(0)).get_name();
    } else if (GiNaC::is_a<GiNaC::lst>(e.op(k))) {
      for (std::size_t j = 0; j < e.op(k).nops(); ++j)
        node.operands.push_back(convert(e.op(k).op(j)));
    } else {
      node.operands.push_back(convert(e.op(k)));
    }
  }
  return {1, intern(std::move(node))};
}

Canonical::Terms Canonical::factors(int id) const {
  if (id == one) return {};
  if (node(id).kind == Node::Kind::product) return node(id).operands;
  return {{1, id}};
}

std::pair<Term, Term> Canonical::base_and_exponent(const Term& factor) const {
  const Node& n = node(factor.node);
  if (n.kind == Node::Kind::power) return {n.operands[0], n.operands[1]};
  return {factor, {1, one}};
}

int Canonical::compare(int a, int b) const {
  if (a == b) return 0;
  const Terms left = factors(a), right = factors(b);
  for (std::size_t k = 0; k < std::min(left.size(), right.size()); ++k)
    if (const int order = compare_factors(left[k].node, right[k].node); order != 0) return order;
  return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
}

int Canonical::compare_factors(int a, int b) const {
  if (a == b) return 0;
  const auto [base_a, exponent_a] = base_and_exponent({1, a});
  const auto [base_b, exponent_b] = base_and_exponent({1, b});
  if (const int order = compare_bases(base_a, base_b); order != 0) return order;
  return compare(exponent_b, exponent_a);  // x² before x
}

int Canonical::compare_bases(const Term& a, const Term& b) const {
  const auto rank = [this](const Term& base) {
    switch (node(base.node).kind) {
      case Node::Kind::one:
        return 0;
      case Node::Kind::constant:
        return 1;
      case Node::Kind::symbol:
        return 2;
      case Node::Kind::power:
      case Node::Kind::product:
        return 3;
      case Node::Kind::sum:
        return 4;
      default:
        return 5;
    }
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b) ? -1 : 1;
  if (a.node == b.node) return compare_numbers(a.coefficient, b.coefficient);
  const Node &left = node(a.node), &right = node(b.node);
  if (rank(a) == 3) return compare(a, b);
  if (const int order = compare_names(left.name, right.name); order != 0) return order;
  if (const int order = compare_names(left.label, right.label); order != 0) return order;
  if (const int order = compare_terms(left.operands, right.operands); order != 0) return order;
  return compare_numbers(a.coefficient, b.coefficient);
}

int Canonical::compare_terms(const Terms& a, const Terms& b) const {
  for (std::size_t k = 0; k < std::min(a.size(), b.size()); ++k)
    if (const int order = compare(a[k], b[k]); order != 0) return order;
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

int Canonical::compare(const Term& a, const Term& b) const {
  if (const int order = compare(a.node, b.node); order != 0) return order;
  return compare_numbers(a.coefficient, b.coefficient);
}

}  // namespace stillpoint::symbolic
