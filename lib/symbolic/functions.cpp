// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/functions.hpp"

#include <string>

#include "lib/symbolic/engine.hpp"
#include "lib/symbolic/special_functions.hpp"

namespace stillpoint::symbolic {
namespace {

/// u, or a sentence if it is a number outside the domain.
template <typename Domain>
void require_domain(const Expression& u, std::string_view where, std::string_view expected,
                    Domain&& inside) {
  if (is_number(u))
    require(inside(GiNaC::ex_to<GiNaC::numeric>(value(u))), where,
            "the argument is a number outside the domain, expected ", expected);
}

}  // namespace

Expression exp(const Expression& u) {
  return guarded("exp", [&] { return GiNaC::exp(value(u)); });
}

Expression log(const Expression& u) {
  require_domain(u, "log", "a number > 0", [](const auto& x) { return x.is_positive(); });
  return guarded("log", [&] { return GiNaC::log(value(u)); });
}

Expression sqrt(const Expression& u) {
  require_domain(u, "sqrt", "a number >= 0", [](const auto& x) { return !x.is_negative(); });
  return guarded("sqrt", [&] { return GiNaC::sqrt(value(u)); });
}

Expression sin(const Expression& u) {
  return guarded("sin", [&] { return GiNaC::sin(value(u)); });
}

Expression cos(const Expression& u) {
  return guarded("cos", [&] { return GiNaC::cos(value(u)); });
}

Expression tanh(const Expression& u) {
  return guarded("tanh", [&] { return GiNaC::tanh(value(u)); });
}

Expression abs(const Expression& u) {
  return guarded("abs", [&] { return special::absolute(value(u)); });
}

Expression erf(const Expression& u) {
  return guarded("erf", [&] { return special::erf(value(u)); });
}

Expression normal_pdf(const Expression& u) {
  return guarded("normal_pdf", [&] { return special::normal_pdf(value(u)); });
}

Expression normal_cdf(const Expression& u) {
  return guarded("normal_cdf", [&] { return special::normal_cdf(value(u)); });
}

Expression relu(const Expression& u) {
  return guarded("relu", [&] { return special::relu(value(u)); });
}

Expression heaviside(const Expression& u) {
  return guarded("heaviside", [&] { return special::heaviside(value(u)); });
}

Expression logistic(const Expression& u) {
  return guarded("logistic", [&] { return special::logistic(value(u)); });
}

Expression softplus(const Expression& u, const Expression& sharpness) {
  require_domain(sharpness, "softplus", "a sharpness > 0",
                 [](const auto& k) { return k.is_positive(); });
  return guarded("softplus", [&] { return special::softplus(value(u), value(sharpness)); });
}

Expression leaky_relu(const Expression& u, const Expression& slope) {
  return guarded("leaky_relu", [&] { return special::leaky_relu(value(u), value(slope)); });
}

Expression saturating_linear(const Expression& u) {
  return guarded("saturating_linear", [&] { return special::saturating_linear(value(u)); });
}

Expression call(const activations::Activation& f, const Expression& u) {
  return guarded(activations::name(f), [&] { return special::call(f, value(u)); });
}

Expression smoothed(const activations::Activation& f, const Expression& u, const Expression& q,
                    int n) {
  require(n >= 0, "smoothed", "derivative of order ", n, ", expected >= 0");
  return guarded("smoothed", [&] { return special::smoothed(f, value(u), value(q), n); });
}

Expression transmitted_variance(const activations::Activation& f, const Expression& u,
                                const Expression& q) {
  return guarded("transmitted_variance",
                 [&] { return special::transmitted_variance(f, value(u), value(q)); });
}

Expression function_symbol(std::string_view name, const std::vector<Expression>& arguments,
                           int order) {
  require(is_name(name), "function_symbol", "the name is \"", name.substr(0, 80),
          "\", expected a letter, then letters, digits and underscores, at most 64");
  require(!arguments.empty(), "function_symbol", "no arguments, expected at least one");
  require(order >= 0, "function_symbol", "derivative of order ", order, ", expected >= 0");
  GiNaC::lst orders, list;
  for (const Expression& argument : arguments) {
    orders.append(list.nops() == 0 ? order : 0);
    list.append(value(argument));
  }
  return guarded("function_symbol", [&] {
    return special::unspecified(function_named(std::string(name)), orders, list);
  });
}

Expression substitute_function(const Expression& e, std::string_view name,
                               const activations::Activation& f) {
  struct Replace : GiNaC::map_function {
    GiNaC::ex name;
    const activations::Activation& f;
    Replace(GiNaC::ex which, const activations::Activation& by) : name(std::move(which)), f(by) {}
    GiNaC::ex operator()(const GiNaC::ex& e) override {
      if (!GiNaC::is_a<GiNaC::function>(e)) return e.nops() == 0 ? e : e.map(*this);
      if (GiNaC::ex_to<GiNaC::function>(e).get_name() != "unspecified" || !e.op(0).is_equal(name))
        return e.map(*this);
      require(e.op(1).nops() == 1, "substitute_function", "the function has ", e.op(1).nops(),
              " arguments, expected one");
      const GiNaC::ex argument = (*this)(e.op(2).op(0));
      return special::nth_derivative(f, argument,
                                     GiNaC::ex_to<GiNaC::numeric>(e.op(1).op(0)).to_int());
    }
  };
  Replace replace(function_named(std::string(name)), f);
  return guarded("substitute_function", [&] { return replace(value(e)); });
}

}  // namespace stillpoint::symbolic
