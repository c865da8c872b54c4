// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE moment_equations
#include "solvers/cumulants/moment_equations.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/functions.hpp"
#include "lib/symbolic/latex.hpp"
#include "lib/symbolic/tape.hpp"
#include "tests/solvers/cumulants/formula_models.hpp"

using namespace stillpoint;
using cumulants::close;
using cumulants::derive_moment_equations;
using cumulants::MomentClosure;
using cumulants::MomentEquations;
using cumulants::MomentForm;
using symbolic::Expression;
using symbolic::rational;
using symbolic::symbol;

namespace {

const Expression x = symbol("x"), y = symbol("y"), s = symbol("s"), a = symbol("a"),
                 b = symbol("b"), xi = symbol("xi");

using symbolic::Model;

Model diffusion(const Expression& drift, const Expression& noise) {
  return tests::formula_diffusion({x}, {drift}, {{noise}});
}

Model chain(const Expression& map) { return tests::formula_chain({x}, {map}, {xi}); }

/// The rate at α is the formula.
void check_rate(const MomentEquations& equations, const statistics::MultiIndex& alpha,
                const Expression& expected) {
  const Index position = equations.indices.find(alpha);
  BOOST_REQUIRE(position >= 1);
  const Expression& rate = equations.rates[static_cast<std::size_t>(position - 1)];
  BOOST_TEST(symbolic::is_zero(rate - expected), symbolic::to_text(rate)
                                                     << " is not " << symbolic::to_text(expected));
}

Expression m(const char* digits) { return symbol(std::string("m_") + digits); }
Expression c(const char* digits) { return symbol(std::string("c_") + digits); }

}  // namespace

BOOST_AUTO_TEST_SUITE(diffusions)

// dx = −a x dt, its noise matrix left out: the rates are those of noise 0.
BOOST_AUTO_TEST_CASE(no_noise) {
  const auto without =
      derive_moment_equations(tests::formula_diffusion({x}, {-a * x}, {}), {.order = 3});
  const auto with_zero = derive_moment_equations(diffusion(-a * x, 0), {.order = 3});
  BOOST_REQUIRE(without.rates.size() == 3u);
  for (std::size_t k = 0; k < 3; ++k) BOOST_TEST((without.rates[k] == with_zero.rates[k]));
  check_rate(without, {2}, -2 * a * c("2"));
}

// dx = −a x dt + s dW: m_n' = −n a m_n + n(n−1)/2 s² m_{n−2}; central ones alike. Closed.
BOOST_AUTO_TEST_CASE(ornstein_uhlenbeck) {
  const auto process = diffusion(-a * x, s);
  const auto raw = derive_moment_equations(process, {.order = 5, .form = MomentForm::raw});
  BOOST_TEST(raw.closed());
  BOOST_TEST(raw.rates.size() == 5u);
  check_rate(raw, {1}, -a * m("1"));
  check_rate(raw, {2}, -2 * a * m("2") + s * s);
  check_rate(raw, {5}, -5 * a * m("5") + 10 * s * s * m("3"));
  const auto central = derive_moment_equations(process, {.order = 4});
  BOOST_TEST(central.closed());
  check_rate(central, {1}, -a * symbol("mu_x"));
  check_rate(central, {3}, -3 * a * c("3"));
  check_rate(central, {4}, -4 * a * c("4") + 6 * s * s * c("2"));
}

