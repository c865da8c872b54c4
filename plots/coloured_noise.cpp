// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/coloured_noise.hpp"

#include <algorithm>
#include <string>

#include "plots/support/page.hpp"

namespace stillpoint::plots {

void coloured_noise(io::Results& results) {
  const auto& times = results.table("shift").column("correlation_time").numbers();
  const auto [least, most] = std::minmax_element(times.begin(), times.end());
  const double left = *least / 1.5, right = *most * 1.5;
  // The limits as level lines over the whole width.
  io::Table levels({"limit", "correlation_time", "shift"});
  const io::Table& limits = results.table("limits");
  for (Index row = 0; row < limits.rows(); ++row)
    for (const double time : {left, right})
      levels.row(
          {limits.column("limit").texts()[row], time, limits.column("shift").numbers()[row]});
  results.table("limit_lines", levels);

  const std::string range = "[" + io::to_text(left) + ":" + io::to_text(right) + "]";
  const auto axes = [&range](const std::string& title, const std::string& y_label) {
    return Panel{.title = title,
                 .x_label = "correlation time t_c/τ",
                 .y_label = y_label,
                 .x_range = range,
                 .commands = "set logscale x; set format x '10^{%L}'"};
  };
  Panel mean = axes("shift of the mean by the noise", "E h − h_{0}");
  const auto level = [&mean](const std::string& limit, const std::string& label, Look look) {
    mean.curves.push_back({.table = "limit_lines",
                           .x = "correlation_time",
                           .y = "shift",
                           .label = label,
                           .look = look,
                           .where = equals("limit", limit)});
  };
  mean.curves = {{.table = "shift",
                  .x = "correlation_time",
                  .y = "shift",
                  .label = "exact joint law",
                  .look = {.ink = Ink::vermillion},
                  .where = equals("valid", "yes")},
                 {.table = "shift",
                  .x = "correlation_time",
                  .y = "closure_shift",
                  .label = method_label("closure"),
                  .look = method_look("closure")}};
  level("white", "fresh every step", {.ink = Ink::green, .mark = Mark::dashed});
  level("smoothed", method_label("smoothed"), method_look("smoothed"));
  level("quenched", "quenched", {.ink = Ink::purple, .mark = Mark::dotted, .size = 1.3});
  mean.curves.push_back({.table = "shift",
                         .x = "correlation_time",
                         .y = "monte_carlo_shift",
                         .error = "monte_carlo_se",
                         .label = "Monte Carlo ± standard error",
                         .look = method_look("monte_carlo")});
  Panel spread = axes("variance of the state", "Var h");
  spread.y_range = "[0:*]";
  spread.curves = {{.table = "shift",
                    .x = "correlation_time",
                    .y = "variance",
                    .look = {.ink = Ink::vermillion},
                    .where = equals("valid", "yes")},
                   {.table = "shift",
                    .x = "correlation_time",
                    .y = "monte_carlo_variance",
                    .error = "monte_carlo_variance_se",
                    .look = method_look("monte_carlo")}};
  Page(results, "coloured_noise",
       {.title = "The same noise inside, of different colour",
        .columns = 2,
        .shared_legend = true,
        .height = 640})
      .panel(mean)
      .panel(spread)
      .render();
}

}  // namespace stillpoint::plots
