// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE moment_validity
#include "solvers/cumulants/moment_validity.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "lib/symbolic/functions.hpp"
#include "tests/solvers/cumulants/formula_models.hpp"

using namespace stillpoint;
using cumulants::find_rest_states;
using cumulants::MomentSolution;
using symbolic::Expression;
using symbolic::symbol;

namespace {

const Expression x = symbol("x"), xi = symbol("xi");

Expression number(double value) { return Expression(value); }

symbolic::Model diffusion(const Expression& drift) {
  return tests::formula_diffusion({x}, {drift}, {{number(0.5)}});
}

/// Normal closures of order 1 to 6, each from the certain state `start`.
std::vector<MomentSolution> orders(const symbolic::Model& model, double start) {
  std::vector<MomentSolution> solutions;
  for (Index order = 1; order <= 6; ++order) {
    const cumulants::MomentSystem system(
        cumulants::close(cumulants::derive_moment_equations(model, {.order = order}),
                         cumulants::MomentClosure::normal));
    const auto path = system.integrate(system.certain(Vector{{start}}), Vector{{0.0, 20.0}});
    solutions.push_back(system.solve(path.moments.rightCols(1)));
  }
  return solutions;
}

std::vector<MomentSolution> after(const std::vector<MomentSolution>& all, std::ptrdiff_t k) {
  return {all.begin() + k + 1, all.end()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(rest_states_are_counted_within_eight_standard_deviations) {
  const auto well = diffusion(x - x * x * x);
  const Vector one{{1.0}}, zero{{0.0}};
  const auto both = find_rest_states(well, zero, zero, Vector{{0.7}}, 200.0);
  BOOST_TEST(both.stable == 2);
  BOOST_TEST(both.note.starts_with("several stable states"));
  BOOST_TEST(find_rest_states(well, one, one, Vector{{0.3}}, 200.0).stable == 2);
  const auto near = find_rest_states(well, one, one, Vector{{0.1}}, 200.0);
  BOOST_TEST(near.stable == 1);
  BOOST_TEST(near.note.empty());
  const auto runaway = find_rest_states(diffusion(x * x - number(1.0)), -one, -one, one, 200.0);
  BOOST_TEST(runaway.note.find("runs away") != std::string::npos);
  BOOST_TEST(find_rest_states(diffusion(x), zero, zero, Vector{{0.0}}, 20.0).stable == 0);
  // A chain: x' = x + (x − x³)/5, and one that comes back to itself every other step.
  const auto chain = tests::formula_chain(
      {x}, {number(1.2) * x - number(0.2) * x * x * x + number(0.1) * xi}, {xi});
  BOOST_TEST(find_rest_states(chain, one, one, Vector{{0.2}}, 200.0).stable == 2);
  const auto flip = tests::formula_chain({x}, {-x + number(0.1) * xi}, {xi});
  BOOST_TEST(find_rest_states(flip, one, one, one, 200.0).note.find("come to rest") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(orders_that_agree_about_a_mixture_are_not_valid) {
  const auto well = diffusion(x - x * x * x);
  const auto all = orders(well, 0.0);
  const Vector zero{{0.0}};
  const auto rest = find_rest_states(well, zero, zero, Vector{{0.7}}, 200.0);
  for (std::ptrdiff_t k = 0; k < 4; ++k)
    BOOST_TEST(!cumulants::judge_moments(all[k], after(all, k), rest).valid);
  BOOST_TEST(all[1].report.ok());  // not for want of a law
}

BOOST_AUTO_TEST_CASE(orders_that_converge_are_valid) {
  // dx = (1 − x − x³/5) dt + ½ dW: variances of order 2 and 4 differ by about a hundredth.
  const auto model = diffusion(number(1.0) - x - number(0.2) * x * x * x);
  const auto all = orders(model, 0.0);
  const auto& law = all.back().law;
  const auto rest = find_rest_states(model, Vector{{0.0}}, law.mean(),
                                     law.covariance().diagonal().cwiseSqrt(), 200.0);
  for (std::ptrdiff_t k = 1; k < 4; ++k) {
    const auto verdict = cumulants::judge_moments(all[k], after(all, k), rest);
    BOOST_TEST(verdict.valid, verdict.note);
  }
  const auto last = cumulants::judge_moments(all[4], after(all, 4), rest);
  BOOST_TEST(!last.valid);
  BOOST_TEST(last.note.find("two orders above") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_difference_is_told_in_its_unit) {
  const auto narrow = orders(diffusion(-x), 0.0);
  const auto shifted = orders(diffusion(number(0.1) - x), 0.0);
  const auto wide = orders(diffusion(number(-0.5) * x), 0.0);
  BOOST_TEST(cumulants::compare_moments(narrow[1], narrow[3], "it").valid);
  // 0.1 over √(0.25/2) standard deviations.
  BOOST_TEST(cumulants::compare_moments(narrow[1], shifted[1], "it").note ==
             "it differs: the mean by 0.283 standard deviations");
  BOOST_TEST(cumulants::compare_moments(narrow[1], wide[1], "it").note ==
             "it differs: the variance by 50 %");
}
