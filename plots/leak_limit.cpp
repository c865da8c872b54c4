// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/leak_limit.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

struct Line {
  std::string method, label;
  Look look;
};

const std::vector<Line> lines = {
    {"fp0", "Fokker–Planck", {.ink = Ink::vermillion}},
    {"fp1", "with a step's second moment", {.ink = Ink::purple, .mark = Mark::dashed}},
    {"fp2", "with backward error", {.ink = Ink::green, .mark = Mark::dotted, .size = 1.4}},
    {"closure", "Gaussian closure", method_look("closure")},
    {"smoothed", "smoothed mean field", method_look("smoothed")},
    {"cumulant", "with third cumulant", {.ink = Ink::black}}};

/// Whether a method has at least two positive errors in a column: else there is no line to draw.
bool has_line(const io::Table& errors, const std::string& placement, const std::string& method,
              const std::string& column) {
  Index points = 0;
  for (Index row = 0; row < errors.rows(); ++row)
    points += errors.column("placement").texts()[row] == placement &&
              errors.column("method").texts()[row] == method &&
              errors.column(column).numbers()[row] > 0.0;
  return points >= 2;
}

Panel panel(const io::Results& results, const std::string& placement, const std::string& column,
            const std::string& quantity) {
  const auto& leaks = results.table("errors").column("leak").numbers();
  const auto [least, most] = std::minmax_element(leaks.begin(), leaks.end());
  std::string ticks;
  for (const double leak : std::set<double>(leaks.begin(), leaks.end()))
    ticks += (ticks.empty() ? "" : ", ") + io::to_text(leak);
  Panel panel{.title = "noise " + placement + ", " + quantity,
              .x_label = "leak g = dt/τ",
              .y_label = "error",
              .x_range = "[" + io::to_text(*least / 1.2) + ":" + io::to_text(*most * 1.2) + "]",
              .commands = "set logscale xy; set format y '10^{%L}'\nset xtics (" + ticks + ")"};
  for (const Line& line : lines) {
    // The correction by the third cumulant is one of the skewness alone.
    const bool drawn = line.method != "cumulant" || column == "skewness_error";
    if (!drawn || !has_line(results.table("errors"), placement, line.method, column)) continue;
    panel.curves.push_back(
        {.table = "errors",
         .x = "leak",
         .y = column,
         .look = line.look,
         .where = equals("placement", placement) + " && " + equals("method", line.method)});
  }
  return panel;
}

}  // namespace

void leak_limit(io::Results& results) {
  Page page(results, "leak_limit",
            {.title = "Error of theories of small steps against the exact law of the chain",
             .rows = 2,
             .columns = 3,
             .shared_legend = true,
             .height = 900});
  for (const std::string placement : {"inside", "outside"}) {
    const bool first = placement == "inside";
    Panel mean = panel(results, placement, "mean_error", "mean");
    if (first)  // the legend is made of the first panel, which has to name every line
      for (std::size_t k = 0; k < lines.size(); ++k) {
        if (k < mean.curves.size()) {
          mean.curves[k].label = lines[k].label;
          continue;
        }
        mean.curves.push_back({.table = "errors",
                               .x = "leak",
                               .y = "skewness_error",
                               .label = lines[k].label,
                               .look = lines[k].look,
                               .where = "0 == 1"});
      }
    page.panel(mean)
        .panel(panel(results, placement, "variance_error_relative", "relative variance"))
        .panel(panel(results, placement, "skewness_error", "skewness"));
  }
  page.render();
}

}  // namespace stillpoint::plots
