// SPDX-License-Identifier: GPL-3.0-or-later
// The symbolic noise series against the compact formulas of the theory page (their difference
// simplifies to zero), against itself (raw moments and cumulants, two neurons and one, chain and
// diffusion), and its LaTeX.
#define BOOST_TEST_MODULE symbolic_series
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "lib/activations/taylor.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/tape.hpp"
#include "solvers/noise_series/noise_series.hpp"
#include "solvers/noise_series/symbolic_series.hpp"
#include "tests/solvers/noise_series/series_cases.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using noise_series::SymbolicModel;
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
  c.M24 =
      (2 * g * (one - g) * (f2 / 2 * (pow(w, 2) * c.M34 + iota * c.m2) + f3 / 2 * w * c.v2 * VB) +
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

/// Exact numbers without a pattern for the parameters; a polynomial identity that is wrong fails at
/// almost every such point.
std::vector<symbolic::Substitution> numbers(const SymbolicModel& model) {
  std::vector<symbolic::Substitution> list = {
      {symbol("w"), rational(-5, 7)},    {symbol("W_1_1"), rational(-5, 7)},
      {symbol("W_1_2"), Expression(0)},  {symbol("W_2_1"), Expression(0)},
      {symbol("W_2_2"), rational(1, 3)}, {symbol("g"), rational(2, 5)},
      {symbol("nu"), rational(3, 8)},    {symbol("s_2"), rational(7, 9)},
      {symbol("nu_2"), rational(5, 6)}};
  const std::vector<Expression> f = {rational(8, 9), rational(-3, 11), rational(7, 13),
                                     rational(-9, 17)};
  for (std::size_t k = 0; k < 4; ++k) {
    const std::string order = std::to_string(k + 1);
    list.push_back({symbol("f" + order), f[k]});
    list.push_back({symbol("f_" + order + "_1"), f[k]});
    list.push_back({symbol("f_" + order + "_2"), f[k] * rational(2, 3)});
  }
  const bool inside = model.where == NoiseSource::inside, state = model.where == NoiseSource::state;
  list.push_back({symbol("s_1"), Expression(inside ? 1 : 0)});
  list.push_back({symbol("nu_1"), inside  ? Expression(0)
                                  : state ? rational(3, 8)
                                          : rational(2, 5)});
  return list;
}

/// The number that an entry of a series has there: definitions become numbers one after another.
Expression number(const noise_series::SymbolicSeries& series, const Expression& e,
                  std::vector<symbolic::Substitution> values) {
  for (const auto& definition : series.definitions)
    values.push_back({symbol(definition.name), symbolic::substitute(definition.value, values)});
  return symbolic::substitute(e, values);
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_neuron_is_the_compact_formulas) {
  for (const bool inside : {true, false}) {
    const auto series = noise_series::make_neuron_series(
        {.where = inside ? NoiseSource::inside : NoiseSource::outside}, 4);
    const Compact expected = compact(inside);
    const auto same = [&](const Expression& found, const Expression& formula, const char* what) {
      BOOST_TEST(is_zero(series.resolved(found) - formula),
                 what << (inside ? " inside" : " outside"));
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
  const auto inside = noise_series::make_neuron_series({}, 2);
  const Expression denominator = 2 * pow(one - a, 2) * (2 - g * (one - a));
  BOOST_TEST(
      is_zero(inside.resolved(inside.mean[0][1]) - f2 * (2 - g - 2 * a * (one - g)) / denominator));
  const auto outside = noise_series::make_neuron_series({.where = NoiseSource::outside}, 2);
  BOOST_TEST(is_zero(outside.resolved(outside.mean[0][1]) - g * pow(w, 2) * f2 / denominator));
}

// Two derivations: raw moments of one neuron against cumulants of two uncoupled ones.
BOOST_AUTO_TEST_CASE(two_uncoupled_neurons_are_one) {
  for (const bool diffusion : {false, true})
    for (const auto equation : networks::all_equations)
      for (const auto where : networks::all_placements) {
        const SymbolicModel model{.equation = equation, .where = where, .diffusion = diffusion};
        const auto one = noise_series::make_neuron_series(model, 4);
        const auto pair = noise_series::make_two_neuron_series(model);
        const auto same = [&](const Expression& a, const Expression& b) {
          const Expression found = number(one, a, numbers(model));
          BOOST_TEST(symbolic::is_number(found));
          BOOST_TEST((found == number(pair, b, numbers(model))),
                     to_string(equation) << ' ' << to_string(where) << " diffusion " << diffusion);
        };
        for (int k = 1; k <= 2; ++k) {
          same(one.mean[0][k], pair.mean[0][k]);
          same(one.variance[0][k], pair.variance[0][k]);
          same(one.third[0][k], pair.third[0][k]);
        }
      }
}

// Coupled neurons: the formulas, compiled to a tape, against the numeric series of two networks.
BOOST_AUTO_TEST_CASE(two_neurons_agree_with_numbers) {
  for (const bool diffusion : {false, true})
    for (const auto equation : networks::all_equations) {
      const double g = 0.35;
      const Matrix W = (Matrix(2, 2) << 0.6, -0.9, 0.7, 0.4).finished();
      const models::NoisyChain chain(
          networks::Network{.equation = equation,
                            .W = W,
                            .b = (Vector(2) << 0.3, -0.6).finished(),
                            .activation = activations::Tanh{},
                            .leak = g},
          networks::NoiseSpec{{.where = NoiseSource::inside, .sigma = {0.5, 0.8}},
                              {.where = NoiseSource::outside, .sigma = {0.4, 0.9}}});
      const Vector state = tests::fixed_point_of(chain);
      const auto numeric = diffusion ? noise_series::solve_noise_series(
                                           models::NoisyDiffusion(chain, Vector()), state, 4)
                                     : noise_series::solve_noise_series(chain, Vector(), state, 4);
      const auto series =
          noise_series::make_two_neuron_series({.equation = equation, .diffusion = diffusion});
      std::vector<symbolic::Value> values = {{symbol("g"), g}};
      for (Index i = 0; i < 2; ++i) {
        const std::string unit = std::to_string(i + 1);
        for (Index j = 0; j < 2; ++j)
          values.push_back({symbol("W_" + unit + "_" + std::to_string(j + 1)), W(i, j)});
        values.push_back({symbol("s_" + unit), chain.argument_sd()(i)});
        values.push_back({symbol("nu_" + unit), chain.state_sd()(i)});
        for (int k = 1; k <= 4; ++k)
          values.push_back({symbol("f_" + std::to_string(k) + "_" + unit),
                            activations::derivative(activations::Tanh{}, k, numeric.argument(i))});
      }
      for (const auto& definition : series.definitions)
        values.push_back({symbol(definition.name), symbolic::evaluate(definition.value, values)});
      for (Index i = 0; i < 2; ++i)
        for (std::size_t k = 1; k <= 2; ++k) {
          const auto near = [&](const Expression& e, double expected) {
            const double found = symbolic::evaluate(e, values);
            BOOST_TEST(std::abs(found - expected) < 1e-12 * (1.0 + std::abs(expected)),
                       found << ", expected " << expected);
          };
          near(series.mean[i][k], numeric.mean[k](i));
          near(series.variance[i][k], numeric.covariance[k](i, i));
          near(series.third[i][k], numeric.third[k][i](i, i));
        }
    }
}

// One neuron beyond fourth order: formulas against numbers, equal to rounding.
BOOST_AUTO_TEST_CASE(high_orders_agree_with_numbers) {
  for (const auto& neuron : tests::smooth_neurons()) {
    if (neuron.where == NoiseSource::state) continue;
    const auto numeric =
        noise_series::solve_noise_series(neuron.chain(1.0), Vector(), neuron.fixed_point(), 8);
    const auto series =
        noise_series::make_neuron_series({.equation = neuron.equation, .where = neuron.where}, 8);
    const auto c = activations::taylor_coefficients(neuron.activation, numeric.argument(0), 8);
    std::vector<symbolic::Value> values = {{symbol("w"), neuron.weight},
                                           {symbol("g"), neuron.leak}};
    double factorial = 1.0;
    for (int k = 1; k <= 8; ++k) {
      factorial *= k;
      values.push_back({symbol("f" + std::to_string(k)), factorial * c[k]});
    }
    for (const auto& definition : series.definitions)
      values.push_back({symbol(definition.name), symbolic::evaluate(definition.value, values)});
    for (std::size_t k = 1; k <= 4; ++k) {
      const double found = symbolic::evaluate(series.mean[0][k], values);
      BOOST_TEST(std::abs(found - numeric.mean[k](0)) < 1e-9 * (1.0 + std::abs(found)),
                 neuron.name);
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
    const auto series = noise_series::make_neuron_series({.diffusion = diffusion}, 4);
    const Expression m4 = symbolic::simplify(series.resolved(series.mean[0][2]));
    BOOST_TEST(is_zero(symbolic::substitute(m4, {{g, Expression(0)}}) - limit));
  }
}

BOOST_AUTO_TEST_CASE(latex) {
  const auto series = noise_series::make_neuron_series({}, 6);
  const std::string text = noise_series::to_latex(series, "one neuron");
  BOOST_TEST(text == noise_series::to_latex(noise_series::make_neuron_series({}, 6), "one neuron"));
  BOOST_TEST(text.find("\\lambda &= 1 - g \\left(1 - a\\right)") != std::string::npos);
  BOOST_TEST(text.find("O(s^{8})") != std::string::npos);
  const std::string pair =
      noise_series::to_latex(noise_series::make_two_neuron_series({}), "two neurons");
  for (const std::string& page : {text, pair}) {
    const auto count = [&](const std::string& what) {
      int found = 0;
      for (auto at = page.find(what); at != std::string::npos; at = page.find(what, at + 1))
        ++found;
      return found;
    };
    BOOST_TEST(std::count(page.begin(), page.end(), '{') ==
               std::count(page.begin(), page.end(), '}'));
    BOOST_TEST(count("\\left(") == count("\\right)"));
    BOOST_TEST(count("\\begin{align*}") == count("\\end{align*}"));
  }
}

BOOST_AUTO_TEST_CASE(bad_orders) {
  BOOST_CHECK_THROW(noise_series::make_neuron_series({}, 3), std::invalid_argument);
  BOOST_CHECK_THROW(noise_series::make_neuron_series({}, 14), std::invalid_argument);
}
