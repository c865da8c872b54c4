// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/support/principal_plane.hpp"

#include <algorithm>
#include <cmath>

namespace stillpoint::plots {

Panel principal_plane(const io::Results& results, const std::vector<ProjectedKind>& kinds) {
  const auto& share = results.table("principal_axes").column("variance_share").numbers();
  const auto axis = [&share](const std::string& name, std::size_t k) {
    return name + " principal axis (" + std::to_string(std::lround(100.0 * share[k])) +
           " % of the variance)";
  };
  Panel panel{.x_label = axis("first", 0), .y_label = axis("second", 1)};
  const auto& present = results.table("projection").column("kind").texts();
  for (const ProjectedKind& one : kinds)
    if (std::find(present.begin(), present.end(), one.kind) != present.end())
      panel.curves.push_back({.table = "projection",
                              .x = "pc_1",
                              .y = "pc_2",
                              .label = one.label,
                              .look = one.look,
                              .where = equals("kind", one.kind)});
  return panel;
}

}  // namespace stillpoint::plots
