// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/schemes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

constexpr std::array inks{Ink::blue, Ink::vermillion, Ink::green, Ink::purple, Ink::orange};

/// A number with two digits after the point, its minus sign a minus.
std::string two_digits(double number) {
  const std::string text = std::to_string(std::lround(100.0 * std::abs(number)) + 1000);
  const std::string whole = std::to_string(std::lround(100.0 * std::abs(number)) / 100);
  return (number < 0.0 ? "−" : "") + whole + "." + text.substr(text.size() - 2);
}

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
    const std::string order = two_digits(orders.column("order").numbers()[row]);
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

/// Cost against requested error, each method beside a line of the slope that theory gives it.
Panel cost_panel(const io::Results& results) {
  Panel panel{.title = "cost of a requested error, multiplicative noise",
              .x_label = "requested standard error ε (bias ε/2)",
              .y_label = "steps",
              .key = "top right",
              .commands = "set logscale xy; set format xy '10^{%L}'; set key samplen 2 width -5\n"};
  struct Method {
    std::string table, words;
    Ink ink;
    int slope;
    double offset;  // of the reference line
  };
  // Room for the legend above the lines.
  const io::Table& single = results.table("single_level");
  const auto& wanted = single.column("wanted").numbers();
  panel.commands +=
      "set xrange [" + io::to_text(wanted.back() / 1.5) + ":" + io::to_text(wanted.front() * 1.5) +
      "]; set yrange [*:" + io::to_text(single.column("cost").numbers().back() * 3e4) + "]";
  const io::Table& slopes = results.table("cost_slopes");
  for (const Method& method : {Method{"single_level", "one level, slope", Ink::vermillion, -3, 4.0},
                               Method{"multilevel", "multilevel, slope", Ink::blue, -2, 0.25}}) {
    const auto& names = slopes.column("method").texts();
    const auto row = std::find(names.begin(), names.end(), method.table) - names.begin();
    const io::Table& table = results.table(method.table);
    const double anchor = method.offset * table.column("cost").numbers().back() *
                          std::pow(table.column("wanted").numbers().back(), -method.slope);
    const std::string power = std::to_string(-method.slope);
    panel.curves.push_back(
        {.table = method.table,
         .x = "wanted",
         .y = "cost",
         .label = method.words + " " + two_digits(slopes.column("slope").numbers()[row]),
         .look = {.ink = method.ink}});
    panel.curves.push_back({.table = method.table,
                            .x = "wanted",
                            .y = "cost",
                            .look = {.ink = method.ink, .mark = Mark::points},
                            .where = table.has("simulated") ? equals("simulated", "yes") : ""});
    panel.curves.push_back(
        {.table = method.table,
         .x = "wanted",
         .y = "(" + io::to_text(anchor) + "*column('wanted')**(" + std::to_string(method.slope) +
              "))",
         .label = "∝ ε^{−" + power + "}",
         .look = {.ink = Ink::grey, .mark = method.slope == -3 ? Mark::dashed : Mark::dotted}});
  }
  return panel;
}

/// Variance × time of plain Monte Carlo over that of a method, against the noise.
Panel gain_panel(const std::string& moment, const std::string& words) {
  Panel panel{.title = "gain in variance × time, " + words,
              .x_label = "noise σ, outside",
              .y_label = "plain / reduced",
              .key = "top right",
              .commands =
                  "set logscale xy; set xrange [0.15:4.3]; set yrange [0.1:*]\n"
                  "set xtics (0.2, 0.4, 0.8, 1.6, 3.2); set format y '10^{%L}'"};
  struct Method {
    std::string name, words;
    Look look;
  };
  for (const Method& method :
       {Method{"control", "control variates", {.ink = Ink::blue}},
        Method{"antithetic", "antithetic pairs", {.ink = Ink::vermillion}},
        Method{"plain", "plain", {.ink = Ink::grey, .mark = Mark::dashed}}}) {
    panel.curves.push_back({.table = "variance_reduction",
                            .x = "sigma",
                            .y = moment + "_gain",
                            .label = method.words,
                            .look = method.look,
                            .where = equals("method", method.name)});
    if (method.name == "plain") continue;
    panel.curves.push_back({.table = "variance_reduction",
                            .x = "sigma",
                            .y = moment + "_gain",
                            .look = {.ink = method.look.ink, .mark = Mark::points},
                            .where = equals("method", method.name)});
  }
  return panel;
}

}  // namespace

void schemes(io::Results& results) {
  Page(results, "schemes",
       {.title = "Stochastic integrators: orders and costs",
        .rows = 3,
        .columns = 2,
        .height = 1500})
      .panel(order_panel(results, "multiplicative", "strong"))
      .panel(order_panel(results, "multiplicative", "weak"))
      .panel(order_panel(results, "additive", "strong"))
      .panel(cost_panel(results))
      .panel(gain_panel("mean", "means of 16 neurons"))
      .panel(gain_panel("variance", "variances of 16 neurons"))
      .render();
}

}  // namespace stillpoint::plots
