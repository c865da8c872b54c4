// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/symbolic/latex.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <variant>

#include "lib/symbolic/printing.hpp"
#include "lib/symbolic/special_functions.hpp"

namespace stillpoint::symbolic {
namespace {

using GiNaC::numeric;

constexpr std::array greek = {"alpha", "beta",  "gamma",   "delta",  "epsilon", "zeta",   "eta",
                              "theta", "iota",  "kappa",   "lambda", "mu",      "nu",     "xi",
                              "pi",    "rho",   "sigma",   "tau",    "upsilon", "phi",    "chi",
                              "psi",   "omega", "Gamma",   "Delta",  "Theta",   "Lambda", "Xi",
                              "Pi",    "Sigma", "Upsilon", "Phi",    "Psi",     "Omega"};

/// A word as a letter, a Greek letter, a number or upright text.
std::string word(const std::string& text) {
  if (std::find(greek.begin(), greek.end(), text) != greek.end()) return "\\" + text;
  if (text.size() == 1 ||
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return text;
  return "\\mathrm{" + text + "}";
}

/// sigma_in → \sigma_{\mathrm{in}}, x12 → x_{12}, W_1_2 → W_{1,2}.
std::string latex_name(const std::string& name) {
  std::string base = name.substr(0, name.find('_'));
  std::vector<std::string> subscripts;
  if (base.size() < name.size()) {
    std::size_t begin = base.size() + 1;
    for (std::size_t k = begin; k <= name.size(); ++k) {
      if (k < name.size() && name[k] != '_') continue;
      if (k > begin) subscripts.push_back(name.substr(begin, k - begin));
      begin = k + 1;
    }
  } else {
    const std::size_t last = base.find_last_not_of("0123456789");
    if (last + 1 < base.size()) subscripts.push_back(base.substr(last + 1));
    base.resize(last + 1);
  }
  std::string text = word(base);
  std::string list;
  for (const std::string& subscript : subscripts)
    list += (list.empty() ? "" : ",") + word(subscript);
  return list.empty() ? text : text + "_{" + list + "}";
}

bool is_long(const numeric& number) {
  return digits(number.numer()).size() > 9 || digits(number.denom()).size() > 9;
}

std::string latex_number(const numeric& number) {
  if (!is_long(number)) {
    if (number.is_integer()) return digits(number);
    return "\\frac{" + digits(number.numer()) + "}{" + digits(number.denom()) + "}";
  }
  std::string decimal = fmt::format("{}", number.to_double());
  const auto e = decimal.find('e');
  if (e == std::string::npos) return decimal;
  return decimal.substr(0, e) + " \\cdot 10^{" + std::to_string(std::stoi(decimal.substr(e + 1))) +
         "}";
}

/// Name of a function of one argument.
std::string function_name(const std::string& name) {
  static const std::map<std::string, std::string> names = {
      {"exp", "\\exp"},        {"log", "\\ln"},          {"sin", "\\sin"},
      {"cos", "\\cos"},        {"tanh", "\\tanh"},       {"normal_pdf", "\\varphi"},
      {"normal_cdf", "\\Phi"}, {"heaviside", "\\Theta"}, {"identity", "\\mathrm{id}"}};
  if (const auto found = names.find(name); found != names.end()) return found->second;
  std::string text;
  for (const char c : name) text += c == '_' ? std::string("\\_") : std::string(1, c);
  return "\\operatorname{" + text + "}";
}

std::string primes(int order) {
  if (order <= 3) return std::string(static_cast<std::size_t>(order), '\'');
  return "^{(" + std::to_string(order) + ")}";
}

class Latex final : public Printer {
 public:
  explicit Latex(const Canonical& forms) : Printer(forms, "to_latex") {}

 private:
  std::string magnitude(const Quotient& parts) const override {
    numeric p = parts.p, q = parts.q;
    std::string prefix;
    if (is_long(p / q)) {
      prefix = latex_number(p / q) + " ";
      p = q = 1;
    }
    std::string above = product(p, parts.numerator);
    if (parts.denominator.empty() && q.is_equal(1)) {
      if (prefix.empty()) return above;
      return above == "1" ? prefix.substr(0, prefix.size() - 1) : prefix + above;
    }
    return bounded(prefix + "\\frac{" + above + "}{" + product(q, parts.denominator) + "}");
  }

  /// A product; a lone sum needs no brackets inside a fraction.
  std::string product(const numeric& coefficient,
                      const std::vector<Quotient::Factor>& factors) const {
    std::string text;
    const bool lone = factors.size() == 1 && coefficient.is_equal(1);
    if (!coefficient.is_equal(1) || factors.empty()) text = digits(coefficient);
    for (const auto& [base, exponent] : factors) {
      const std::string factor = power(base, exponent, lone);
      // Two numbers beside each other would read as one.
      if (!text.empty()) text += factor.front() >= '0' && factor.front() <= '9' ? " \\cdot " : " ";
      text += factor;
    }
    return bounded(text);
  }

  std::string power(const Term& base, const Term& exponent, bool lone) const {
    const Node& n = forms_.node(base.node);
    if (is_number(exponent, 1)) {
      if (n.kind == Node::Kind::sum && base.coefficient.is_equal(1))
        return lone ? sum(n) : brackets(sum(n));
      return atom(base);
    }
    if (exponent.node == Canonical::one && exponent.coefficient.is_equal(numeric(1, 2)))
      return "\\sqrt{" + term(base) + "}";
    const std::string upper =
        exponent.node == Canonical::one ? digits(exponent.coefficient) : term(exponent);
    if (n.kind == Node::Kind::function && base.coefficient.is_equal(1) && n.name == "exp") {
      if (exponent.node == Canonical::one)
        return "e^{" + term(scaled(n.operands[0], exponent.coefficient)) + "}";
    } else if (n.kind == Node::Kind::function && base.coefficient.is_equal(1)) {
      return function(n, "^{" + upper + "}");
    } else if (n.kind == Node::Kind::symbol && base.coefficient.is_equal(1)) {
      return latex_name(n.name) + "^{" + upper + "}";
    } else if (n.kind == Node::Kind::one && base.coefficient.is_integer() &&
               !base.coefficient.is_negative()) {
      return digits(base.coefficient) + "^{" + upper + "}";
    } else if (n.kind == Node::Kind::constant && base.coefficient.is_equal(1)) {
      return "\\" + n.name + "^{" + upper + "}";
    }
    return brackets(term(base)) + "^{" + upper + "}";
  }

  static Term scaled(const Term& t, const numeric& factor) {
    return {t.coefficient * factor, t.node};
  }

  std::string atom(const Term& base) const {
    const Node& n = forms_.node(base.node);
    if (!base.coefficient.is_equal(1)) return brackets(term(base));
    switch (n.kind) {
      case Node::Kind::symbol:
        return latex_name(n.name);
      case Node::Kind::constant:
        return "\\" + n.name;
      case Node::Kind::function:
        return function(n, "");
      default:
        return brackets(term(base));
    }
  }

  static std::string brackets(const std::string& text) { return "\\left(" + text + "\\right)"; }

  /// \tanh u for a symbol, else with brackets.
  std::string argument(const Term& t) const {
    const Node& n = forms_.node(t.node);
    return brackets(n.kind == Node::Kind::symbol && t.coefficient.is_equal(1) ? latex_name(n.name)
                                                                              : term(t));
  }

  std::string function(const Node& n, const std::string& exponent) const {
    const auto integer = [&](std::size_t k) { return n.operands[k].coefficient.to_int(); };
    const auto activation = [&] {
      return special::activation_of(integer(0), n.operands[1].coefficient.to_double());
    };
    const auto label = [&](const activations::Activation& f) {
      return function_name(std::string(activations::name(f)));
    };
    const auto subscript = [&](const activations::Activation& f, const Term& q) {
      const bool trivial =
          activations::parameters(f).empty() || (std::holds_alternative<activations::Softplus>(f) &&
                                                 n.operands[1].coefficient.is_equal(1));
      return "_{" + (trivial ? "" : latex_number(n.operands[1].coefficient) + ",\\,") + term(q) +
             "}";
    };
    if (n.name == "absolute") {
      const std::string text = "\\left|" + term(n.operands[0]) + "\\right|";
      return exponent.empty() ? text : text + exponent;
    }
    if (n.name == "smoothed") {
      const auto f = activation();
      const std::string order = primes(integer(2));
      const std::string text =
          label(f) + subscript(f, n.operands[4]) + order + argument(n.operands[3]);
      return exponent.empty() ? text : brackets(text) + exponent;
    }
    if (n.name == "transmitted_variance") {
      const auto f = activation();
      const std::string text = "\\operatorname{Var}" + subscript(f, n.operands[3]) + "\\left[" +
                               label(f) + "\\right]" + argument(n.operands[2]);
      return exponent.empty() ? text : brackets(text) + exponent;
    }
    if (n.name == "unspecified") return unspecified(n) + exponent;
    if (n.name == "exp" && exponent.empty()) return "e^{" + term(n.operands[0]) + "}";
    if (n.name == "softplus" || n.name == "leaky_relu") {
      const bool unit = n.name == "softplus" && is_number(n.operands[1], 1);
      return function_name(n.name) + (unit ? "" : "_{" + term(n.operands[1]) + "}") + exponent +
             argument(n.operands[0]);
    }
    const Node& inner = forms_.node(n.operands[0].node);
    const std::string name = function_name(n.name) + exponent;
    const bool bare = inner.kind == Node::Kind::symbol && n.operands[0].coefficient.is_equal(1) &&
                      (n.name == "tanh" || n.name == "sin" || n.name == "cos" || n.name == "log");
    return bare ? name + " " + latex_name(inner.name) : name + argument(n.operands[0]);
  }

  std::string unspecified(const Node& n) const {
    const std::size_t count = n.operands.size() / 2;
    std::string orders, list;
    bool plain = true;
    for (std::size_t k = 0; k < count; ++k) {
      plain = plain && (count == 1 || is_number(n.operands[k], 0));
      orders += (k == 0 ? "" : ",") + digits(n.operands[k].coefficient);
      list += (k == 0 ? "" : ", ") + term(n.operands[count + k]);
    }
    std::string text = latex_name(n.label);
    text += count == 1 ? primes(n.operands[0].coefficient.to_int())
            : plain    ? ""
                       : "^{(" + orders + ")}";
    return text + brackets(list);
  }
};

}  // namespace

std::string to_latex(const Expression& e) {
  Canonical forms;
  const Term root = forms.add(value(e));
  return Latex(forms).term(root);
}

}  // namespace stillpoint::symbolic
