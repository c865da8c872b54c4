// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/cumulants/moment_validity.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <sstream>

#include "lib/core/interrupt.hpp"
#include "lib/core/require.hpp"
#include "solvers/ode/integrate.hpp"

namespace stillpoint::cumulants {
namespace {

constexpr std::string_view where = "cumulants::find_rest_states";

/// The model without noise, by tapes.
class NoiselessModel {
 public:
  explicit NoiselessModel(const symbolic::Model& model)
      : drift_(symbolic::drift_tape(model)),
        jacobian_(symbolic::jacobian_tape(model)),
        n_(model.state_size()),
        chain_(model.kind == symbolic::Model::Kind::chain) {}

  Vector drift(const Vector& x) const { return value(drift_, x); }
  Matrix jacobian(const Vector& x) const { return value(jacobian_, x).reshaped(n_, n_); }

  /// The state after `duration`; empty if it left the numbers.
  Vector end(const Vector& start, double duration) const {
    if (!chain_) {
      const auto path = ode::integrate(
          [this](double, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> dxdt) {
            throw_if_interrupted();
            dxdt = drift(x);
          },
          start, Vector{{0.0, duration}});
      return path.report.ok() ? Vector(path.states.rightCols(1)) : Vector();
    }
    Vector x = start;
    for (double t = 0.0; t < duration; t += 1.0) {
      throw_if_interrupted();
      x = drift(x);
      if (!x.allFinite()) return {};
    }
    return x;
  }

  /// What the state does in the next unit of time, (n).
  Vector motion(const Vector& x) const { return chain_ ? Vector(drift(x) - x) : drift(x); }
  bool unstable(const Vector& x) const {
    constexpr double rounding = 1e-9;
    const auto values = jacobian(x).eigenvalues();
    return chain_ ? values.cwiseAbs().maxCoeff() > 1.0 + rounding
                  : values.real().maxCoeff() > rounding;
  }

 private:
  Vector value(const symbolic::Tape& tape, const Vector& x) const {
    std::vector<double> in(static_cast<std::size_t>(tape.inputs()), 0.0);  // normals are 0
    std::copy(x.begin(), x.end(), in.begin());
    const auto out = tape.evaluate(in);
    return Eigen::Map<const Vector>(out.data(), static_cast<Index>(out.size()));
  }

  symbolic::Tape drift_, jacobian_;
  Index n_;
  bool chain_;
};

std::string text_of(const Vector& x) {
  std::ostringstream text;
  text.precision(3);
  for (Index i = 0; i < x.size(); ++i) text << (i > 0 ? ", " : "(") << x(i);
  text << ")";
  return text.str();
}

}  // namespace

RestStates find_rest_states(const symbolic::Model& model, const Vector& start, const Vector& mean,
                            const Vector& sd, double duration, bool positive) {
  const Index n = model.state_size();
  require(start.size() == n && mean.size() == n && sd.size() == n, where,
          "start, mean and sd have ", start.size(), ", ", mean.size(), " and ", sd.size(),
          " entries, expected ", n);
  require(duration > 0.0, where, "duration = ", duration, ", expected > 0");
  const NoiselessModel noiseless(model);
  std::vector<Vector> starts = {start, mean};
  for (Index i = 0; i < n; ++i)
    for (const double reach : {-8.0, -4.0, -2.0, -1.0, 1.0, 2.0, 4.0, 8.0}) {
      Vector x = mean;
      x(i) += reach * sd(i);
      if (positive && x(i) <= 0.0) continue;
      starts.push_back(x);
    }
  const Vector scale = sd.array() + 1e-6 * (1.0 + mean.array().abs());
  std::vector<Vector> ends;
  RestStates rest;
  for (const Vector& x : starts) {
    const Vector end = noiseless.end(x, duration);
    if (end.size() == 0 || !end.allFinite()) {
      rest.note = "without noise the state runs away from " + text_of(x) +
                  (positive ? "" : "; if the states are positive, say so");
      return rest;
    }
    if ((noiseless.motion(end).array().abs() * 0.1 * duration > scale.array()).any()) {
      rest.note = "without noise the state does not come to rest from " + text_of(x);
      return rest;
    }
    if (noiseless.unstable(end)) continue;
    const bool known = std::any_of(ends.begin(), ends.end(), [&](const Vector& other) {
      return ((end - other).array().abs() <= scale.array()).all();
    });
    if (!known) ends.push_back(end);
  }
  rest.stable = static_cast<Index>(ends.size());
  if (rest.stable > 1)
    rest.note = "several stable states, " + text_of(ends[0]) + " and " + text_of(ends[1]) +
                ": the law is a mixture, which low orders cannot hold";
  else if (rest.stable == 0)
    rest.note = "no stable state is seen without noise";
  return rest;
}

MomentVerdict compare_moments(const MomentSolution& solution, const MomentSolution& other,
                              const std::string& name) {
  if (!other.report.ok())
    return {false, name + " has no stationary law, so that this one cannot be judged"};
  const CumulantLaw &law = solution.law, &reference = other.law;
  for (Index i = 0; i < law.state_size(); ++i) {
    const double distance = std::abs(law.mean()(i) - reference.mean()(i));
    const double variance = reference.order() >= 2 ? reference.cumulant(i, 2) : 0.0;
    // Without a variance, or without noise, means have no unit but themselves.
    const double sd = variance > 0.0 ? std::sqrt(variance) : 1e-6 + std::abs(reference.mean()(i));
    const double spread = law.order() < 2 || reference.order() < 2 ? 0.0
                          : variance > 0.0 ? std::abs(law.cumulant(i, 2) / variance - 1.0)
                                           : std::abs(law.cumulant(i, 2));
    if (distance <= 0.1 * sd && spread <= 0.1) continue;
    std::ostringstream text;
    text.precision(3);
    text << name << " differs: ";
    if (distance <= 0.1 * sd)
      text << "the variance by " << 100.0 * spread << " %";
    else
      text << "the mean by " << distance / sd << " standard deviations";
    return {false, text.str()};
  }
  return {};
}

MomentVerdict judge_moments(const MomentSolution& solution,
                            const std::vector<MomentSolution>& above, const RestStates& rest) {
  if (!solution.report.ok()) return {false, solution.report.message};
  if (!rest.note.empty()) return {false, rest.note};
  if (above.size() < 2) return {false, "there are no two orders above to judge this one by"};
  for (const MomentSolution& other : above) {
    auto verdict = compare_moments(solution, other, "order " + std::to_string(other.law.order()));
    if (!verdict.valid) return verdict;
  }
  return {};
}

}  // namespace stillpoint::cumulants
