// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/density.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

struct Case {
  std::string name, title;
};
const std::vector<Case> lines = {{"monostable", "one neuron, monostable"},
                                 {"bistable", "one neuron, bistable"}};
const std::vector<Case> planes = {{"bistable_pair", "two bistable neurons"},
                                  {"outside_1_1", "outside, sd 1 : 1, corr. 0.95"},
                                  {"outside_1_10", "outside, sd 1 : 10, corr. 0.95"},
                                  {"inside_1_1", "inside, s 1 : 1, corr. 0.95"},
                                  {"inside_1_10", "inside, s 1 : 10, corr. 0.95"},
                                  {"rank_one", "noise along (1, 0.3) alone"}};

/// The cases that the table of cases holds.
std::vector<Case> present(const io::Results& results, const std::vector<Case>& cases) {
  const auto& names = results.table("cases").column("case").texts();
  std::vector<Case> found;
  for (const Case& one : cases)
    if (std::find(names.begin(), names.end(), one.name) != names.end()) found.push_back(one);
  return found;
}

/// From the first to the last x of a case, "[a:b]": rows of other cases would widen the axis.
std::string range_of(const io::Table& table, const std::string& name) {
  const auto& cases = table.column("case").texts();
  const auto& x = table.column("h").numbers();
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (std::size_t row = 0; row < cases.size(); ++row)
    if (cases[row] == name) {
      least = std::min(least, x[row]);
      most = std::max(most, x[row]);
    }
  return "[" + io::to_text(least) + ":" + io::to_text(most) + "]";
}

int rows_of(std::size_t panels, int columns) {
  return (static_cast<int>(panels) + columns - 1) / columns;
}

void draw_lines(io::Results& results, const std::vector<Case>& cases) {
  Page page(results, "density",
            {.title = "Stationary density of one neuron",
             .columns = static_cast<int>(cases.size()),
             .shared_legend = true,
             .height = 560});
  for (const Case& one : cases) {
    const std::string rows = equals("case", one.name);
    const auto curve = [&](const std::string& column, const std::string& label, Look look,
                           const std::string& error = "") {
      return Curve{.table = "line",
                   .x = "h",
                   .y = column,
                   .error = error,
                   .label = label,
                   .look = look,
                   .where = rows};
    };
    page.panel(
        {.title = one.title,
         .x_label = "state h",
         .y_label = "density",
         .x_range = range_of(results.table("line"), one.name),
         .y_range = "[0:*]",
         .curves = {
             curve("fokker_planck", "Fokker–Planck, diffusion limit", {.ink = Ink::blue}),
             curve("transfer_operator", "exact, chain", method_look("transfer_operator")),
             curve("monte_carlo", "Monte Carlo, diffusion",
                   {.ink = Ink::blue, .mark = Mark::points, .size = 0.8}, "monte_carlo_se"),
             curve("chain", "Monte Carlo, chain",
                   {.ink = Ink::black, .mark = Mark::open_points, .size = 0.8}, "chain_se")}});
  }
  page.render();
}

void draw_marginals(io::Results& results, const std::vector<Case>& cases) {
  const int columns = std::min<int>(3, static_cast<int>(cases.size()));
  Page page(results, "density_marginals",
            {.title = "Marginal densities of two neurons",
             .rows = rows_of(cases.size(), columns),
             .columns = columns,
             .shared_legend = true,
             .height = 160 + 340 * rows_of(cases.size(), columns)});
  for (const Case& one : cases) {
    Panel panel{.title = one.title,
                .x_label = "state",
                .y_label = "density",
                .x_range = range_of(results.table("marginals"), one.name),
                .y_range = "[0:*]"};
    for (const double unit : {1.0, 2.0}) {
      const std::string rows = equals("case", one.name) + " && " + equals("unit", unit);
      const Ink ink = unit == 1.0 ? Ink::blue : Ink::vermillion;
      const std::string which = unit == 1.0 ? "h_1" : "h_2";
      panel.curves.push_back({.table = "marginals",
                              .x = "h",
                              .y = "fokker_planck",
                              .label = which + ", Fokker–Planck",
                              .look = {.ink = ink},
                              .where = rows});
      panel.curves.push_back({.table = "marginals",
                              .x = "h",
                              .y = "monte_carlo",
                              .error = "monte_carlo_se",
                              .label = which + ", Monte Carlo",
                              .look = {.ink = ink, .mark = Mark::points, .size = 0.7},
                              .where = rows});
    }
    page.panel(panel);
  }
  page.render();
}

void draw_planes(io::Results& results, const std::vector<Case>& cases) {
  const int columns = std::min<int>(3, static_cast<int>(cases.size()));
  Page page(
      results, "density_plane",
      {.title = "Two neurons: density (white 0 to blue maximum), root of the current (arrows), "
                "simulated states (dots)",
       .rows = rows_of(cases.size(), columns),
       .columns = columns,
       .height = 100 + 430 * rows_of(cases.size(), columns)});
  for (const Case& one : cases)
    page.panel({.title = one.title,
                .x_label = "state h_1",
                .y_label = "state h_2",
                .key = "off",
                .commands = "set autoscale xfix; set autoscale yfix; unset grid; unset xzeroaxis\n"
                            "set palette defined (0 '#ffffff', 0.3 '#9ecae1', 1 '#08519c')\n"
                            "set cbrange [0:1]; unset colorbox",
                .curves = {{.table = "density_" + one.name,
                            .x = "h1",
                            .y = "h2",
                            .z = "relative",
                            .look = {.mark = Mark::image}},
                           {.table = "states_" + one.name,
                            .x = "h1",
                            .y = "h2",
                            .look = {.ink = Ink::black, .mark = Mark::dots}},
                           {.table = "current_" + one.name,
                            .x = "h1",
                            .y = "h2",
                            .dx = "arrow1",
                            .dy = "arrow2",
                            .look = {.ink = Ink::vermillion, .mark = Mark::arrows}}}});
  page.render();
}

}  // namespace

void density(io::Results& results) {
  if (const auto cases = present(results, lines); !cases.empty()) draw_lines(results, cases);
  if (const auto cases = present(results, planes); !cases.empty()) {
    draw_marginals(results, cases);
    draw_planes(results, cases);
  }
}

}  // namespace stillpoint::plots
