// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE tape
#include "lib/symbolic/tape.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <complex>
#include <cstdio>
#include <numbers>
#include <random>
#include <stdexcept>
#include <thread>

#include "lib/intervals/interval.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"
#include "tests/lib/symbolic/random_formula.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::symbolic;

namespace {

const Expression x = symbol("x"), y = symbol("y"), u = symbol("u"), q = symbol("q");

constexpr double rounding = 4e-15;

}  // namespace

BOOST_AUTO_TEST_CASE(arithmetic_and_functions_have_their_values) {
  const double a = 0.7, b = -1.3;
  const std::vector<Value> at = {{x, a}, {y, b}};
  const std::vector<std::pair<Expression, double>> cases = {
      {x + y, a + b},
      {x - 2 * y, a - 2 * b},
      {x * y * 3, a * b * 3},
      {x / y, a / b},
      {1 / (x * x * y), 1 / (a * a * b)},
      {3 / x, 3 / a},
      {pow(x, 7), std::pow(a, 7)},
      {pow(y, -3), std::pow(b, -3)},
      {pow(x, rational(3, 2)), std::pow(a, 1.5)},
      {pow(x, rational(-1, 2)), std::pow(a, -0.5)},
      {pow(x, rational(1, 3)), std::cbrt(a)},
      {pow(x, y), std::pow(a, b)},
      {sqrt(x + 1), std::sqrt(a + 1)},
      {pi() * x, std::numbers::pi * a},
      {exp(y) + log(x), std::exp(b) + std::log(a)},
      {sin(x) * cos(y), std::sin(a) * std::cos(b)},
      {tanh(x * y), std::tanh(a * b)},
      {abs(y), 1.3},
      {erf(x), std::erf(a)},
      {normal_pdf(y), std::exp(-b * b / 2) / std::sqrt(2 * std::numbers::pi)},
      {normal_cdf(y), std::erfc(-b / std::numbers::sqrt2) / 2},
      {relu(x) + relu(y), a},
      {heaviside(x) + heaviside(y) + heaviside(x - x), 1.5},
      {logistic(y), 1 / (1 + std::exp(-b))},
      {softplus(y), std::log1p(std::exp(b))},
      {softplus(y, x), std::log1p(std::exp(a * b)) / a},
      {leaky_relu(y, x), a * b},
      {saturating_linear(y) + saturating_linear(x), a - 1},
      {Expression(0.1), 0.1},
      {(x - y) * (y - x) * (x - y), -(a - b) * (a - b) * (a - b)},
  };
  for (std::size_t k = 0; k < cases.size(); ++k) {
    BOOST_TEST_CONTEXT("case " << k) {
      BOOST_TEST(evaluate(cases[k].first, at) == cases[k].second,
                 boost::test_tools::tolerance(rounding));
    }
  }
}

BOOST_AUTO_TEST_CASE(common_subexpressions_are_computed_once) {
  const Expression t = tanh(x * y);
  std::vector<Expression> outputs;
  for (int order = 0; order <= 4; ++order) outputs.push_back(derivative(t, x, order));
  const Tape tape = Tape::compile(outputs, {x, y});
  int calls = 0;
  for (const auto& run : tape.program().runs)
    if (run.operation == Operation::tanh) calls += static_cast<int>(run.count);
  BOOST_TEST(calls == 1);
  BOOST_TEST(tape.instructions() < 25);
  // A constant is not computed again: 2/sqrt(pi) stands in the prologue.
  const Tape slope = Tape::compile({derivative(erf(x), x)}, {x});
  BOOST_TEST(slope.instructions() == 4);
  BOOST_TEST(slope.evaluate({0.3}).front() == 2 / std::sqrt(std::numbers::pi) * std::exp(-0.09),
             boost::test_tools::tolerance(rounding));
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_sentences) {
  BOOST_CHECK_THROW(Tape::compile({x + y}, {x}), std::invalid_argument);
  BOOST_CHECK_THROW(Tape::compile({x}, {x, x}), std::invalid_argument);
  BOOST_CHECK_THROW(Tape::compile({x}, {x + 1}), std::invalid_argument);
  BOOST_CHECK_THROW(Tape::compile({function_symbol("f", {x})}, {x}), std::invalid_argument);
  BOOST_CHECK_THROW(Tape::compile({smoothed(activations::Tanh{}, x, y, 21)}, {x, y}),
                    std::invalid_argument);
  const Tape tape = Tape::compile({x + y}, {x, y});
  auto workspace = tape.workspace<double>();
  std::vector<double> in(1), out(1);
  BOOST_CHECK_THROW(tape.evaluate<double>(in, out, workspace), std::invalid_argument);
  BOOST_CHECK_THROW(tape.evaluate_multiprecision({"1", "2"}, 9), std::invalid_argument);
  for (const char* text : {"", "1e", "nan", "0x1", "1e9999999", "1 2", "--1", "."})
    BOOST_CHECK_THROW(tape.evaluate_multiprecision({"1", text}, 20), std::invalid_argument);
  BOOST_TEST(Tape().evaluate({}).empty());
}

