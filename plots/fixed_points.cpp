// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/fixed_points.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "plots/support/page.hpp"
#include "plots/support/principal_plane.hpp"

namespace stillpoint::plots {
namespace {

bool any_finite(const io::Table& table, const std::string& column) {
  const auto& values = table.column(column).numbers();
  return std::any_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

/// The legend stands above the data.
const std::string room_for_legend = "set offsets graph 0.05, graph 0.05, graph 0.3, graph 0.05";

Panel plane_panel(const io::Results& results) {
  Panel panel = principal_plane(
      results, {{"unstable", "unstable", {.ink = Ink::vermillion, .mark = Mark::open_points}},
                {"stable", "stable", {.ink = Ink::blue, .mark = Mark::points, .size = 1.3}}});
  panel.title = "fixed points";
  panel.commands = room_for_legend;
  if (any_finite(results.table("projection"), "moved_1"))
    panel.curves.push_back({.table = "projection",
                            .x = "pc_1",
                            .y = "pc_2",
                            .dx = "moved_1",
                            .dy = "moved_2",
                            .label = "moved by the noise (closure)",
                            .look = {.ink = Ink::black, .mark = Mark::arrows},
                            .where = equals("kind", "stable")});
  return panel;
}

Panel shift_panel(const io::Results& results) {
  Panel panel{.title = "shift of every unit at the stable points",
              .x_label = "predicted shift",
              .y_label = "simulated shift (± standard error)",
              .commands = room_for_legend};
  const auto& simulated = results.table("shift").column("monte_carlo").numbers();
  const auto [least, most] = std::minmax_element(simulated.begin(), simulated.end());
  if (*most > *least) panel.commands += "\nset xtics " + io::to_text(tick_step(*most - *least));
  panel.curves.push_back({.table = "shift",
                          .x = "monte_carlo",
                          .y = "monte_carlo",
                          .label = "equal",
                          .look = {.ink = Ink::grey}});
  const io::Table& shift = results.table("shift");
  const auto& valid = shift.column("closure_valid").texts();
  const auto curve = [&](const std::string& method, const std::string& validity, Mark mark) {
    if (!any_finite(shift, method)) return;
    if (!validity.empty() && std::find(valid.begin(), valid.end(), validity) == valid.end()) return;
    panel.curves.push_back(
        {.table = "shift",
         .x = method,
         .y = "monte_carlo",
         .error = "monte_carlo_se",
         .label = method_label(method) + (validity == "no" ? " (not valid)" : ""),
         .look = {.ink = method_look(method).ink, .mark = mark, .size = 0.8},
         .where = validity.empty() ? "" : equals("closure_valid", validity)});
  };
  curve("smoothed", "", Mark::points);
  curve("closure", "yes", Mark::points);
  curve("closure", "no", Mark::open_points);
  return panel;
}

Panel survival_panel(const io::Results& results) {
  Panel panel{.title = "noise level at which a stable point ends",
              .x_label = "number of the point in survival.csv",
              .y_label = "noise level / level of the network",
              .y_range = "[0:*]",
              .commands = room_for_legend};
  for (const std::string method : {"smoothed", "closure"}) {
    if (!any_finite(results.table("survival"), method)) continue;
    panel.curves.push_back(
        {.table = "survival",
         .x = "number",
         .y = method,
         .label = method_label(method),
         .look = {.ink = method_look(method).ink,
                  .mark = method == "closure" ? Mark::points : Mark::open_points}});
  }
  return panel;
}

}  // namespace

void fixed_points(io::Results& results) {
  if (!results.has_table("fixed_points")) return;
  std::vector<Panel> panels;
  if (results.has_table("projection")) panels.push_back(plane_panel(results));
  if (results.has_table("shift")) panels.push_back(shift_panel(results));
  if (results.has_table("survival") && (any_finite(results.table("survival"), "smoothed") ||
                                        any_finite(results.table("survival"), "closure")))
    panels.push_back(survival_panel(results));
  if (panels.empty()) return;
  const int columns = static_cast<int>(panels.size());
  Page page(results, "fixed_points",
            {.title = "Fixed points and what noise makes of them",
             .columns = columns,
             .width = columns == 1 ? 800 : 600 * columns,
             .height = 640});
  for (const Panel& panel : panels) page.panel(panel);
  page.render();
}

}  // namespace stillpoint::plots
