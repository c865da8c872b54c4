// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE symbolic_functions
#include "lib/symbolic/functions.hpp"

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/tape.hpp"

using namespace stillpoint;
using namespace stillpoint::symbolic;
using activations::Activation;

namespace {

using Digits = boost::multiprecision::cpp_bin_float_100;

const Expression u = symbol("u"), q = symbol("q"), k = symbol("k");

const std::vector<Activation>& all_activations() {
  static const std::vector<Activation> all = {
      activations::Identity{},     activations::Relu{},
      activations::LeakyRelu(0.2), activations::SaturatingLinear{},
      activations::Softplus(3.0),  activations::Softplus(1.0),
      activations::Tanh{},         activations::Logistic{},
      activations::Erf{},          activations::Heaviside{}};
  return all;
}

/// A formula of (u, q) in 80 digits.
class Precise {
 public:
  explicit Precise(const Expression& e) : tape_(Tape::compile({e}, {u, q})) {}
  Digits operator()(const Digits& at, const Digits& width) const {
    return Digits(tape_.evaluate_multiprecision(
        {at.str(90, std::ios_base::scientific), width.str(90, std::ios_base::scientific)}, 80)[0]);
  }

 private:
  Tape tape_;
};

/// f' by central differences of error h⁶ with h = 1e-9, in 80 digits: 50 of them hold.
Digits difference(const std::function<Digits(Digits)>& f, const Digits& x) {
  const Digits h("1e-9");
  return (45 * (f(x + h) - f(x - h)) - 9 * (f(x + 2 * h) - f(x - 2 * h)) + f(x + 3 * h) -
          f(x - 3 * h)) /
         (60 * h);
}

double distance(const Digits& a, const Digits& b) {
  return static_cast<double>(abs(a - b) / (abs(a) + abs(b) + Digits("1e-30")));
}

}  // namespace

