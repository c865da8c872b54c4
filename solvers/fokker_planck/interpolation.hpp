// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "solvers/fokker_planck/grid.hpp"

namespace stillpoint::fokker_planck {

/// @brief Linear interpolation P of a function from the cell centres of a coarser grid on the same
/// box, a product over the axes, and its transpose. Applied axis by axis, never stored as a matrix;
/// owns what it needs in between, so that nothing is allocated after the first call.
class Interpolation {
 public:
  Interpolation() = default;
  Interpolation(const Grid& fine, const Grid& coarse);

  /// fine += P coarse
  void add(const Vector& coarse, Eigen::Ref<Vector> fine);
  /// coarse = Pᵀ fine
  void transpose(const Vector& fine, Vector& coarse);

 private:
  /// One coarsened axis of an array (before, cells, after), first index fastest.
  struct Step {
    Index before, fine, coarse, after;
    std::vector<Index> first, second;  // coarse cells on either side of a fine one
    std::vector<double> weight;        // of the second
    std::vector<Index> starts, cells;  // fine cells that a coarse one reaches
    std::vector<double> shares;        // and with what weight
  };
  template <bool adding>
  static void interpolate(const Step& step, const double* in, double* out);
  static void gather(const Step& step, const double* in, double* out);

  std::vector<Step> steps_;        // ascending axes
  std::array<Vector, 2> between_;  // axes up to that of a step coarse, the others fine
};

}  // namespace stillpoint::fokker_planck
