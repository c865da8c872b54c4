// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE solve
#include "solvers/algebraic/solve.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "lib/core/recoverable_error.hpp"

using namespace stillpoint;
using algebraic::Method;

namespace {

using In = const Eigen::Ref<const Vector>&;
using Out = Eigen::Ref<Vector>;
using OutMatrix = Eigen::Ref<Matrix>;

/// x² + y² = 4, x y = 1: roots with x + y = ±√6, x − y = ±√2.
void circle_and_hyperbola(In x, Out value) {
  value(0) = x.squaredNorm() - 4.0;
  value(1) = x(0) * x(1) - 1.0;
}
void circle_and_hyperbola_slope(In x, OutMatrix J) { J << 2.0 * x(0), 2.0 * x(1), x(1), x(0); }
Vector root() {
  const double sum = std::sqrt(6.0), difference = std::numbers::sqrt2;
  return Eigen::Vector2d(0.5 * (sum + difference), 0.5 * (sum - difference));
}

Vector one(double x) { return Vector::Constant(1, x); }

bool mentions(const Report& report, const std::string& word) {
  return report.message.find(word) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(newton_finds_a_known_root) {
  // The root is well conditioned (|J⁻¹| < 1), so its error is of the order of the tolerance.
  const Vector x0 = Eigen::Vector2d(3.0, 0.1);
  for (const Method method : {Method::newton, Method::newton_line_search})
    for (const algebraic::Jacobian& J :
         {algebraic::Jacobian(circle_and_hyperbola_slope), algebraic::Jacobian()}) {
      const auto [x, report] = algebraic::solve(circle_and_hyperbola, J, x0, {.method = method});
      BOOST_TEST(report.ok());
      BOOST_TEST(report.message == "");
      BOOST_TEST((x - root()).lpNorm<Eigen::Infinity>() < 2e-12);
      BOOST_TEST(report.residual <= 1e-12);
      BOOST_TEST(report.iterations > 2);
      BOOST_TEST(report.evaluations > report.iterations);
    }
}

BOOST_AUTO_TEST_CASE(picard_and_anderson_find_the_fixed_point_of_the_cosine) {
  // cos x = x at the Dottie number (OEIS A003957).
  const double dottie = 0.739085133215160641655312087674;
  const auto minus = [](In x, Out value) { value(0) = std::cos(x(0)) - x(0); };
  const auto [a, a_report] = algebraic::solve(minus, {}, one(0.0), {.method = Method::anderson});
  BOOST_TEST(a_report.ok());
  BOOST_TEST(std::abs(a(0) - dottie) < 1e-12);
  const auto plain = algebraic::solve(
      minus, {}, one(0.0), {.method = Method::anderson, .acceleration_depth = 0, .damping = 0.8});
  BOOST_TEST(plain.report.ok());
  BOOST_TEST(std::abs(plain.x(0) - dottie) < 1e-12);
  BOOST_TEST(plain.report.iterations > a_report.iterations);

  // Picard: L x = N(x) with L = −1.7, near the slope at the root, F = L x − N.
  const auto slope = [](In, OutMatrix L) { L(0, 0) = -1.7; };
  const auto [p, p_report] = algebraic::solve(minus, slope, one(0.0), {.method = Method::picard});
  BOOST_TEST(p_report.ok());
  BOOST_TEST(std::abs(p(0) - dottie) < 1e-12);
}

BOOST_AUTO_TEST_CASE(scales_weigh_the_residual) {
  const auto steep = [](In x, Out value) { value(0) = 1e8 * (x(0) * x(0) - 2.0); };
  const auto [x, report] =
      algebraic::solve(steep, {}, one(1.0), {.tolerance = 1e-14, .scale = one(1e8)});
  BOOST_TEST(report.ok());
  BOOST_TEST(std::abs(x(0) - std::numbers::sqrt2) < 1e-14);
}

BOOST_AUTO_TEST_CASE(a_start_at_the_origin_may_move_far) {
  // KINSOL's own limit would be a step of 1 from x0 = 0.
  const auto [x, report] =
      algebraic::solve([](In y, Out value) { value(0) = y(0) - 700.0; }, {}, one(0.0));
  BOOST_TEST(report.ok());
  BOOST_TEST(x(0) == 700.0, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(failures_are_data_with_a_sentence) {
  const auto no_root = [](In x, Out value) { value(0) = x(0) * x(0) + 1.0; };
  const auto slope = [](In x, OutMatrix J) { J(0, 0) = 2.0 * x(0); };
  // Newton's map of x² + 1 never settles.
  const auto limit =
      algebraic::solve(no_root, slope, one(0.7), {.method = Method::newton, .max_iterations = 7});
  BOOST_TEST((limit.report.status == Status::step_limit));
  BOOST_TEST(mentions(limit.report, "7 iterations"));
  BOOST_TEST(limit.report.iterations == 7);
  BOOST_TEST(limit.report.residual >= 1.0);

  // No number has the square 2: the residual cannot fall below its rounding.
  const auto rounding = algebraic::solve([](In x, Out value) { value(0) = x(0) * x(0) - 2.0; },
                                         slope, one(1.0), {.tolerance = 1e-30});
  BOOST_TEST((rounding.report.status == Status::no_convergence));
  BOOST_TEST(mentions(rounding.report, "KINSol: KIN_"));
  BOOST_TEST(mentions(rounding.report, "below rounding"));
  BOOST_TEST(rounding.report.residual < 1e-15);
  BOOST_TEST(rounding.x(0) == std::numbers::sqrt2, boost::test_tools::tolerance(1e-15));

  const auto singular = algebraic::solve(no_root, slope, one(0.0));
  BOOST_TEST((singular.report.status == Status::no_convergence));
  BOOST_TEST(mentions(singular.report, "singular"));

  const auto nan = algebraic::solve([](In x, Out value) { value(0) = std::log(x(0)) + 20.0; },
                                    [](In x, OutMatrix J) { J(0, 0) = 1.0 / x(0); }, one(1.0),
                                    {.method = Method::newton});
  BOOST_TEST((nan.report.status == Status::non_finite_state));
  BOOST_TEST(mentions(nan.report, "F returned a NaN"));
  BOOST_TEST(nan.report.evaluations <= 3);  // at once

  const auto nan_slope =
      algebraic::solve([](In x, Out value) { value(0) = x(0) - 1.0; },
                       [](In, OutMatrix J) { J(0, 0) = std::nan(""); }, one(0.0));
  BOOST_TEST((nan_slope.report.status == Status::non_finite_state));
  BOOST_TEST(mentions(nan_slope.report, "Jacobian returned a NaN"));

  const auto runaway = algebraic::solve([](In x, Out value) { value(0) = std::exp(-x(0)); },
                                        [](In x, OutMatrix J) { J(0, 0) = -std::exp(-x(0)); },
                                        one(0.0), {.method = Method::newton, .max_step = 0.01});
  BOOST_TEST((runaway.report.status == Status::no_convergence));
  BOOST_TEST(mentions(runaway.report, "max_step"));
}

BOOST_AUTO_TEST_CASE(an_exception_arrives_intact) {
  struct Odd : std::domain_error {
    Odd(const char* text, int number) : std::domain_error(text), value(number) {}
    int value;
  };
  int calls = 0;
  const auto thrower = [&calls](In x, Out value) {
    if (++calls == 3) throw Odd("third call", 42);
    value(0) = std::cosh(x(0)) - 3.0;
  };
  for (const Method method : {Method::newton, Method::newton_line_search, Method::anderson}) {
    calls = 0;
    BOOST_CHECK_EXCEPTION(
        algebraic::solve(thrower, {}, one(1.0), {.method = method}), Odd,
        [](const Odd& e) { return e.value == 42 && std::string(e.what()) == "third call"; });
    BOOST_TEST(calls == 3);
  }
  const auto slope = [](In, OutMatrix) { throw Odd("in the matrix", 43); };
  BOOST_CHECK_EXCEPTION(algebraic::solve([](In x, Out value) { value = x; }, slope, one(1.0)), Odd,
                        [](const Odd& e) { return e.value == 43; });
}

BOOST_AUTO_TEST_CASE(a_recoverable_throw_is_survived) {
  // ln x + 20 = 0 from x = 1: the first full step leaves the domain, a shorter one does not.
  int throws = 0;
  const auto F = [&throws](In x, Out value) {
    if (!(x(0) > 0.0)) {
      ++throws;
      throw RecoverableError("ln x needs x > 0");
    }
    value(0) = std::log(x(0)) + 0.9;
  };
  const auto J = [](In x, OutMatrix slope) { slope(0, 0) = 1.0 / x(0); };
  const auto [x, report] = algebraic::solve(F, J, one(2.9));
  BOOST_TEST(report.ok());
  BOOST_TEST(throws > 0);
  BOOST_TEST(x(0) == std::exp(-0.9), boost::test_tools::tolerance(1e-12));
  // Where nothing helps, the caller sees it.
  BOOST_CHECK_THROW(algebraic::solve(F, J, one(-1.0)), RecoverableError);
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const auto F = [](In x, Out value) { value = x; };
  const auto throws = [&F](const Vector& x0, const algebraic::Options& options) {
    BOOST_CHECK_THROW(algebraic::solve(F, {}, x0, options), std::invalid_argument);
  };
  BOOST_CHECK_THROW(algebraic::solve({}, {}, one(0.0)), std::invalid_argument);
  throws(Vector(), {});
  throws(one(std::nan("")), {});
  throws(one(0.0), {.method = Method::picard});
  throws(one(0.0), {.tolerance = 0.0});
  throws(one(0.0), {.step_tolerance = -1.0});
  throws(one(0.0), {.max_iterations = 0});
  throws(one(0.0), {.max_step = 0.0});
  throws(one(0.0), {.acceleration_depth = -1});
  throws(one(0.0), {.damping = 1.5});
  throws(one(0.0), {.scale = one(0.0)});
  throws(one(0.0), {.scale = Vector::Ones(2)});
}
