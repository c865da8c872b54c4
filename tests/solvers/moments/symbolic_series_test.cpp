// SPDX-License-Identifier: GPL-3.0-or-later
// The symbolic noise series against the compact formulas of the theory page (their difference
// simplifies to zero), against itself (raw moments and cumulants, two neurons and one, chain and
// diffusion), and its LaTeX.
#define BOOST_TEST_MODULE symbolic_series
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"
#include "solvers/moments/symbolic_series.hpp"

using namespace stillpoint;
using moments::SymbolicModel;
using networks::Equation;
using networks::NoiseSource;
using symbolic::Expression;
using symbolic::is_zero;
using symbolic::pow;
using symbolic::rational;
using symbolic::symbol;

namespace {

/// Section 6(c) of the theory page, as it stands there; rate equation, inside (ι = 1) or outside.
struct Compact {
  Expression v2, m2, M34, M24, m4, v4, k3;
};

Compact compact(bool inside) {
  const Expression w = symbol("w"), g = symbol("g"), f1 = symbol("f1"), f2 = symbol("f2"),
                   f3 = symbol("f3"), f4 = symbol("f4"), iota(inside ? 1 : 0), one(1);
  const Expression a = w * f1, lambda = one - g * (one - a);
  const Expression s2 = inside ? pow(g * f1, 2) : pow(g, 2);
  Compact c;
  c.v2 = s2 / (one - pow(lambda, 2));
  const Expression VB = pow(w, 2) * c.v2 + iota;
  c.m2 = f2 * VB / (2 * (one - a));
  c.M34 = (3 * lambda * s2 * c.m2 +
           rational(3, 2) * g * f2 * (c.v2 * VB + 2 * pow(lambda * w * c.v2 + iota * g * f1, 2))) /
          (one - pow(lambda, 3));
  c.M24 = (2 * g * (one - g) *
               (f2 / 2 * (pow(w, 2) * c.M34 + iota * c.m2) + f3 / 2 * w * c.v2 * VB) +
           pow(g, 2) * (f1 * f2 * (pow(w, 3) * c.M34 + 3 * w * iota * c.m2) +
                        3 * (pow(f2, 2) / 4 + f1 * f3 / 3) * pow(VB, 2))) /
          (one - pow(lambda, 2));
  c.m4 = (f2 / 2 * pow(w, 2) * c.M24 + f3 / 6 * (pow(w, 3) * c.M34 + 3 * w * iota * c.m2) +
          f4 / 8 * pow(VB, 2)) /
         (one - a);
  c.v4 = c.M24 - pow(c.m2, 2);
  c.k3 = c.M34 - 3 * c.m2 * c.v2;
  return c;
}

/// Two uncoupled neurons with the symbols of one: what one neuron's series has to be.
std::vector<symbolic::Substitution> uncoupled(const SymbolicModel& model) {
  const Expression zero(0), one(1);
  std::vector<symbolic::Substitution> list = {{symbol("W_1_1"), symbol("w")},
                                              {symbol("W_1_2"), zero},
                                              {symbol("W_2_1"), zero}};
  for (const std::string k : {"1", "2", "3", "4"})
    list.push_back({symbol("f_" + k + "_1"), symbol("f" + k)});
  const bool inside = model.where == NoiseSource::inside, state = model.where == NoiseSource::state;
  list.push_back({symbol("s_1"), inside ? one : zero});
  list.push_back({symbol("nu_1"), inside ? zero : state ? symbol("nu") : symbol("g")});
  return list;
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_neuron_is_the_compact_formulas) {
  for (const bool inside : {true, false}) {
    const auto series = moments::make_neuron_series(
        {.where = inside ? NoiseSource::inside : NoiseSource::outside}, 4);
    const Compact expected = compact(inside);
    const auto same = [&](const Expression& found, const Expression& formula, const char* what) {
      BOOST_TEST(is_zero(series.resolved(found) - formula), what << (inside ? " inside" : " outside"));
    };
    same(series.mean[0][1], expected.m2, "m2");
    same(series.mean[0][2], expected.m4, "m4");
    same(series.variance[0][1], expected.v2, "v2");
    same(series.variance[0][2], expected.v4, "v4");
    same(series.third[0][2], expected.k3, "k3");
    // The comparison can fail: forgetting −m2² is the classic slip.
    BOOST_TEST(!is_zero(series.resolved(series.variance[0][2]) - expected.M24));
  }
}

// The leak's effect as the theory page has it: m2 inside = f2 (2−g−2a(1−g))/(2(1−a)²(2−g(1−a))).
BOOST_AUTO_TEST_CASE(dependence_on_the_leak) {
  const Expression w = symbol("w"), g = symbol("g"), f1 = symbol("f1"), f2 = symbol("f2"),
                   a = w * f1, one(1);
  const auto inside = moments::make_neuron_series({}, 2);
  const Expression denominator = 2 * pow(one - a, 2) * (2 - g * (one - a));
  BOOST_TEST(is_zero(inside.resolved(inside.mean[0][1]) -
                     f2 * (2 - g - 2 * a * (one - g)) / denominator));
  const auto outside = moments::make_neuron_series({.where = NoiseSource::outside}, 2);
  BOOST_TEST(is_zero(outside.resolved(outside.mean[0][1]) - g * pow(w, 2) * f2 / denominator));
}

// Two derivations: raw moments of one neuron against cumulants of two uncoupled ones.
BOOST_AUTO_TEST_CASE(two_uncoupled_neurons_are_one) {
  for (const bool diffusion : {false, true})
    for (const auto equation : networks::all_equations)
      for (const auto where : networks::all_placements) {
        const SymbolicModel model{.equation = equation, .where = where, .diffusion = diffusion};
        const auto one = moments::make_neuron_series(model, 4);
        const auto pair = moments::make_two_neuron_series(model);
        const auto same = [&](const Expression& a, const Expression& b) {
          // Set to zero what couples before the definitions are put into each other.
          Expression reduced = b;
          for (auto d = pair.definitions.rbegin(); d != pair.definitions.rend(); ++d)
            reduced = symbolic::substitute(
                reduced, {{symbol(d->name), symbolic::substitute(d->value, uncoupled(model))}});
          BOOST_TEST(is_zero(one.resolved(a) - symbolic::substitute(reduced, uncoupled(model))),
                     to_string(equation) << ' ' << to_string(where) << " diffusion " << diffusion);
        };
        for (int k = 1; k <= 2; ++k) {
          same(one.mean[0][k], pair.mean[0][k]);
          same(one.variance[0][k], pair.variance[0][k]);
          same(one.third[0][k], pair.third[0][k]);
        }
      }
}

// g → 0 inside: the series of the smoothed fixed point, m4 → [f4(1−a)² + 2w f2 f3(1−a) + w² f2³]
// /(8(1−a)³), for the chain and for its diffusion.
BOOST_AUTO_TEST_CASE(smoothed_fixed_point_for_small_leak) {
  const Expression w = symbol("w"), g = symbol("g"), f1 = symbol("f1"), f2 = symbol("f2"),
                   f3 = symbol("f3"), f4 = symbol("f4"), b = Expression(1) - w * f1;
  const Expression limit =
      (f4 * pow(b, 2) + 2 * w * f2 * f3 * b + pow(w, 2) * pow(f2, 3)) / (8 * pow(b, 3));
  for (const bool diffusion : {false, true}) {
    const auto series = moments::make_neuron_series({.diffusion = diffusion}, 4);
    const Expression m4 = symbolic::simplify(series.resolved(series.mean[0][2]));
    BOOST_TEST(is_zero(symbolic::substitute(m4, {{g, Expression(0)}}) - limit));
  }
}

BOOST_AUTO_TEST_CASE(latex) {
  const auto series = moments::make_neuron_series({}, 6);
  const std::string text = moments::to_latex(series, "one neuron");
  BOOST_TEST(text == moments::to_latex(moments::make_neuron_series({}, 6), "one neuron"));
  BOOST_TEST(text.find("\\lambda &= 1 - g \\left(1 - a\\right)") != std::string::npos);
  BOOST_TEST(text.find("O(s^{8})") != std::string::npos);
  const std::string pair = moments::to_latex(moments::make_two_neuron_series({}), "two neurons");
  for (const std::string& page : {text, pair}) {
    const auto count = [&](const std::string& what) {
      int found = 0;
      for (auto at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) ++found;
      return found;
    };
    BOOST_TEST(std::count(page.begin(), page.end(), '{') == std::count(page.begin(), page.end(), '}'));
    BOOST_TEST(count("\\left(") == count("\\right)"));
    BOOST_TEST(count("\\begin{align*}") == count("\\end{align*}"));
  }
}

BOOST_AUTO_TEST_CASE(bad_orders) {
  BOOST_CHECK_THROW(moments::make_neuron_series({}, 3), std::invalid_argument);
  BOOST_CHECK_THROW(moments::make_neuron_series({}, 14), std::invalid_argument);
}
