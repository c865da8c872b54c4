// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/printing.hpp"
#include "lib/symbolic/special_functions.hpp"

namespace stillpoint::symbolic {
namespace {

class Text final : public Printer {
 public:
  explicit Text(const Canonical& forms) : Printer(forms, "to_text") {}

 private:
  std::string magnitude(const Quotient& parts) const override {
    std::string text;
    if (!parts.p.is_equal(1) || parts.numerator.empty()) text = digits(parts.p);
    for (const auto& factor : parts.numerator) text += (text.empty() ? "" : "*") + power(factor);
    if (!parts.q.is_equal(1)) text += "/" + digits(parts.q);
    for (const auto& factor : parts.denominator) text += "/" + power(factor);
    return bounded(text);
  }

  std::string power(const Quotient::Factor& factor) const {
    const auto& [base, exponent] = factor;
    if (is_number(exponent, 1)) return atom(base);
    if (exponent.node == Canonical::one && exponent.coefficient.is_equal(GiNaC::numeric(1, 2)))
      return "sqrt(" + term(base) + ")";
    const bool plain = exponent.node == Canonical::one && exponent.coefficient.is_pos_integer();
    return atom(base) + "^" + (plain ? digits(exponent.coefficient) : "(" + term(exponent) + ")");
  }

  std::string atom(const Term& base) const {
    const Node& n = forms_.node(base.node);
    if (n.kind == Node::Kind::one && base.coefficient.is_nonneg_integer())
      return digits(base.coefficient);
    if (!base.coefficient.is_equal(1)) return "(" + term(base) + ")";
    if (n.kind == Node::Kind::symbol || n.kind == Node::Kind::constant) return n.name;
    if (n.kind == Node::Kind::function) return function(n);
    return "(" + term(base) + ")";
  }

  std::string function(const Node& n) const {
    std::string name = n.name == "absolute" ? "abs" : n.name;
    std::size_t first = 0;
    std::string list;
    const auto add = [&](const std::string& item) { list += (list.empty() ? "" : ", ") + item; };
    if (n.name == "unspecified") {
      first = n.operands.size() / 2;
      name = n.label;
      if (first == 1) {
        name += std::string(static_cast<std::size_t>(n.operands[0].coefficient.to_int()), '\'');
      } else {
        name += "[";
        for (std::size_t k = 0; k < first; ++k)
          name += (k == 0 ? "" : ",") + digits(n.operands[k].coefficient);
        name += "]";
      }
    } else if (n.name == "smoothed" || n.name == "transmitted_variance") {
      // smoothed(tanh, u, q, n); the activation's own parameter follows in its brackets.
      const auto f = special::activation_of(n.operands[0].coefficient.to_int(),
                                            n.operands[1].coefficient.to_double());
      const bool has_parameter = !activations::parameters(f).empty();
      add(std::string(activations::name(f)) +
          (has_parameter ? "(" + digits(n.operands[1].coefficient) + ")" : ""));
      const std::size_t u = n.name == "smoothed" ? 3 : 2;
      add(term(n.operands[u]));
      add(term(n.operands[u + 1]));
      if (n.name == "smoothed" && !is_number(n.operands[2], 0)) add(term(n.operands[2]));
      first = n.operands.size();
    }
    const bool unit = n.name == "softplus" && is_number(n.operands[1], 1);
    for (std::size_t k = first; k < n.operands.size() - (unit ? 1 : 0); ++k)
      add(term(n.operands[k]));
    return name + "(" + list + ")";
  }
};

}  // namespace

std::string to_text(const Expression& e) {
  Canonical forms;
  const Term root = forms.add(value(e));
  return Text(forms).term(root);
}

}  // namespace stillpoint::symbolic
