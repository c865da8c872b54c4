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

/// Moments line by line along the first axis.
GridDensity moments_of(const Grid& grid, Vector masses) {
  const Index n = grid.dimension(), length = grid.axis(0).cells, lines = grid.cells() / length;
  GridDensity density{.grid = grid,
                      .masses = std::move(masses),
                      .error = std::numeric_limits<double>::quiet_NaN(),
                      .order = std::numeric_limits<double>::quiet_NaN(),
                      .mean = Vector::Zero(n),
                      .covariance = Matrix::Zero(n, n),
                      .skewness = Vector::Zero(n)};
  Vector x(n), along(length);
  for (Index k = 0; k < length; ++k) {
    grid.centre(k, x);
    along(k) = x(0);
  }
  for (Index line = 0; line < lines; ++line) {
    const auto p = density.masses.segment(line * length, length);
    const double mass = p.sum();
    grid.centre(line * length, x);
    density.mean.tail(n - 1) += mass * x.tail(n - 1);
    density.mean(0) += p.dot(along);
    const auto place = grid.place(line * length);
    bool outermost = false;
    for (Index i = 1; i < n; ++i) {
      const Index at = place[static_cast<std::size_t>(i)];
      outermost =
          outermost || (!grid.axis(i).periodic() && (at == 0 || at == grid.axis(i).cells - 1));
    }
    if (outermost)
      density.boundary_mass += mass;
    else if (!grid.axis(0).periodic())
      density.boundary_mass += p(0) + p(length - 1);
  }
  along.array() -= density.mean(0);
  const Vector square = along.cwiseAbs2(), cube = square.cwiseProduct(along);
  for (Index line = 0; line < lines; ++line) {
    const auto p = density.masses.segment(line * length, length);
    grid.centre(line * length, x);
    x -= density.mean;
    x(0) = 1.0;  // its own powers are the sums along the line
    const double mass = p.sum(), first = p.dot(along), second = p.dot(square);
    for (Index j = 1; j < n; ++j) {
      for (Index i = 1; i < n; ++i) density.covariance(i, j) += mass * x(i) * x(j);
      density.covariance(0, j) += first * x(j);
      density.covariance(j, 0) += first * x(j);
      density.skewness(j) += mass * x(j) * x(j) * x(j);
    }
    density.covariance(0, 0) += second;
    density.skewness(0) += p.dot(cube);
  }
  density.skewness.array() /= density.covariance.diagonal().array().pow(1.5);
  return density;
}

bool same_cells(const Grid& a, const Grid& b) {
  for (Index i = 0; i < a.dimension(); ++i)
    if (a.axis(i).cells != b.axis(i).cells) return false;
  return true;
}

/// Densities on a grid and on coarser ones of the same box, which cost nothing but the last
/// iterations where they are levels of the first one's hierarchy.
std::vector<GridDensity> solve(const Coefficients& coefficients, const std::vector<Grid>& grids,
                               const FiniteVolumeOptions& options) {
  std::vector<GridDensity> densities(grids.size());
  Multigrid multigrid(coefficients, grids[0], {}, Multigrid::Direction::forward);
  if (!multigrid.report().ok()) {
    densities[0] = {.report = multigrid.report(), .grid = grids[0]};
    densities[0].error = densities[0].order = std::numeric_limits<double>::quiet_NaN();
    return densities;
  }
  std::vector<bool> solved(grids.size(), false);
  Vector p = multigrid.coarsest_stationary();
  for (Index level = multigrid.levels() - 1; level >= 0; --level) {
    std::size_t wanted = 0;
    while (wanted < grids.size() && !same_cells(grids[wanted], multigrid.grid(level))) ++wanted;
    Report report;
    if (level + 1 < multigrid.levels()) {
      p = multigrid.interpolate_density(level, p);
      report = solve_level(multigrid, level, wanted < grids.size() ? options.tolerance : 1e-3,
                           options.max_iterations, p);
    }
    if (!p.allFinite()) {
      densities[0] = moments_of(multigrid.grid(level), std::move(p));
      densities[0].report = report;
      break;
    }
    if (wanted < grids.size()) {
      densities[wanted] = moments_of(grids[wanted], level > 0 ? p : std::move(p));
      densities[wanted].report = report;
      solved[wanted] = true;
    }
  }
  densities[0].added_diffusion = multigrid.generator().added_diffusion;
  densities[0].upwinded = multigrid.generator().upwinded;
  for (std::size_t k = 1; k < grids.size() && densities[0].report.ok(); ++k)
    if (!solved[k]) densities[k] = std::move(solve(coefficients, {grids[k]}, options)[0]);
  return densities;
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
  std::vector<Grid> grids = {grid};
  if (options.estimate_error)
    for (int halving = 0; halving < 2; ++halving) grids.push_back(grids.back().halved());
  std::vector<GridDensity> densities = solve(coefficients, grids, options);
  GridDensity& density = densities[0];
  if (!options.estimate_error || !density.report.ok()) return std::move(density);
  const GridDensity &rough = densities[1], &rougher = densities[2];
  if (!rough.report.ok()) return std::move(density);
  const double change = (aggregate(grid, rough.grid, density.masses) - rough.masses).lpNorm<1>();
  // Where the grids are too coarse to show an order, the change counts in full.
  double ratio = 2.0;
  if (rougher.report.ok()) {
    const double earlier =
        (aggregate(rough.grid, rougher.grid, rough.masses) - rougher.masses).lpNorm<1>();
    ratio = std::clamp(earlier / change, 2.0, 4.0);
  }
  density.order = std::log2(ratio);
  density.error = change / (ratio - 1.0);
  density.mean_error = (density.mean - rough.mean).cwiseAbs() / (ratio - 1.0);
  density.covariance_error = (density.covariance - rough.covariance).cwiseAbs() / (ratio - 1.0);
  density.report.residual = density.error;
  return std::move(density);
}

}  // namespace stillpoint::fokker_planck
