// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE moment_system
#include "solvers/cumulants/moment_system.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/networks/single_unit.hpp"
#include "lib/symbolic/functions.hpp"
#include "solvers/cumulants/cumulant_closure.hpp"
#include "solvers/fokker_planck/line.hpp"
#include "tests/solvers/cumulants/formula_models.hpp"

using namespace stillpoint;
using cumulants::close;
using cumulants::derive_moment_equations;
using cumulants::MomentClosure;
using cumulants::MomentForm;
using cumulants::MomentSystem;
using symbolic::Expression;
using symbolic::symbol;

namespace {

const Expression x = symbol("x"), s = symbol("s"), a = symbol("a"), b = symbol("b"),
                 xi = symbol("xi");

using Values = std::vector<std::pair<Expression, double>>;

symbolic::Model diffusion(const Expression& drift, const Expression& noise, const Values& values) {
  return tests::with_values(tests::formula_diffusion({x}, {drift}, {{noise}}), values);
}

/// dx = (a x − b x²) dt + s x dW, a positive state; a = b = 1.
MomentSystem logistic_growth(double variance, Index order, MomentClosure closure) {
  return MomentSystem(
      close(derive_moment_equations(diffusion(a * x - b * x * x, s * x, {{s, std::sqrt(variance)}}),
                                    {.order = order, .form = MomentForm::raw}),
            closure, true),
      true);
}

}  // namespace

// Geometric Brownian motion: m_n(t) = x0ⁿ exp((n a + n(n−1)/2 s²) t).
BOOST_AUTO_TEST_CASE(geometric_brownian_motion_along_time) {
  const MomentSystem system(derive_moment_equations(diffusion(a * x, s * x, {{a, -0.4}, {s, 0.5}}),
                                                    {.order = 3, .form = MomentForm::raw}),
                            true);
  const auto path = system.integrate(system.certain(Vector{{1.5}}), Vector{{0.0, 0.7, 2.0}});
  BOOST_TEST(path.report.ok(), path.report.message);
  BOOST_TEST(path.first_loss == -1);
  BOOST_REQUIRE(path.moments.cols() == 3);
  for (Index k = 0; k < 3; ++k)
    for (int n = 1; n <= 3; ++n) {
      const double rate = -0.4 * n + 0.25 * n * (n - 1) / 2.0;
      BOOST_TEST(
          std::abs(path.moments(n - 1, k) / (std::pow(1.5, n) * std::exp(rate * path.times(k))) -
                   1.0) < 1e-8);
    }
}

// Ornstein–Uhlenbeck and AR(1): stationary Gaussian laws, exact at every order.
BOOST_AUTO_TEST_CASE(linear_processes_are_exact) {
  for (Index order = 2; order <= 6; ++order) {
    const MomentSystem continuous(close(
        derive_moment_equations(diffusion(1 - a * x, s, {{a, 0.8}, {s, 0.6}}), {.order = order}),
        MomentClosure::normal));
    const auto rest = continuous.solve(continuous.certain(Vector{{0.0}}));
    BOOST_TEST(rest.report.ok(), rest.report.message);
    BOOST_TEST(std::abs(rest.law.cumulant(0, 1) - 1.25) < 1e-12);
    BOOST_TEST(std::abs(rest.law.cumulant(0, 2) - 0.36 / 1.6) < 1e-12);
    for (Index k = 3; k <= order; ++k) BOOST_TEST(std::abs(rest.law.cumulant(0, k)) < 1e-10);
    BOOST_TEST(std::abs(rest.stability + 0.8) < 1e-9);

    const MomentSystem discrete(derive_moment_equations(
        tests::with_values(tests::formula_chain({x}, {a * x + s * xi}, {xi}), {{a, 0.8}, {s, 0.6}}),
        {.order = order}));
    const auto law = discrete.solve(discrete.certain(Vector{{1.0}}));
    BOOST_TEST(std::abs(law.law.cumulant(0, 2) - 1.0) < 1e-12);  // 0.36/(1 − 0.64)
    BOOST_TEST(std::abs(law.stability - 0.8) < 1e-9);
    const auto path = discrete.iterate(discrete.certain(Vector{{1.0}}), 200);
    BOOST_TEST(path.report.ok());
    BOOST_TEST((path.moments.col(200) - law.moments).cwiseAbs().maxCoeff() < 1e-12);
  }
}

// The Jacobian of the tape against differences.
BOOST_AUTO_TEST_CASE(jacobians) {
  const MomentSystem system = logistic_growth(0.09, 3, MomentClosure::derivative_matching);
  const Vector at{{1.7, 3.1, 6.2}};
  const Matrix J = system.jacobian(at);
  for (Index j = 0; j < 3; ++j) {
    Vector up = at, down = at;
    up(j) += 1e-5;
    down(j) -= 1e-5;
    BOOST_TEST((J.col(j) - (system.rates(up) - system.rates(down)) / 2e-5).cwiseAbs().maxCoeff() <
               1e-6);
  }
}

// Logistic growth dx = (a x − b x²) dt + s x dW has a gamma law: shape 2a/s² − 1, scale s²/(2b).
// Errors fall with the order.
BOOST_AUTO_TEST_CASE(logistic_growth_has_a_gamma_law) {
  const double s2 = 0.2, shape = 2.0 / s2 - 1.0, scale = s2 / 2.0, mean = shape * scale;
  const auto error = [&](MomentClosure closure, Index order) {
    const MomentSystem system = logistic_growth(s2, order, closure);
    const auto rest = system.solve(system.certain(Vector{{1.0}}));
    BOOST_TEST(rest.report.ok(), rest.report.message);
    return std::abs(rest.law.cumulant(0, 1) - mean);
  };
  BOOST_TEST(error(MomentClosure::derivative_matching, 3) <
             0.2 * error(MomentClosure::derivative_matching, 2));
  BOOST_TEST(error(MomentClosure::normal, 3) < 0.5 * error(MomentClosure::normal, 2));
}

