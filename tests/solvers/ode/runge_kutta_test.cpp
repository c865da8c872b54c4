// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE runge_kutta
#include "solvers/ode/runge_kutta.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "solvers/ode/integrate.hpp"
#include "tests/solvers/ode/soliton.hpp"

using namespace stillpoint;
using ode::ExplicitTable;
using ode::ImexTable;
using ode::ImplicitTable;
using ode::integrate_runge_kutta;
using ode::RungeKuttaOptions;
using tests::soliton;
using tests::soliton_at;
using In = Eigen::Ref<const Vector>;
using Out = Eigen::Ref<Vector>;

namespace {

struct NamedExplicit {
  const char* name;
  ExplicitTable table;
  int order;
};
constexpr NamedExplicit explicit_tables[] = {
    {"heun_euler_2_1", ExplicitTable::heun_euler_2_1, 2},
    {"bogacki_shampine_3_2", ExplicitTable::bogacki_shampine_3_2, 3},
    {"zonneveld_4_3", ExplicitTable::zonneveld_4_3, 4},
    {"cash_karp_5_4", ExplicitTable::cash_karp_5_4, 5},
    {"fehlberg_5_4", ExplicitTable::fehlberg_5_4, 5},
    {"dormand_prince_5_4", ExplicitTable::dormand_prince_5_4, 5},
    {"verner_6_5", ExplicitTable::verner_6_5, 6},
    {"fehlberg_8_7", ExplicitTable::fehlberg_8_7, 8},
};
struct NamedImplicit {
  const char* name;
  ImplicitTable table;
  int order;
};
constexpr NamedImplicit implicit_tables[] = {
    {"sdirk_2_1", ImplicitTable::sdirk_2_1, 2},     {"kvaerno_3_2", ImplicitTable::kvaerno_3_2, 3},
    {"esdirk_3_2", ImplicitTable::esdirk_3_2, 3},   {"sdirk_4_3", ImplicitTable::sdirk_4_3, 4},
    {"kvaerno_4_3", ImplicitTable::kvaerno_4_3, 4}, {"esdirk_4_3", ImplicitTable::esdirk_4_3, 4},
    {"kvaerno_5_4", ImplicitTable::kvaerno_5_4, 5}, {"esdirk_5_4", ImplicitTable::esdirk_5_4, 5},
};
struct NamedImex {
  const char* name;
  ImexTable table;
  int order;
};
constexpr NamedImex imex_tables[] = {
    {"ark_3_2", ImexTable::ark_3_2, 3},
    {"ark_4_3", ImexTable::ark_4_3, 4},
    {"ark_5_4", ImexTable::ark_5_4, 5},
};

/// Prothero and Robinson's equation, made nonlinear and of two components,
///     x' = −k (x − cos t)(1 + y²) − sin t,   y' = x² − cos² t + y cos t,
/// whose solution through (1, 1) is x = cos t, y = exp(sin t); k is the stiffness.
struct Chase {
  double k;

