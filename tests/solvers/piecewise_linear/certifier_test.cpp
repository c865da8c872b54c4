// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE certifier
#include "solvers/piecewise_linear/certifier.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <random>
#include <stdexcept>

#include "solvers/piecewise_linear/dictionary.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using namespace stillpoint::piecewise_linear;

namespace {

/// E x = r, x ≥ 0, without upper bounds.
ComplementarityForm form_of(const Matrix& E, const Vector& r) {
  ComplementarityForm form;
  form.E = RationalMatrix(E.rows(), E.cols());
  for (Index i = 0; i < E.rows(); ++i) {
    for (Index j = 0; j < E.cols(); ++j) form.E(i, j) = E(i, j);
    form.r.emplace_back(r(i));
  }
  form.upper.resize(static_cast<std::size_t>(E.cols()));
  return form;
}

std::vector<char> none(const Matrix& E) {
  return std::vector<char>(static_cast<std::size_t>(E.rows() + E.cols()), 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(proofs_and_what_looks_like_one) {
  // x₁ + x₂ = −1 has no solution; x₁ − x₂ = −1 has one unless x₂ = 0.
  Matrix E(1, 2);
  E << 1.0, 1.0;
  auto zero = none(E);
  const Vector one = Vector::Ones(1);
  {
    const auto form = form_of(E, -one);
    BOOST_TEST(Certifier(form).holds_rounded(one, zero, -1));
    BOOST_TEST(!Certifier(form).holds_rounded(-one, zero, -1));
    BOOST_TEST(!Certifier(form).holds_rounded(Vector::Zero(1), zero, -1));
    BOOST_TEST(!Certifier(form).holds_rounded(NAN * one, zero, -1));
    BOOST_TEST(Certifier(form).holds_exactly({0}, 0, true, zero));
    BOOST_TEST(!Certifier(form).holds_exactly({0}, 0, false, zero));
  }
  E << 1.0, -1.0;
  auto form = form_of(E, -one);
  BOOST_TEST(!Certifier(form).holds_rounded(one, zero, -1));
  BOOST_TEST(!Certifier(form).holds_exactly({0}, 0, true, zero));
  BOOST_TEST(Certifier(form).holds_rounded(one, zero, 1));
  zero[1] = 1;
  BOOST_TEST(Certifier(form).holds_rounded(one, zero, -1));
  BOOST_TEST(Certifier(form).holds_exactly({0}, 0, true, zero));
  // x₂ ≤ 0.999 is not enough for x₂ = 1 + x₁, and neither is x₂ ≤ 1 a proof of anything.
  zero[1] = 0;
  form.upper[1] = Rational(999, 1000);
  BOOST_TEST(Certifier(form).holds_rounded(one, zero, -1));
  form.upper[1] = 1;
  BOOST_TEST(!Certifier(form).holds_rounded(one, zero, -1));
}

BOOST_AUTO_TEST_CASE(rounding_decides_nothing) {
  // yᵀE is a hair on the wrong side, or on the right one: rounded arithmetic must not tell, exact
  // arithmetic must.
  const double hair = std::ldexp(1.0, -52);
  for (const double side : {-hair, 0.0, hair}) {
    Matrix E(2, 3);
    E << 1.0, 0.0, 1.0 + side, 0.0, 1.0, 1.0;
    // y = (1, −1): yᵀE = (1, −1, side), with the second variable zero; yᵀr = −1.
    const auto form = form_of(E, Eigen::Vector2d(0.0, 1.0));
    auto zero = none(E);
    zero[1] = 1;
    BOOST_TEST(!Certifier(form).holds_rounded(Eigen::Vector2d(1.0, -1.0), zero, -1));
    // Basis (x₂, x₁): the row of x₂, which is zero, is x₂ + x₃ = 1 … as −x₂ + x₁ + side x₃ = −1.
    BOOST_TEST(!Certifier(form).holds_exactly({0, 1}, 1, false, zero));
    const double far = 1.0 - 1e-9;
    BOOST_TEST(Certifier(form).holds_rounded(Eigen::Vector2d(1.0, -far), zero, -1) == true);
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_proved_about_a_system_with_a_solution) {
  // r = E x with x ≥ 0 of few digits, exact in doubles. Candidates: multipliers of the rows of a
  // dictionary, which touch zero in many places, and their neighbours in the last place.
  std::mt19937_64 engine(tests::seed);
  std::uniform_int_distribution<int> digits(-64, 64), coin(0, 2);
  std::uniform_real_distribution<double> small(-4e-16, 4e-16);
  for (int k = 0; k < 300; ++k) {
    const Index m = 2 + k % 6, n = 2 * m;
    const Matrix E = Matrix::NullaryExpr(m, n, [&] { return digits(engine) / 64.0; });
    auto zero = none(E);
    Vector x(n);
    for (Index j = 0; j < n; ++j) {
      x(j) = coin(engine) == 0 ? 0.0 : std::abs(digits(engine)) / 8.0;
      zero[static_cast<std::size_t>(j)] = x(j) == 0.0 && coin(engine) == 0;
    }
    const auto form = form_of(E, E * x);
    Certifier certifier(form);
    Dictionary dictionary(E, E * x);
    BOOST_TEST(!dictionary.start().has_value());
    for (Index row = 0; row < m; ++row)
      for (const bool negative : {true, false}) {
        Vector y = dictionary.multipliers({row, negative});
        for (int near = 0; near < 20; ++near) {
          BOOST_TEST(!certifier.holds_rounded(y, zero, -1));
          for (double& entry : y) entry *= 1.0 + small(engine);
        }
        BOOST_TEST(!certifier.holds_exactly(dictionary.basis(), row, negative, zero));
      }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_system_is_proved_empty) {
  // A random row combination with positive coefficients and a negative right-hand side is hidden in
  // the system: the dictionary finds an obstacle, and its multipliers are a proof.
  std::mt19937_64 engine(tests::seed);
  std::normal_distribution<double> normal;
  const auto draw = [&] { return normal(engine); };
  for (int k = 0; k < 100; ++k) {
    const Index m = 3 + k % 8, n = 2 * m;
    Matrix E = Matrix::NullaryExpr(m, n, draw);
    Vector r = Vector::NullaryExpr(m, draw);
    const Vector y = Vector::NullaryExpr(m, draw);
    // Row 1 is set so that yᵀE > 0 and yᵀr < 0.
    const Vector positive = Vector::NullaryExpr(n, [&] { return std::abs(draw()) + 0.1; });
    E.row(0) = (positive.transpose() - y.tail(m - 1).transpose() * E.bottomRows(m - 1)) / y(0);
    r(0) = (-1.0 - y.tail(m - 1).dot(r.tail(m - 1))) / y(0);
    const auto form = form_of(E, r);
    Certifier certifier(form);
    const auto zero = none(E);
    BOOST_TEST(certifier.holds_rounded(y, zero, -1));
    BOOST_TEST(!certifier.holds_rounded(-y, zero, -1));
    Dictionary dictionary(E, r);
    const auto obstacle = dictionary.start();
    BOOST_REQUIRE(obstacle.has_value());
    BOOST_TEST(certifier.holds_rounded(dictionary.multipliers(*obstacle), dictionary.fixed(), -1));
    BOOST_TEST(certifier.holds_exactly(dictionary.basis(), obstacle->row, obstacle->negative,
                                       dictionary.fixed()));
  }
}

BOOST_AUTO_TEST_CASE(coefficients_out_of_range_are_refused) {
  const auto form = form_of(Matrix::Constant(1, 2, 1e-300), Vector::Ones(1));
  BOOST_CHECK_THROW(Certifier{form}, std::invalid_argument);
}
