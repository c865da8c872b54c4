// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/fixed_points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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
  const auto moved = [&](const std::string& valid, const std::string& label, Ink ink) {
    const io::Table& table = results.table("projection");
    bool any = false;
    for (Index row = 0; row < table.rows(); ++row)
      any = any || (table.column("kind").texts()[row] == "stable" &&
                    table.column("closure_valid").texts()[row] == valid &&
                    std::isfinite(table.column("moved_1").numbers()[row]));
    if (!any) return;
    panel.curves.push_back(
        {.table = "projection",
         .x = "pc_1",
         .y = "pc_2",
         .dx = "moved_1",
         .dy = "moved_2",
         .label = label,
         .look = {.ink = ink, .mark = Mark::arrows},
         .where = equals("kind", "stable") + " && " + equals("closure_valid", valid)});
  };
  moved("no", "closure does not hold here", Ink::grey);
  moved("yes", "moved by the noise (closure)", Ink::black);
  return panel;
}

/// A step between ticks of the predicted and simulated shifts; 0 if there is nothing to divide.
double shift_step(const io::Table& shift) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const char* method : {"smoothed", "closure", "monte_carlo"})
    for (const double x : shift.column(method).numbers())
      if (std::isfinite(x)) {
        least = std::min(least, x);
        most = std::max(most, x);
      }
  return most > least ? tick_step(most - least, 3) : 0.0;
}

Panel shift_panel(const io::Results& results) {
  Panel panel{.title = "shift of every unit at the stable points",
              .x_label = "predicted shift",
              .y_label = "simulated shift (± standard error)",
              .commands = room_for_legend};
  if (const double step = shift_step(results.table("shift")); step > 0.0)
    panel.commands += "\nset xtics " + io::to_text(step);
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

bool any_text(const io::Table& table, const std::string& column, const std::string& text) {
  const auto& texts = table.column(column).texts();
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

Panel survival_panel(const io::Results& results) {
  const io::Table& table = results.table("survival");
  Panel panel{.title = "noise level at which a stable point ends",
              .x_label = "point, number in survival.csv",
              .y_label = "noise level / level of the network",
              .x_range = "[-0.5:" + io::to_text(static_cast<double>(table.rows()) - 0.5) + "]",
              .y_range = "[0:*]",
              .commands = room_for_legend};
  const auto& asked = table.column("how_closure").texts();
  if (std::all_of(asked.begin(), asked.end(), [](const auto& how) { return how.empty(); }))
    panel.x_label += " (closure: not offered)";
  // Numbers of points are whole.
  const double step = table.rows() > 10 ? tick_step(static_cast<double>(table.rows())) : 1.0;
  panel.commands += "\nset xtics " + io::to_text(std::max(1.0, step));
  for (const std::string method : {"smoothed", "closure"}) {
    const Ink ink = method_look(method).ink;
    const std::string how = "how_" + method;
    if (any_finite(table, method))
      panel.curves.push_back(
          {.table = "survival",
           .x = "number",
           .y = method,
           .label = method_label(method),
           .look = {.ink = ink, .mark = method == "closure" ? Mark::points : Mark::open_points}});
    if (any_text(table, how, "survives"))  // an arrow from the largest level that was looked at
      panel.curves.push_back(
          {.table = "survival",
           .x = method == "closure" ? "(column('number')+0.08)" : "(column('number')-0.08)",
           .y = "largest",
           .dx = "(0)",
           .dy = "(0.08*column('largest'))",
           .label = method_label(method) + ": survives",
           .look = {.ink = ink, .mark = Mark::arrows},
           .where = equals(how, "survives")});
    if (any_text(table, how, "unknown"))
      panel.curves.push_back(
          {.table = "survival",
           .x = "number",
           .y = "(0)",
           .label = method_label(method) + ": no answer",
           .look = {.ink = Ink::grey,
                    .mark = method == "closure" ? Mark::points : Mark::open_points},
           .where = equals(how, "unknown")});
  }
  return panel;
}

}  // namespace

void fixed_points(io::Results& results) {
  if (!results.has_table("fixed_points")) return;
  std::vector<Panel> panels;
  if (results.has_table("projection")) panels.push_back(plane_panel(results));
  if (results.has_table("shift") && any_finite(results.table("shift"), "monte_carlo"))
    panels.push_back(shift_panel(results));
  if (results.has_table("survival")) panels.push_back(survival_panel(results));
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
