// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/evolve.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string_view>

#include "lib/core/require.hpp"
#include "solvers/algebraic/arnoldi.hpp"
#include "solvers/fokker_planck/finite_volume.hpp"
#include "solvers/fokker_planck/multigrid.hpp"
#include "solvers/ode/integrate.hpp"

namespace stillpoint::fokker_planck {
namespace {

void require_valid(const SparseMatrix& rates, const Vector& start, const Vector& times,
                   const EvolveOptions& options, std::string_view where) {
  require(rates.rows() == rates.cols() && rates.rows() == start.size(), where, "rates of ",
          rates.rows(), " cells for a start of ", start.size());
  require(start.allFinite(), where, "the start is not finite");
  require(options.tolerance > 0.0, where, "tolerance = ", options.tolerance, ", expected > 0");
  require(times.size() > 0 && times.allFinite() && times(0) >= 0.0, where,
          "times are empty, negative or not finite");
  for (Index k = 1; k < times.size(); ++k)
    require(times(k - 1) < times(k), where, "times are not ascending");
}

/// Calls visit(k, e^{t_k Qᵀ} start) for each time.
template <typename Visit>
Report exponentiate(const SparseMatrix& rates, const Vector& start, const Vector& times,
                    double tolerance, Visit&& visit) {
  const SparseMatrix transposed = rates.transpose();
  const auto apply = [&transposed](const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> y) {
    y.noalias() = transposed * x;
  };
  Report report;
  Vector now = start;
  for (Index k = 0; k < times.size(); ++k) {
    const double before = k > 0 ? times(k - 1) : 0.0,
                 share = (times(k) - before) / times.maxCoeff();
    if (times(k) > before && now.squaredNorm() > 0.0) {
      auto step = algebraic::exponential_action(apply, now, times(k) - before,
                                                {.tolerance = tolerance * std::max(share, 1e-3)});
      report.iterations += step.report.iterations;
      if (!step.report.ok()) {
        step.report.iterations = report.iterations;
        return step.report;
      }
      now = std::move(step.value);
    }
    visit(k, now);
  }
  return report;
}

template <typename Visit>
Report integrate(const SparseMatrix& rates, const Vector& start, const Vector& times,
                 double tolerance, Visit&& visit) {
  // The rows of Q are the columns of Qᵀ.
  const ode::SparseMatrix transposed = Eigen::Map<const ode::SparseMatrix>(
      rates.rows(), rates.cols(), rates.nonZeros(), rates.outerIndexPtr(), rates.innerIndexPtr(),
      rates.valuePtr());
  const Index first = times(0) == 0.0 ? 1 : 0, later = times.size() - first;
  if (first == 1) visit(0, start);
  if (later == 0) return {};
  Vector stops(later + 1);
  stops << 0.0, times.tail(later);
  const auto trajectory = ode::integrate(
      [&transposed](double, const Eigen::Ref<const Vector>& p, Eigen::Ref<Vector> change) {
        change.noalias() = transposed * p;
      },
      start, stops,
      {.relative_tolerance = tolerance,
       .absolute_tolerance = tolerance * start.cwiseAbs().maxCoeff(),
       .newton = {.linear_solver = ode::LinearSolver::sparse,
                  .sparse_jacobian = {
                      .pattern = transposed,
                      .values = [&transposed](double, const Eigen::Ref<const Vector>&,
                                              ode::SparseMatrix& J) { J = transposed; }}}});
  for (Index k = 1; k < trajectory.states.cols(); ++k)
    visit(first + k - 1, trajectory.states.col(k));
  return trajectory.report;
}

template <typename Visit>
Report propagate(const SparseMatrix& rates, const Vector& start, const Vector& times,
                 const EvolveOptions& options, Visit&& visit) {
  return options.method == EvolveMethod::bdf
             ? integrate(rates, start, times, options.tolerance, visit)
             : exponentiate(rates, start, times, options.tolerance, visit);
}

Modes find_modes(const Coefficients& coefficients, const Grid& grid, Index count,
                 const ModesOptions& options) {
  Modes modes;
  Multigrid multigrid(coefficients, grid, {}, Multigrid::Direction::forward);
  modes.report = multigrid.report();
  if (!modes.report.ok()) return modes;
  const auto stationary = solve_finite_volume(coefficients, grid, {.estimate_error = false});
  modes.report = stationary.report;
  if (!modes.report.ok()) return modes;
  // x with Qᵀ x = b in the space of mass zero.
  const auto inverse = [&](const Eigen::Ref<const Vector>& b, Eigen::Ref<Vector> x) {
    Vector right = b;
    right.array() -= right.mean();
    auto solution = algebraic::gmres(
        [&](const Eigen::Ref<const Vector>& v, Eigen::Ref<Vector> Av) {
          multigrid.apply(0, v, Av);
        },
        [&](const Eigen::Ref<const Vector>& v, Eigen::Ref<Vector> result) {
          multigrid.cycle(0, v, result);
        },
        right, {}, {.tolerance = 1e-2 * options.tolerance, .dimension = 20, .restarts = 10});
    if (!solution.report.ok() && modes.report.ok()) modes.report = solution.report;
    modes.report.iterations += solution.report.iterations;
    x = solution.x - solution.x.sum() * stationary.masses;
  };
  // A start with a share of every mode: differences between halves of the box, and no symmetry.
  Vector start(grid.cells());
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    const auto place = grid.place(cell);
    double value = 0.0;
    for (Index i = 0; i < grid.dimension(); ++i) {
      const double s = (static_cast<double>(place[static_cast<std::size_t>(i)]) + 0.5) /
                       static_cast<double>(grid.axis(i).cells);
      value += std::sin(2.1 * s + static_cast<double>(i)) + std::cos(7.3 * s * s + 0.4);
    }
    start(cell) = value;
  }
  start.array() -= start.mean();
  for (Index dimension = std::min(2 * count + 8, options.max_dimension);;
       dimension = std::min(dimension + dimension / 2, options.max_dimension)) {
    const auto space = algebraic::arnoldi(inverse, start, dimension);
    const Index m = space.hessenberg.rows();
    const Eigen::EigenSolver<Matrix> own(space.hessenberg);
    const Eigen::MatrixXcd vectors = own.eigenvectors();
    const Eigen::VectorXcd values = own.eigenvalues();
    std::vector<Index> order(static_cast<std::size_t>(m));
    for (Index k = 0; k < m; ++k) order[static_cast<std::size_t>(k)] = k;
    std::sort(order.begin(), order.end(),
              [&](Index a, Index b) { return std::abs(values(a)) > std::abs(values(b)); });
    const Index wanted = std::min(count, m);
    double worst = 0.0;
    modes.eigenvalues.clear();
    for (Index k = 0; k < wanted; ++k) {
      const Index which = order[static_cast<std::size_t>(k)];
      modes.eigenvalues.push_back(1.0 / values(which));
      worst = std::max(worst, space.next * std::abs(vectors(m - 1, which)) /
                                  (vectors.col(which).norm() * std::abs(values(which))));
    }
    modes.report.residual = worst;
    if (!modes.report.ok() || worst <= options.tolerance) break;
    if (dimension == options.max_dimension || space.next == 0.0) {
      if (space.next == 0.0) break;
      std::ostringstream text;
      text << "eigenvalues are known to " << worst << " in a space of " << dimension
           << " dimensions, expected " << options.tolerance;
      modes.report.status = Status::no_convergence;
      modes.report.message = text.str();
      break;
    }
  }
  std::sort(modes.eigenvalues.begin(), modes.eigenvalues.end(),
            [](const auto& a, const auto& b) { return a.real() > b.real(); });
  return modes;
}

}  // namespace