// dx = (x − x³) dt + s dW: m_n' = n (m_n − m_{n+2}) + n(n−1)/2 s² m_{n−2}.
BOOST_AUTO_TEST_CASE(double_well) {
  const auto process = diffusion(x - x * x * x, s);
  const auto raw = derive_moment_equations(process, {.order = 4, .form = MomentForm::raw});
  BOOST_TEST(!raw.closed());
  check_rate(raw, {1}, m("1") - m("3"));
  check_rate(raw, {2}, 2 * (m("2") - m("4")) + s * s);
  check_rate(raw, {4}, 4 * (m("4") - m("6")) + 6 * s * s * m("2"));
  // Central: A(μ + ξ) = μ − μ³ + (1 − 3μ²) ξ − 3μ ξ² − ξ³.
  const Expression mu = symbol("mu_x");
  const auto central = derive_moment_equations(process, {.order = 2});
  check_rate(central, {1}, mu - mu * mu * mu - 3 * mu * c("2") - c("3"));
  check_rate(central, {2}, 2 * ((1 - 3 * mu * mu) * c("2") - 3 * mu * c("3") - c("4")) + s * s);
}

// dx = a x dt + s x dW: m_n' = (n a + n(n−1)/2 s²) m_n. Closed in raw moments.
BOOST_AUTO_TEST_CASE(geometric_brownian_motion) {
  const auto raw =
      derive_moment_equations(diffusion(a * x, s * x), {.order = 4, .form = MomentForm::raw});
  BOOST_TEST(raw.closed());
  for (int n = 1; n <= 4; ++n)
    check_rate(
        raw, {n},
        (Expression(n) * a + rational(n * (n - 1), 2) * s * s) * m(std::to_string(n).c_str()));
}

// dx = (a x − b x²) dt + s x dW: m_n' = n (a m_n − b m_{n+1}) + n(n−1)/2 s² m_n.
BOOST_AUTO_TEST_CASE(logistic_growth) {
  const auto raw = derive_moment_equations(diffusion(a * x - b * x * x, s * x),
                                           {.order = 2, .form = MomentForm::raw});
  check_rate(raw, {1}, a * m("1") - b * m("2"));
  check_rate(raw, {2}, 2 * (a * m("2") - b * m("3")) + s * s * m("2"));
  // Order 2, derivative matching and log-normal are both m_3 = (m_2/m_1)³.
  for (const auto closure : {MomentClosure::derivative_matching, MomentClosure::log_normal}) {
    const auto closed = close(raw, closure, true);
    BOOST_TEST(closed.closed());
    check_rate(closed, {2},
               2 * (a * m("2") - b * symbolic::pow(m("2") / m("1"), 3)) + s * s * m("2"));
  }
}

// Two states, drift M z + v, noise S: C' = M C + C Mᵀ + S Sᵀ.
BOOST_AUTO_TEST_CASE(bivariate_linear) {
  const Model process =
      tests::formula_diffusion({x, y}, {a * x + 2 * y + 1, b * x - y}, {{s, 0}, {3, 2 * s}});
  const auto equations = derive_moment_equations(process, {.order = 2});
  BOOST_TEST(equations.closed());
  check_rate(equations, {1, 0}, a * symbol("mu_x") + 2 * symbol("mu_y") + 1);
  check_rate(equations, {2, 0}, 2 * a * c("20") + 4 * c("11") + s * s);
  check_rate(equations, {1, 1}, (a - 1) * c("11") + 2 * c("02") + b * c("20") + 3 * s);
  check_rate(equations, {0, 2}, 2 * b * c("11") - 2 * c("02") + 9 + 4 * s * s);
}