BOOST_AUTO_TEST_CASE(threads_share_a_tape) {
  const Tape tape = Tape::compile({tanh(x * y) + x, derivative(tanh(x * y), x, 3)}, {x, y});
  const std::vector<double> expected = tape.evaluate({0.4, 1.7});
  std::vector<std::thread> threads;
  std::array<bool, 4> same{};
  for (bool& answer : same)
    threads.emplace_back([&tape, &expected, &answer] {
      auto workspace = tape.workspace<double>();
      std::vector<double> out(2);
      answer = true;
      for (int k = 0; k < 1000; ++k) {
        tape.evaluate<double>(std::vector<double>{0.4, 1.7}, out, workspace);
        answer = answer && out == expected;
      }
    });
  for (auto& thread : threads) thread.join();
  for (const bool answer : same) BOOST_TEST(answer);
}

BOOST_AUTO_TEST_CASE(complex_values_continue_the_real_ones) {
  using C = std::complex<double>;
  const Expression smooth = tanh(x * y) + logistic(x) * softplus(y, x) + exp(-y * y) / sqrt(x) +
                            log(x + 2) * erf(y) + normal_cdf(x) * normal_pdf(y) + sin(x) * cos(y) +
                            pow(x, y);
  const Tape tape = Tape::compile({smooth, derivative(smooth, x), derivative(smooth, y)}, {x, y});
  auto workspace = tape.workspace<C>();
  std::vector<C> out(3);
  const double a = 0.9, b = -0.6, h = 1e-30;
  const std::vector<double> real = tape.evaluate({a, b});
  // The complex step: Im f(a + ih)/h is f'(a) without any cancellation.
  tape.evaluate<C>(std::vector<C>{C(a, h), b}, out, workspace);
  BOOST_TEST(out[0].real() == real[0], boost::test_tools::tolerance(rounding));
  BOOST_TEST(out[0].imag() / h == real[1], boost::test_tools::tolerance(1e-13));
  tape.evaluate<C>(std::vector<C>{a, C(b, h)}, out, workspace);
  BOOST_TEST(out[0].imag() / h == real[2], boost::test_tools::tolerance(1e-13));
  // Far from the axis: derivatives agree with central differences of the value.
  const C z(0.8, 0.7), w(-0.4, 1.1);
  const auto value = [&](C p, C r) {
    tape.evaluate<C>(std::vector<C>{p, r}, out, workspace);
    return out;
  };
  const double step = 1e-5;
  const C slope = (value(z + step, w)[0] - value(z - step, w)[0]) / (2 * step);
  BOOST_TEST(std::abs(value(z, w)[1] - slope) < 1e-8 * std::abs(slope));
  for (const Expression& e : {relu(x), heaviside(x), abs(x), leaky_relu(x, y), saturating_linear(x),
                              smoothed(activations::Tanh{}, x, y)})
    BOOST_CHECK_THROW(Tape::compile({e}, {x, y}).workspace<C>(), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(complex_erf_obeys_its_series) {
  // erf z = 2/√π Σ (−1)ⁿ z^{2n+1}/(n! (2n+1)): for |z| ≤ 2 it loses at most e⁴ = 55 roundings.
  std::mt19937_64 engine(tests::seed);
  std::uniform_real_distribution<double> draw(-1.4, 1.4);
  auto tape = Tape::compile({erf(x)}, {x});
  auto workspace = tape.workspace<std::complex<double>>();
  std::vector<std::complex<double>> out(1);
  for (int k = 0; k < 200; ++k) {
    const std::complex<double> z(draw(engine), draw(engine));
    std::complex<double> power = z, sum = 0;
    for (int n = 0; n < 60; ++n) {
      sum += power / (2.0 * n + 1.0);
      power *= -z * z / (n + 1.0);
    }
    sum *= 2 / std::sqrt(std::numbers::pi);
    tape.evaluate<std::complex<double>>(std::vector{z}, out, workspace);
    BOOST_TEST(std::abs(out[0] - sum) < 1e-13 * std::max(1.0, std::abs(sum)));
  }
  // Far out: erf(3 + 4i) by the series with 60 digits (python, decimal).
  tape.evaluate<std::complex<double>>(std::vector{std::complex<double>(3, 4)}, out, workspace);
  BOOST_TEST(std::abs(out[0] - std::complex<double>(-120.186991395079444, -27.7503372936239)) <
             1e-12 * 120);
}

BOOST_AUTO_TEST_CASE(multiprecision_agrees_with_double_and_with_itself) {
  const Expression e = tanh(x * y) + logistic(x) * softplus(y, x) + exp(-y * y) / sqrt(x) +
                       log(x + 2) * erf(y) + normal_cdf(x) * normal_pdf(y) + pow(x, y) +
                       leaky_relu(y, x) + saturating_linear(y) + relu(x) + abs(y) + heaviside(x);
  const Tape tape = Tape::compile({e, pi() * x}, {x, y});
  const auto few = tape.evaluate_multiprecision({"0.9", "-0.625"}, 30);
  const auto many = tape.evaluate_multiprecision({"0.9", "-0.625"}, 200);
  BOOST_TEST(std::stod(few[0]) == tape.evaluate({0.9, -0.625})[0],
             boost::test_tools::tolerance(rounding));
  BOOST_TEST(many[0].substr(0, 28) == few[0].substr(0, 28));
  // 0.9 is a decimal there, not a double: 0.9 π.
  BOOST_TEST(few[1] == "2.827433388230813914616379044952e+00");
}

BOOST_AUTO_TEST_CASE(intervals_enclose_the_values) {
  using intervals::Interval;
  tests::RandomFormula draw;
  std::mt19937_64 engine(tests::seed);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  int refused = 0, checked = 0;
  for (int k = 0; k < 150; ++k) {
    const Expression e = draw(5);
    const Tape tape = Tape::compile({e, derivative(e, x)}, {x, y, q});
    TapeWorkspace<Interval> workspace;
    try {
      workspace = tape.workspace<Interval>();
    } catch (const std::invalid_argument&) {
      ++refused;  // sin, or the average of tanh
      continue;
    }
    for (const double width : {0.0, 1e-3, 0.5}) {
      std::vector<Interval> box, range(2);
      for (int i = 0; i < 3; ++i) {
        const double lower = 2.0 * unit(engine) - (i < 2 ? 1.0 : 0.0);
        box.emplace_back(lower, lower + width);
      }
      tape.evaluate<Interval>(box, range, workspace);
      for (int sample = 0; sample < 4; ++sample) {
        std::vector<double> at;
        std::vector<std::string> digits;
        for (const Interval& side : box) {
          at.push_back(std::min(side.lower + unit(engine) * width, side.upper));
          char text[40];
          std::snprintf(text, sizeof text, "%.17g", at.back());
          digits.emplace_back(text);
        }
        // 40 digits, so that what is compared has no rounding of its own at the ends.
        const auto values = tape.evaluate_multiprecision(digits, 40);
        for (std::size_t output = 0; output < 2; ++output) {
          if (values[output].find("nan") != std::string::npos) continue;
          const double value = std::stod(values[output]);
          const double below = std::nextafter(value, -1e300), above = std::nextafter(value, 1e300);
          BOOST_TEST(range[output].lower <= above);
          BOOST_TEST(range[output].upper >= below);
          ++checked;
          if (width == 0.0 && range[output].is_bounded() && std::abs(value) < 1e6)
            BOOST_TEST(intervals::width(range[output]) <= 1e-9 * std::max(1.0, std::abs(value)));
        }
      }
    }
  }
  BOOST_TEST(checked > 1000);
  BOOST_TEST(refused > 10);
  // Irrational constants are enclosed: π in an interval of one unit in the last place.
  auto pi_tape = Tape::compile({pi(), rational(1, 3), Expression(0.1)}, {});
  auto workspace = pi_tape.workspace<Interval>();
  std::vector<Interval> out(3);
  pi_tape.evaluate<Interval>({}, out, workspace);
  BOOST_TEST(out[0].lower == std::numbers::pi);
  BOOST_TEST(out[0].upper == std::nextafter(std::numbers::pi, 4.0));
  BOOST_TEST(out[1].lower < out[1].upper);
  BOOST_TEST(out[2].is_point());
}

BOOST_AUTO_TEST_CASE(intervals_enclose_smoothed_averages) {
  using intervals::Interval;
  for (const auto& f : {activations::Activation(activations::Relu{}),
                        activations::Activation(activations::LeakyRelu(0.2)),
                        activations::Activation(activations::SaturatingLinear{}),
                        activations::Activation(activations::Heaviside{}),
                        activations::Activation(activations::Erf{})})
    for (int n = 0; n <= 4; ++n) {
      const Tape tape = Tape::compile({smoothed(f, x, q, n)}, {x, q});
      auto workspace = tape.workspace<Interval>();
      std::vector<Interval> out(1);
      for (const double u0 : {-1.7, -0.4, 0.0, 0.9}) {
        tape.evaluate<Interval>(std::vector<Interval>{{u0, u0 + 0.25}, {0.5, 0.75}}, out,
                                workspace);
        for (const auto& [u1, q1] : {std::pair{0.0, 0.5}, {0.25, 0.75}, {0.125, 0.6}})
          BOOST_TEST(out[0].contains(tape.evaluate({u0 + u1, q1})[0]),
                     activations::name(f) << " n " << n << " u " << u0 + u1);
        // A point is enclosed tightly.
        tape.evaluate<Interval>(std::vector<Interval>{u0, 0.5}, out, workspace);
        BOOST_TEST(intervals::width(out[0]) < 1e-12);
      }
    }
  BOOST_CHECK_THROW(
      Tape::compile({smoothed(activations::Tanh{}, x, q)}, {x, q}).workspace<Interval>(),
      std::invalid_argument);
}
