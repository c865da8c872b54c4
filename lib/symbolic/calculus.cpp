// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/calculus.hpp"

#include <set>

#include "lib/symbolic/engine.hpp"

namespace stillpoint::symbolic {
namespace {

using GiNaC::ex;

const GiNaC::symbol& as_symbol(const Expression& e, std::string_view where) {
  require(is_symbol(e), where, "the variable is no symbol, expected symbol(\"…\")");
  return GiNaC::ex_to<GiNaC::symbol>(value(e));
}

bool has_integer_exponent(const ex& power) {
  return GiNaC::is_a<GiNaC::numeric>(power.op(1)) &&
         GiNaC::ex_to<GiNaC::numeric>(power.op(1)).is_integer();
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
  GiNaC::exmap map;
  for (const auto& [symbol, by] : substitutions) map[as_symbol(symbol, "substitute")] = value(by);
  return guarded("substitute", [&] { return value(e).subs(map, GiNaC::subs_options::no_pattern); });
}

Expression expand(const Expression& e) {
  return guarded("expand", [&] { return value(e).expand(); });
}

Expression simplify(const Expression& e) {
  return guarded("simplify", [&] { return normal_form(value(e)); });
}

bool is_zero(const Expression& e) { return value(e).is_zero() || value(simplify(e)).is_zero(); }

Expression coefficient(const Expression& e, const Expression& variable, int power) {
  const GiNaC::symbol& s = as_symbol(variable, "coefficient");
  return guarded("coefficient", [&] { return value(e).expand().coeff(s, power); });
}

std::vector<std::string> symbols(const Expression& e) {
  std::set<std::string> names;
  collect_symbols(value(e), names);
  return {names.begin(), names.end()};
}

}  // namespace stillpoint::symbolic
