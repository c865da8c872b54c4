// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/noise_series/noise_series.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <string_view>
#include <utility>

#include "lib/activations/normal.hpp"
#include "lib/activations/taylor.hpp"
#include "lib/core/require.hpp"
#include "solvers/algebraic/stein.hpp"
#include "solvers/noise_series/cumulant_expansion.hpp"
#include "solvers/noise_series/neuron_moments.hpp"

namespace stillpoint::noise_series {
namespace {

constexpr std::string_view where = "noise_series::solve_noise_series";
constexpr Index spare_terms = 3;  // of one neuron, for the remainder

enum class Model { chain, diffusion };

/// Solves the linear equations of an expansion and keeps the first failure.
struct NumericSolver {
  Model model;
  Matrix linear;  // A of the chain, F of the diffusion
  Eigen::PartialPivLU<Matrix> factor;
  Report report;

  void prepare(const Matrix& A) {
    linear = A;
    const Matrix system =
        model == Model::chain ? Matrix(Matrix::Identity(A.rows(), A.rows()) - A) : Matrix(-A);
    factor.compute(system);
  }
  Vector solve_mean(const Vector& b) const { return factor.solve(b); }
  Matrix solve_second(const Matrix& Q) {
    return keep(model == Model::chain ? algebraic::solve_stein(linear, Q)
                                      : algebraic::solve_lyapunov(linear, Q))
        .X;
  }
  algebraic::Tensor3 solve_third(const algebraic::Tensor3& Q) {
    return keep(model == Model::chain ? algebraic::solve_third_order_stein(linear, Q)
                                      : algebraic::solve_third_order_lyapunov(linear, Q))
        .K;
  }
  template <typename Solution>
  Solution keep(Solution solution) {
    if (report.ok() && !solution.report.ok()) report = solution.report;
    return solution;
  }
};

constexpr auto unnamed = [](const auto&...) {};

/// The common form, at a fixed point, of a chain or a diffusion.
struct Local {
  Model model;
  NetworkForm<double> form;
  Vector fixed_point, argument;
};

void require_state(const Vector& state, Index n, Index order, Index m) {
  require(state.size() == n && state.allFinite(), where, "the state has ", state.size(),
          " entries or is not finite, expected ", n);
  require(order >= 2 && order <= 24 && order % 2 == 0, where, "order = ", order,
          ", expected 2, 4, ..., 24");
  require(m == 1 || order <= 4, where, "order = ", order,
          " with more than one state, expected 2 or 4");
}

void fill_derivatives(const activations::Activation& f, Local& local) {
  for (auto& derivative : local.form.f) derivative.resize(local.argument.size());
  for (Index j = 0; j < local.argument.size(); ++j) {
    const auto c = activations::taylor_coefficients(f, local.argument(j), 4);
    double factorial = 1.0;
    for (int k = 1; k <= 4; ++k) {
      factorial *= k;
      local.form.f[k - 1](j) = factorial * c[k];
    }
  }
}

void require_fixed(const Vector& residual, const Vector& state) {
  const double largest = residual.size() > 0 ? residual.cwiseAbs().maxCoeff() : 0.0;
  require(largest <= 1e-8 * std::max(1.0, state.cwiseAbs().maxCoeff()), where,
          "the state moves by ", largest,
          " without noise, expected a fixed point; take one of fixed_points::find()");
}

Vector values(const activations::Activation& f, const Vector& a) {
  return a.unaryExpr([&](double x) { return activations::value(f, x); });
}

Local local_form(const models::NoisyChain& chain, const Vector& input, const Vector& state) {
  Local local{.model = Model::chain,
              .form = {.carried = chain.retention(),
                       .gain = chain.gain(),
                       .arguments = chain.argument_weights(),
                       .argument_variance = chain.argument_sd().cwiseAbs2(),
                       .state_variance = chain.state_sd().cwiseAbs2(),
                       .leak = chain.leak()},
              .fixed_point = chain.initial_state(state)};
  local.argument = chain.argument_weights() * local.fixed_point + chain.argument_offset(input);
  require(local.argument.allFinite(), where, "the input is not finite");
  const Vector image = chain.retention().cwiseProduct(local.fixed_point) +
                       chain.gain() * values(chain.activation(), local.argument) +
                       chain.state_offset(input);
  require_fixed(image - local.fixed_point, local.fixed_point);
  fill_derivatives(chain.activation(), local);
  return local;
}

Local local_form(const models::NoisyDiffusion& diffusion, const Vector& state) {
  const models::NoisyChain& chain = diffusion.chain();
  const double g = chain.leak();
  Local local{.model = Model::diffusion,
              .form = {.carried = diffusion.rate(),
                       .gain = chain.gain() / g,
                       .arguments = chain.argument_weights(),
                       .argument_variance = chain.argument_sd().cwiseAbs2(),
                       .state_variance = diffusion.state_noise().cwiseAbs2(),
                       .leak = g},
              .fixed_point = chain.initial_state(state)};
  local.argument = chain.argument_weights() * local.fixed_point + diffusion.argument_offset();
  const Vector drift = diffusion.rate().cwiseProduct(local.fixed_point) +
                       local.form.gain * values(chain.activation(), local.argument) +
                       diffusion.state_offset();
  require_fixed(drift, local.fixed_point);
  fill_derivatives(chain.activation(), local);
  return local;
}

/// A of the chain, F of the diffusion.
Matrix linear_part(const Local& local) {
  Matrix linear = local.form.gain * local.form.f[0].asDiagonal() * local.form.arguments;
  linear.diagonal() += local.form.carried;
  return linear;
}

double stability_margin(const Local& local) {
  const Eigen::VectorXcd eigenvalues = linear_part(local).eigenvalues();
  return local.model == Model::chain ? 1.0 - eigenvalues.cwiseAbs().maxCoeff()
                                     : -eigenvalues.real().maxCoeff();
}

double fold_distance(const Local& local, const Matrix& covariance2) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double fold = local.model == Model::chain ? 1.0 : 0.0;
  const Eigen::EigenSolver<Matrix> solver(linear_part(local));
  Index softest = 0;
  (solver.eigenvalues().array() - fold).abs().minCoeff(&softest);
  const std::complex<double> eigenvalue = solver.eigenvalues()(softest);
  if (eigenvalue.imag() != 0.0) return infinity;
  const Eigen::MatrixXcd vectors = solver.eigenvectors();
  const Vector right = vectors.col(softest).real();
  const Vector left = vectors.inverse().row(softest).real();  // not finite for a defective matrix
  const Vector bend =
      0.5 * local.form.f[1].cwiseProduct((local.form.arguments * right).cwiseAbs2());
  const double curvature = std::abs(left.dot(local.form.gain * bend));
  const double sd = std::sqrt(std::max(left.dot(covariance2 * left), 0.0));
  const double distance = (fold - eigenvalue.real()) / (curvature * sd);
  return std::isfinite(distance) ? distance : infinity;
}

/// One neuron: all orders up to `order` and the spare terms.
void expand_neuron(const Local& local, const activations::Activation& f, NoiseSeries& series) {
  const Index order = series.order + 2 * spare_terms;
  NeuronForm<double> neuron{.carried = local.form.carried(0),
                            .gain = local.form.gain(0, 0),
                            .argument_weight = local.form.arguments(0, 0),
                            .argument_variance = local.form.argument_variance(0),
                            .state_variance = local.form.state_variance(0),
                            .leak = local.form.leak,
                            .derivatives = {}};
  const auto c = activations::taylor_coefficients(f, local.argument(0), order);
  double factorial = 1.0;
  for (Index k = 1; k <= order; ++k) {
    factorial *= static_cast<double>(k);
    neuron.derivatives.push_back(factorial * c[k]);
  }
  const double slope =
      neuron.carried + neuron.gain * neuron.derivatives[0] * neuron.argument_weight;
  const auto rows = local.model == Model::chain ? chain_rows(neuron, slope, order)
                                                : diffusion_rows(neuron, slope, order);
  const auto result = cumulants(solve_moments(rows, order, unnamed));
  for (Index k = 0; k <= order / 2; ++k) {
    series.mean.push_back(Vector::Constant(1, result.mean[k]));
    series.covariance.push_back(Matrix::Constant(1, 1, result.variance[k]));
    series.third.push_back({Matrix::Constant(1, 1, result.third[k])});
  }
  series.mean[0] = local.fixed_point;
}

void expand_network(const Local& local, NoiseSeries& series) {
  NumericSolver solver{.model = local.model};
  const auto result = local.model == Model::chain ? expand_chain(local.form, solver, unnamed)
                                                  : expand_diffusion(local.form, solver, unnamed);
  if (!solver.report.ok()) {
    series.report = solver.report;
    return;
  }
  const Index m = local.fixed_point.size();
  series.mean = {local.fixed_point, result.mean2, result.mean4};
  series.covariance = {Matrix::Zero(m, m), result.covariance2, result.covariance4};
  series.third = {zero_tensor<double>(m), zero_tensor<double>(m), result.third4};
}

/// Distances and responses of kinks; see NoiseSeries.
void inspect_kinks(const Local& local, const activations::Activation& f, NoiseSeries& series) {
  const Index n = local.argument.size();
  series.kink_distance = Vector::Constant(n, std::numeric_limits<double>::infinity());
  series.kink_response = Matrix::Zero(local.fixed_point.size(), n);
  if (activations::kinks(f).empty()) return;
  const Matrix linear = linear_part(local), one = Matrix::Identity(linear.rows(), linear.cols());
  const Matrix system = local.model == Model::chain ? Matrix(one - linear) : Matrix(-linear);
  const Matrix response = system.partialPivLu().solve(local.form.gain).cwiseAbs();
  for (Index j = 0; j < n; ++j) {
    const double q = std::sqrt(series.argument_covariance(j, j));
    if (q == 0.0) continue;
    for (const double kink : activations::kinks(f)) {
      const double distance = std::abs(local.argument(j) - kink) / q, beside = 1e-6;
      if (distance >= series.kink_distance(j)) continue;
      const double jump = std::abs(activations::derivative(f, 1, kink + beside) -
                                   activations::derivative(f, 1, kink - beside));
      series.kink_distance(j) = distance;
      series.kink_response.col(j) = jump * q * response.col(j);
    }
  }
}

/// Adds what kinks do at level t to the remainders.
void add_kinks(const NoiseSeries& series, double level, SeriesValue& value) {
  constexpr double safety = 3.0;
  for (Index j = 0; j < series.kink_distance.size(); ++j) {
    const double d = series.kink_distance(j) / level;
    if (!std::isfinite(d)) continue;
    const activations::NormalTail tail = activations::normal_tail(d);
    const Vector response = level * series.kink_response.col(j);
    value.mean_remainder += safety * tail.I1 * response;
    value.covariance_remainder += safety * tail.I0 * response * response.transpose();
  }
}

/// Factor between the fourth- and the sixth-order term of a Gaussian average.
double average_ratio(const activations::Activation& f, const NoiseSeries& series) {
  if (!activations::kinks(f).empty()) return 0.0;
  double ratio = 0.0;
  for (Index j = 0; j < series.argument.size(); ++j) {
    const double radius = activations::taylor_radius(f, series.argument(j));
    const double growth =
        std::holds_alternative<activations::Erf>(f) ? 2.0 : 5.0 / (radius * radius);
    ratio = std::max(ratio, growth * series.argument_covariance(j, j));
  }
  return ratio;
}

NoiseSeries expand(const Local& local, const activations::Activation& f, Index order) {
  NoiseSeries series{.fixed_point = local.fixed_point, .argument = local.argument, .order = order};
  series.stability_margin = stability_margin(local);
  if (!(series.stability_margin > 0.0)) {
    series.report = Report::failure(
        Status::outside_validity, "the fixed point is not stable: no stationary law stays near it");
    return series;
  }
  if (local.fixed_point.size() == 1)
    expand_neuron(local, f, series);
  else
    expand_network(local, series);
  if (!series.report.ok()) return series;
  const Matrix& B = local.form.arguments;
  series.argument_covariance = B * series.covariance[1] * B.transpose();
  series.argument_covariance.diagonal() += local.form.argument_variance;
  series.fold_distance = fold_distance(local, series.covariance[1]);
  series.average_ratio = average_ratio(f, series);
  inspect_kinks(local, f, series);
  return series;
}

double largest(const Matrix& values) { return values.cwiseAbs().maxCoeff(); }

/// Estimated sizes of what follows the term `last`, of mean and covariance; see SeriesValue.
struct Tail {
  double mean = 0.0, covariance = 0.0;
};

Tail tail_of(const NoiseSeries& series, Index last, double x) {
  const bool network = series.fixed_point.size() > 1;
  const double safety = network ? 10.0 : 1.0;
  double ratio = network ? series.average_ratio * x : 0.0;
  const auto include = [&](double end, double first) {
    if (end > 0.0)
      ratio = std::max(ratio, x * std::pow(end / first, 1.0 / static_cast<double>(last - 1)));
  };
  include(largest(series.mean[last]), largest(series.mean[1]));
  include(largest(series.covariance[last]), largest(series.covariance[1]));
  if (ratio == 0.0) return {};
  const double power = std::pow(x, static_cast<double>(last));
  const auto size = [&](double end, double before) {
    const double term = power * std::max(end, ratio * before / x);
    if (term == 0.0) return 0.0;
    return ratio < 1.0 ? safety * term * ratio / (1.0 - ratio)
                       : std::numeric_limits<double>::infinity();
  };
  return {
      .mean = size(largest(series.mean[last]), largest(series.mean[last - 1])),
      .covariance = size(largest(series.covariance[last]), largest(series.covariance[last - 1]))};
}

}  // namespace

