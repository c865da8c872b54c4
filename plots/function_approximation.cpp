// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/function_approximation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

constexpr std::array inks{Ink::blue, Ink::orange, Ink::green, Ink::purple, Ink::sky};

std::vector<std::string> placements_of(const io::Table& table) {
  std::vector<std::string> placements;
  for (const std::string& placement : table.column("placement").texts())
    if (std::find(placements.begin(), placements.end(), placement) == placements.end())
      placements.push_back(placement);
  return placements;
}

Panel loss_panel(const io::Results& results, const std::string& placement) {
  Panel panel{.title = "Noise " + placement + " the activation",
              .x_label = "test noise / training noise",
              .y_label = "loss E(z − y)², mean of the seeds",
              .commands =
                  "set logscale y; set format y '10^{%T}'\n"
                  "set arrow from first 1, graph 0 to first 1, graph 1 nohead dashtype 3 "
                  "linecolor '#888888'"};
  const auto& sigmas = results.table("groups").column("sigma").numbers();
  std::size_t ink = 0;
  for (const double sigma : std::set<double>(sigmas.begin(), sigmas.end())) {
    const std::string rows = equals("placement", placement) + " && " + equals("sigma", sigma);
    const Ink colour = inks[ink++ % inks.size()];
    panel.curves.push_back({.table = "curves",
                            .x = "ratio",
                            .y = "predicted",
                            .label = "trained at σ = " + io::to_text(sigma) + ", closure",
                            .look = {.ink = colour},
                            .where = rows});
    panel.curves.push_back({.table = "curves",
                            .x = "ratio",
                            .y = "monte_carlo",
                            .error = "monte_carlo_se",
                            .label = "Monte Carlo ± standard error",
                            .look = {.ink = colour, .mark = Mark::points, .size = 0.8},
                            .where = rows});
    panel.curves.push_back({.table = "groups",
                            .x = "preferred_simulated",
                            .y = "least_loss",
                            .look = {.ink = colour, .mark = Mark::open_points, .size = 2.0},
                            .where = rows});
  }
  return panel;
}

/// "[least:most]" of a column in the rows of a placement, with a margin.
std::string range_of(const io::Table& table, const std::string& column,
                     const std::string& placement) {
  const auto& values = table.column(column).numbers();
  const auto& placements = table.column("placement").texts();
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (placements[k] != placement || !std::isfinite(values[k])) continue;
    least = std::min(least, values[k]);
    most = std::max(most, values[k]);
  }
  if (!(least < most)) return "";
  const double margin = 0.05 * (most - least);
  return "[" + io::to_text(least - margin) + ":" + io::to_text(most + margin) + "]";
}

}  // namespace

void function_approximation(io::Results& results) {
  const auto placements = placements_of(results.table("groups"));
  const auto columns = static_cast<int>(placements.size());
  Page loss(results, "function_approximation",
            {.title = "Networks that compute a function of their input (circles: least loss)",
             .columns = columns,
             .shared_legend = true,
             .width = 600 * columns,
             .height = 560});
  for (const std::string& placement : placements) loss.panel(loss_panel(results, placement));
  loss.render();

  Page shift(results, "function_approximation_shift",
             {.title = "Shift of every unit by the training noise, first seed, largest noise",
              .rows = columns,
              .columns = 2,
              .height = 500 * columns});
  for (const std::string& placement : placements) {
    const std::string rows = equals("placement", placement);
    Panel truth{.title = "Noise " + placement,
                .x_label = "predicted shift (closure)",
                .y_label = "simulated shift ± standard error",
                .x_range = range_of(results.table("shift"), "closure", placement),
                .y_range = range_of(results.table("shift"), "monte_carlo", placement),
                .key = "off"};
    truth.curves = {{.table = "shift",
                     .x = "closure",
                     .y = "monte_carlo",
                     .error = "monte_carlo_se",
                     .look = {.ink = Ink::blue, .mark = Mark::points, .size = 0.4},
                     .where = rows},
                    {.table = "shift",
                     .x = "monte_carlo",
                     .y = "monte_carlo",
                     .look = {.ink = Ink::grey},
                     .where = rows}};
    Panel phase{.title = "Noise " + placement,
                .x_label = "distance to the bend / sd of the argument (within 6)",
                .y_label = "simulated shift",
                .x_range = "[-6:6]",
                .key = "off"};
    phase.curves = {{.table = "shift",
                     .x = "distance",
                     .y = "monte_carlo",
                     .look = {.ink = Ink::blue, .mark = Mark::points, .size = 0.4},
                     .where = rows}};
    shift.panel(truth).panel(phase);
  }
  shift.render();
}

}  // namespace stillpoint::plots