// The cubic drift with one well, dx = −(x + x³) dt + s dW: normal closures against quadrature.
BOOST_AUTO_TEST_CASE(cubic_drift) {
  fokker_planck::Coefficients exact_model;
  exact_model.dimension = 1;
  exact_model.drift = [](const Vector& at, Vector& A) {
    A = -(at.array() + at.array().cube()).matrix();
  };
  exact_model.tensor = [](const Vector&, Matrix& D) { D = Matrix::Constant(1, 1, 0.125); };
  const auto exact = fokker_planck::stationary_on_line(exact_model, -4.0, 4.0);
  double before = 1.0;
  for (const Index order : {2, 4, 6}) {
    const MomentSystem system(
        close(derive_moment_equations(diffusion(-x - x * x * x, s, {{s, 0.5}}), {.order = order}),
              MomentClosure::normal));
    Vector start = system.certain(Vector{{0.0}});
    start(1) = 0.1;
    const auto rest = system.solve(start);
    BOOST_TEST(rest.report.ok(), rest.report.message);
    const double error = std::abs(rest.law.cumulant(0, 2) / exact.variance - 1.0);
    BOOST_TEST(error < 0.5 * before);
    before = error;
  }
}

// The same with so much noise that the law is not near a Gaussian: the normal closure of order 2
// runs into a law that is not one, and then away; the report says so, with the time.
BOOST_AUTO_TEST_CASE(loss_of_realisability_is_reported) {
  const MomentSystem system = logistic_growth(0.8, 2, MomentClosure::normal);
  const auto path =
      system.integrate(system.certain(Vector{{0.3}}), Vector::LinSpaced(101, 0.0, 10.0));
  BOOST_TEST(!path.report.ok());
  BOOST_TEST(path.report.message.find("t = ") != std::string::npos, path.report.message);
  BOOST_REQUIRE(path.first_loss > 0);
  const auto law = [&](Index k) { return system.law(path.moments.col(k)); };
  const cumulants::Support positive{Vector::Zero(1),
                                    Vector::Constant(1, std::numeric_limits<double>::infinity())};
  BOOST_TEST(cumulants::check_realizability(law(path.first_loss - 1), positive).possible);
  BOOST_TEST(!cumulants::check_realizability(law(path.first_loss), positive).possible);
  BOOST_TEST(path.moments.allFinite());

  // Order 3 goes on, with moments of no law: lost positivity, and when.
  const MomentSystem third = logistic_growth(0.8, 3, MomentClosure::normal);
  const auto lost =
      third.integrate(third.certain(Vector{{0.3}}), Vector::LinSpaced(101, 0.0, 10.0));
  BOOST_TEST((lost.report.status == Status::lost_positivity));
  BOOST_TEST(lost.report.message.find("at time 1.2") == 0u, lost.report.message);
}

// A network's formula as a Taylor polynomial, and the same network with exact averages: the same
// for small noise.
BOOST_AUTO_TEST_CASE(taylor_and_exact_averages_agree_for_small_noise) {
  const double w = 0.5, c = 0.5, g = 0.1, sigma = 0.05;
  const auto neuron = [&](const Expression& at) {
    return -at + symbolic::tanh(Expression(w) * at + Expression(c));
  };
  const MomentSystem system(close(derive_moment_equations(diffusion(neuron(x), s, {{s, sigma}}),
                                                          {.order = 4, .taylor_degree = 5}),
                                  MomentClosure::normal));
  const models::NoisyChain chain(
      networks::single_unit(networks::Equation::rate, activations::Tanh{}, w, c, g),
      networks::white_noise(networks::NoiseSource::outside, sigma,
                            networks::NoiseConvention::per_sqrt_time));
  const auto exact = cumulants::solve_cumulants(models::NoisyDiffusion(chain, Vector(0)),
                                                Vector::Zero(1), {.order = 4});
  Vector start = system.certain(Vector{{0.6}});
  start(1) = 1e-3;
  const auto rest = system.solve(start);
  BOOST_TEST(rest.report.ok(), rest.report.message);
  BOOST_TEST(exact.report.ok(), exact.report.message);
  for (Index k = 1; k <= 4; ++k)  // what is left out is of relative order s⁴ and beyond
    BOOST_TEST(std::abs(rest.law.cumulant(0, k) / exact.law.cumulant(0, k) - 1.0) < 1e-4);
}

BOOST_AUTO_TEST_CASE(bad_arguments) {
  const auto open = derive_moment_equations(diffusion(x - x * x * x, s, {}), {.order = 2});
  BOOST_CHECK_THROW(MomentSystem{open}, std::invalid_argument);  // not closed
  const MomentSystem system(close(open, MomentClosure::normal));
  BOOST_CHECK_THROW(system.solve(Vector::Zero(5)), std::invalid_argument);
  BOOST_CHECK_THROW(system.iterate(Vector::Zero(2), 3), std::invalid_argument);
  BOOST_CHECK_THROW(system.certain(Vector::Zero(2)), std::invalid_argument);
}
