// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/multigrid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::fokker_planck {
namespace {

constexpr double cheap_elimination = 4e7;  // cells × bandwidth²
constexpr double weak_coupling = 0.3;      // of the strongest: such an axis waits

/// Linear interpolation between the cell centres of two axes over the same interval.
struct Stencil {
  Index first, second;
  double weight;  // of the second
};
Stencil interpolate(const Axis& fine, const Axis& coarse, Index cell) {
  const double position = (static_cast<double>(cell) + 0.5) * static_cast<double>(coarse.cells) /
                              static_cast<double>(fine.cells) -
                          0.5;
  const double below = std::floor(position);
  const auto first = static_cast<Index>(below);
  const double weight = position - below;
  if (fine.periodic())
    return {(first + coarse.cells) % coarse.cells, (first + 1) % coarse.cells, weight};
  return {std::max<Index>(first, 0), std::min(first + 1, coarse.cells - 1), weight};
}

SparseMatrix interpolation(const Grid& fine, const Grid& coarse) {
  SparseMatrix P(fine.cells(), coarse.cells());
  const Index n = fine.dimension();
  P.reserve(fine.cells() * (Index{1} << n));
  for (Index cell = 0; cell < fine.cells(); ++cell) {
    const auto place = fine.place(cell);
    // Slowest axis first, so that the columns come in ascending order.
    std::array<std::pair<Index, double>, 8> entries{}, next{};
    std::size_t count = 1;
    entries[0] = {0, 1.0};
    for (Index i = n - 1; i >= 0; --i) {
      const Index stride = coarse.stride(i), at = place[static_cast<std::size_t>(i)];
      Stencil stencil = fine.axis(i).cells == coarse.axis(i).cells
                            ? Stencil{at, at, 0.0}
                            : interpolate(fine.axis(i), coarse.axis(i), at);
      const bool two = stencil.weight > 0.0 && stencil.first != stencil.second;
      if (two && stencil.second < stencil.first)
        stencil = {stencil.second, stencil.first, 1.0 - stencil.weight};
      std::size_t found = 0;
      for (std::size_t k = 0; k < count; ++k) {
        const auto [base, weight] = entries[k];
        next[found++] = {base + stencil.first * stride,
                         two ? weight * (1.0 - stencil.weight) : weight};
        if (two) next[found++] = {base + stencil.second * stride, weight * stencil.weight};
      }
      entries = next;
      count = found;
    }
    P.startVec(cell);
    for (std::size_t k = 0; k < count; ++k)
      P.insertBack(cell, entries[k].first) = entries[k].second;
  }
  P.finalize();
  return P;
}

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
                     const std::vector<Region>& regions, Direction direction, double shift)
    : direction_(direction) {
  require(shift >= 0.0, "Multigrid", "shift = ", shift, ", expected >= 0");
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
    if (shift > 0.0)
      for (Index cell = 0; cell < next.cells(); ++cell) level.system.coeffRef(cell, cell) -= shift;
    level.inverse_diagonal = level.system.diagonal().cwiseInverse();
    for (Vector* work : {&level.right, &level.solution, &level.residual})
      work->resize(next.cells());
    if (levels() > 1) {
      Level& finer = at(levels() - 2);
      finer.interpolation = interpolation(finer.grid, next);
      finer.column_sums = finer.interpolation.transpose() * Vector::Ones(finer.grid.cells());
    }
    const auto axes = strong_axes(next, generator.coupling);
    const auto width = static_cast<double>(markov_chain::BandedChain::bandwidth(generator.rates));
    const bool last = (static_cast<double>(next.cells()) * width * width <= cheap_elimination) ||
                      std::none_of(axes.begin(), axes.end(), [](bool axis) { return axis; });
    if (last) {
      Vector leaving = generator.exits.rowwise().sum();
      for (Index cell = 0; cell < next.cells(); ++cell)
        leaving(cell) += generator.absorbed[static_cast<std::size_t>(cell)] ? 1.0 + shift : shift;
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

Vector Multigrid::interpolate_density(Index level, const Vector& coarse) const {
  const Vector logarithm = coarse.array().max(1e-290).log();
  Vector fine = (at(level).interpolation * logarithm).array().exp();
  return fine / fine.sum();
}

void Multigrid::apply(Index level, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> y) const {
  y.noalias() = at(level).system * x;
}

template <bool ascending>
void Multigrid::sweep(const Level& level, const Eigen::Ref<const Vector>& b, Eigen::Ref<Vector> r) {
  const int* const starts = level.system.outerIndexPtr();
  const int* const columns = level.system.innerIndexPtr();
  const double* const values = level.system.valuePtr();
  double* const solution = r.data();
  const Index cells = level.system.rows();
  for (Index k = 0; k < cells; ++k) {
    const Index cell = ascending ? k : cells - 1 - k;
    double sum = b(cell);
    for (int entry = starts[cell]; entry < starts[cell + 1]; ++entry)
      sum -= values[entry] * solution[columns[entry]];
    solution[cell] += sum * level.inverse_diagonal(cell);
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
  x.setZero();
  sweep<true>(here, b, x);
  here.residual.noalias() = b - here.system * x;
  Level& below = at(level + 1);
  below.right.noalias() = here.interpolation.transpose() * here.residual;
  if (direction_ == Direction::backward) below.right.array() /= here.column_sums.array();
  cycle(level + 1, below.right, below.solution);
  if (direction_ == Direction::forward) below.solution.array() /= here.column_sums.array();
  x.noalias() += here.interpolation * below.solution;
  sweep<false>(here, b, x);
}

}  // namespace stillpoint::fokker_planck
