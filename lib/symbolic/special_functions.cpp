// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/special_functions.hpp"

#include <cstddef>
#include <utility>
#include <variant>

#include "lib/symbolic/engine.hpp"

namespace stillpoint::symbolic::special {
namespace {

using GiNaC::function;
using GiNaC::function_options;
using GiNaC::numeric;

const ex half = numeric(1, 2);

bool is_numeric(const ex& u) { return GiNaC::is_a<numeric>(u); }
const numeric& number(const ex& u) { return GiNaC::ex_to<numeric>(u); }
bool is_negative(const ex& u) { return number(u).is_negative(); }
int integer(const ex& u) { return number(u).to_int(); }

// Each function has its value at exact arguments (else it is held) and its derivatives.

template <typename F>
unsigned serial() {
  static const unsigned number = function::register_new(
      function_options(F::name, F::arguments).eval_func(F::eval).derivative_func(F::derivative));
  return number;
}

template <typename F, typename... Arguments>
ex held(const Arguments&... arguments) {
  return function(serial<F>(), arguments...).hold();
}

struct Absolute {
  static constexpr auto name = "absolute";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) {
    return is_numeric(u) ? ex(GiNaC::abs(number(u))) : held<Absolute>(u);
  }
  static ex derivative(const ex& u, unsigned) { return 2 * heaviside(u) - 1; }
};

struct Erf {
  static constexpr auto name = "erf";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) { return u.is_zero() ? ex(0) : held<Erf>(u); }
  static ex derivative(const ex& u, unsigned) {
    return 2 / GiNaC::sqrt(GiNaC::Pi) * GiNaC::exp(-GiNaC::pow(u, 2));
  }
};

struct NormalPdf {
  static constexpr auto name = "normal_pdf";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) { return held<NormalPdf>(u); }
  static ex derivative(const ex& u, unsigned) { return -u * normal_pdf(u); }
};

struct NormalCdf {
  static constexpr auto name = "normal_cdf";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) { return u.is_zero() ? half : held<NormalCdf>(u); }
  static ex derivative(const ex& u, unsigned) { return normal_pdf(u); }
};

struct Relu {
  static constexpr auto name = "relu";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) {
    if (!is_numeric(u)) return held<Relu>(u);
    return is_negative(u) ? ex(0) : u;
  }
  static ex derivative(const ex& u, unsigned) { return heaviside(u); }
};

struct Heaviside {
  static constexpr auto name = "heaviside";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) {
    if (!is_numeric(u)) return held<Heaviside>(u);
    return u.is_zero() ? half : ex(is_negative(u) ? 0 : 1);
  }
  static ex derivative(const ex&, unsigned) { return 0; }
};

struct Logistic {
  static constexpr auto name = "logistic";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) { return u.is_zero() ? half : held<Logistic>(u); }
  static ex derivative(const ex& u, unsigned) { return logistic(u) * (1 - logistic(u)); }
};

struct Softplus {
  static constexpr auto name = "softplus";
  static constexpr unsigned arguments = 2;
  static ex eval(const ex& u, const ex& k) {
    return u.is_zero() ? GiNaC::log(ex(2)) / k : held<Softplus>(u, k);
  }
  static ex derivative(const ex& u, const ex& k, unsigned argument) {
    if (argument == 0) return logistic(k * u);
    return (u * logistic(k * u) - softplus(u, k)) / k;
  }
};

struct LeakyRelu {
  static constexpr auto name = "leaky_relu";
  static constexpr unsigned arguments = 2;
  static ex eval(const ex& u, const ex& slope) {
    if (is_numeric(u)) return is_negative(u) ? slope * u : u;
    if (slope.is_zero()) return relu(u);
    return slope.is_equal(1) ? u : held<LeakyRelu>(u, slope);
  }
  static ex derivative(const ex& u, const ex& slope, unsigned argument) {
    return argument == 0 ? slope + (1 - slope) * heaviside(u) : u - relu(u);
  }
};

struct SaturatingLinear {
  static constexpr auto name = "saturating_linear";
  static constexpr unsigned arguments = 1;
  static ex eval(const ex& u) {
    if (!is_numeric(u)) return held<SaturatingLinear>(u);
    return number(u) > 1 ? ex(1) : number(u) < -1 ? ex(-1) : u;
  }
  static ex derivative(const ex& u, unsigned) { return heaviside(u + 1) - heaviside(u - 1); }
};

struct Smoothed {
  static constexpr auto name = "smoothed";
  static constexpr unsigned arguments = 5;
  static ex eval(const ex& kind, const ex& parameter, const ex& n, const ex& u, const ex& q) {
    const auto f = activation_of(integer(kind), number(parameter).to_double());
    if (q.is_zero() || std::holds_alternative<activations::Identity>(f))
      return nth_derivative(f, u, integer(n));
    return held<Smoothed>(kind, parameter, n, u, q);
  }
  static ex derivative(const ex& kind, const ex& parameter, const ex& n, const ex& u, const ex& q,
                       unsigned argument) {
    if (argument == 3) return function(serial<Smoothed>(), kind, parameter, n + 1, u, q);
    return q * function(serial<Smoothed>(), kind, parameter, n + 2, u, q);
  }
};

