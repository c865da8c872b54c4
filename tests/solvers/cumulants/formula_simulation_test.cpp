// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE formula_simulation
#include "solvers/cumulants/formula_simulation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>

#include "lib/symbolic/functions.hpp"
#include "tests/solvers/cumulants/formula_models.hpp"
#include "tests/support/seed.hpp"

using namespace stillpoint;
using cumulants::simulate_formulas;
using statistics::Estimate;
using statistics::z_score;
using symbolic::Expression;
using symbolic::symbol;

namespace {

const Expression x = symbol("x"), y = symbol("y"), xi = symbol("xi");

Expression number(double value) { return Expression(value); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_linear_diffusion_has_the_moments_of_its_euler_scheme) {
  // dx = −x dt + 0.6 dW, dy = (x − 2y) dt: the scheme's variance of x is 0.36 h/(1 − (1 − h)²).
  const auto model =
      tests::formula_diffusion({x, y}, {-x, x - number(2.0) * y}, {{number(0.6)}, {number(0.0)}});
  const auto simulated =
      simulate_formulas(model, Vector{{2.0, 0.0}}, 12.0, {.paths = 4000, .seed = tests::seed});
  BOOST_TEST(simulated.report.ok());
  BOOST_TEST(simulated.paths == 4000);
  const double h = simulated.step;
  BOOST_TEST(h <= 0.01);
  const double stationary = 0.36 * h / (1.0 - (1.0 - h) * (1.0 - h));
  BOOST_TEST(std::abs(z_score(simulated.late_variance[0], {stationary})) < 5.0);
  for (Index k = 1; k < simulated.times.size(); ++k) {
    const double t = simulated.times(k), decay = std::pow(1.0 - h, std::round(t / h));
    BOOST_TEST(std::abs(z_score(simulated.mean[k][0], {2.0 * decay})) < 5.0);
    BOOST_TEST(std::abs(z_score(simulated.variance[k][0], {stationary * (1.0 - decay * decay)})) <
               5.0);
    // E y = 2 (e^{−t} − e^{−2t}), to the scheme's first order.
    const double mean = 2.0 * (std::exp(-t) - std::exp(-2.0 * t));
    BOOST_TEST(std::abs(simulated.mean[k][1].value - mean) <
               5.0 * simulated.mean[k][1].standard_error + 2.0 * h);
  }
}

BOOST_AUTO_TEST_CASE(a_linear_chain_has_its_exact_moments) {
  const auto model = tests::formula_chain({x}, {number(0.5) * x + number(0.3) * xi}, {xi});
  const auto simulated =
      simulate_formulas(model, Vector{{1.0}}, 100.0, {.paths = 4000, .seed = tests::seed});
  BOOST_TEST(simulated.report.ok());
  BOOST_TEST(simulated.step == 1.0);
  for (Index k = 1; k < simulated.times.size(); ++k) {
    const double decay = std::pow(0.5, simulated.times(k));
    BOOST_TEST(std::abs(z_score(simulated.mean[k][0], {decay})) < 5.0);
    BOOST_TEST(std::abs(z_score(simulated.variance[k][0], {0.12 * (1.0 - decay * decay)})) < 5.0);
  }
  BOOST_TEST(std::abs(z_score(simulated.late_mean[0], {0.0})) < 5.0);
  BOOST_TEST(std::abs(z_score(simulated.late_variance[0], {0.12})) < 5.0);
}

BOOST_AUTO_TEST_CASE(what_has_no_stationary_law_says_so) {
  const auto wander = tests::formula_diffusion({x}, {number(0.0) * x}, {{number(1.0)}});
  const cumulants::FormulaSimulationOptions options{.paths = 4000, .seed = tests::seed};
  BOOST_TEST((simulate_formulas(wander, Vector{{0.0}}, 20.0, options).report.status ==
              Status::outside_validity));
  const auto explosion = tests::formula_diffusion({x}, {x * x * x}, {{number(1.0)}});
  const auto lost = simulate_formulas(explosion, Vector{{1.0}}, 20.0, options);
  BOOST_TEST((lost.report.status == Status::non_finite_state));
  BOOST_TEST(std::isnan(lost.late_mean[0].value));
  BOOST_CHECK_THROW(simulate_formulas(wander, Vector{{0.0, 1.0}}, 20.0, options),
                    std::invalid_argument);
  BOOST_CHECK_THROW(simulate_formulas(wander, Vector{{0.0}}, 0.0, options), std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(positive_states_stay_so) {
  // dx = (1 − x) dt + √x dW: mean 1, variance ½.
  const auto model = tests::formula_diffusion({x}, {number(1.0) - x}, {{symbolic::sqrt(x)}});
  const auto simulated = simulate_formulas(model, Vector{{1.0}}, 16.0,
                                           {.paths = 3000, .positive = true, .seed = tests::seed});
  BOOST_TEST(simulated.report.ok());
  BOOST_TEST(std::abs(simulated.late_mean[0].value - 1.0) <
             5.0 * simulated.late_mean[0].standard_error + 0.02);
  BOOST_TEST(std::abs(simulated.late_variance[0].value - 0.5) <
             5.0 * simulated.late_variance[0].standard_error + 0.02);
}
