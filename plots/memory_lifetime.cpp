// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/memory_lifetime.hpp"

#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {

void memory_lifetime(io::Results& results) {
  struct Line {
    std::string column, label;
    Look look;
  };
  const std::vector<Line> theories = {
      {"chain", "exact, discrete chain", {.ink = Ink::vermillion}},
      {"fokker_planck",
       "Fokker–Planck, boundary corrected",
       {.ink = Ink::blue, .mark = Mark::dashed}},
      {"uncorrected", "Fokker–Planck", {.ink = Ink::green, .mark = Mark::dotted, .size = 1.3}},
      {"kramers", "Kramers", {.ink = Ink::purple, .mark = Mark::dashed}}};
  Panel time{.title = "mean time to the unstable state",
             .x_label = "inverse noise 1/(g s²)",
             .y_label = "lifetime / τ",
             .commands = "set logscale y; set format y '10^{%L}'"};
  Panel ratio{.title = "relative to the exact chain",
              .x_label = "inverse noise 1/(g s²)",
              .y_label = "lifetime / exact",
              .y_range = "[0:1.5]"};
  for (const auto& [column, label, look] : theories) {
    const std::string where = column == "chain" ? equals("chain_valid", "yes") : "";
    time.curves.push_back({.table = "lifetimes",
                           .x = "inverse_noise",
                           .y = column,
                           .label = label,
                           .look = look,
                           .where = where});
    ratio.curves.push_back({.table = "lifetimes",
                            .x = "inverse_noise",
                            .y = "(column('" + column + "')/column('chain'))",
                            .look = look,
                            .where = equals("chain_valid", "yes")});
  }
  time.curves.push_back({.table = "lifetimes",
                         .x = "inverse_noise",
                         .y = "monte_carlo",
                         .error = "monte_carlo_se",
                         .label = "Monte Carlo ± standard error",
                         .look = method_look("monte_carlo")});
  ratio.curves.push_back({.table = "lifetimes",
                          .x = "inverse_noise",
                          .y = "(column('monte_carlo')/column('chain'))",
                          .error = "(column('monte_carlo_se')/column('chain'))",
                          .look = method_look("monte_carlo"),
                          .where = equals("chain_valid", "yes")});
  Page(results, "memory_lifetime",
       {.title = "How long a bistable neuron remembers",
        .columns = 2,
        .shared_legend = true,
        .height = 660})
      .panel(time)
      .panel(ratio)
      .render();
}

}  // namespace stillpoint::plots
