// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/unit_density.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/activations/gauss_hermite.hpp"
#include "lib/core/require.hpp"

namespace stillpoint::fokker_planck {
namespace {

/// An activation that drives the unit: its argument given the unit's state x.
struct Driver {
  double gain;   // G_ij/g
  double mean;   // of the argument at x = 0
  double slope;  // of that mean in x
  double sd;     // of the argument given x, without fresh noise
  double fresh;  // s
};

Vector gaussian(const Vector& x, double mean, double sd) {
  return (-0.5 * ((x.array() - mean) / sd).square()).exp() /
         (sd * std::sqrt(2.0 * std::numbers::pi));
}

}  // namespace

Coefficients unit_coefficients(const models::NoisyDiffusion& diffusion, const Vector& mean,
                               const Matrix& covariance, Index unit) {
  constexpr std::string_view where = "unit_coefficients";
  const models::NoisyChain& chain = diffusion.chain();
  const Index m = chain.state_size();
  require(unit >= 0 && unit < chain.units(), where, "unit = ", unit, ", expected 0 to ",
          chain.units() - 1);
  require(mean.size() == m && covariance.rows() == m && covariance.cols() == m &&
              mean.allFinite() && covariance.allFinite(),
          where, "mean of ", mean.size(), " entries and covariance of ", covariance.rows(),
          " rows, or not finite, expected ", m);
  const double variance = covariance(unit, unit), g = chain.leak();
  require(variance > 0.0, where, "variance of unit ", unit, " = ", variance, ", expected > 0");
  const Matrix& B = chain.argument_weights();
  const Vector argument = B * mean + diffusion.argument_offset();
  const Vector slope = B * covariance.col(unit) / variance;
  const Vector spread = (B * covariance).cwiseProduct(B).rowwise().sum();
  std::vector<Driver> drivers;
  for (Index j = 0; j < chain.units(); ++j)
    if (chain.gain()(unit, j) != 0.0)
      drivers.push_back({.gain = chain.gain()(unit, j) / g,
                         .mean = argument(j) - slope(j) * mean(unit),
                         .slope = slope(j),
                         .sd = std::sqrt(std::max(0.0, spread(j) - slope(j) * slope(j) * variance)),
                         .fresh = chain.argument_sd()(j)});
  const double rate = diffusion.rate()(unit), offset = diffusion.state_offset()(unit);
  const double additive = 0.5 * diffusion.state_noise()(unit) * diffusion.state_noise()(unit);
  return {
      .dimension = 1,
      .drift =
          [=, f = chain.activation()](const Vector& x, Vector& drift) {
            double sum = rate * x(0) + offset;
            std::visit(
                [&](const auto& activation) {
                  for (const Driver& driver : drivers)
                    sum += driver.gain * activation
                                             .averages(driver.mean + driver.slope * x(0),
                                                       std::hypot(driver.sd, driver.fresh))
                                             .mean;
                },
                f);
            drift.setConstant(1, sum);
          },
      .tensor =
          [=, f = chain.activation(), rule = activations::gauss_hermite(8)](const Vector& x,
                                                                            Matrix& tensor) {
            double sum = additive;
            std::visit(
                [&](const auto& activation) {
                  for (const Driver& driver : drivers) {
                    if (!(driver.fresh > 0.0)) continue;
                    const double u = driver.mean + driver.slope * x(0);
                    double passed = 0.0;
                    for (Index k = 0; k < rule.nodes.size(); ++k)
                      passed +=
                          rule.weights(k) *
                          activation.averages(u + driver.sd * rule.nodes(k), driver.fresh).variance;
                    sum += 0.5 * g * driver.gain * driver.gain * passed;
                  }
                },
                f);
            tensor.setConstant(1, 1, sum);
          }};
}

UnitDensity solve_unit_density(const models::NoisyDiffusion& diffusion,
                               const statistics::StationaryLaw& closure, Index unit,
                               const UnitDensityOptions& options) {
  constexpr std::string_view where = "solve_unit_density";
  const models::NoisyChain& chain = diffusion.chain();
  const Index n = chain.units();
  require(chain.state_size() == n, where,
          "the network has coloured sources, whose moments the law does not hold; use "
          "unit_coefficients");
  require(closure.valid && static_cast<Index>(closure.mean.size()) == n &&
              closure.covariance.rows() == n && closure.argument_mean.size() == n,
          where, "the law of ", closure.mean.size(), " units is not a valid closure of ", n,
          " units: ", closure.note);
  require(options.points >= 11 && options.reach > 0.0, where, "points = ", options.points,
          ", reach = ", options.reach, ", expected >= 11 and > 0");
  require(options.consistency > 0.0, where, "consistency = ", options.consistency,
          ", expected > 0");
  Vector mean(n);
  for (Index i = 0; i < n; ++i) mean(i) = closure.mean[static_cast<std::size_t>(i)].value;
  const auto coefficients = unit_coefficients(diffusion, mean, closure.covariance, unit);
  UnitDensity answer{.closure_mean = mean(unit),
                     .closure_variance = closure.covariance(unit, unit)};
  const auto law = solve_stationary(
      coefficients,
      {Vector::Constant(1, answer.closure_mean), Matrix::Constant(1, 1, answer.closure_variance)},
      {.tolerance = options.tolerance});
  answer.report = law.report;
  if (law.mean.size() == 0) return answer;
  answer.mean = law.mean(0);
  answer.variance = law.covariance(0, 0);
  const double sd = std::sqrt(answer.variance), closure_sd = std::sqrt(answer.closure_variance);
  answer.states = Vector::LinSpaced(options.points, answer.mean - options.reach * sd,
                                    answer.mean + options.reach * sd);
  answer.density.resize(options.points);
  for (Index k = 0; k < options.points; ++k)
    answer.density(k) = law.density(Vector::Constant(1, answer.states(k)));

  if (chain.equation() == networks::Equation::current) {
    answer.activation = through_activation(chain.activation(), answer.states, answer.density);
  } else {
    const double a = closure.argument_mean(unit), q = closure.argument_sd(unit);
    if (q > 0.0) {
      const Vector u =
          Vector::LinSpaced(options.points, a - options.reach * q, a + options.reach * q);
      answer.activation = through_activation(chain.activation(), u, gaussian(u, a, q));
    }
  }
  if (!answer.report.ok()) return answer;
  answer.report.residual = std::max(std::abs(answer.mean - answer.closure_mean) / closure_sd,
                                    std::abs(sd / closure_sd - 1.0));
  if (answer.report.residual > options.consistency) {
    std::ostringstream text;
    text << "mean " << answer.mean << " and sd " << sd << " are not those of the closure, "
         << answer.closure_mean << " and " << closure_sd
         << ": the unit's input is not Gaussian, or the leak is not small";
    answer.report.status = Status::outside_validity;
    answer.report.message = text.str();
  }
  return answer;
}

ActivationDensity through_activation(const activations::Activation& f, const Vector& arguments,
                                     const Vector& density) {
  constexpr std::string_view where = "through_activation";
  const Index points = arguments.size();
  require(points >= 2 && density.size() == points, where, points, " arguments and ", density.size(),
          " densities, expected as many, at least 2");
  ActivationDensity result{.values = Vector(points), .density = Vector::Zero(points)};
  const double step = (arguments(points - 1) - arguments(0)) / static_cast<double>(points - 1);
  for (Index k = 0; k < points; ++k) {
    result.values(k) = activations::value(f, arguments(k));
    const double slope = activations::derivative(f, 1, arguments(k));
    if (slope > 0.0)
      result.density(k) = density(k) / slope;
    else
      result.flat_mass += density(k) * step;
  }
  return result;
}

}  // namespace stillpoint::fokker_planck
