// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/relaxation.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

Panel correlation(double unit, bool only) {
  Panel panel{.title = only ? "autocovariance" : "autocovariance, neuron " + io::to_text(unit),
              .x_label = "lag t/τ",
              .y_label = "C(t)"};
  const auto curve = [&panel, unit](const std::string& column, const std::string& label, Look look,
                                    const std::string& error = "") {
    panel.curves.push_back({.table = "autocovariance",
                            .x = "time",
                            .y = column,
                            .error = error,
                            .label = label,
                            .look = look,
                            .where = equals("unit", unit)});
  };
  curve("linearised", "linearised", {.ink = Ink::green, .mark = Mark::dashed});
  curve("fokker_planck", "Fokker–Planck, diffusion limit", {.ink = Ink::blue});
  curve("corrected", "with the chain's correction O(g)", {.ink = Ink::vermillion});
  curve("monte_carlo", "Monte Carlo of the chain ± standard error", method_look("monte_carlo"),
        "monte_carlo_se");
  return panel;
}

}  // namespace

void relaxation(io::Results& results) {
  const bool two = results.table("autocovariance").column("unit").numbers().back() > 1.0;
  Panel plane{.title = "eigenvalues",
              .x_label = "Re λ τ",
              .y_label = "Im λ τ",
              .commands = "set zeroaxis lt 1 lc rgb 'grey' lw 0.5"};
  plane.curves = {{.table = "eigenvalues",
                   .x = "real",
                   .y = "imaginary",
                   .look = {.ink = Ink::green, .mark = Mark::open_points, .size = 1.6},
                   .where = equals("method", "linearised")},
                  {.table = "eigenvalues",
                   .x = "real",
                   .y = "imaginary",
                   .look = {.ink = Ink::blue, .mark = Mark::points},
                   .where = equals("method", "fokker_planck")}};
  const auto& turning = results.table("eigenvalues").column("imaginary").numbers();
  if (std::all_of(turning.begin(), turning.end(), [](double value) { return value == 0.0; }))
    plane.y_range = "[-1:1]";
  std::vector<double> slow = results.table("relaxation_times").column("relaxation_time").numbers();
  std::erase_if(slow, [](double value) { return std::isnan(value); });
  const bool decades = !slow.empty() && *std::max_element(slow.begin(), slow.end()) >
                                            20.0 * *std::min_element(slow.begin(), slow.end());
  Panel times{.title = "slowest mode",
              .x_label = "noise s, sd per step",
              .y_label = "relaxation time/τ",
              .y_range = decades ? "" : "[0:*]",
              .commands = decades ? "set logscale y; set format y '10^{%L}'" : ""};
  times.curves = {{.table = "relaxation_times",
                   .x = "sigma",
                   .y = "linearised",
                   .look = {.ink = Ink::green, .mark = Mark::dashed}},
                  {.table = "relaxation_times",
                   .x = "sigma",
                   .y = "relaxation_time",
                   .look = {.ink = Ink::blue},
                   .where = equals("valid", "yes")}};
  Page page(results, "relaxation",
            {.title = "How a noisy network forgets",
             .rows = two ? 2 : 1,
             .columns = two ? 2 : 3,
             .shared_legend = true,
             .width = two ? 1200 : 1500,
             .height = two ? 1000 : 520});
  page.panel(correlation(1.0, !two));
  if (two) page.panel(correlation(2.0, false));
  page.panel(plane).panel(times).render();
}

}  // namespace stillpoint::plots