NoiseSeries solve_noise_series(const models::NoisyChain& chain, const Vector& input,
                               const Vector& state, Index order) {
  require_state(state, chain.units(), order, chain.state_size());
  return expand(local_form(chain, input, state), chain.activation(), order);
}

NoiseSeries solve_noise_series(const models::NoisyDiffusion& diffusion, const Vector& state,
                               Index order) {
  require_state(state, diffusion.chain().units(), order, diffusion.state_size());
  return expand(local_form(diffusion, state), diffusion.chain().activation(), order);
}

SeriesValue evaluate(const NoiseSeries& series, double level, Index order) {
  constexpr std::string_view here = "noise_series::evaluate";
  require(series.report.ok(), here, "the series has no answer: ", series.report.message);
  require(std::isfinite(level) && level >= 0.0, here, "level = ", level, ", expected >= 0");
  const Index last = order < 0 ? series.order : order;
  require(last % 2 == 0 && last <= series.order, here, "order = ", last,
          ", expected an even number up to ", series.order);
  const Index terms = last / 2, known = static_cast<Index>(series.mean.size()) - 1;
  const Index m = series.fixed_point.size();
  SeriesValue value{.mean = series.mean[0],
                    .covariance = Matrix::Zero(m, m),
                    .third = zero_tensor<double>(m),
                    .mean_remainder = Vector::Zero(m),
                    .covariance_remainder = Matrix::Zero(m, m)};
  const double x = level * level;
  double power = 1.0;
  for (Index k = 1; k <= terms; ++k) {
    power *= x;
    value.mean += power * series.mean[k];
    value.covariance += power * series.covariance[k];
    for (Index i = 0; i < m; ++i) value.third[i] += power * series.third[k][i];
  }
  const Index omitted = std::min(known, terms + spare_terms);
  for (Index k = terms + 1; k <= omitted; ++k) {
    power *= x;
    value.mean_remainder += power * series.mean[k].cwiseAbs();
    value.covariance_remainder += power * series.covariance[k].cwiseAbs();
  }
  if (level > 0.0) {
    const Tail tail = tail_of(series, std::max<Index>(omitted, 2), x);
    value.mean_remainder.array() += tail.mean;
    value.covariance_remainder.array() += tail.covariance;
    add_kinks(series, level, value);
  }
  return value;
}

}  // namespace stillpoint::noise_series