  Vector exact(double t) const { return Eigen::Vector2d(std::cos(t), std::exp(std::sin(t))); }
  ode::Field field() const {
    return [k = k](double t, const In& x, Out dxdt) {
      dxdt(0) = -k * (x(0) - std::cos(t)) * (1.0 + x(1) * x(1)) - std::sin(t);
      dxdt(1) = x(0) * x(0) - std::pow(std::cos(t), 2) + x(1) * std::cos(t);
    };
  }
  ode::Field slow() const {
    return [](double t, const In& x, Out dxdt) {
      dxdt(0) = -std::sin(t);
      dxdt(1) = x(0) * x(0) - std::pow(std::cos(t), 2) + x(1) * std::cos(t);
    };
  }
  ode::Field fast() const {
    return [k = k](double t, const In& x, Out dxdt) {
      dxdt(0) = -k * (x(0) - std::cos(t)) * (1.0 + x(1) * x(1));
      dxdt(1) = 0.0;
    };
  }
};

int status(const ode::Trajectory& trajectory) { return static_cast<int>(trajectory.report.status); }

Vector uniform(double first, double last, Index count) {
  return Vector::LinSpaced(count, first, last);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(orders)

// Not stiff, so that nothing of the order is lost.
const Chase chase{1.0};

/// Slope of log error against log step between the two shortest steps whose error is above what
/// rounding and Newton's method leave. The error is the largest one at the times, which has no
/// zeros as a function of the step.
template <typename Run>
double observed_order(const Chase& problem, const Run& run, double rounding) {
  double slope = 0.0, last_error = 0.0, last_step = 0.0;
  for (double number = 5.0; number < 500.0; number = std::ceil(1.25 * number)) {
    const double step = 0.5 / number;
    RungeKuttaOptions options{.relative_tolerance = 1e-12, .absolute_tolerance = 1e-12};
    options.fixed_step = step;
    const ode::Trajectory answer = run(options, uniform(0.0, 5.0, 11));
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    double error = 0.0;
    for (Index k = 1; k < answer.times.size(); ++k)
      error = std::max(error, (answer.states.col(k) - problem.exact(answer.times(k))).norm());
    if (error < rounding) break;
    if (last_step > 0.0) slope = std::log(error / last_error) / std::log(step / last_step);
    last_error = error;
    last_step = step;
  }
  return slope;
}

void check_order(const char* name, double slope, int order) {
  BOOST_TEST_MESSAGE(name << ": observed order " << slope);
  BOOST_TEST(std::abs(slope - order) < 0.2, name << ": " << slope);
}

BOOST_AUTO_TEST_CASE(of_explicit_tables) {
  for (const auto& [name, table, order] : explicit_tables) {
    // Order 8 needs larger errors: with k = 1 rounding comes before the order is reached.
    const Chase problem{order == 8 ? 2.0 : 1.0};
    const auto run = [&, table = table](const RungeKuttaOptions& options, const Vector& times) {
      return integrate_runge_kutta(table, problem.field(), problem.exact(0.0), times, options);
    };
    check_order(name, observed_order(problem, run, 1e-13), order);
  }
}

BOOST_AUTO_TEST_CASE(of_implicit_tables) {
  for (const auto& [name, table, order] : implicit_tables) {
    const auto run = [table = table](const RungeKuttaOptions& options, const Vector& times) {
      return integrate_runge_kutta(table, chase.field(), chase.exact(0.0), times, options);
    };
    check_order(name, observed_order(chase, run, 1e-10), order);
  }
}

BOOST_AUTO_TEST_CASE(of_imex_tables) {
  for (const auto& [name, table, order] : imex_tables) {
    const auto run = [table = table](const RungeKuttaOptions& options, const Vector& times) {
      return integrate_runge_kutta(table, chase.slow(), chase.fast(), chase.exact(0.0), times,
                                   options);
    };
    check_order(name, observed_order(chase, run, 1e-10), order);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(closed_forms)

// The tolerance decides: the error goes down with it, and stays within a factor of the sum of the
// steps' tolerances.
BOOST_AUTO_TEST_CASE(adaptive_steps_follow_the_tolerance) {
  const auto check = [](const char* name, const auto& run) {
    double coarsest = 0.0;
    for (const double tolerance : {1e-4, 1e-6, 1e-8}) {
      RungeKuttaOptions options{.relative_tolerance = tolerance, .absolute_tolerance = tolerance};
      const ode::Trajectory answer = run(options);
      BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
      double error = 0.0;
      for (Index k = 0; k < answer.times.size(); ++k)
        error = std::max(error, (answer.states.col(k) - soliton_at(answer.times(k))).norm());
      BOOST_TEST(error < 20.0 * tolerance * static_cast<double>(answer.report.iterations),
                 name << " " << tolerance << ": " << error << ", " << answer.report.iterations
                      << " steps");
      if (tolerance == 1e-4) coarsest = error;
      if (tolerance == 1e-8) BOOST_TEST(error < 0.1 * coarsest, name << ": " << error);
    }
  };
  const Vector times = uniform(-1.0, 2.0, 7);
  for (const auto& [name, table, order] : explicit_tables)
    check(name, [&, table = table](const RungeKuttaOptions& options) {
      return integrate_runge_kutta(table, soliton, soliton_at(-1.0), times, options);
    });
  for (const auto& [name, table, order] : implicit_tables)
    check(name, [&, table = table](const RungeKuttaOptions& options) {
      return integrate_runge_kutta(table, soliton, soliton_at(-1.0), times, options);
    });
}

BOOST_AUTO_TEST_CASE(backwards_in_time) {
  const RungeKuttaOptions tight{.relative_tolerance = 1e-11, .absolute_tolerance = 1e-12};
  RungeKuttaOptions fixed = tight;
  fixed.fixed_step = 0.01;
  for (const auto& options : {tight, fixed}) {
    const auto answer = integrate_runge_kutta(ExplicitTable::verner_6_5, soliton, soliton_at(2.0),
                                              uniform(2.0, -1.0, 4), options);
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    for (Index k = 0; k < 4; ++k)
      BOOST_TEST((answer.states.col(k) - soliton_at(answer.times(k))).norm() < 1e-8);
  }
}

// 0.07 does not divide 3: the last step before a time is shorter, and their number is known.
BOOST_AUTO_TEST_CASE(fixed_steps_end_at_the_times) {
  RungeKuttaOptions options;
  options.fixed_step = 0.07;
  const auto answer = integrate_runge_kutta(ExplicitTable::fehlberg_8_7, soliton, soliton_at(-1.0),
                                            uniform(-1.0, 2.0, 4), options);
  BOOST_TEST(answer.report.iterations == 3 * 15);
  BOOST_TEST((answer.states.col(3) - soliton_at(2.0)).norm() < 1e-10);
}

// Interpolation: the steps do not notice how many times there are, and the states between them are
// as good as a cubic's error with the longest step, h⁴/384 |x⁗| < 0.1 h⁴, or better.
BOOST_AUTO_TEST_CASE(dense_output) {
  RungeKuttaOptions options{.relative_tolerance = 1e-8, .absolute_tolerance = 1e-8};
  options.interpolate = true;
  const auto check = [&](const char* name, auto table) {
    const auto few =
        integrate_runge_kutta(table, soliton, soliton_at(-1.0), uniform(-1.0, 2.0, 2), options);
    const auto many =
        integrate_runge_kutta(table, soliton, soliton_at(-1.0), uniform(-1.0, 2.0, 1001), options);
    BOOST_TEST_REQUIRE(many.report.ok(), many.report.message);
    BOOST_TEST(many.times.size() == 1001);
    BOOST_TEST(many.report.iterations == few.report.iterations);
    double error = 0.0;
    for (Index k = 0; k < many.times.size(); ++k)
      error = std::max(error, (many.states.col(k) - soliton_at(many.times(k))).norm());
    BOOST_TEST_MESSAGE(name << ": " << many.report.iterations << " steps, error between them "
                            << error);
    const double h = 3.0 / static_cast<double>(many.report.iterations);
    BOOST_TEST(error < std::pow(2.0 * h, 4));
  };
  check("dormand_prince_5_4", ExplicitTable::dormand_prince_5_4);
  check("kvaerno_4_3", ImplicitTable::kvaerno_4_3);
}

// x = 1/cosh t has x' = 0 at 0 and x = 1/cosh 1 at ±1.
BOOST_AUTO_TEST_CASE(events) {
  for (const bool interpolate : {false, true}) {
    RungeKuttaOptions options{.relative_tolerance = 1e-11, .absolute_tolerance = 1e-12};
    options.interpolate = interpolate;
    options.events = {.count = 2, .values = [](double, const In& x, Out g) {
                        g << x(1), x(0) - 1.0 / std::cosh(1.0);
                      }};
    const auto times = uniform(-1.5, 2.0, 36);
    const auto answer = integrate_runge_kutta(ExplicitTable::dormand_prince_5_4, soliton,
                                              soliton_at(-1.5), times, options);
    BOOST_TEST_REQUIRE(answer.events.size() == 3u);
    BOOST_TEST(answer.times.size() == 36);
    const double expected[] = {-1.0, 0.0, 1.0};
    const Index which[] = {1, 0, 1};
    const bool increasing[] = {true, false, false};
    for (std::size_t k = 0; k < 3; ++k) {
      BOOST_TEST(std::abs(answer.events[k].time - expected[k]) < 1e-8);
      BOOST_TEST(answer.events[k].which == which[k]);
      BOOST_TEST(answer.events[k].increasing == increasing[k]);
      BOOST_TEST((answer.events[k].state - soliton_at(expected[k])).norm() < 1e-8);
    }
    for (Index k = 0; k < times.size(); ++k)  // after an event it goes on where it was
      BOOST_TEST((answer.states.col(k) - soliton_at(times(k))).norm() < 1e-8);
    options.events.terminal = true;
    const auto ended = integrate_runge_kutta(ExplicitTable::dormand_prince_5_4, soliton,
                                             soliton_at(-1.5), times, options);
    BOOST_TEST(ended.events.size() == 1u);
    BOOST_TEST(ended.times(ended.times.size() - 1) <= -1.0 + 1e-9);
    BOOST_TEST(ended.times.size() >= 5);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(stiffness)

// k = 1e6, steps of 0.05: h k = 5e4 is far beyond what an explicit method bears, and the implicit
// part of an additive one does not notice.
BOOST_AUTO_TEST_CASE(imex_where_explicit_fails) {
  const Chase chase{1e6};
  RungeKuttaOptions options{.relative_tolerance = 1e-10, .absolute_tolerance = 1e-12};
  options.fixed_step = 0.05;
  const Vector times = uniform(0.0, 3.0, 7);
  for (const auto& [name, table, order] : imex_tables) {
    const auto answer =
        integrate_runge_kutta(table, chase.slow(), chase.fast(), chase.exact(0.0), times, options);
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    double error = 0.0;
    for (Index k = 0; k < times.size(); ++k)
      error = std::max(error, (answer.states.col(k) - chase.exact(times(k))).norm());
    BOOST_TEST_MESSAGE(name << ": error " << error);
    BOOST_TEST(error < std::pow(options.fixed_step, order - 1));
  }
  const auto diverged = integrate_runge_kutta(ExplicitTable::dormand_prince_5_4, chase.field(),
                                              chase.exact(0.0), times, options);
  BOOST_TEST(status(diverged) == static_cast<int>(Status::non_finite_state));

  // Adaptive: the explicit method needs h k < 4, a million steps.
  options = {.relative_tolerance = 1e-6, .absolute_tolerance = 1e-8};
  const auto cheap = integrate_runge_kutta(ImexTable::ark_4_3, chase.slow(), chase.fast(),
                                           chase.exact(0.0), times, options);
  options.max_steps = 3000;
  const auto dear = integrate_runge_kutta(ExplicitTable::dormand_prince_5_4, chase.field(),
                                          chase.exact(0.0), times, options);
  BOOST_TEST_REQUIRE(cheap.report.ok(), cheap.report.message);
  BOOST_TEST((cheap.states.col(6) - chase.exact(3.0)).norm() < 1e-5);
  BOOST_TEST_MESSAGE("adaptive ark_4_3: " << cheap.report.iterations << " steps");
  BOOST_TEST(cheap.report.iterations < 3000);
  BOOST_TEST(status(dear) == static_cast<int>(Status::step_limit));
}

// ∂u/∂t = ∂²u/∂x² + u(1 − u) on 200 cells: diffusion implicit with a constant sparse Jacobian or
// matrix-free, growth explicit, against bdf on the whole.
BOOST_AUTO_TEST_CASE(implicit_diffusion_explicit_growth) {
  const Index n = 200;
  const double c = 1e-2 * static_cast<double>(n * n);
  const ode::Field growth = [](double, const In& u, Out dudt) {
    dudt = (u.array() * (1.0 - u.array())).matrix();
  };
  const ode::Field diffusion = [&](double, const In& u, Out dudt) {
    for (Index i = 0; i < n; ++i)
      dudt(i) = c * ((i > 0 ? u(i - 1) - u(i) : 0.0) + (i + 1 < n ? u(i + 1) - u(i) : 0.0));
  };
  const ode::Field both = [&](double t, const In& u, Out dudt) {
    diffusion(t, u, dudt);
    dudt += (u.array() * (1.0 - u.array())).matrix();
  };
  Vector start = Vector::Zero(n);
  start.head(n / 4).setConstant(0.5);
  const Vector times = uniform(0.0, 2.0, 3);
  ode::IntegrateOptions tight{.relative_tolerance = 1e-11, .absolute_tolerance = 1e-12};
  tight.newton = {
      .linear_solver = ode::LinearSolver::banded, .lower_bandwidth = 1, .upper_bandwidth = 1};
  const auto reference = ode::integrate(both, start, times, tight);
  BOOST_TEST_REQUIRE(reference.report.ok(), reference.report.message);

  RungeKuttaOptions options{.relative_tolerance = 1e-8, .absolute_tolerance = 1e-10};
  ode::SparseMatrix J(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = std::max<Index>(0, i - 1); j <= std::min(n - 1, i + 1); ++j)
      J.insert(i, j) = i == j ? -c * (i == 0 || i + 1 == n ? 1.0 : 2.0) : c;
  J.makeCompressed();
  ode::Newton sparse{.linear_solver = ode::LinearSolver::sparse};
  sparse.sparse_jacobian = {.pattern = J, .values = [J](double, const In&, ode::SparseMatrix& M) {
                              M.coeffs() = J.coeffs();
                            }};
  ode::Newton dense{.jacobian = [J](double, const In&, Eigen::Ref<Matrix> M) { M = J.toDense(); }};
  ode::Newton krylov{.linear_solver = ode::LinearSolver::krylov};
  krylov.precondition = [J](double, const In&, double gamma, const In& r, Out z) {
    z = (Matrix::Identity(J.rows(), J.cols()) - gamma * J.toDense()).partialPivLu().solve(r);
  };
  for (const auto& newton : {sparse, dense, krylov}) {
    options.newton = newton;
    if (newton.precondition)  // it is dear here
      options.relative_tolerance = 1e-5;
    const auto answer =
        integrate_runge_kutta(ImexTable::ark_4_3, growth, diffusion, start, times, options);
    BOOST_TEST_REQUIRE(answer.report.ok(), answer.report.message);
    const double error = (answer.states - reference.states).cwiseAbs().maxCoeff();
    BOOST_TEST_MESSAGE("error " << error << ", " << answer.report.iterations << " steps, "
                                << answer.report.evaluations << " evaluations");
    BOOST_TEST(error < 10.0 * options.relative_tolerance);
  }
}

BOOST_AUTO_TEST_SUITE_END()
