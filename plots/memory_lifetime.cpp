// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/memory_lifetime.hpp"

#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

struct Line {
  std::string column, label, error, where;
  Look look;
  bool of_chain;  // else of the diffusion
};

}  // namespace

void memory_lifetime(io::Results& results) {
  const bool exact = results.table("states").column("units").numbers()[0] == 1.0;
  std::vector<Line> lines;
  if (exact)
    lines.push_back({"chain",
                     "exact, discrete chain",
                     "",
                     equals("chain_valid", "yes"),
                     {.ink = Ink::vermillion},
                     true});
  lines.push_back({"fokker_planck",
                   "Fokker–Planck, boundary corrected",
                   "",
                   "",
                   {.ink = Ink::blue, .mark = exact ? Mark::dashed : Mark::line},
                   true});
  lines.push_back({"uncorrected",
                   "Fokker–Planck, diffusion itself",
                   "",
                   "",
                   {.ink = Ink::green, .mark = Mark::dotted, .size = 1.4},
                   false});
  lines.push_back(
      {"kramers", "Eyring–Kramers", "", "", {.ink = Ink::purple, .mark = Mark::dashed}, false});
  lines.push_back({"monte_carlo", "Monte Carlo, chain ± s.e.", "monte_carlo_se", "",
                   method_look("monte_carlo"), true});
  lines.push_back({"diffusion",
                   "Monte Carlo, diffusion ± s.e.",
                   "diffusion_se",
                   "",
                   {.ink = Ink::green, .mark = Mark::points},
                   false});
  lines.push_back({"splitting",
                   "splitting, chain ± s.e.",
                   "splitting_se",
                   equals("splitting_valid", "yes"),
                   {.ink = Ink::orange, .mark = Mark::open_points, .size = 1.4},
                   true});
  const std::string noise = "inverse noise n/(g s²)";
  Panel time{.title = "mean time to the ridge",
             .x_label = noise,
             .y_label = "lifetime / τ",
             .x_range = "[0:*]",
             .commands = "set logscale y; set format y '10^{%L}'"};
  const std::string reference = exact ? "chain" : "fokker_planck";
  Panel chain{.title = exact ? "chain: over exact" : "chain: over Fokker–Planck, corrected",
              .x_label = noise,
              .y_label = "ratio of lifetimes",
              .x_range = "[0:*]",
              .y_range = "[0.7:1.3]"};
  Panel diffusion{.title = "diffusion: over Fokker–Planck",
                  .x_label = noise,
                  .y_label = "ratio of lifetimes",
                  .x_range = "[0:*]",
                  .y_range = "[0.7:1.3]"};
  for (const Line& line : lines) {
    time.curves.push_back({.table = "lifetimes",
                           .x = "inverse_noise",
                           .y = line.column,
                           .error = line.error,
                           .label = line.label,
                           .look = line.look,
                           .where = line.where});
    const std::string under = line.of_chain ? reference : "uncorrected";
    const auto over = [&under](const std::string& column) {
      return column.empty() ? "" : "(column('" + column + "')/column('" + under + "'))";
    };
    std::string where = line.where;
    if (line.of_chain && exact)
      where = equals("chain_valid", "yes") + (where.empty() ? "" : " && " + where);
    (line.of_chain ? chain : diffusion)
        .curves.push_back({.table = "lifetimes",
                           .x = "inverse_noise",
                           .y = over(line.column),
                           .error = over(line.error),
                           .look = line.look,
                           .where = where});
  }
  Panel gain{.title = "gain of splitting over Monte Carlo",
             .x_label = noise,
             .y_label = "cost of equal error, ratio",
             .x_range = "[0:*]",
             .commands = "set logscale y; set format y '10^{%L}'"};
  gain.curves = {{.table = "lifetimes",
                  .x = "inverse_noise",
                  .y = "splitting_gain",
                  .look = {.ink = Ink::orange, .mark = Mark::open_points, .size = 1.4},
                  .where = equals("splitting_valid", "yes")}};
  Page(results, "memory_lifetime",
       {.title = exact ? "How long a bistable neuron remembers"
                       : "How long two coupled neurons remember",
        .rows = 2,
        .columns = 2,
        .shared_legend = true,
        .height = 1050})
      .panel(time)
      .panel(chain)
      .panel(gain)
      .panel(diffusion)
      .render();
}

}  // namespace stillpoint::plots
