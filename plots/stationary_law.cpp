// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/stationary_law.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

constexpr std::array approximate = {"deterministic", "smoothed", "closure"};

/// The rung's own judgement of its answer.
bool valid(const io::Results& results, const std::string& method) {
  const io::Table& rungs = results.table("rungs");
  const auto& methods = rungs.column("method").texts();
  const auto row = std::find(methods.begin(), methods.end(), method) - methods.begin();
  return rungs.column("valid").texts()[row] == "yes";
}

std::string judged_label(const io::Results& results, const std::string& method) {
  return method_label(method) + (valid(results, method) ? "" : " (not valid)");
}

/// A density with the means of the approximate rungs as upright lines.
void density_figure(io::Results& results) {
  Panel panel{.x_label = "state", .y_label = "density", .y_range = "[0:*]", .key = "top right"};
  panel.curves = {{.table = "density",
                   .x = "centre",
                   .y = "monte_carlo",
                   .error = "monte_carlo_se",
                   .label = method_label("monte_carlo"),
                   .look = method_look("monte_carlo")},
                  {.table = "density",
                   .x = "centre",
                   .y = "transfer_operator",
                   .label = method_label("transfer_operator"),
                   .look = method_look("transfer_operator")}};
  const auto& peak = results.table("density").column("monte_carlo").numbers();
  const double top = *std::max_element(peak.begin(), peak.end());
  io::Table marks({"method", "mean", "height"});
  const io::Table& rungs = results.table("rungs");
  for (Index row = 0; row < rungs.rows(); ++row) {
    const double mean = rungs.column("mean").numbers()[row];
    if (!std::isfinite(mean)) continue;
    const std::string& method = rungs.column("method").texts()[row];
    marks.row({method, mean, 0.0}).row({method, mean, top});
  }
  results.table("density_marks", marks);
  for (const std::string method : approximate) {
    const auto& methods = results.table("density_marks").column("method").texts();
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) continue;
    Look look = method_look(method);
    look.mark = valid(results, method) ? Mark::dashed : Mark::dotted;
    panel.curves.push_back({.table = "density_marks",
                            .x = "mean",
                            .y = "height",
                            .label = "mean, " + judged_label(results, method),
                            .look = look,
                            .where = equals("method", method)});
  }
  Page(results, "stationary_law", {.title = "Stationary law of one neuron"}).panel(panel).render();
}

Panel comparison_panel(const io::Results& results, const std::string& moment) {
  Panel panel{.title = moment + " of every neuron",
              .x_label = "Monte Carlo",
              .y_label = "theory",
              .curves = {{.table = "comparison",
                          .x = "monte_carlo_" + moment,
                          .y = "monte_carlo_" + moment,
                          .label = "equal",
                          .look = {.ink = Ink::grey}}}};
  for (const std::string method : approximate) {
    const std::string column = method + "_" + moment;
    if (!results.table("comparison").has(column)) continue;
    panel.curves.push_back(
        {.table = "comparison",
         .x = "monte_carlo_" + moment,
         .y = column,
         .label = judged_label(results, method),
         .look = {.ink = method_look(method).ink,
                  .mark = valid(results, method) ? Mark::points : Mark::open_points}});
  }
  return panel;
}

}  // namespace

void stationary_law(io::Results& results) {
  if (results.has_table("density")) density_figure(results);
  if (results.has_table("comparison") && results.table("comparison").has("monte_carlo_mean"))
    Page(results, "stationary_law",
         {.title = "Stationary law of a network", .columns = 2, .height = 640})
        .panel(comparison_panel(results, "mean"))
        .panel(comparison_panel(results, "variance"))
        .render();
}

}  // namespace stillpoint::plots
