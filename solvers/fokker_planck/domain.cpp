// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/domain.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "lib/core/require.hpp"
#include "solvers/algebraic/central_jacobian.hpp"
#include "solvers/algebraic/stein.hpp"
#include "solvers/fokker_planck/finite_volume.hpp"
#include "solvers/ode/integrate.hpp"

namespace stillpoint::fokker_planck {
namespace {

/// Marginal probabilities of an axis.
Vector marginal(const GridDensity& density, Index axis) {
  const Index cells = density.grid.axis(axis).cells, stride = density.grid.stride(axis);
  Vector sums = Vector::Zero(cells);
  for (Index cell = 0; cell < density.masses.size(); ++cell)
    sums((cell / stride) % cells) += density.masses(cell);
  return sums;
}

}  // namespace

LawGuess guess_law(const Coefficients& coefficients, const Matrix& starts, double time) {
  constexpr std::string_view where = "guess_law";
  const Index n = coefficients.dimension, count = starts.cols();
  require(starts.rows() == n && count >= 1 && starts.allFinite(), where, "starts of shape (",
          starts.rows(), ", ", count, "), expected (", n, ", >= 1) finite numbers");
  require(time > 0.0 && std::isfinite(time), where, "time = ", time, ", expected > 0");
  constexpr Index points = 65;
  Matrix means(n, count), within = Matrix::Zero(n, n), D(n, n);
  for (Index k = 0; k < count; ++k) {
    const auto trajectory = ode::integrate(
        [&coefficients](double, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> dxdt) {
          Vector drift(x.size());
          coefficients.drift(x, drift);
          dxdt = drift;
        },
        starts.col(k), Vector::LinSpaced(points, 0.0, time),
        {.relative_tolerance = 1e-6, .absolute_tolerance = 1e-9});
    if (!trajectory.report.ok())
      throw std::runtime_error(std::string(where) + ": " + trajectory.report.message);
    const Vector end = trajectory.states.col(points - 1);
    const Matrix J = algebraic::central_jacobian(coefficients.drift, end);
    coefficients.tensor(end, D);
    means.col(k) = end;
    const auto around = algebraic::solve_lyapunov(J, 2.0 * D);
    Matrix spread = around.X;
    if (!around.report.ok()) {
      const Matrix late = trajectory.states.rightCols(points / 2);
      means.col(k) = late.rowwise().mean();
      const Matrix off = late.colwise() - means.col(k);
      spread = off * off.transpose() / static_cast<double>(late.cols()) + D;
    }
    within += spread / static_cast<double>(count);
  }
  LawGuess guess{.mean = means.rowwise().mean()};
  const Matrix off = means.colwise() - guess.mean;
  guess.covariance = within + off * off.transpose() / static_cast<double>(count);
  // A direction that neither noise nor starts open still has to have a width.
  guess.covariance.diagonal().array() += 1e-8 * guess.covariance.trace() + 1e-300;
  return guess;
}

Domain find_domain(const Coefficients& coefficients, const LawGuess& guess,
                   const DomainOptions& options) {
  constexpr std::string_view where = "find_domain";
  const Index n = coefficients.dimension;
  require(options.tail_mass > 0.0 && options.tail_mass < 0.1, where,
          "tail_mass = ", options.tail_mass, ", expected in (0, 0.1)");
  require(options.max_rounds > 0, where, "max_rounds = ", options.max_rounds, ", expected > 0");
  constexpr Index coarse[] = {256, 48, 20};
  constexpr double first_reach = 6.0, widening = 1.5, furthest = 1e4;
  const Index cells = coarse[n - 1];
  Vector mean = guess.mean;
  Matrix covariance = guess.covariance, tensor(n, n);
  Vector lower = Vector::Constant(n, -first_reach), upper = -lower;
  Domain domain;
  for (Index round = 1;; ++round) {
    coefficients.tensor(mean, tensor);
    domain.chart = principal_chart(mean, covariance, tensor);
    domain.axes.clear();
    for (Index i = 0; i < n; ++i) domain.axes.push_back({lower(i), upper(i), cells});
    domain.report.iterations = round;
    const Coefficients straight = on_chart(coefficients, domain.chart);
    const Grid grid(domain.axes);
    const GridDensity density =
        solve_finite_volume(straight, grid, {.tolerance = 1e-6, .estimate_error = false});
    if (!density.report.ok()) {
      domain.report = density.report;
      return domain;
    }
    // Widen, or trim what is empty.
    bool changed = false, wide = false;
    domain.boundary_mass = 0.0;
    for (Index i = 0; i < n; ++i) {
      const Vector sums = marginal(density, i);
      const double width = domain.axes[static_cast<std::size_t>(i)].width();
      const auto first = [&sums, &options](bool from_above) {
        double mass = 0.0;
        Index k = 0;
        for (; k < sums.size(); ++k) {
          mass += sums(from_above ? sums.size() - 1 - k : k);
          if (mass > 0.1 * options.tail_mass) break;
        }
        return k;  // empty cells on that side
      };
      for (const bool from_above : {false, true}) {
        const double outermost = sums(from_above ? cells - 1 : 0);
        double& end = from_above ? upper(i) : lower(i);
        domain.boundary_mass = std::max(domain.boundary_mass, outermost);
        if (outermost > options.tail_mass) {
          end += (from_above ? 1.0 : -1.0) * (widening - 1.0) * (upper(i) - lower(i));
          changed = wide = true;
        } else if (const Index empty = first(from_above); empty > cells / 8) {
          end -= (from_above ? 1.0 : -1.0) * static_cast<double>(empty - 2) * width;
          changed = true;
        }
      }
    }
    const double most = std::max(upper.maxCoeff(), -lower.minCoeff());
    if (round == options.max_rounds || most > furthest) {
      if (!wide) break;
      std::ostringstream text;
      text << "probability " << domain.boundary_mass
           << " is left at a side of the box, expected at most " << options.tail_mass << ", after "
           << round << " rounds and " << most
           << " standard deviations: the drift does not hold the state, or the tails are heavy";
      domain.report.status = Status::outside_validity;
      domain.report.message = text.str();
      break;
    }
    // A chart that does not fit the law any more.
    const bool moved =
        !wide && (density.mean.cwiseAbs().maxCoeff() > 0.3 ||
                  (density.covariance - Matrix::Identity(n, n)).cwiseAbs().maxCoeff() > 0.5);
    if (moved) {
      const Matrix axes = domain.chart.axes;
      mean = domain.chart.position(density.mean);
      covariance = axes * density.covariance * axes.transpose();
      // The box in the new chart: the corners of the old one would be far too wide.
      lower.setConstant(-first_reach);
      upper.setConstant(first_reach);
      changed = true;
    }
    if (!changed) {
      Vector x, drift(n);
      domain.refinement = Vector::Zero(n);
      for (Index cell = 0; cell < grid.cells(); ++cell) {
        grid.centre(cell, x);
        straight.drift(x, drift);
        straight.tensor(x, tensor);
        for (Index i = 0; i < n; ++i)
          if (tensor(i, i) > 0.0)
            domain.refinement(i) += density.masses(cell) * std::abs(drift(i)) / tensor(i, i);
      }
      domain.refinement = domain.refinement.cwiseMax(1.0).cwiseMin(16.0);
      break;
    }
  }
  if (domain.refinement.size() == 0) domain.refinement = Vector::Ones(n);
  return domain;
}

}  // namespace stillpoint::fokker_planck
