// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/calculus.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "lib/intervals/interval.hpp"
#include "lib/symbolic/engine.hpp"
#include "lib/symbolic/tape.hpp"

namespace stillpoint::symbolic {
namespace {

using GiNaC::ex;

// Of what is multiplied out for itself, and of what is put over one denominator, where most terms
// that are counted here never arise.
constexpr double most_terms = 1e5, most_terms_of_fraction = 4e6;

const GiNaC::symbol& as_symbol(const Expression& e, std::string_view where) {
  require(is_symbol(e), where, "the variable is no symbol, expected symbol(\"…\")");
  return GiNaC::ex_to<GiNaC::symbol>(value(e));
}

bool has_integer_exponent(const ex& power) {
  return GiNaC::is_a<GiNaC::numeric>(power.op(1)) &&
         GiNaC::ex_to<GiNaC::numeric>(power.op(1)).is_integer();
}

/// Puts values in the places of symbols. Unlike GiNaC's own, it goes through pow(): what has no
/// value, or a huge one, is seen before GiNaC computes it.
struct Substitute : GiNaC::map_function {
  GiNaC::exmap values;

  ex operator()(const ex& e) override {
    if (GiNaC::is_a<GiNaC::symbol>(e)) {
      const auto found = values.find(e);
      return found == values.end() ? e : found->second;
    }
    if (e.nops() == 0) return e;
    const bool power = GiNaC::is_a<GiNaC::power>(e);
    if (!power && !GiNaC::is_a<GiNaC::function>(e)) return e.map(*this);
    GiNaC::exvector operands;
    bool same = true;
    for (std::size_t k = 0; k < e.nops(); ++k) {
      operands.push_back((*this)(e.op(k)));
      same = same && GiNaC::are_ex_trivially_equal(operands.back(), e.op(k));
    }
    if (same) return e;
    if (power) return value(pow(Engine::wrap(operands[0]), Engine::wrap(operands[1])));
    return GiNaC::function(GiNaC::ex_to<GiNaC::function>(e).get_serial(), operands);
  }
};

/// Terms that multiplying out visits; equal ones meet only afterwards.
double expanded_terms(const ex& e) {
  if (GiNaC::is_a<GiNaC::add>(e)) {
    double sum = 0.0;
    for (std::size_t k = 0; k < e.nops(); ++k) sum += expanded_terms(e.op(k));
    return sum;
  }
  if (GiNaC::is_a<GiNaC::mul>(e)) {
    double product = 1.0;
    for (std::size_t k = 0; k < e.nops(); ++k) product *= expanded_terms(e.op(k));
    return product;
  }
  if (!GiNaC::is_a<GiNaC::power>(e) || !has_integer_exponent(e)) return 1.0;
  // C(n + t − 1, n) products of n out of t terms, the quotient of (n + k)/k, k = 1 … t − 1.
  const double t = expanded_terms(e.op(0));
  const double n = std::fabs(GiNaC::ex_to<GiNaC::numeric>(e.op(1)).to_double());
  const double smaller = std::min(n, t - 1.0), larger = std::max(n, t - 1.0);
  double count = 1.0;
  for (double k = 1.0; k <= smaller && count <= most_terms_of_fraction; ++k)
    count *= (larger + k) / k;
  return count;
}

void require_few_terms(const Expression& e, double most, std::string_view where) {
  require(expanded_terms(value(e)) <= most, where, "the formula has more than ", most,
          " terms when it is multiplied out, expected a smaller one");
}

/// True if intervals prove that the formula is not zero for some values of its symbols. Far cheaper
/// than an algebraic proof, and enough for nearly all formulas that are not zero.
bool differs_from_zero(const Expression& e) {
  std::vector<Expression> inputs;
  std::vector<intervals::Interval> values, result(1);
  for (const std::string& name : symbols(e)) {
    inputs.push_back(symbol(name));
    values.emplace_back(0.3 + 0.17 * static_cast<double>(inputs.size()));
  }
  try {
    const Tape tape = Tape::compile({e}, inputs);
    auto workspace = tape.workspace<intervals::Interval>();
    tape.evaluate<intervals::Interval>(values, result, workspace);
  } catch (const std::invalid_argument&) {
    return false;  // it holds a function that has no values
  }
  return !result[0].is_empty() && !result[0].contains(0.0);
}

ex normal_form(const ex& e);

/// Arguments of functions and bases of roots, which the rational normal form takes for symbols.
struct SimplifyInside : GiNaC::map_function {
  ex operator()(const ex& e) override {
    if (GiNaC::is_a<GiNaC::function>(e)) {
      struct Argument : GiNaC::map_function {
        ex operator()(const ex& argument) override {
          return GiNaC::is_a<GiNaC::lst>(argument) ? argument.map(*this) : normal_form(argument);
        }
      } argument;
      return e.map(argument);
    }
    if (GiNaC::is_a<GiNaC::power>(e) && !has_integer_exponent(e))
      return GiNaC::pow(normal_form(e.op(0)), normal_form(e.op(1)));
    return e.nops() == 0 ? e : e.map(*this);
  }
};

ex normal_form(const ex& e) {
  if (e.nops() == 0) return e;
  SimplifyInside inside;
  ex result = inside(e);
  // Roots are symbols to GiNaC's normal form; their powers meet only when they are put back.
  for (int pass = 0; pass < 3; ++pass) {
    const ex fraction = result.numer_denom();
    const ex next = fraction.op(0).expand() / fraction.op(1).expand();
    if (next.is_equal(result)) break;
    result = next;
  }
  return result;
}

void collect_symbols(const ex& e, std::set<std::string>& names) {
  if (GiNaC::is_a<GiNaC::symbol>(e)) {
    names.insert(GiNaC::ex_to<GiNaC::symbol>(e).get_name());
    return;
  }
  const bool unspecified = GiNaC::is_a<GiNaC::function>(e) &&
                           GiNaC::ex_to<GiNaC::function>(e).get_name() == "unspecified";
  for (std::size_t k = unspecified ? 1 : 0; k < e.nops(); ++k) collect_symbols(e.op(k), names);
}

}  // namespace

Expression derivative(const Expression& e, const Expression& variable, int order) {
  const GiNaC::symbol& s = as_symbol(variable, "derivative");
  require(order >= 0, "derivative", "order = ", order, ", expected >= 0");
  return guarded("derivative", [&] {
    return order == 0 ? value(e) : value(e).diff(s, static_cast<unsigned>(order));
  });
}

Expression substitute(const Expression& e, const std::vector<Substitution>& substitutions) {
  Substitute put;
  for (const auto& [symbol, by] : substitutions)
    put.values[as_symbol(symbol, "substitute")] = value(by);
  return guarded("substitute", [&] { return put(value(e)); });
}

Expression expand(const Expression& e) {
  require_few_terms(e, most_terms, "expand");
  return guarded("expand", [&] { return value(e).expand(); });
}

Expression simplify(const Expression& e) {
  require_few_terms(e, most_terms_of_fraction, "simplify");
  return guarded("simplify", [&] { return normal_form(value(e)); });
}

bool is_zero(const Expression& e) {
  return value(e).is_zero() || (!differs_from_zero(e) && value(simplify(e)).is_zero());
}

Expression coefficient(const Expression& e, const Expression& variable, int power) {
  const GiNaC::symbol& s = as_symbol(variable, "coefficient");
  return guarded("coefficient", [&] { return value(expand(e)).coeff(s, power); });
}

std::vector<std::string> symbols(const Expression& e) {
  std::set<std::string> names;
  collect_symbols(value(e), names);
  return {names.begin(), names.end()};
}

}  // namespace stillpoint::symbolic