// tanh to degree 3 about the mean, for an unspecified f: E f = f + f'' c_2/2 + f''' c_3/6.
BOOST_AUTO_TEST_CASE(smooth_drifts_are_taylor_polynomials) {
  const Expression mu = symbol("mu_x");
  const auto f = [](const Expression& u, int order) {
    return symbolic::function_symbol("f", {u}, order);
  };
  const auto equations =
      derive_moment_equations(diffusion(-x + f(x, 0), s), {.order = 2, .taylor_degree = 3});
  BOOST_TEST(equations.taylor_degree == 3);
  check_rate(
      equations, {1},
      -mu + f(mu, 0) + rational(1, 2) * f(mu, 2) * c("2") + rational(1, 6) * f(mu, 3) * c("3"));
  check_rate(equations, {2},
             -2 * c("2") + 2 * f(mu, 1) * c("2") + f(mu, 2) * c("3") +
                 rational(1, 3) * f(mu, 3) * c("4") + s * s);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(chains)

// x' = a x + b + s ξ: cumulants a^n κ_n, and s² in the second.
BOOST_AUTO_TEST_CASE(autoregression) {
  const auto central = derive_moment_equations(chain(a * x + b + s * xi), {.order = 4});
  BOOST_TEST(central.closed());
  check_rate(central, {1}, a * symbol("mu_x") + b);
  check_rate(central, {2}, a * a * c("2") + s * s);
  check_rate(central, {3}, a * a * a * c("3"));
  check_rate(central, {4}, a * a * a * a * c("4") + 6 * a * a * s * s * c("2") + 3 * s * s * s * s);
  const auto raw =
      derive_moment_equations(chain(a * x + s * xi), {.order = 3, .form = MomentForm::raw});
  check_rate(raw, {3}, a * a * a * m("3") + 3 * a * s * s * m("1"));
}

// x' = x² + s x ξ: E x'² = m_4 + s² m_2, E x'³ = m_6 + 3 s² m_4.
BOOST_AUTO_TEST_CASE(quadratic_map_with_multiplicative_noise) {
  const auto raw =
      derive_moment_equations(chain(x * x + s * x * xi), {.order = 3, .form = MomentForm::raw});
  check_rate(raw, {1}, m("2"));
  check_rate(raw, {2}, m("4") + s * s * m("2"));
  check_rate(raw, {3}, m("6") + 3 * s * s * m("4"));
}

// Two states and one noise that they share.
BOOST_AUTO_TEST_CASE(shared_noise) {
  const Model process = tests::formula_chain({x, y}, {a * x + s * xi, b * y + x - xi}, {xi});
  const auto equations = derive_moment_equations(process, {.order = 2});
  check_rate(equations, {1, 1}, a * b * c("11") + a * c("20") - s);
}

BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_SUITE(closures)

// Isserlis: c_3 = 0, c_4 = 3 c_2², c_5 = 0, c_6 = 15 c_2³; order 3: c_4 = 3 c_2², c_5 = 10 c_2 c_3,
// c_6 = 15 c_2³ + 10 c_3²; raw, order 2: m_3 = 3 m_1 m_2 − 2 m_1³.
BOOST_AUTO_TEST_CASE(normal) {
  const auto hierarchy = [](Index order, MomentForm form) {
    return derive_moment_equations(diffusion(x * x * x * x * x, s), {.order = order, .form = form});
  };
  const Expression mu = symbol("mu_x");
  const auto with = [&](const MomentEquations& open, const MomentEquations& closed, Index position,
                        const std::vector<symbolic::Substitution>& values) {
    BOOST_TEST(closed.closed());
    BOOST_TEST(symbolic::is_zero(closed.rates[position] -
                                 symbolic::substitute(open.rates[position], values)));
  };
  const Expression c2 = c("2"), c3 = c("3");
  const auto two = hierarchy(2, MomentForm::central), three = hierarchy(3, MomentForm::central);
  for (const Index p : {0, 1})
    with(two, close(two, MomentClosure::normal), p,
         {{c3, 0}, {c("4"), 3 * c2 * c2}, {c("5"), 0}, {c("6"), 15 * c2 * c2 * c2}});
  for (const Index p : {0, 1, 2})
    with(three, close(three, MomentClosure::normal), p,
         {{c("4"), 3 * c2 * c2},
          {c("5"), 10 * c2 * c3},
          {c("6"), 15 * c2 * c2 * c2 + 10 * c3 * c3},
          {c("7"), 105 * c2 * c2 * c3}});
  const Expression m1 = m("1"), m2 = m("2");
  const auto raw =
      derive_moment_equations(diffusion(x * x, s), {.order = 2, .form = MomentForm::raw});
  check_rate(close(raw, MomentClosure::normal), {2}, 2 * (3 * m1 * m2 - 2 * m1 * m1 * m1) + s * s);
}

// Multivariate Isserlis: c_22 = c_20 c_02 + 2 c_11².
BOOST_AUTO_TEST_CASE(normal_in_two_dimensions) {
  const Model process = tests::formula_diffusion({x, y}, {x * y * y - x, -y}, {{s, 0}, {0, s}});
  const auto open = derive_moment_equations(process, {.order = 2});
  const auto closed = close(open, MomentClosure::normal);
  BOOST_TEST(closed.closed());
  const Expression mx = symbol("mu_x"), my = symbol("mu_y");
  check_rate(closed, {1, 0}, mx * my * my + mx * c("02") + 2 * my * c("11") - mx);
  check_rate(closed, {2, 0},
             2 * (my * my - 1) * c("20") + 4 * mx * my * c("11") +
                 2 * (c("20") * c("02") + 2 * c("11") * c("11")) + s * s);
}

// Log-normal moments exp(α·m + ½ αᵀSα) obey the log-normal closure exactly, at every order and in
// two dimensions; so do they derivative matching, whose ln m is a polynomial of higher degree.
BOOST_AUTO_TEST_CASE(log_normal_laws_are_reproduced) {
  const statistics::MultiIndices indices(2, 6);
  const auto log_moment = [](const statistics::MultiIndex& alpha) {
    const double u = alpha[0], v = alpha[1];
    return 0.3 * u - 0.2 * v + 0.5 * (0.4 * u * u + 2 * 0.15 * u * v + 0.7 * v * v);
  };
  for (const Index degree : {2, 3, 4})
    for (Index p = indices.size_to(degree); p < indices.size(); ++p) {
      const auto gamma = cumulants::matching_exponents(indices, degree, indices[p]);
      double sum = 0.0;
      for (std::size_t k = 1; k < gamma.size(); ++k)
        sum += static_cast<double>(gamma[k]) * log_moment(indices[static_cast<Index>(k)]);
      BOOST_TEST(std::abs(sum - log_moment(indices[p])) < 1e-12);
    }
}

// One variable: γ_j = (−1)^{k−j} C(δ, j) C(δ − j − 1, k − j): (3, −3) at k = 2, (4, −6, 4) at
// k = 3; Singh & Hespanha (2007).
BOOST_AUTO_TEST_CASE(exponents_of_one_variable) {
  const statistics::MultiIndices indices(1, 5);
  const auto two = cumulants::matching_exponents(indices, 2, {3});
  BOOST_TEST(two[1] == -3);
  BOOST_TEST(two[2] == 3);
  const auto three = cumulants::matching_exponents(indices, 3, {4});
  BOOST_TEST(three[1] == 4);
  BOOST_TEST(three[2] == -6);
  BOOST_TEST(three[3] == 4);
}

// The defining property: from a certain state x0 moments change as m_α' = Σᵢ αᵢ x0^{α−eᵢ} Aᵢ +
// ½ Σᵢⱼ αᵢ(αⱼ − δᵢⱼ) x0^{α−eᵢ−eⱼ} Dᵢⱼ whatever A and D; the product of powers has the same value
// and the same derivative.
BOOST_AUTO_TEST_CASE(derivatives_match_from_a_certain_state) {
  const statistics::MultiIndices indices(2, 6);
  const double x0[] = {0.7, 1.9}, A[] = {0.3, -1.1}, D[2][2] = {{0.8, 0.25}, {0.25, 0.6}};
  const auto value = [&](int u, int v) {
    return u < 0 || v < 0 ? 0.0 : std::pow(x0[0], u) * std::pow(x0[1], v);
  };
  const auto rate = [&](const statistics::MultiIndex& k) {
    const int u = k[0], v = k[1];
    return u * value(u - 1, v) * A[0] + v * value(u, v - 1) * A[1] +
           0.5 * u * (u - 1) * value(u - 2, v) * D[0][0] + u * v * value(u - 1, v - 1) * D[0][1] +
           0.5 * v * (v - 1) * value(u, v - 2) * D[1][1];
  };
  for (const Index degree : {2, 3, 4})
    for (Index p = indices.size_to(degree); p < indices.size(); ++p) {
      const auto gamma = cumulants::matching_exponents(indices, degree, indices[p]);
      double log_value = 0.0, log_rate = 0.0;
      for (std::size_t k = 1; k < gamma.size(); ++k) {
        const auto& alpha = indices[static_cast<Index>(k)];
        log_value += static_cast<double>(gamma[k]) * std::log(value(alpha[0], alpha[1]));
        log_rate += static_cast<double>(gamma[k]) * rate(alpha) / value(alpha[0], alpha[1]);
      }
      const auto& delta = indices[p];
      const double exact = value(delta[0], delta[1]);
      BOOST_TEST(std::abs(std::exp(log_value) / exact - 1.0) < 1e-10);
      BOOST_TEST(std::abs(log_rate - rate(delta) / exact) < 1e-10 * (1.0 + std::abs(log_rate)));
    }
}

BOOST_AUTO_TEST_CASE(closures_of_positive_states_are_refused_elsewhere) {
  const auto raw = derive_moment_equations(diffusion(a * x - x * x, s * x),
                                           {.order = 2, .form = MomentForm::raw});
  const auto central = derive_moment_equations(diffusion(a * x - x * x, s * x), {.order = 2});
  const auto first = derive_moment_equations(diffusion(a * x - x * x, s * x),
                                             {.order = 1, .form = MomentForm::raw});
  for (const auto closure : {MomentClosure::derivative_matching, MomentClosure::log_normal}) {
    BOOST_CHECK_THROW(close(raw, closure), std::invalid_argument);
    BOOST_CHECK_THROW(close(central, closure, true), std::invalid_argument);
    BOOST_CHECK_THROW(close(first, closure, true), std::invalid_argument);
    BOOST_CHECK_NO_THROW(close(raw, closure, true));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(latex) {
  const auto raw =
      derive_moment_equations(diffusion(-a * x, s), {.order = 2, .form = MomentForm::raw});
  const std::string text = cumulants::to_latex(raw);
  BOOST_TEST(text.find("\\frac{\\mathrm{d} m_{2}}{\\mathrm{d} t} &= ") != std::string::npos, text);
  BOOST_TEST(text.find("\\begin{aligned}") == 0u);
  BOOST_TEST(text == cumulants::to_latex(derive_moment_equations(
                         diffusion(-a * x, s), {.order = 2, .form = MomentForm::raw})));
  const auto steps = derive_moment_equations(chain(a * x + s * xi), {.order = 1});
  BOOST_TEST(cumulants::to_latex(steps).find("\\mu_{x}' &= ") != std::string::npos,
             cumulants::to_latex(steps));
}

BOOST_AUTO_TEST_CASE(bad_models) {
  const auto refused = [](const Model& model, const cumulants::MomentOptions& options) {
    BOOST_CHECK_THROW(derive_moment_equations(model, options), std::invalid_argument);
  };
  refused({}, {});
  refused(diffusion(-x, s), {.order = 0});
  refused(diffusion(-x, s), {.order = 13});
  refused(diffusion(-x, s), {.order = 2, .taylor_degree = -1});
  refused(diffusion(symbolic::tanh(x), s), {.order = 2});  // no polynomial, no degree
  refused(diffusion(symbolic::tanh(x), s),
          {.order = 2, .form = MomentForm::raw, .taylor_degree = 3});
  refused(diffusion(symbolic::relu(x), s), {.order = 2, .taylor_degree = 3});  // a kink
  refused(diffusion(symbol("c_2") * x, s), {.order = 2});                      // our name
  Model unknown = diffusion(-a * x, s);
  unknown.parameters.clear();
  refused(unknown, {});
}
