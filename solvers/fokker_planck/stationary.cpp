// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/stationary.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::fokker_planck {
namespace {

/// Grid of a domain with `density` cells a standard deviation, finer where the domain asks for it.
Grid refined(const Domain& domain, double cells_per_sd) {
  std::vector<Axis> axes = domain.axes;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const double cells =
        cells_per_sd * domain.refinement(static_cast<Index>(i)) * (axes[i].upper - axes[i].lower);
    axes[i].cells = std::max<Index>(16, 8 * static_cast<Index>(std::ceil(cells / 8.0)));
  }
  return Grid(std::move(axes));
}

double cells_of(const Domain& domain, double cells_per_sd) {
  double cells = 1.0;
  for (std::size_t i = 0; i < domain.axes.size(); ++i)
    cells *= std::max(16.0, cells_per_sd * domain.refinement(static_cast<Index>(i)) *
                                (domain.axes[i].upper - domain.axes[i].lower));
  return cells;
}

/// Moments in x of a density on a chart without stretch.
void fill_moments(StationaryDensity& answer) {
  const GridDensity& grid = *answer.grid;
  const Matrix& axes = answer.chart.axes;
  answer.mean = answer.chart.position(grid.mean);
  answer.covariance = axes * grid.covariance * axes.transpose();
  answer.skewness = Vector::Zero(answer.mean.size());
  Vector xi;
  for (Index cell = 0; cell < grid.masses.size(); ++cell) {
    grid.grid.centre(cell, xi);
    const Vector off = answer.chart.position(xi) - answer.mean;
    answer.skewness.array() += grid.masses(cell) * off.array().cube();
  }
  answer.skewness.array() /= answer.covariance.diagonal().array().pow(1.5);
}

StationaryDensity by_finite_volumes(const Coefficients& coefficients, const LawGuess& guess,
                                    const StationaryOptions& options) {
  StationaryDensity answer{.method = StationaryMethod::finite_volume,
                           .error = std::numeric_limits<double>::quiet_NaN()};
  const Domain domain = find_domain(coefficients, guess, {.tail_mass = options.tail_mass});
  answer.report = domain.report;
  answer.chart = domain.chart;
  if (!domain.report.ok()) return answer;
  const Coefficients straight = on_chart(coefficients, domain.chart);
  const auto n = static_cast<double>(coefficients.dimension);
  const auto most = static_cast<double>(options.max_cells);
  double finest = 4.0;  // cells a standard deviation
  for (;;) {
    answer.grid = solve_finite_volume(straight, refined(domain, finest));
    answer.report = answer.grid->report;
    if (!answer.report.ok()) return answer;
    answer.error = answer.grid->error;
    if (answer.error <= options.tolerance) break;
    const double room = std::pow(most / cells_of(domain, finest), 1.0 / n);
    const double wanted =
        1.1 * std::pow(answer.error / options.tolerance, 1.0 / answer.grid->order);
    if (room < 1.2) {
      std::ostringstream text;
      text << "finite volumes reach the error " << answer.error << " with "
           << answer.grid->masses.size() << " cells (order " << answer.grid->order << "), expected "
           << options.tolerance << ": allow more cells";
      answer.report.status = Status::no_convergence;
      answer.report.message = text.str();
      break;
    }
    finest *= std::clamp(wanted, 1.2, std::min(room, 4.0));
  }
  fill_moments(answer);
  if (!answer.report.ok()) return answer;
  std::ostringstream text;
  text << "finite volumes, " << answer.grid->masses.size() << " cells";
  if (answer.grid->order < 1.5)
    text << ", of order " << answer.grid->order
         << " where drift circulates along weak or missing noise";
  answer.report.message = text.str();
  return answer;
}

/// The noise reaches every direction.
bool full_rank(const Coefficients& coefficients, const Vector& x) {
  Matrix tensor(x.size(), x.size());
  coefficients.tensor(x, tensor);
  const Eigen::SelfAdjointEigenSolver<Matrix> own(tensor, Eigen::EigenvaluesOnly);
  return own.eigenvalues()(0) > 1e-8 * own.eigenvalues()(x.size() - 1);
}

}  // namespace

double StationaryDensity::density(const Vector& x) const {
  if (spectral) return spectral->density(x);
  if (!grid) return std::numeric_limits<double>::quiet_NaN();
  const Vector xi = chart.coordinates(x);
  for (Index i = 0; i < xi.size(); ++i)
    if (xi(i) < grid->grid.axis(i).lower || xi(i) > grid->grid.axis(i).upper) return 0.0;
  return interpolate(grid->grid, grid->masses, xi) /
         (grid->grid.volume() * chart.volume_factor(xi));
}

StationaryDensity solve_stationary(const Coefficients& coefficients, const LawGuess& guess,
                                   const StationaryOptions& options) {
  constexpr std::string_view where = "solve_stationary";
  const Index n = coefficients.dimension;
  require(n >= 1 && n <= 3, where, "dimension = ", n, ", expected 1 to 3");
  require(guess.mean.size() == n && guess.covariance.rows() == n && guess.covariance.cols() == n,
          where, "the guess has a mean of ", guess.mean.size(), " entries, expected ", n);
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(options.max_cells >= 1000, where, "max_cells = ", options.max_cells,
          ", expected >= 1000");
  std::string why_not;
  if (options.method != StationaryMethod::finite_volume) {
    if (full_rank(coefficients, guess.mean)) {
      auto spectral = solve_spectral(coefficients, guess.mean, guess.covariance,
                                     {.tolerance = std::min(options.tolerance, 1e-6)});
      if (spectral.report.ok() || options.method == StationaryMethod::spectral ||
          (spectral.covariance.size() > 0 && spectral.error <= 0.1 * options.tolerance)) {
        StationaryDensity answer{.report = spectral.report,
                                 .method = StationaryMethod::spectral,
                                 .error = spectral.error,
                                 .mean = spectral.mean,
                                 .covariance = spectral.covariance,
                                 .skewness = spectral.skewness,
                                 .chart = Chart::identity(n)};
        if (answer.report.ok())
          answer.report.message =
              "spectral, " + std::to_string(spectral.degree) + " polynomials an axis";
        answer.spectral = std::move(spectral);
        return answer;
      }
      why_not = spectral.report.message;
    } else {
      why_not = "the noise does not reach every direction";
      if (options.method == StationaryMethod::spectral)
        return {.report = Report::failure(Status::outside_validity, why_not),
                .method = StationaryMethod::spectral,
                .error = std::numeric_limits<double>::quiet_NaN()};
    }
  }
  StationaryDensity answer = by_finite_volumes(coefficients, guess, options);
  if (!why_not.empty()) answer.report.message += "; not spectral: " + why_not;
  return answer;
}

}  // namespace stillpoint::fokker_planck