Evolution evolve(const SparseMatrix& rates, const Vector& start, const Vector& times,
                 const EvolveOptions& options) {
  constexpr std::string_view where = "evolve";
  require_valid(rates, start, times, options, where);
  require(start.minCoeff() >= 0.0, where, "the start has a negative probability");
  Evolution evolution{.times = times, .masses = Matrix(start.size(), times.size())};
  evolution.report = propagate(rates, start, times, options, [&](Index k, const Vector& now) {
    const double mass = now.sum();
    evolution.masses.col(k) = now.cwiseMax(0.0);
    const double positive = evolution.masses.col(k).sum();
    if (positive > 0.0) evolution.masses.col(k) *= mass / positive;
  });
  return evolution;
}

Vector autocorrelation(const SparseMatrix& rates, const Vector& stationary, const Vector& function,
                       const Vector& times, const EvolveOptions& options) {
  constexpr std::string_view where = "autocorrelation";
  require(function.size() == stationary.size() && function.allFinite(), where, "a function at ",
          function.size(), " cells, expected ", stationary.size());
  require_valid(rates, stationary, times, options, where);
  const double mean = function.dot(stationary);
  const Vector start = (function.array() - mean) * stationary.array();
  Vector correlation(times.size());
  const Report report = propagate(rates, start, times, options, [&](Index k, const Vector& now) {
    correlation(k) = (function.array() - mean).matrix().dot(now);
  });
  require(report.ok(), where, report.message);
  return correlation;
}