BOOST_AUTO_TEST_CASE(activations_have_their_derivatives_to_order_4) {
  // Also at the kinks: both follow one rule.
  const std::vector<double> points = {-3.7, -1.0, -0.4, 0.0, 0.3, 1.0, 2.9};
  for (const Activation& f : all_activations()) {
    const Expression e = call(f, u);
    std::vector<Expression> outputs;
    for (int order = 0; order <= 4; ++order) outputs.push_back(derivative(e, u, order));
    const Tape tape = Tape::compile(outputs, {u});
    for (const double at : points) {
      const std::vector<double> got = tape.evaluate({at});
      BOOST_TEST_CONTEXT(activations::name(f) << " at " << at) {
        BOOST_TEST(got[0] == activations::value(f, at), boost::test_tools::tolerance(1e-15));
        for (int order = 1; order <= 4; ++order) {
          const double expected = activations::derivative(f, order, at);
          // 1 − t² of tanh cancels by up to cosh² u; the derivatives reach some tens.
          BOOST_TEST(std::abs(got[static_cast<std::size_t>(order)] - expected) <=
                     1e-13 * std::max(1.0, std::abs(expected)));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_derivative_is_the_slope_of_its_function) {
  const std::vector<Expression> functions = {exp(u),
                                             log(u),
                                             sqrt(u),
                                             sin(u),
                                             cos(u),
                                             tanh(u),
                                             abs(u),
                                             erf(u),
                                             normal_pdf(u),
                                             normal_cdf(u),
                                             relu(u),
                                             heaviside(u),
                                             logistic(u),
                                             softplus(u),
                                             softplus(u, q),
                                             softplus(q, u),
                                             leaky_relu(u, q),
                                             leaky_relu(-q, u),
                                             leaky_relu(q, u),
                                             saturating_linear(u),
                                             pow(u, q),
                                             pow(q, u),
                                             pow(u, rational(1, 3)),
                                             saturating_linear(3 * u)};
  for (const Expression& f : functions) {
    for (int order = 0; order < 4; ++order) {
      const Precise value(derivative(f, u, order)), slope(derivative(f, u, order + 1));
      for (const char* at : {"0.37", "2.2"}) {
        const Digits x(at), width("1.3");
        const Digits expected = difference([&](const Digits& z) { return value(z, width); }, x);
        BOOST_TEST_CONTEXT(to_text(f) << ", order " << order + 1 << " at " << at)
        BOOST_TEST(static_cast<double>(abs(slope(x, width) - expected)) < 1e-40);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(exact_arguments_give_exact_values) {
  BOOST_TEST((relu(rational(-2, 3)) == 0));
  BOOST_TEST((relu(rational(2, 3)) == rational(2, 3)));
  BOOST_TEST((heaviside(0) == rational(1, 2)));
  BOOST_TEST((heaviside(-1) == 0));
  BOOST_TEST((logistic(0) == rational(1, 2)));
  BOOST_TEST((normal_cdf(0) == rational(1, 2)));
  BOOST_TEST((erf(Expression(0)) == 0));
  BOOST_TEST((tanh(Expression(0)) == 0));
  BOOST_TEST((abs(Expression(-3)) == 3));
  BOOST_TEST((exp(Expression(0)) == 1));
  BOOST_TEST((softplus(0, k) == log(Expression(2)) / k));
  BOOST_TEST((leaky_relu(-3, k) == -3 * k));
  BOOST_TEST((leaky_relu(u, 0) == relu(u)));
  BOOST_TEST((leaky_relu(u, 1) == u));
  BOOST_TEST((saturating_linear(rational(7, 2)) == 1));
  BOOST_TEST((saturating_linear(rational(-1, 2)) == rational(-1, 2)));
  // Where the value is not rational it stays as it is.
  BOOST_TEST(to_text(tanh(Expression(1)) + erf(rational(1, 2)) + logistic(-2)) ==
             "erf(1/2) + logistic(-2) + tanh(1)");
}

BOOST_AUTO_TEST_CASE(smoothed_values_are_the_averages) {
  for (const Activation& f : all_activations()) {
    const Tape tape = Tape::compile({smoothed(f, u, q), smoothed(f, u, q, 1)}, {u, q});
    const Precise mean(smoothed(f, u, q)), slope(smoothed(f, u, q, 1));
    for (const double at : {-2.5, -0.3, 0.0, 0.8})
      for (const double width : {0.05, 0.7, 3.0}) {
        BOOST_TEST_CONTEXT(activations::name(f) << " u " << at << " q " << width) {
          const auto averages = activations::averages(f, at, width);
          const std::vector<double> got = tape.evaluate({at, width});
          BOOST_TEST(got[0] == averages.mean);
          BOOST_TEST(got[1] == averages.slope);
          // Two methods: multiprecision trapezoid or closed form here, lib/activations there.
          BOOST_TEST(distance(mean(at, width), averages.mean) < 2e-12);
          BOOST_TEST(distance(slope(at, width), averages.slope) < 2e-12);
        }
      }
  }
}

BOOST_AUTO_TEST_CASE(smoothed_derivatives_obey_the_heat_equation) {
  for (const Activation& f : all_activations()) {
    for (const auto& [at, width] : {std::pair{0.4, 0.3}, {-1.2, 1.1}}) {
      for (int n = 0; n <= 5; ++n) {
        const Precise value(smoothed(f, u, q, n)), up(derivative(smoothed(f, u, q, n), u)),
            wide(derivative(smoothed(f, u, q, n), q));
        BOOST_TEST_CONTEXT(activations::name(f) << " n " << n << " u " << at << " q " << width) {
          const Digits x(at), s(width);
          const Digits in_u = difference([&](const Digits& z) { return value(z, s); }, x);
          const Digits in_q = difference([&](const Digits& z) { return value(x, z); }, s);
          BOOST_TEST(static_cast<double>(abs(up(x, s) - in_u)) < 1e-40);
          BOOST_TEST(static_cast<double>(abs(wide(x, s) - in_q)) < 1e-40);
          // Doubles against 80 digits, relative to the size of f_q⁽ⁿ⁾ over u, about qⁿ⁻¹ or 1.
          const double size = std::pow(std::min(width, 1.0), 1 - n) * (f.index() == 4 ? 81 : 16);
          const double got = evaluate(smoothed(f, u, q, n), {{u, at}, {q, width}});
          BOOST_TEST(static_cast<double>(abs(value(x, s) - got)) < 1e-13 * size);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(at_no_width_the_function_itself_stands) {
  for (const Activation& f : all_activations())
    for (int n = 0; n <= 4; ++n) {
      BOOST_TEST((smoothed(f, u, 0, n) == derivative(call(f, u), u, n)));
      // Also where the width becomes 0 only in the evaluation.
      const double expected =
          n == 0 ? activations::value(f, 0.3) : activations::derivative(f, n, 0.3);
      BOOST_TEST(evaluate(smoothed(f, u, q, n), {{u, 0.3}, {q, 0.0}}) == expected,
                 boost::test_tools::tolerance(1e-13));
    }
}

BOOST_AUTO_TEST_CASE(transmitted_variance_is_that_of_the_averages) {
  for (const Activation& f : all_activations()) {
    const double got = evaluate(transmitted_variance(f, u, q), {{u, 0.4}, {q, 0.6}});
    BOOST_TEST(got == activations::averages(f, 0.4, 0.6).variance,
               boost::test_tools::tolerance(1e-15));
  }
  BOOST_TEST((transmitted_variance(activations::Tanh{}, u, 0) == 0));
  BOOST_CHECK_THROW(derivative(transmitted_variance(activations::Tanh{}, u, q), u),
                    std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_sentences) {
  BOOST_CHECK_THROW(softplus(u, 0), std::invalid_argument);
  BOOST_CHECK_THROW(softplus(u, -1), std::invalid_argument);
  BOOST_CHECK_THROW(smoothed(activations::Tanh{}, u, q, -1), std::invalid_argument);
  BOOST_CHECK_THROW(function_symbol("f'", {u}), std::invalid_argument);
  BOOST_CHECK_THROW(function_symbol("f", {}), std::invalid_argument);
  BOOST_CHECK_THROW(function_symbol("f", {u}, -1), std::invalid_argument);
  BOOST_CHECK_THROW(substitute_function(function_symbol("f", {u, q}), "f", activations::Tanh{}),
                    std::invalid_argument);
}
