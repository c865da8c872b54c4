// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/passage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"
#include "solvers/algebraic/gmres.hpp"
#include "solvers/fokker_planck/multigrid.hpp"

namespace stillpoint::fokker_planck {
namespace {

/// Q x = b to a relative tolerance.
Vector solve(Multigrid& multigrid, const Vector& b, const PassageOptions& options, Report& report) {
  auto solution = algebraic::gmres(
      [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> Ax) { multigrid.apply(0, x, Ax); },
      [&](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> result) {
        multigrid.cycle(0, x, result);
      },
      b, {},
      {.tolerance = options.tolerance,
       .dimension = std::min<Index>(20, options.max_iterations),
       .restarts = options.max_iterations / 20});
  report.iterations += solution.report.iterations;
  if (!solution.report.ok() && report.ok()) {
    report.status = solution.report.status;
    report.message = "the backward equation: " + solution.report.message;
  }
  return std::move(solution.x);
}

void require_valid(const PassageOptions& options, std::string_view where) {
  require(options.tolerance > 0.0 && options.max_iterations > 0, where,
          "tolerance = ", options.tolerance, " and max_iterations = ", options.max_iterations,
          ", expected > 0");
}

/// Sets an absorbed cell's right-hand side to 0: its row says −x = b.
void clear_absorbed(const Generator& generator, Vector& b) {
  for (Index cell = 0; cell < b.size(); ++cell)
    if (generator.absorbed[static_cast<std::size_t>(cell)]) b(cell) = 0.0;
}

PassageTimes solve_times(const Coefficients& coefficients, const Grid& grid,
                         const std::vector<Region>& regions, const PassageOptions& options) {
  PassageTimes times{.grid = grid, .error = std::numeric_limits<double>::quiet_NaN()};
  Multigrid multigrid(coefficients, grid, regions, Multigrid::Direction::backward);
  times.report = multigrid.report();
  if (!times.report.ok()) return times;
  if (multigrid.generator().exits.maxCoeff() == 0.0) {
    times.report = Report::failure(Status::outside_validity,
                                   "no region and no absorbing side lies in the grid: the process "
                                   "never ends");
    return times;
  }
  Vector b = Vector::Constant(grid.cells(), -1.0);
  clear_absorbed(multigrid.generator(), b);
  times.mean = solve(multigrid, b, options, times.report);
  b = -2.0 * times.mean;
  clear_absorbed(multigrid.generator(), b);
  const Vector second = solve(multigrid, b, options, times.report);
  times.standard_deviation = (second - times.mean.cwiseAbs2()).cwiseMax(0.0).cwiseSqrt();
  return times;
}

Committor solve_committor(const Coefficients& coefficients, const Grid& grid, const Region& other,
                          const Region& target, const PassageOptions& options) {
  Committor answer{.grid = grid, .error = std::numeric_limits<double>::quiet_NaN()};
  Multigrid multigrid(coefficients, grid, {other, target}, Multigrid::Direction::backward);
  answer.report = multigrid.report();
  if (!answer.report.ok()) return answer;
  const Generator& generator = multigrid.generator();
  if (generator.exits.col(1).maxCoeff() == 0.0) {
    answer.report =
        Report::failure(Status::outside_validity, "the target does not lie in the grid");
    return answer;
  }
  Vector b = -generator.exits.col(1);
  Vector x;
  for (Index cell = 0; cell < b.size(); ++cell)
    if (generator.absorbed[static_cast<std::size_t>(cell)]) {
      grid.centre(cell, x);
      b(cell) = target.level(x) <= 0.0 && other.level(x) > 0.0 ? -1.0 : 0.0;
    }
  answer.probability = solve(multigrid, b, options, answer.report);
  for (Index cell = 0; cell < b.size(); ++cell)
    if (generator.absorbed[static_cast<std::size_t>(cell)]) answer.probability(cell) = -b(cell);
  return answer;
}

}  // namespace

double PassageTimes::mean_from(const Vector& x) const { return interpolate(grid, mean, x); }
double PassageTimes::standard_deviation_from(const Vector& x) const {
  return interpolate(grid, standard_deviation, x);
}
double Committor::from(const Vector& x) const { return interpolate(grid, probability, x); }

PassageTimes first_passage_times(const Coefficients& coefficients, const Grid& grid,
                                 const std::vector<Region>& regions,
                                 const PassageOptions& options) {
  require_valid(options, "first_passage_times");
  PassageTimes times = solve_times(coefficients, grid, regions, options);
  if (!times.report.ok() || !options.estimate_error) return times;
  const Grid coarse = grid.halved();
  const PassageTimes rough = solve_times(coefficients, coarse, regions, options);
  Index slowest = 0;
  const double longest = times.mean.maxCoeff(&slowest);
  Vector x;
  grid.centre(slowest, x);
  if (rough.report.ok()) times.error = std::abs(rough.mean_from(x) / longest - 1.0) / 3.0;
  times.report.residual = times.error;
  return times;
}

Committor committor(const Coefficients& coefficients, const Grid& grid, const Region& other,
                    const Region& target, const PassageOptions& options) {
  require_valid(options, "committor");
  Committor answer = solve_committor(coefficients, grid, other, target, options);
  if (!answer.report.ok() || !options.estimate_error) return answer;
  const Committor rough = solve_committor(coefficients, grid.halved(), other, target, options);
  if (!rough.report.ok()) return answer;
  // At the coarse centres with all of their fine neighbours outside the sets: interpolation across
  // the boundary of a set would count more than the mesh.
  const auto outside = [](const Vector& q) {
    return Vector(((q.array() > 0.0) && (q.array() < 1.0)).cast<double>());
  };
  const Vector fine = outside(answer.probability), coarse = outside(rough.probability);
  answer.error = 0.0;
  Vector x;
  for (Index cell = 0; cell < rough.grid.cells(); ++cell) {
    rough.grid.centre(cell, x);
    if (coarse(cell) == 1.0 && interpolate(grid, fine, x) > 0.999)
      answer.error =
          std::max(answer.error, std::abs(answer.from(x) - rough.probability(cell)) / 3.0);
  }
  answer.report.residual = answer.error;
  return answer;
}

}  // namespace stillpoint::fokker_planck