Matrix probability_current(const SparseMatrix& rates, const Grid& grid, const Vector& masses) {
  constexpr std::string_view where = "probability_current";
  require(rates.rows() == grid.cells() && masses.size() == grid.cells(), where, "rates of ",
          rates.rows(), " and masses of ", masses.size(), " cells, expected ", grid.cells());
  const Index n = grid.dimension();
  Matrix current = Matrix::Zero(n, grid.cells());
  Vector jump(n);
  for (Index from = 0; from < grid.cells(); ++from) {
    const auto start = grid.place(from);
    for (SparseMatrix::InnerIterator entry(rates, from); entry; ++entry) {
      if (entry.col() == from) continue;
      const auto end = grid.place(entry.col());
      for (Index i = 0; i < n; ++i) {
        Index steps = end[static_cast<std::size_t>(i)] - start[static_cast<std::size_t>(i)];
        const Index cells = grid.axis(i).cells;
        if (grid.axis(i).periodic() && std::abs(steps) > cells / 2)
          steps += steps > 0 ? -cells : cells;
        jump(i) = static_cast<double>(steps) * grid.axis(i).width();
      }
      const double flow = 0.5 * entry.value() * masses(from) / grid.volume();
      current.col(from) += flow * jump;
      current.col(entry.col()) += flow * jump;
    }
  }
  return current;
}

Modes slowest_modes(const Coefficients& coefficients, const Grid& grid, Index count,
                    const ModesOptions& options) {
  constexpr std::string_view where = "slowest_modes";
  require(count >= 1 && count < grid.cells(), where, "count = ", count, ", expected 1 to ",
          grid.cells() - 1);
  require(options.tolerance > 0.0 && options.max_dimension > count, where,
          "tolerance = ", options.tolerance, ", max_dimension = ", options.max_dimension,
          ", expected > 0, > count");
  for (const Axis& axis : grid.axes())
    require(axis.lower_side != Side::absorbing && axis.upper_side != Side::absorbing, where,
            "an absorbing side, expected reflecting or periodic ones");
  Modes modes = find_modes(coefficients, grid, count, options);
  if (!modes.report.ok() || !options.estimate_error) return modes;
  const Grid half = grid.halved();
  const Modes rough = find_modes(coefficients, half, std::min(count, half.cells() - 1), options);
  if (!rough.report.ok()) return modes;
  for (const auto& value : modes.eigenvalues) {
    double nearest = std::numeric_limits<double>::infinity();
    for (const auto& other : rough.eigenvalues)
      nearest = std::min(nearest, std::abs(value - other));
    modes.errors.push_back(nearest / 3.0);
  }
  return modes;
}

}  // namespace stillpoint::fokker_planck
