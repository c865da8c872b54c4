// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/moment_system.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <sstream>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "lib/symbolic/calculus.hpp"
#include "lib/symbolic/latex.hpp"
#include "solvers/algebraic/solve.hpp"
#include "solvers/ode/integrate.hpp"

namespace stillpoint::cumulants {
namespace {

using symbolic::Expression;

constexpr std::string_view where = "cumulants::MomentSystem";

Vector evaluate(const symbolic::Tape& tape, const Vector& moments,
                const std::vector<double>& parameters) {
  std::vector<double> in(moments.begin(), moments.end());
  in.insert(in.end(), parameters.begin(), parameters.end());
  Vector out(tape.outputs());
  auto workspace = tape.workspace<double>();
  tape.evaluate<double>(in, {out.data(), static_cast<std::size_t>(out.size())}, workspace);
  return out;
}

}  // namespace

MomentSystem::MomentSystem(MomentEquations equations, bool positive)
    : equations_(std::move(equations)),
      chain_(equations_.model.kind == symbolic::Model::Kind::chain) {
  require(equations_.closed(), where,
          "the equations hold moments above their order; close() them first");
  const Index n = equations_.model.state_size();
  std::vector<Expression> inputs(equations_.moments.begin() + 1,
                                 equations_.moments.begin() + 1 + unknowns());
  for (const auto& parameter : equations_.model.parameters) {
    inputs.push_back(parameter.symbol);
    parameters_.push_back(symbolic::evaluate(parameter.value));
  }
  std::vector<Expression> jacobian;  // column by column
  for (Index j = 0; j < unknowns(); ++j)
    for (const Expression& rate : equations_.rates)
      jacobian.push_back(symbolic::derivative(rate, equations_.moments[1 + j]));
  rates_ = symbolic::Tape::compile(equations_.rates, inputs);
  jacobian_ = symbolic::Tape::compile(jacobian, inputs);
  if (positive)
    support_ = {Vector::Zero(n), Vector::Constant(n, std::numeric_limits<double>::infinity())};
}

Vector MomentSystem::certain(const Vector& x0) const {
  const auto n = equations_.model.state_size();
  require(x0.size() == n && x0.allFinite(), where, "x0 has ", x0.size(),
          " entries or holds a NaN, expected ", n, " finite numbers");
  const bool central = equations_.form == MomentForm::central;
  Vector moments = Vector::Zero(unknowns());
  for (Index p = 1; p <= unknowns(); ++p) {
    const auto& alpha = equations_.indices[p];
    if (central && statistics::order(alpha) > 1) continue;
    moments(p - 1) = 1.0;
    for (Index i = 0; i < n; ++i) moments(p - 1) *= std::pow(x0(i), alpha[i]);
  }
  return moments;
}

CumulantLaw MomentSystem::law(const Vector& moments) const {
  require(moments.size() == unknowns(), where, moments.size(), " moments, expected ", unknowns());
  const auto n = equations_.model.state_size();
  CumulantLaw law(n, equations_.order);
  auto raw = law.cumulants();
  raw[0] = 1.0;
  for (Index p = 1; p <= unknowns(); ++p) raw[p] = moments(p - 1);
  const bool central = equations_.form == MomentForm::central;
  if (central)
    for (Index i = 1; i <= n; ++i) raw[i] = 0.0;
  law.cumulants() = statistics::cumulants_of_moments(law.indices(), raw);
  if (central) law.set_mean(moments.head(n));
  return law;
}

Vector MomentSystem::rates(const Vector& moments) const {
  require(moments.size() == unknowns(), where, moments.size(), " moments, expected ", unknowns());
  return evaluate(rates_, moments, parameters_);
}

Matrix MomentSystem::jacobian(const Vector& moments) const {
  require(moments.size() == unknowns(), where, moments.size(), " moments, expected ", unknowns());
  return evaluate(jacobian_, moments, parameters_).reshaped(unknowns(), unknowns());
}

Realizability MomentSystem::realizability(const Vector& moments) const {
  if (!moments.allFinite())
    return {false, -std::numeric_limits<double>::infinity(), "a moment is not finite"};
  return check_realizability(law(moments), support_);
}

MomentSolution MomentSystem::solve(const Vector& start, double tolerance) const {
  require(start.size() == unknowns() && start.allFinite(), where, "the start has ", start.size(),
          " entries or holds a NaN, expected ", unknowns(), " finite moments");
  require(tolerance > 0.0, where, "tolerance = ", tolerance, ", expected > 0");
  const auto root = algebraic::solve(
      [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> value) {
        throw_if_interrupted();
        value = rates(x);
        if (chain_) value -= x;
      },
      [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Matrix> J) {
        J = jacobian(x);
        if (chain_) J.diagonal().array() -= 1.0;
      },
      start, {.tolerance = tolerance});
  MomentSolution solution{
      .report = root.report, .moments = root.x, .law = CumulantLaw(1, 1), .realizability = {}};
  solution.law = law(root.x);
  if (!root.report.ok()) return solution;
  const auto values = jacobian(root.x).eigenvalues();
  solution.stability = chain_ ? values.cwiseAbs().maxCoeff() : values.real().maxCoeff();
  solution.realizability = realizability(root.x);
  std::ostringstream text;
  text << "order " << equations_.order << ": ";
  if (!solution.realizability.possible) {
    text << "the stationary moments are those of no law, " << solution.realizability.violated;
    solution.report.status = Status::lost_positivity;
    solution.report.message = text.str();
  } else if (solution.stability >= (chain_ ? 1.0 : 0.0)) {
    text << "the stationary moments are not stable, "
         << (chain_ ? "a step multiplies a deviation by " : "a deviation grows at the rate ")
         << solution.stability;
    solution.report.status = Status::outside_validity;
    solution.report.message = text.str();
  }
  return solution;
}

void MomentSystem::look(MomentPath& path, Index k) const {
  if (path.first_loss >= 0) return;
  const Realizability here = realizability(path.moments.col(k));
  if (here.possible) return;
  path.first_loss = k;
  if (!path.report.ok()) return;  // the integrator's own sentence says more
  std::ostringstream text;
  text << "at time " << path.times(k)
       << " the moments stop being those of a law: " << here.violated;
  path.report.status = Status::lost_positivity;
  path.report.message = text.str();
}

MomentPath MomentSystem::integrate(const Vector& start, const Vector& times) const {
  require(!chain_, where, "the equations of a chain have no rates; iterate()");
  require(start.size() == unknowns(), where, "the start has ", start.size(), " entries, expected ",
          unknowns());
  ode::IntegrateOptions options{.relative_tolerance = 1e-10, .absolute_tolerance = 1e-12};
  options.newton.jacobian = [&](double, const Eigen::Ref<const Vector>& x, Eigen::Ref<Matrix> J) {
    J = jacobian(x);
  };
  const auto trajectory = ode::integrate(
      [&](double, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> dxdt) {
        throw_if_interrupted();
        dxdt = rates(x);
      },
      start, times, options);
  MomentPath path{
      .report = trajectory.report, .times = trajectory.times, .moments = trajectory.states};
  for (Index k = 0; k < path.moments.cols(); ++k) look(path, k);
  return path;
}

MomentPath MomentSystem::iterate(const Vector& start, Index steps) const {
  require(chain_, where, "equations of rates are not steps; integrate()");
  require(start.size() == unknowns(), where, "the start has ", start.size(), " entries, expected ",
          unknowns());
  require(steps >= 0, where, "steps = ", steps, ", expected >= 0");
  MomentPath path;
  path.times = Vector::LinSpaced(steps + 1, 0.0, static_cast<double>(steps));
  path.moments.resize(unknowns(), steps + 1);
  path.moments.col(0) = start;
  for (Index t = 0; t <= steps; ++t) {
    throw_if_interrupted();
    if (t > 0) path.moments.col(t) = rates(path.moments.col(t - 1));
    if (!path.moments.col(t).allFinite()) {
      path.report = Report::failure(Status::non_finite_state,
                                    "the moments overflow in step " + std::to_string(t));
      if (path.first_loss < 0) path.first_loss = t;
      path.times.conservativeResize(t);
      path.moments.conservativeResize(Eigen::NoChange, t);
      return path;
    }
    look(path, t);
    path.report.iterations = t;
  }
  return path;
}

}  // namespace stillpoint::cumulants