struct TransmittedVariance {
  static constexpr auto name = "transmitted_variance";
  static constexpr unsigned arguments = 4;
  static ex eval(const ex& kind, const ex& parameter, const ex& u, const ex& q) {
    if (q.is_zero()) return 0;
    const auto f = activation_of(integer(kind), number(parameter).to_double());
    if (std::holds_alternative<activations::Identity>(f)) return GiNaC::pow(q, 2);
    return held<TransmittedVariance>(kind, parameter, u, q);
  }
  static ex derivative(const ex&, const ex&, const ex&, const ex&, unsigned) {
    throw std::invalid_argument(
        "transmitted_variance: it has no derivatives, expected a formula of smoothed averages");
  }
};

ex unspecified_derivative(const ex& name, const ex& orders, const ex& arguments,
                          const GiNaC::symbol& s) {
  ex sum = 0;
  for (std::size_t k = 0; k < arguments.nops(); ++k) {
    const ex inner = arguments.op(k).diff(s);
    if (inner.is_zero()) continue;
    GiNaC::lst raised;
    for (std::size_t j = 0; j < orders.nops(); ++j) raised.append(orders.op(j) + (j == k ? 1 : 0));
    sum += unspecified(name, raised, GiNaC::ex_to<GiNaC::lst>(arguments)) * inner;
  }
  return sum;
}

/// Place of f in the variant and its one parameter, exactly.
std::pair<ex, ex> key(const activations::Activation& f) {
  const auto values = activations::parameters(f);
  return {ex(static_cast<int>(f.index())),
          values.empty() ? ex(0) : ex(exact(values.begin()->second))};
}

}  // namespace

ex absolute(const ex& u) { return function(serial<Absolute>(), u); }
ex erf(const ex& u) { return function(serial<Erf>(), u); }
ex normal_pdf(const ex& u) { return function(serial<NormalPdf>(), u); }
ex normal_cdf(const ex& u) { return function(serial<NormalCdf>(), u); }
ex relu(const ex& u) { return function(serial<Relu>(), u); }
ex heaviside(const ex& u) { return function(serial<Heaviside>(), u); }
ex logistic(const ex& u) { return function(serial<Logistic>(), u); }
ex softplus(const ex& u, const ex& k) { return function(serial<Softplus>(), u, k); }
ex leaky_relu(const ex& u, const ex& slope) { return function(serial<LeakyRelu>(), u, slope); }
ex saturating_linear(const ex& u) { return function(serial<SaturatingLinear>(), u); }

ex unspecified(const ex& name, const GiNaC::lst& orders, const GiNaC::lst& arguments) {
  static const unsigned serial = function::register_new(
      function_options("unspecified", 3)
          .expl_derivative_func(GiNaC::expl_derivative_funcp_3(unspecified_derivative)));
  return function(serial, name, orders, arguments);
}

ex smoothed(const activations::Activation& f, const ex& u, const ex& q, int n) {
  const auto [kind, parameter] = key(f);
  return function(serial<Smoothed>(), kind, parameter, ex(n), u, q);
}

ex transmitted_variance(const activations::Activation& f, const ex& u, const ex& q) {
  const auto [kind, parameter] = key(f);
  return function(serial<TransmittedVariance>(), kind, parameter, u, q);
}

ex call(const activations::Activation& f, const ex& u) {
  struct Visitor {
    const ex& u;
    ex operator()(const activations::Identity&) const { return u; }
    ex operator()(const activations::Relu&) const { return relu(u); }
    ex operator()(const activations::LeakyRelu& g) const { return leaky_relu(u, exact(g.slope())); }
    ex operator()(const activations::SaturatingLinear&) const { return saturating_linear(u); }
    ex operator()(const activations::Softplus& g) const {
      return softplus(u, exact(g.sharpness()));
    }
    ex operator()(const activations::Tanh&) const { return GiNaC::tanh(u); }
    ex operator()(const activations::Logistic&) const { return logistic(u); }
    ex operator()(const activations::Erf&) const { return erf(u); }
    ex operator()(const activations::Heaviside&) const { return heaviside(u); }
  };
  return std::visit(Visitor{u}, f);
}

activations::Activation activation_of(int kind, double parameter) {
  static const auto names = activations::activation_names();
  const auto name = names.at(static_cast<std::size_t>(kind));
  if (name == activations::LeakyRelu::name) return activations::LeakyRelu(parameter);
  if (name == activations::Softplus::name) return activations::Softplus(parameter);
  return activations::make_activation(name);
}

ex nth_derivative(const activations::Activation& f, const ex& u, int n) {
  if (n == 0) return call(f, u);
  const GiNaC::realsymbol argument;
  return call(f, argument)
      .diff(argument, static_cast<unsigned>(n))
      .subs(argument == u, GiNaC::subs_options::no_pattern);
}

}  // namespace stillpoint::symbolic::special
