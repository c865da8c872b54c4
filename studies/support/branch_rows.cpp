// SPDX-License-Identifier: GPL-3.0-or-later
#include "studies/support/branch_rows.hpp"

#include <limits>

namespace stillpoint::studies {

void append_branch(io::Table& table, const std::string& rung, Index number,
                   const continuation::Branch& branch, Index unit) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const auto row = [&](double level, const Vector& state, const auto& side) {
    table.row({rung, number, level, state(unit), side.point.unstable_directions == 0 ? "yes" : "no",
               side.point.unstable_directions});
  };
  for (std::size_t k = 0; k < branch.points.size(); ++k) {
    const auto& point = branch.points[k];
    row(point.parameter, point.point.state, point);
    if (k + 1 == branch.points.size()) break;
    for (const auto& event : branch.bifurcations)
      if (event.after == static_cast<Index>(k))
        for (const auto* side : {&point, &branch.points[k + 1]})
          row(event.parameter, event.state, *side);
  }
  table.row({rung, number, nan, nan, "end", 0});
}

}  // namespace stillpoint::studies
