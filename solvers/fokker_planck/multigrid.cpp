// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/multigrid.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace stillpoint::fokker_planck {
namespace {

constexpr double cheap_elimination = 4e7;  // cells × bandwidth²
constexpr double weak_coupling = 0.3;      // of the strongest: such an axis waits

/// The axes that can be coarsened and are coupled strongly enough.
std::vector<bool> strong_axes(const Grid& grid, const Vector& coupling) {
  constexpr Index least = 4;
  double strongest = 0.0;
  for (Index i = 0; i < grid.dimension(); ++i)
    if (grid.axis(i).cells > least) strongest = std::max(strongest, coupling(i));
  std::vector<bool> axes;
  for (Index i = 0; i < grid.dimension(); ++i)
    axes.push_back(grid.axis(i).cells > least && coupling(i) >= weak_coupling * strongest);
  return axes;
}

}  // namespace

Multigrid::Multigrid(const Coefficients& coefficients, const Grid& grid,
                     const std::vector<Region>& regions, Direction direction)
    : direction_(direction) {
  for (Grid next = grid;;) {
    Generator generator = make_generator(coefficients, next, regions);
    if (!generator.report.ok()) {
      report_ = generator.report;
      return;
    }
    levels_.emplace_back();
    Level& level = levels_.back();
    level.grid = next;
    if (direction == Direction::forward)
      level.system = generator.rates.transpose();
    else
      level.system = generator.rates;
    find_diagonal(level);
    for (Vector* work : {&level.right, &level.solution, &level.residual})
      work->resize(next.cells());
    if (levels() > 1) {
      Level& finer = at(levels() - 2);
      finer.interpolation = Interpolation(finer.grid, next);
      finer.column_sums.resize(next.cells());
      finer.interpolation.transpose(Vector::Ones(finer.grid.cells()), finer.column_sums);
    }
    const auto axes = strong_axes(next, generator.coupling);
    const auto width = static_cast<double>(markov_chain::BandedChain::bandwidth(generator.rates));
    const bool last = (static_cast<double>(next.cells()) * width * width <= cheap_elimination) ||
                      std::none_of(axes.begin(), axes.end(), [](bool axis) { return axis; });
    if (last) {
      Vector leaving = generator.exits.rowwise().sum();
      for (Index cell = 0; cell < next.cells(); ++cell)
        if (generator.absorbed[static_cast<std::size_t>(cell)]) leaving(cell) = 1.0;
      coarsest_.emplace(generator.rates, leaving);
    }
    if (levels() == 1) {
      generator.rates = {};
      generator_ = std::move(generator);
    }
    if (last) break;
    next = next.coarsened(axes);
  }
}

Vector Multigrid::coarsest_stationary() const { return coarsest_->stationary(); }

Vector Multigrid::interpolate_density(Index level, const Vector& coarse) {
  const Vector logarithm = coarse.array().max(1e-290).log();
  Vector fine = Vector::Zero(at(level).grid.cells());
  at(level).interpolation.add(logarithm, fine);
  fine = fine.array().exp();
  return fine / fine.sum();
}

void Multigrid::apply(Index level, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> y) const {
  y.noalias() = at(level).system * x;
}

void Multigrid::find_diagonal(Level& level) {
  const Index cells = level.system.rows();
  const int* const starts = level.system.outerIndexPtr();
  const int* const columns = level.system.innerIndexPtr();
  level.diagonal.resize(static_cast<std::size_t>(cells));
  level.inverse_diagonal.resize(cells);
  for (Index cell = 0; cell < cells; ++cell) {
    int entry = starts[cell];
    while (columns[entry] < cell) ++entry;
    level.diagonal[static_cast<std::size_t>(cell)] = entry;
    level.inverse_diagonal(cell) = 1.0 / level.system.valuePtr()[entry];
  }
}

/// The entry of the neighbour that has just changed comes last: a processor that looks ahead waits
/// for it alone.
template <bool ascending>
void Multigrid::sweep(const Level& level, const Eigen::Ref<const Vector>& b, Eigen::Ref<Vector> x) {
  const int* const starts = level.system.outerIndexPtr();
  const int* const columns = level.system.innerIndexPtr();
  const double* const values = level.system.valuePtr();
  const int* const diagonal = level.diagonal.data();
  double* const solution = x.data();
  const Index cells = level.system.rows();
  for (Index k = 0; k < cells; ++k) {
    const Index cell = ascending ? k : cells - 1 - k;
    const int begin = starts[cell], middle = diagonal[cell], end = starts[cell + 1];
    double sum = b(cell);
    if constexpr (ascending) {
      for (int entry = end - 1; entry > middle; --entry)
        sum -= values[entry] * solution[columns[entry]];
      for (int entry = begin; entry < middle; ++entry)
        sum -= values[entry] * solution[columns[entry]];
    } else {
      for (int entry = begin; entry < middle; ++entry)
        sum -= values[entry] * solution[columns[entry]];
      for (int entry = end - 1; entry > middle; --entry)
        sum -= values[entry] * solution[columns[entry]];
    }
    solution[cell] = sum * level.inverse_diagonal(cell);
  }
}

/// The first sweep meets zeros behind the diagonal, and they are all that its residual lacks.
void Multigrid::sweep_from_zero(Level& level, const Eigen::Ref<const Vector>& b,
                                Eigen::Ref<Vector> x) {
  const int* const starts = level.system.outerIndexPtr();
  const int* const columns = level.system.innerIndexPtr();
  const double* const values = level.system.valuePtr();
  const int* const diagonal = level.diagonal.data();
  double* const solution = x.data();
  const Index cells = level.system.rows();
  for (Index cell = 0; cell < cells; ++cell) {
    double sum = b(cell);
    for (int entry = starts[cell]; entry < diagonal[cell]; ++entry)
      sum -= values[entry] * solution[columns[entry]];
    solution[cell] = sum * level.inverse_diagonal(cell);
  }
  double* const residual = level.residual.data();
  for (Index cell = 0; cell < cells; ++cell) {
    double sum = 0.0;
    for (int entry = diagonal[cell] + 1; entry < starts[cell + 1]; ++entry)
      sum -= values[entry] * solution[columns[entry]];
    residual[cell] = sum;
  }
}

void Multigrid::smooth(Index level, Vector& p) const {
  const Vector zero = Vector::Zero(p.size());
  p = p.cwiseMax(0.0);
  for (int sweeps = 0; sweeps < 2; ++sweeps) {
    sweep<true>(at(level), zero, p);
    sweep<false>(at(level), zero, p);
    p = p.cwiseMax(0.0);
  }
  p /= p.sum();
}

void Multigrid::cycle(Index level, const Eigen::Ref<const Vector>& b, Eigen::Ref<Vector> x) {
  Level& here = at(level);
  if (level + 1 == levels()) {
    x = direction_ == Direction::forward ? coarsest_->solve_forward(b)
                                         : coarsest_->solve_backward(b);
    return;
  }
  sweep_from_zero(here, b, x);
  Level& below = at(level + 1);
  here.interpolation.transpose(here.residual, below.right);
  if (direction_ == Direction::backward) below.right.array() /= here.column_sums.array();
  cycle(level + 1, below.right, below.solution);
  if (direction_ == Direction::forward) below.solution.array() /= here.column_sums.array();
  here.interpolation.add(below.solution, x);
  sweep<false>(here, b, x);
}

}  // namespace stillpoint::fokker_planck
