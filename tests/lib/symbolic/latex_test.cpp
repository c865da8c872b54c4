// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE latex
#include "lib/symbolic/latex.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"
#include "tests/lib/symbolic/random_formula.hpp"

using namespace stillpoint;
using namespace stillpoint::symbolic;

namespace {

const Expression x = symbol("x"), y = symbol("y"), u = symbol("u"), q = symbol("q"),
                 sigma = symbol("sigma"), g = symbol("g");

/// Every brace closes and every \left has its \right, properly nested.
bool brackets_match(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t k = 0; k < text.size();) {
    const auto starts = [&](const char* word) {
      return text.compare(k, std::char_traits<char>::length(word), word) == 0;
    };
    const auto close = [&](const char* by) {
      if (open.empty() || open.back() != by) return false;
      open.pop_back();
      return true;
    };
    if (starts("\\left(") || starts("\\left|") || starts("\\left[")) {
      open.push_back("\\right" + std::string(1, text[k + 5] == '('   ? ')'
                                                : text[k + 5] == '[' ? ']'
                                                                     : '|'));
      k += 6;
    } else if (starts("\\right")) {
      if (!close(text.substr(k, 7).c_str())) return false;
      k += 7;
    } else if (text[k] == '{') {
      open.push_back("}");
      ++k;
    } else if (text[k] == '}') {
      if (!close("}")) return false;
      ++k;
    } else {
      // The order of a derivative, ^{(4)}, is the one pair of plain brackets.
      ++k;
    }
  }
  return open.empty();
}

}  // namespace

BOOST_AUTO_TEST_CASE(formulas_read_as_they_are_written) {
  const std::vector<std::pair<Expression, std::string>> cases = {
      {x - y, "x - y"},
      {-x + tanh(x * y), "-x + \\tanh\\left(x y\\right)"},
      {x / y, "\\frac{x}{y}"},
      {rational(-3, 4) * x, "-\\frac{3 x}{4}"},
      {(x + y) / (x - y), "\\frac{x + y}{x - y}"},
      {2 * (x + y) / 3, "\\frac{2 \\left(x + y\\right)}{3}"},
      {pow(x + y, 2) * x, "x \\left(x + y\\right)^{2}"},
      {derivative(tanh(u), u), "1 - \\tanh^{2} u"},
      {derivative(tanh(u), u, 2), "-2 \\left(1 - \\tanh^{2} u\\right) \\tanh u"},
      {sqrt(1 + 2 * q * q), "\\sqrt{1 + 2 q^{2}}"},
      {1 / sqrt(pi()), "\\frac{1}{\\sqrt{\\pi}}"},
      {pow(x, rational(3, 2)), "x^{3/2}"},
      {exp(-u * u / 2), "e^{-\\frac{u^{2}}{2}}"},
      {pow(exp(u), 2), "e^{2 u}"},
      {normal_pdf(u) * normal_cdf(-u), "\\Phi\\left(-u\\right) \\varphi\\left(u\\right)"},
      {pow(logistic(u), 2), "\\operatorname{logistic}^{2}\\left(u\\right)"},
      {abs(x - y), "\\left|x - y\\right|"},
      {softplus(u, 4), "\\operatorname{softplus}_{4}\\left(u\\right)"},
      {smoothed(activations::Tanh{}, u, sigma, 2), "\\tanh_{\\sigma}''\\left(u\\right)"},
      {smoothed(activations::Relu{}, u, q, 4), "\\operatorname{relu}_{q}^{(4)}\\left(u\\right)"},
      {function_symbol("f", {u}, 2) * sigma * sigma / 2,
       "\\frac{\\sigma^{2} f''\\left(u\\right)}{2}"},
      {pow(function_symbol("f", {u}, 1), 2), "f'\\left(u\\right)^{2}"},
      {g / (2 - g), "\\frac{g}{2 - g}"},
      {symbol("sigma_in") + symbol("x12") + symbol("W_1_2") + symbol("rate"),
       "W_{1,2} + \\mathrm{rate} + \\sigma_{\\mathrm{in}} + x_{12}"},
      {Expression(0.1) * x, "0.1 x"},
      {Expression(1e-12) * x / 3, "3.3333333333333334 \\cdot 10^{-13} x"},
      {3 * pow(Expression(2), rational(1, 2)), "3 \\sqrt{2}"},
      {Expression(0), "0"},
  };
  for (const auto& [formula, latex] : cases) {
    BOOST_TEST(to_latex(formula) == latex);
    BOOST_TEST(brackets_match(latex));
  }
}

BOOST_AUTO_TEST_CASE(brackets_match_in_random_formulas) {
  tests::RandomFormula draw;
  for (int k = 0; k < 500; ++k) {
    Expression e = draw(6);
    const std::string latex = to_latex(e);
    BOOST_TEST(brackets_match(latex), latex);
    BOOST_TEST(latex.find("+ -") == std::string::npos, latex);
    BOOST_TEST(latex.find("--") == std::string::npos, latex);
  }
  BOOST_TEST(!brackets_match("\\left(x}"));
  BOOST_TEST(!brackets_match("{x"));
}

BOOST_AUTO_TEST_CASE(text_without_end_is_refused) {
  // Each level doubles the text, while the formula shares its parts.
  Expression e = x;
  for (int k = 0; k < 40; ++k) e = tanh(e) + sin(e);
  BOOST_CHECK_THROW(to_latex(e), std::invalid_argument);
  BOOST_CHECK_THROW(to_text(e), std::invalid_argument);
}
