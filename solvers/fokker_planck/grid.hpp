// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include "lib/core/types.hpp"

namespace stillpoint::fokker_planck {

/// What happens at the end of an axis.
enum class Side {
  reflecting,  ///< No probability crosses.
  absorbing,   ///< What crosses is gone.
  periodic,    ///< It enters at the other end; both ends of an axis or neither.
};

/// An axis of equal cells.
struct Axis {
  double lower, upper;
  Index cells;
  Side lower_side = Side::reflecting, upper_side = Side::reflecting;

  double width() const { return (upper - lower) / static_cast<double>(cells); }
  bool periodic() const { return lower_side == Side::periodic; }
};

/// @brief A box of equal cells, 1 to 3 dimensions, first axis fastest.
class Grid {
 public:
  Grid() = default;
  /// @throws std::invalid_argument unless 1 to 3 axes with lower < upper, at least 3 cells each,
  ///   sides that are periodic together, and at most 2³¹ − 1 cells in all.
  explicit Grid(std::vector<Axis> axes);

  Index dimension() const { return static_cast<Index>(axes_.size()); }
  Index cells() const { return cells_; }
  const Axis& axis(Index i) const { return axes_[static_cast<std::size_t>(i)]; }
  const std::vector<Axis>& axes() const { return axes_; }
  double volume() const;  ///< Of a cell.

  /// Cell number = Σ at[i] stride(i).
  Index stride(Index i) const;
  std::array<Index, 3> place(Index cell) const;
  /// Writes the centre of a cell, (n).
  void centre(Index cell, Vector& x) const;

  /// The same box with half the cells, rounded up, on the chosen axes.
  Grid coarsened(const std::vector<bool>& axes) const;
  /// The same on all axes, for estimates of the error in the mesh.
  Grid halved() const { return coarsened(std::vector<bool>(axes_.size(), true)); }

 private:
  std::vector<Axis> axes_;
  Index cells_ = 0;
};

/// @brief The value at x of a function known at the cell centres, linear in between and constant
/// beyond the last centres.
/// @param[in] values  (cells)
double interpolate(const Grid& grid, const Vector& values, const Vector& x);

}  // namespace stillpoint::fokker_planck
