// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "lib/core/report.hpp"
#include "solvers/fokker_planck/generator.hpp"
#include "solvers/fokker_planck/interpolation.hpp"
#include "solvers/markov_chain/banded_chain.hpp"

namespace stillpoint::fokker_planck {

/// @brief Linear systems with the generator of a diffusion on a grid, by geometric multigrid,
///
///     forward:   Qᵀ x = b,   x a density, b a change of mass;
///     backward:  Q x = b,    x a function.
///
/// Every level is a diffusion on its own grid (make_generator() again), so that each operator is an
/// M-matrix; the coarsest, some thousand cells, is solved by elimination without subtraction. Axes
/// with weak coupling are not coarsened before they are as strong as the others. Gauss–Seidel
/// forward before and backward after. Functions are interpolated linearly (P) and their residuals
/// averaged (R = Pᵀ, rows normalised); masses are moved by the transposes: residuals summed by Pᵀ,
/// corrections spread by Rᵀ. So the forward cycle converges as the backward one does, however steep
/// the density. Without an exit the system is singular: b must sum to zero in the forward
/// direction, and x is the solution of mass zero. Source: Trottenberg, Oosterlee & Schüller (2001),
/// chapters 5 and 7.
class Multigrid {
 public:
  enum class Direction { forward, backward };

  Multigrid(const Coefficients& coefficients, const Grid& grid, const std::vector<Region>& regions,
            Direction direction);

  /// Of the generators; nothing else may be called where it is not ok.
  const Report& report() const { return report_; }
  Index levels() const { return static_cast<Index>(levels_.size()); }  ///< 0 is the finest.
  const Grid& grid(Index level) const { return at(level).grid; }
  /// Of the finest level, without its rates.
  const Generator& generator() const { return generator_; }

  /// Stationary vector of the coarsest level, to all digits.
  Vector coarsest_stationary() const;
  /// A positive density of the level below on this level: ln p is interpolated. Sum 1.
  Vector interpolate_density(Index level, const Vector& coarse);
  /// y = (operator) x.
  void apply(Index level, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> y) const;
  /// One V cycle: x ≈ the solution for b, linear in b.
  void cycle(Index level, const Eigen::Ref<const Vector>& b, Eigen::Ref<Vector> x);
  /// Sweeps of Gauss–Seidel on b = 0 that keep a density one: negative entries become zero, the
  /// sum 1.
  void smooth(Index level, Vector& p) const;

 private:
  struct Level {
    Grid grid;
    SparseMatrix system;          // Qᵀ or Q
    std::vector<int> diagonal;    // where it is among the entries of system
    Vector inverse_diagonal;      // of system
    Interpolation interpolation;  // from the level below
    Vector column_sums;           // of interpolation
    Vector right, solution, residual;
  };
  Level& at(Index level) { return levels_[static_cast<std::size_t>(level)]; }
  const Level& at(Index level) const { return levels_[static_cast<std::size_t>(level)]; }
  static void find_diagonal(Level& level);
  /// Writes level.residual, too.
  static void sweep_from_zero(Level& level, const Eigen::Ref<const Vector>& b,
                              Eigen::Ref<Vector> x);
  template <bool ascending>
  static void sweep(const Level& level, const Eigen::Ref<const Vector>& b, Eigen::Ref<Vector> x);

  Direction direction_;
  Report report_;
  Generator generator_;
  std::deque<Level> levels_;  // never moved: a SparseMatrix is copied then
  std::optional<markov_chain::BandedChain> coarsest_;
};

}  // namespace stillpoint::fokker_planck
