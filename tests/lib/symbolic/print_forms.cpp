// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <string>
#include <vector>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"
#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/tape.hpp"

/// Prints LaTeX, text and the fingerprint of a tape of formulas whose order GiNaC chooses anew in
/// every process. repeat.cmake runs it many times and compares.
int main() {
  using namespace stillpoint::symbolic;
  using stillpoint::activations::Relu;
  using stillpoint::activations::Tanh;
  std::vector<Expression> x;
  for (const char* name : {"x_1", "x_2", "x_3", "x_4", "x_5", "x_6"}) x.push_back(symbol(name));
  const Expression w = symbol("w"), q = symbol("q");
  std::vector<Expression> fields;
  for (std::size_t i = 0; i < x.size(); ++i) {
    Expression u = rational(static_cast<long>(i), 7);
    for (std::size_t j = 0; j < x.size(); ++j)
      u += rational(static_cast<long>(i * 5 + j * 3) % 11 - 5, 8) * x[j];
    fields.push_back(tanh(u) - x[i]);
  }
  std::vector<Expression> formulas;
  for (const Expression& field : fields)
    for (const Expression& a : x)
      for (const Expression& b : x) formulas.push_back(derivative(derivative(field, a), b));
  // Signs that GiNaC draws out of sums, fractions, unspecified and smoothed functions.
  formulas.push_back(pow(x[0] - x[1], 3) * (x[2] - x[3]) / pow(x[4] - x[5], 2));
  formulas.push_back(simplify((x[0] - x[1]) / (x[1] - x[2]) + (x[3] - x[4]) / (x[5] - x[3])));
  formulas.push_back(simplify(pow(x[0] - w * x[1], 2) / (x[2] - x[0]) + sqrt(x[3] - x[2]) / w));
  formulas.push_back(expand(pow(x[0] - x[1] + w * x[2], 5)));
  formulas.push_back(derivative(smoothed(Tanh{}, w * x[0] - x[1], q) * exp(x[1] - x[0]), q, 2));
  formulas.push_back(derivative(smoothed(Relu{}, w * (x[0] - x[1]), q), w, 2));
  formulas.push_back(pow(2 * x[0] - 4 * x[1], rational(3, 2)) / pow(3 * x[1] - 6 * x[0], 4));
  formulas.push_back(derivative(softplus(x[0] - x[1], w) + logistic(x[2] - w), w, 3));
  for (const Expression& e : formulas)
    std::printf("%s\n%s\n", to_text(e).c_str(), to_latex(e).c_str());
  std::vector<Expression> inputs = x;
  inputs.insert(inputs.end(), {w, q});
  std::printf("%016llx\n",
              static_cast<unsigned long long>(Tape::compile(formulas, inputs).fingerprint()));
  const Expression theory =
      derivative(function_symbol("f", {w * x[0] - x[1]}) / (x[0] - w), x[0], 3);
  std::printf("%s\n%s\n", to_text(theory).c_str(), to_latex(theory).c_str());
}
