// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/schemes.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

constexpr std::array inks{Ink::blue, Ink::vermillion, Ink::green, Ink::purple, Ink::orange};

/// One line a scheme, its observed order in the legend.
Panel order_panel(const io::Results& results, const std::string& problem, const std::string& kind) {
  // Room for the legend below the lines.
  double least = 1e300, left = 1e300, right = 0.0;
  const io::Table& errors = results.table("errors");
  for (Index row = 0; row < errors.rows(); ++row) {
    if (errors.column("problem").texts()[row] != problem ||
        errors.column("kind").texts()[row] != kind)
      continue;
    least = std::min(least, errors.column("error").numbers()[row]);
    left = std::min(left, errors.column("step").numbers()[row]);
    right = std::max(right, errors.column("step").numbers()[row]);
  }
  const std::string ranges = "set xrange [" + io::to_text(left / 1.5) + ":" +
                             io::to_text(right * 1.5) + "]; set yrange [" +
                             io::to_text(least / 300.0) + ":*]\n";
  Panel panel{.title = kind + " error, " + problem + " noise",
              .x_label = "step h",
              .y_label = kind == "strong" ? "E |X_h − X|" : "|E X_h^{2} − E X^{2}|",
              .key = "bottom right",
              .commands = ranges +
                          "set logscale xy; set format y '10^{%L}'\n"
                          "set xtics ('1/4' 0.25, '1/8' 0.125, '1/16' 0.0625, '1/32' 0.03125, "
                          "'1/64' 0.015625, '1/128' 0.0078125)"};
  const io::Table& orders = results.table("orders");
  std::size_t ink = 0;
  for (Index row = 0; row < orders.rows(); ++row) {
    if (orders.column("problem").texts()[row] != problem ||
        orders.column("kind").texts()[row] != kind)
      continue;
    const std::string scheme = orders.column("scheme").texts()[row];
    std::string order = std::to_string(orders.column("order").numbers()[row]);
    order.resize(order.find('.') + 3);
    const Ink colour = inks[ink++ % inks.size()];
    const std::string rows = equals("problem", problem) + " && " + equals("kind", kind) + " && " +
                             equals("scheme", scheme);
    panel.curves.push_back({.table = "errors",
                            .x = "step",
                            .y = "error",
                            .label = scheme + ", order " + order,
                            .look = {.ink = colour},
                            .where = rows});
    panel.curves.push_back({.table = "errors",
                            .x = "step",
                            .y = "error",
                            .error = "error_se",
                            .look = {.ink = colour, .mark = Mark::points, .size = 0.8},
                            .where = rows});
  }
  return panel;
}

}  // namespace

void schemes(io::Results& results) {
  Panel cost{.title = "cost of a wanted error",
             .x_label = "standard error",
             .y_label = "steps",
             .key = "top right",
             .commands = "set logscale xy; set format xy '10^{%L}'"};
  cost.curves = {{.table = "multilevel",
                  .x = "standard_error",
                  .y = "plain_cost",
                  .label = "plain Monte Carlo",
                  .look = {.ink = Ink::grey, .mark = Mark::dashed}},
                 {.table = "multilevel",
                  .x = "standard_error",
                  .y = "cost",
                  .label = "multilevel",
                  .look = {.ink = Ink::blue}},
                 {.table = "multilevel",
                  .x = "standard_error",
                  .y = "cost",
                  .look = {.ink = Ink::blue, .mark = Mark::points}}};
  Page(results, "schemes",
       {.title = "Stochastic integrators: orders and costs",
        .rows = 2,
        .columns = 2,
        .height = 1000})
      .panel(order_panel(results, "multiplicative", "strong"))
      .panel(order_panel(results, "multiplicative", "weak"))
      .panel(order_panel(results, "additive", "strong"))
      .panel(cost)
      .render();
}

}  // namespace stillpoint::plots
