// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/regulator.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

constexpr std::array inks{Ink::blue, Ink::orange, Ink::green, Ink::purple, Ink::sky};

std::string number(double value) { return io::to_text(value); }

Panel cost_panel(const io::Results& results, const std::string& placement) {
  Panel panel{.title = "Noise " + placement + " the activation",
              .x_label = "test noise / training noise",
              .y_label = "cost E(h − target)²",
              .x_range = "[0:2]",
              .y_range = "[0:*]",
              .commands =
                  "set arrow from first 1, graph 0 to first 1, graph 1 nohead dashtype 3 "
                  "linecolor '#888888'"};
  const auto& weights = results.table("minima").column("weight").numbers();
  std::size_t ink = 0;
  for (const double weight : std::set<double>(weights.begin(), weights.end())) {
    const std::string rows = equals("placement", placement) + " && " + equals("weight", weight);
    const Ink colour = inks[ink++ % inks.size()];
    panel.curves.push_back({.table = "cost",
                            .x = "ratio",
                            .y = "cost",
                            .label = "w = " + number(weight),
                            .look = {.ink = colour},
                            .where = rows});
    panel.curves.push_back({.table = "monte_carlo",
                            .x = "ratio",
                            .y = "cost",
                            .error = "cost_se",
                            .look = {.ink = colour, .mark = Mark::points},
                            .where = rows});
    panel.curves.push_back({.table = "minima",
                            .x = "ratio_of_minimum",
                            .y = "cost_at_minimum",
                            .look = {.ink = colour, .mark = Mark::open_points, .size = 1.6},
                            .where = rows});
  }
  return panel;
}

/// The law at training and double noise; without noise it is a point, an upright line.
Panel density_panel(const io::Results& results, const std::string& placement) {
  const auto& minima = results.table("minima");
  const double weight = minima.column("weight").numbers().back();
  double state = 0.0;
  for (Index row = 0; row < minima.rows(); ++row)
    if (minima.column("placement").texts()[row] == placement)
      state = minima.column("noise_free_state").numbers()[row];
  const std::string at = number(state);
  const io::Table& density = results.table("density");
  double lower = state, upper = state;
  for (Index row = 0; row < density.rows(); ++row) {
    if (density.column("placement").texts()[row] != placement) continue;
    lower = std::min(lower, density.column("h").numbers()[row]);
    upper = std::max(upper, density.column("h").numbers()[row]);
  }
  const double margin = 0.03 * (upper - lower);
  Panel panel{
      .title = "Noise " + placement + ", w = " + number(weight) + " (dotted: without noise)",
      .x_label = "state h",
      .y_label = "density",
      .x_range = "[" + number(lower - margin) + ":" + number(upper + margin) + "]",
      .y_range = "[0:*]",
      .key = "top right",
      .commands = "set arrow from first " + at + ", graph 0 to first " + at +
                  ", graph 1 nohead dashtype 3 linewidth 2 linecolor '#444444'"};
  const std::array<std::pair<double, const char*>, 2> levels{
      {{1.0, "training noise"}, {2.0, "double noise"}}};
  std::size_t ink = 0;
  for (const auto& [ratio, label] : levels) {
    const std::string rows = equals("placement", placement) + " && " + equals("ratio", ratio);
    const Ink colour = inks[ink++];
    panel.curves.push_back({.table = "density",
                            .x = "h",
                            .y = "exact",
                            .label = label,
                            .look = {.ink = colour},
                            .where = rows});
    panel.curves.push_back({.table = "density",
                            .x = "h",
                            .y = "monte_carlo",
                            .error = "monte_carlo_se",
                            .look = {.ink = colour, .mark = Mark::points, .size = 0.5},
                            .where = rows});
  }
  return panel;
}

bool has_rows(const io::Table& table, const std::string& placement) {
  if (table.rows() == 0) return false;
  const auto& placements = table.column("placement").texts();
  return std::find(placements.begin(), placements.end(), placement) != placements.end();
}

}  // namespace

void regulator(io::Results& results) {
  // A law without a density, a point or a jump, has no panel.
  const io::Table& density = results.table("density");
  std::vector<Panel> panels = {cost_panel(results, "inside"), cost_panel(results, "outside")};
  for (const std::string placement : {"inside", "outside"})
    if (has_rows(density, placement)) panels.push_back(density_panel(results, placement));
  Page page(results, "regulator",
            {.title = "One neuron that holds a value (lines: exact, points: Monte Carlo, "
                      "circles: minimum)",
             .rows = panels.size() > 2 ? 2 : 1,
             .columns = 2,
             .height = panels.size() > 2 ? 900 : 560});
  for (const Panel& panel : panels) page.panel(panel);
  page.render();
}

}  // namespace stillpoint::plots
