// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fokker_planck/grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::fokker_planck {

Grid::Grid(std::vector<Axis> axes) : axes_(std::move(axes)) {
  constexpr std::string_view where = "Grid";
  require(!axes_.empty() && axes_.size() <= 3, where, axes_.size(), " axes, expected 1 to 3");
  cells_ = 1;
  for (const Axis& axis : axes_) {
    require(std::isfinite(axis.lower) && std::isfinite(axis.upper) && axis.lower < axis.upper,
            where, "an axis from ", axis.lower, " to ", axis.upper,
            ", expected finite ends in ascending order");
    require(axis.cells >= 3, where, axis.cells, " cells on an axis, expected at least 3");
    require((axis.lower_side == Side::periodic) == (axis.upper_side == Side::periodic), where,
            "one end of an axis is periodic, expected both or neither");
    require(axis.cells <= std::numeric_limits<int>::max() / cells_, where,
            "too many cells, expected at most 2^31 - 1");
    cells_ *= axis.cells;
  }
}

double Grid::volume() const {
  double volume = 1.0;
  for (const Axis& axis : axes_) volume *= axis.width();
  return volume;
}

Index Grid::stride(Index i) const {
  Index stride = 1;
  for (Index k = 0; k < i; ++k) stride *= axis(k).cells;
  return stride;
}

std::array<Index, 3> Grid::place(Index cell) const {
  std::array<Index, 3> at{};
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    at[i] = cell % axes_[i].cells;
    cell /= axes_[i].cells;
  }
  return at;
}

void Grid::centre(Index cell, Vector& x) const {
  const auto at = place(cell);
  x.resize(dimension());
  for (std::size_t i = 0; i < axes_.size(); ++i)
    x(static_cast<Index>(i)) =
        axes_[i].lower + (static_cast<double>(at[i]) + 0.5) * axes_[i].width();
}

Grid Grid::coarsened(const std::vector<bool>& axes) const {
  std::vector<Axis> coarse = axes_;
  for (std::size_t i = 0; i < coarse.size(); ++i)
    if (axes[i]) coarse[i].cells = (coarse[i].cells + 1) / 2;
  return Grid(std::move(coarse));
}

double interpolate(const Grid& grid, const Vector& values, const Vector& x) {
  require(x.size() == grid.dimension() && values.size() == grid.cells(), "interpolate",
          "a point of ", x.size(), " coordinates and ", values.size(), " values, expected ",
          grid.dimension(), " and ", grid.cells());
  double sum = 0.0;
  for (Index corner = 0; corner < (Index{1} << x.size()); ++corner) {
    double weight = 1.0;
    Index cell = 0;
    for (Index i = 0; i < x.size(); ++i) {
      const Axis& axis = grid.axis(i);
      const double position = (x(i) - axis.lower) / axis.width() - 0.5,
                   below = std::floor(position);
      const bool upper = (corner >> i) & 1;
      weight *= upper ? position - below : 1.0 - (position - below);
      auto at = static_cast<Index>(below) + (upper ? 1 : 0);
      at = axis.periodic() ? (at % axis.cells + axis.cells) % axis.cells
                           : std::clamp<Index>(at, 0, axis.cells - 1);
      cell += at * grid.stride(i);
    }
    if (weight > 0.0) sum += weight * values(cell);
  }
  return sum;
}

}  // namespace stillpoint::fokker_planck
