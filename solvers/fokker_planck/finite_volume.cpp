// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/finite_volume.hpp"

#include <cmath>
#include <limits>
#include <sstream>
#include <string_view>
#include <vector>

#include "lib/core/require.hpp"
#include "solvers/algebraic/gmres.hpp"
#include "solvers/fokker_planck/multigrid.hpp"

namespace stillpoint::fokker_planck {
namespace {

constexpr std::string_view where = "solve_finite_volume";

/// Qᵀ p = 0 on one level, from a guess.
Report solve_level(Multigrid& multigrid, Index level, double tolerance, Index max_iterations,
                   Vector& p) {
  constexpr double reduction = 1e-3;  // of the residual before it is computed anew
  Report report;
  Vector residual(p.size());
  for (double change = 1.0;;) {
    multigrid.apply(level, p, residual);
    residual = -residual;
    residual.array() -= residual.mean();  // rounding
    if (residual.isZero(0.0)) break;
    const auto step =
        algebraic::gmres([&](const Eigen::Ref<const Vector>& x,
                             Eigen::Ref<Vector> Ax) { multigrid.apply(level, x, Ax); },
                         [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
                           multigrid.cycle(level, x, result);
                         },
                         residual, {}, {.tolerance = reduction, .dimension = 10, .restarts = 0});
    report.iterations += step.report.iterations;
    p += step.x;
    const double last = change;
    change = step.x.lpNorm<1>();
    report.residual = change * std::min(change / last, 1.0);  // what the next step would change
    if (report.residual <= tolerance) break;
    if (!std::isfinite(change) || report.iterations >= max_iterations) {
      std::ostringstream text;
      text << "the linear system is solved to " << report.residual << " after " << report.iterations
           << " iterations, expected " << tolerance
           << ": wells that hardly ever exchange, or a mesh too coarse for the drift";
      report.status = Status::no_convergence;
      report.message = text.str();
      break;
    }
  }
  multigrid.smooth(level, p);
  return report;
}

GridDensity moments_of(const Grid& grid, Vector masses) {
  const Index n = grid.dimension();
  GridDensity density{.grid = grid,
                      .masses = std::move(masses),
                      .error = std::numeric_limits<double>::quiet_NaN(),
                      .order = std::numeric_limits<double>::quiet_NaN(),
                      .mean = Vector::Zero(n),
                      .covariance = Matrix::Zero(n, n),
                      .skewness = Vector::Zero(n)};
  Vector x(n);
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, x);
    density.mean += density.masses(cell) * x;
    const auto place = grid.place(cell);
    bool outermost = false;
    for (Index i = 0; i < n; ++i) {
      const Index at = place[static_cast<std::size_t>(i)];
      outermost =
          outermost || (!grid.axis(i).periodic() && (at == 0 || at == grid.axis(i).cells - 1));
    }
    if (outermost) density.boundary_mass += density.masses(cell);
  }
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, x);
    x -= density.mean;
    density.covariance += density.masses(cell) * x * x.transpose();
    density.skewness.array() += density.masses(cell) * x.array().cube();
  }
  density.skewness.array() /= density.covariance.diagonal().array().pow(1.5);
  return density;
}

GridDensity solve(const Coefficients& coefficients, const Grid& grid,
                  const FiniteVolumeOptions& options) {
  Multigrid multigrid(coefficients, grid, {}, Multigrid::Direction::forward);
  if (!multigrid.report().ok()) {
    GridDensity none{.report = multigrid.report(), .grid = grid};
    none.error = none.order = std::numeric_limits<double>::quiet_NaN();
    return none;
  }
  Vector p = multigrid.coarsest_stationary();
  Report report;
  for (Index level = multigrid.levels() - 2; level >= 0; --level) {
    p = multigrid.interpolate_density(level, p);
    report = solve_level(multigrid, level, level > 0 ? 1e-3 : options.tolerance,
                         options.max_iterations, p);
    if (!p.allFinite()) break;
  }
  GridDensity density = moments_of(grid, std::move(p));
  density.report = report;
  density.added_diffusion = multigrid.generator().added_diffusion;
  density.upwinded = multigrid.generator().upwinded;
  return density;
}

/// The probabilities of a finer grid in the cells of a coarser one; a cell that the boundary of
/// another cuts gives its parts.
Vector aggregate(const Grid& fine, const Grid& coarse, const Vector& masses) {
  Vector sums = Vector::Zero(coarse.cells());
  for (Index cell = 0; cell < fine.cells(); ++cell) {
    const auto place = fine.place(cell);
    std::array<std::pair<Index, double>, 8> parts;
    parts[0] = {0, masses(cell)};
    std::size_t count = 1;
    for (Index i = 0; i < fine.dimension(); ++i) {
      const double ratio =
          static_cast<double>(coarse.axis(i).cells) / static_cast<double>(fine.axis(i).cells);
      const double lower = static_cast<double>(place[static_cast<std::size_t>(i)]) * ratio;
      const auto first = std::min(static_cast<Index>(lower + 1e-9), coarse.axis(i).cells - 1);
      const double share = std::clamp((static_cast<double>(first + 1) - lower) / ratio, 0.0, 1.0);
      const std::size_t before = count;
      for (std::size_t k = 0; k < before; ++k) {
        const auto [base, mass] = parts[k];
        parts[k] = {base + first * coarse.stride(i), mass * share};
        if (share < 1.0 - 1e-9 && first + 1 < coarse.axis(i).cells)
          parts[count++] = {base + (first + 1) * coarse.stride(i), mass * (1.0 - share)};
      }
    }
    for (std::size_t k = 0; k < count; ++k) sums(parts[k].first) += parts[k].second;
  }
  return sums;
}

}  // namespace

GridDensity solve_finite_volume(const Coefficients& coefficients, const Grid& grid,
                                const FiniteVolumeOptions& options) {
  require(options.tolerance > 0.0 && options.max_iterations > 0, where,
          "tolerance = ", options.tolerance, " and max_iterations = ", options.max_iterations,
          ", expected > 0");
  for (const Axis& axis : grid.axes())
    require(axis.lower_side != Side::absorbing && axis.upper_side != Side::absorbing, where,
            "an absorbing side: there is no stationary density, see first_passage_times()");
  GridDensity density = solve(coefficients, grid, options);
  if (!options.estimate_error || !density.report.ok()) return density;
  const std::vector<bool> all(static_cast<std::size_t>(grid.dimension()), true);
  const Grid half = grid.coarsened(all), quarter = half.coarsened(all);
  const GridDensity rough = solve(coefficients, half, options),
                    rougher = solve(coefficients, quarter, options);
  const double change = (aggregate(grid, half, density.masses) - rough.masses).lpNorm<1>(),
               earlier = (aggregate(half, quarter, rough.masses) - rougher.masses).lpNorm<1>();
  // Where the grids are too coarse to show an order, the change counts in full.
  const bool known = rough.report.ok() && rougher.report.ok();
  const double ratio = known ? std::clamp(earlier / change, 2.0, 4.0) : 2.0;
  density.order = std::log2(ratio);
  density.error = change / (ratio - 1.0);
  density.mean_error = (density.mean - rough.mean).cwiseAbs() / (ratio - 1.0);
  density.covariance_error = (density.covariance - rough.covariance).cwiseAbs() / (ratio - 1.0);
  density.report.residual = density.error;
  return density;
}

}  // namespace stillpoint::fokker_planck
