// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/ensemble/control_variates.hpp"

#include <cmath>

#include "lib/core/require.hpp"
#include "solvers/algebraic/stein.hpp"
#include "solvers/moments/stationary.hpp"

namespace stillpoint::ensemble {
namespace {

using statistics::Estimate;

/// Regression through the groups' averages of A and of A_e − E A_e.
class Regression {
 public:
  explicit Regression(const std::vector<GroupAverages>& groups) : share_(groups.size()) {
    for (Index k = 0; k < share_.size(); ++k) share_(k) = groups[k].share;
    const double count = static_cast<double>(share_.size());
    freedom_ = count / (count - 2.0);
  }

  /// The estimate, and what is left of every group's A.
  Estimate operator()(const Vector& value, const Vector& control, Vector& residual) const {
    const double mean = share_.dot(value), offset = share_.dot(control);
    const Eigen::ArrayXd from = control.array() - offset;
    residual = value.array() - mean;
    const double spread = (share_.array() * from.square()).sum();
    if (!(spread > 0.0)) return {mean, standard_error(residual, 0.0)};
    const double beta = (share_.array() * from * residual.array()).sum() / spread;
    residual.array() -= beta * from;
    return {mean - beta * offset, standard_error(residual, offset * offset / spread)};
  }

  /// Of the means of two residuals.
  double covariance(const Vector& a, const Vector& b) const {
    return freedom_ * (share_.array().square() * a.array() * b.array()).sum();
  }

 private:
  double standard_error(const Vector& residual, double leverage) const {
    return std::sqrt(covariance(residual, residual) * (1.0 + leverage));
  }

  Vector share_;
  double freedom_;
};

}  // namespace

LinearControl make_linear_control(const models::NoisyChain& chain, const Vector& input,
                                  const Vector& initial_state) {
  const Index n = chain.units(), m = chain.state_size();
  require(initial_state.size() == n || initial_state.size() == m, "linear control",
          "initial state has ", initial_state.size(), " entries, expected ", n, " or ", m);
  const auto closure = moments::solve_closure(chain, input, initial_state.head(n));
  Vector slope(n), mean(n), read_slope = Vector::Ones(n);
  for (Index i = 0; i < n; ++i) {
    mean(i) = closure.mean[i].value;
    slope(i) = closure.valid ? activations::averages(chain.activation(), closure.argument_mean(i),
                                                     closure.argument_sd(i))
                                   .slope
                             : 0.0;
    if (closure.valid && chain.reads_activation())
      read_slope(i) = activations::averages(chain.activation(), mean(i),
                                            std::sqrt(std::max(closure.variance[i].value, 0.0)))
                          .slope;
  }
  LinearControl control{.chain = chain.linearized(slope)};
  if (!closure.valid) {
    control.report = Report::failure(Status::outside_validity,
                                     "the Gaussian closure has no limit (" + closure.note + ")");
    return control;
  }
  control.initial = initial_state.size() == m ? initial_state : chain.initial_state(initial_state);
  control.initial.head(n) -= mean;
  if (chain.equation() == networks::Equation::rate)  // its coloured blocks hold δ∘η
    for (Index block = n; block < m; block += n)
      control.initial.segment(block, n).array() *= slope.array();
  control.read_out = chain.network().W_out * read_slope.asDiagonal();

  const models::NoisyChain& linear = control.chain;
  Matrix L = linear.gain() * linear.argument_weights();
  L.diagonal() += linear.retention();
  const Matrix inside = linear.gain() * linear.argument_sd().asDiagonal();
  Matrix Q = inside * inside.transpose();
  Q.diagonal() += linear.state_sd().cwiseAbs2();
  const auto solution = algebraic::solve_stein(std::move(L), Q);
  if (solution.report.ok())
    control.covariance = solution.X.topLeftCorner(n, n);
  else
    control.report = Report::failure(Status::outside_validity,
                                     "the chain linearised at the Gaussian closure is not stable");
  return control;
}

void apply_control(const LinearControl& control, const std::vector<GroupAverages>& groups,
                   const Vector& state_reference, const Vector& output_reference,
                   statistics::StationaryLaw& law) {
  const Regression regression(groups);
  const auto count = static_cast<Index>(groups.size());
  const Index n = state_reference.size(), outputs = output_reference.size();
  Vector value(count), by(count), residual(count), offset(n);
  Matrix left(count, n);  // residuals of the means
  const auto collect = [count](Vector& to, auto&& number) {
    for (Index k = 0; k < count; ++k) to(k) = number(k);
  };

  for (Index i = 0; i < n; ++i) {
    collect(value, [&](Index k) { return groups[k].state(i); });
    collect(by, [&](Index k) { return groups[k].control(i); });
    Estimate mean = regression(value, by, residual);
    offset(i) = mean.value;
    left.col(i) = residual;
    mean.value += state_reference(i);
    law.mean[i] = mean;
  }
  // About the mean just found, whose own error makes the second moment too small by its variance.
  law.covariance_standard_error.resize(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j <= i; ++j) {
      collect(value, [&](Index k) {
        const GroupAverages& group = groups[k];
        return group.state_products(i, j) - offset(i) * group.state(j) -
               offset(j) * group.state(i) + offset(i) * offset(j);
      });
      collect(by,
              [&](Index k) { return groups[k].control_products(i, j) - control.covariance(i, j); });
      const Estimate covariance = regression(value, by, residual);
      law.covariance(i, j) = law.covariance(j, i) =
          covariance.value + regression.covariance(left.col(i), left.col(j));
      law.covariance_standard_error(i, j) = law.covariance_standard_error(j, i) =
          covariance.standard_error;
    }
  for (Index i = 0; i < n; ++i)
    law.variance[i] = {law.covariance(i, i), law.covariance_standard_error(i, i)};

  for (Index i = 0; i < outputs; ++i) {
    const Vector row = control.read_out.row(i);
    collect(value, [&](Index k) { return groups[k].output(i); });
    collect(by, [&](Index k) { return row.dot(groups[k].control); });
    Estimate mean = regression(value, by, residual);
    const double correction = regression.covariance(residual, residual);
    const double m = mean.value;
    mean.value += output_reference(i);
    law.output_mean[i] = mean;
    collect(value, [&](Index k) {
      return groups[k].output_squares(i) - 2.0 * m * groups[k].output(i) + m * m;
    });
    const double exact = row.dot(control.covariance * row);
    collect(by, [&](Index k) { return row.dot(groups[k].control_products * row) - exact; });
    law.output_variance[i] = regression(value, by, residual);
    law.output_variance[i].value += correction;
  }
}

}  // namespace stillpoint::ensemble
