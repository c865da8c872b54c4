// SPDX-License-Identifier: GPL-3.0-or-later
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include <cmath>
#include <limits>

#include "lib/core/require.hpp"
#include "solvers/ode/cvodes_solver.hpp"
#include "solvers/ode/march.hpp"
#include "solvers/ode/parametric_problem.hpp"
#include "solvers/ode/sensitivities.hpp"
#include "solvers/sundials/views.hpp"

namespace stillpoint::ode {
namespace {

constexpr auto where = "ode::forward_sensitivities";

/// The columns of the sensitivities are those to the parameters, then those to the initial state.
struct ForwardProblem : ParametricProblem {
  ForwardProblem(const ParametricField& equation_, const Vector& p_, bool to_parameters)
      : ParametricProblem(equation_, p_), parameter_columns(to_parameters ? p_.size() : 0) {}

  Index parameter_columns;

  /// f(x + δ s, p + δ dp) − f(x − δ s, p − δ dp) over 2δ, added to sum.
  void add_difference(double t, const Vector& x, const Vector& s, const Vector& dp,
                      Eigen::Ref<Vector> sum) {
    const double length = std::max(s.lpNorm<Eigen::Infinity>(), dp.lpNorm<Eigen::Infinity>());
    if (length == 0.0) return;
    const double scale = 1.0 + std::max(s.isZero(0.0) ? 0.0 : x.lpNorm<Eigen::Infinity>(),
                                        dp.cwiseProduct(p).lpNorm<Eigen::Infinity>());
    const double step = std::cbrt(std::numeric_limits<double>::epsilon()) * scale / length;
    Vector above(x.size()), below(x.size());
    evaluations += 2;
    equation.field(t, x + step * s, p + step * dp, above);
    equation.field(t, x - step * s, p - step * dp, below);
    sum += (above - below) / (2.0 * step);
  }
};

extern "C" int evaluate_sensitivities(int columns, double t, N_Vector x, N_Vector, N_Vector* s,
                                      N_Vector* dsdt, void* user_data, N_Vector,
                                      N_Vector) noexcept {
  auto& problem = static_cast<ForwardProblem&>(*static_cast<InitialValueProblem*>(user_data));
  return problem.callback([&problem, columns, t, x, s, dsdt] {
    const ParametricField& equation = problem.equation;
    const Vector state = sun::view(x);
    const bool with_parameters = problem.parameter_columns > 0;
    if (equation.by_state) problem.evaluate_by_state(t, state);
    if (equation.by_parameters && with_parameters) problem.evaluate_by_parameters(t, state);
    for (Index j = 0; j < columns; ++j) {
      const bool to_parameter = j < problem.parameter_columns;
      const auto sensitivity = sun::view(s[j]);
      auto derivative = sun::view(dsdt[j]);
      derivative.setZero();
      Vector x_direction = Vector::Zero(state.size()), p_direction = Vector::Zero(problem.p.size());
      if (equation.by_state)
        derivative.noalias() += problem.by_state * sensitivity;
      else
        x_direction = sensitivity;
      if (to_parameter && equation.by_parameters)
        derivative += problem.by_parameters.col(j);
      else if (to_parameter)
        p_direction(j) = 1.0;
      problem.add_difference(t, state, x_direction, p_direction, derivative);
      sun::require_finite(derivative, "the derivative of a sensitivity");
    }
  });
}

/// The vectors of SUNDIALS over the columns of a matrix, which must outlive them.
struct ColumnViews {
  ColumnViews(Matrix& matrix, const sun::Context& context) {
    for (Index j = 0; j < matrix.cols(); ++j) {
      handles.push_back(sun::make_view(matrix.col(j), context));
      vectors.push_back(handles.back().get());
    }
  }

  std::vector<sun::VectorHandle> handles;
  std::vector<N_Vector> vectors;
};

}  // namespace

ForwardSensitivities forward_sensitivities(const ParametricField& equation, const Vector& x0,
                                           const Vector& p, const Vector& times,
                                           const ForwardOptions& options) {
  require_valid(where, equation, p);
  require_valid(where, x0, times);
  require_valid(where, options.relative_tolerance, options.absolute_tolerance, options.max_steps,
                0.0);
  require(options.to_parameters || options.to_initial_state, where,
          "neither to_parameters nor to_initial_state, expected one; or try ode::integrate");
  require(!options.to_parameters || p.size() > 0, where,
          "to_parameters without parameters, expected m > 0 or to_parameters = false");

  const Index n = x0.size();
  ForwardProblem problem(equation, p, options.to_parameters);
  const Index m = problem.parameter_columns;
  CvodesSolver solver(
      {options.method, options.relative_tolerance, options.absolute_tolerance, options.max_steps},
      problem, x0, times(0));
  void* const memory = solver.memory.get();

  Matrix sensitivities = Matrix::Zero(n, m + (options.to_initial_state ? n : 0));
  if (options.to_initial_state) sensitivities.rightCols(n).setIdentity();
  ColumnViews columns(sensitivities, solver.context);
  Vector scales = Vector::Ones(sensitivities.cols());
  for (Index j = 0; j < m; ++j)
    if (p(j) != 0.0) scales(j) = std::abs(p(j));
  const auto count = static_cast<int>(sensitivities.cols());
  const bool simultaneous = options.corrector == Corrector::simultaneous;
  check_cvodes(CVodeSensInit(memory, count, simultaneous ? CV_SIMULTANEOUS : CV_STAGGERED,
                             evaluate_sensitivities, columns.vectors.data()),
               "CVodeSensInit");
  check_cvodes(CVodeSensEEtolerances(memory), "CVodeSensEEtolerances");
  check_cvodes(CVodeSetSensErrCon(memory, SUNTRUE), "CVodeSetSensErrCon");
  check_cvodes(CVodeSetSensParams(memory, nullptr, scales.data(), nullptr), "CVodeSetSensParams");
  sun::NonlinearSolverHandle fixed_point;
  if (options.method == Method::adams) {
    fixed_point.reset(
        sun::check_handle(SUNNonlinSol_FixedPointSens(count + (simultaneous ? 1 : 0),
                                                      solver.x.get(), 0, solver.context),
                          "SUNNonlinSol_FixedPointSens"));
    check_cvodes(simultaneous ? CVodeSetNonlinearSolverSensSim(memory, fixed_point.get())
                              : CVodeSetNonlinearSolverSensStg(memory, fixed_point.get()),
                 "CVodeSetNonlinearSolverSens");
  }

  ForwardSensitivities answer;
  const auto keep = [&] {
    if (options.to_parameters) answer.to_parameters.push_back(sensitivities.leftCols(m));
    if (options.to_initial_state) answer.to_initial_state.push_back(sensitivities.rightCols(n));
  };
  keep();
  answer.trajectory = march(
      solver.state, times, problem.events,
      {.advance =
           [&](double target, double& t) {
             const Reached reached = solver.advance(target, t);
             if (reached == Reached::time) {
               double time = 0.0;
               check_cvodes(CVodeGetSens(memory, &time, columns.vectors.data()), "CVodeGetSens");
               keep();
             }
             return reached;
           },
       .event_directions = {},
       .failure = [&](double t) { return solver.report_failure(t); }});
  answer.trajectory.report.iterations = solver.steps();
  answer.trajectory.report.evaluations = problem.evaluations;
  return answer;
}

}  // namespace stillpoint::ode
