// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/noise_series.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
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

/// The highest order of the series in the table.
int highest_order(const io::Results& results) {
  const auto& orders = results.table("coefficients").column("order").numbers();
  return static_cast<int>(*std::max_element(orders.begin(), orders.end()));
}

bool has_kinks(const io::Results& results) {
  const auto& methods = results.table("moments").column("method").texts();
  return std::find(methods.begin(), methods.end(), "uniform") != methods.end();
}

/// With kinks the Taylor series is the linear network's law at every order, and the uniform
/// expansion is the closure: one line each.
std::vector<Line> lines_of(const io::Results& results) {
  const Line fixed_point = {"order_0", "fixed point (order 0)", method_look("deterministic")};
  if (has_kinks(results))
    return {fixed_point,
            {"order_4", "Taylor, any order", {.ink = Ink::green, .mark = Mark::dashed}},
            {"uniform", "uniform expansion", method_look("closure")}};
  std::vector<Line> lines = {
      fixed_point,
      {"order_2", "series, order 2", {.ink = Ink::sky, .mark = Mark::dashed}},
      {"order_4", "order 4", {.ink = Ink::green, .mark = Mark::dashed}}};
  const int top = highest_order(results);
  if (top > 4)
    lines.push_back({"order_" + std::to_string(top),
                     "order " + std::to_string(top),
                     {.ink = Ink::purple, .mark = Mark::dashed}});
  lines.push_back({"pade", "Padé", {.ink = Ink::orange, .mark = Mark::line}});
  lines.push_back(
      {"borel_pade", "Borel–Padé", {.ink = Ink::black, .mark = Mark::dotted, .size = 1.3}});
  lines.push_back({"closure", method_label("closure"), method_look("closure")});
  return lines;
}

/// Values of a column of "moments" for one method.
std::vector<double> column_of(const io::Results& results, const std::string& method,
                              const std::string& column) {
  const io::Table& table = results.table("moments");
  std::vector<double> values;
  for (Index row = 0; row < table.rows(); ++row)
    if (table.column("method").texts()[row] == method)
      values.push_back(table.column(column).numbers()[row]);
  return values;
}

/// The range of the exact values, or of the closure's without them, widened by half: a diverging
/// series leaves it.
std::string range_of(const io::Results& results, const std::string& column) {
  double lower = INFINITY, upper = -INFINITY;
  for (const std::string method : {"exact", "closure", "order_0"}) {
    for (const double value : column_of(results, method, column)) {
      if (!std::isfinite(value)) continue;
      lower = std::min(lower, value);
      upper = std::max(upper, value);
    }
    if (method != "closure" && upper > lower && std::isfinite(upper)) break;
  }
  const double margin = upper > lower ? 0.5 * (upper - lower) : 0.1;
  const double bottom = column == "variance" ? 0.0 : lower - margin;
  return "[" + io::to_text(bottom) + ":" + io::to_text(upper + margin) + "]";
}

/// Where the fourth order ends to be valid; 0 if that is not inside the panel.
double validity_end(const io::Results& results) {
  const double end = results.table("validity").column("valid_up_to").numbers().front();
  return end < column_of(results, "exact", "sigma").back() ? end : 0.0;
}

/// An upright line there.
std::string validity_mark(const io::Results& results) {
  if (validity_end(results) == 0.0) return "";
  const std::string at = io::to_text(validity_end(results));
  return "\nset arrow from first " + at + ", graph 0 to first " + at +
         ", graph 1 nohead lw 1.5 lc rgb '#8c8c8c'";
}

Panel moment_panel(const io::Results& results, const std::string& column,
                   const std::string& y_label) {
  Panel panel{.title = column,
              .x_label = "noise level σ",
              .y_label = y_label,
              .y_range = range_of(results, column),
              .commands = "set xrange [0:*]" + validity_mark(results)};
  const auto add = [&](const Line& line) {
    panel.curves.push_back({.table = "moments",
                            .x = "sigma",
                            .y = column,
                            .label = line.label,
                            .look = line.look,
                            .where = equals("method", line.method)});
  };
  Look exact = method_look("transfer_operator");  // thick, so that what lies on it shows
  exact.size = 3.0;
  add({"exact", method_label("transfer_operator"), exact});
  for (const Line& line : lines_of(results)) add(line);
  if (results.table("monte_carlo").rows() > 0)
    panel.curves.push_back({.table = "monte_carlo",
                            .x = "sigma",
                            .y = column,
                            .error = column + "_se",
                            .label = method_label("monte_carlo") + " ± s.e.",
                            .look = method_look("monte_carlo")});
  if (validity_end(results) > 0.0)  // its entry in the legend
    panel.curves.push_back({.table = "moments",
                            .x = "sigma",
                            .y = column,
                            .label = "order 4 valid up to here",
                            .look = {.ink = Ink::grey, .size = 0.75},
                            .where = "0 == 1"});
  return panel;
}

/// Words in the panel, in the colours of the lines: "order 2: error ~ σ^{4.03}".
std::string order_labels(const io::Results& results, const std::string& quantity) {
  const io::Table& orders = results.table("orders");
  std::string text;
  double height = 0.95;
  for (Index row = 0; row < orders.rows(); ++row) {
    const double observed = orders.column("observed").numbers()[row];
    if (orders.column("quantity").texts()[row] != quantity || !std::isfinite(observed)) continue;
    const bool second = orders.column("series_order").numbers()[row] == 2.0;
    char label[160];
    std::snprintf(label, sizeof label,
                  "\nset label 'order %d: observed σ^{%.2f}' at graph 0.03, graph %.2f "
                  "textcolor rgb '%s'",
                  second ? 2 : 4, observed, height, second ? "#56b4e9" : "#009e73");
    text += label;
    height -= 0.08;
  }
  return text;
}

bool has_errors(const io::Results& results, const std::string& method, const std::string& column) {
  const io::Table& errors = results.table("errors");
  Index count = 0;
  for (Index row = 0; row < errors.rows(); ++row)
    count += errors.column("method").texts()[row] == method &&
             errors.column(column).numbers()[row] > 0.0;
  return count >= 2;
}

Panel error_panel(const io::Results& results, const std::string& quantity) {
  const std::string column = quantity + "_error";
  Panel panel{.title = "error of the " + quantity,
              .x_label = "noise level σ",
              .y_label = "|theory − exact|",
              .y_range = "[1e-14:1000]",
              .commands = "set logscale xy; set format y '10^{%L}'; set ytics 1e-14, 1e2" +
                          validity_mark(results) + order_labels(results, quantity)};
  const auto add = [&](const Line& line) {
    if (!has_errors(results, line.method, column)) return;
    panel.curves.push_back({.table = "errors",
                            .x = "sigma",
                            .y = column,
                            .look = line.look,
                            .where = equals("method", line.method)});
  };
  for (const Line& line : lines_of(results)) add(line);
  if (panel.curves.empty())  // no exact law to compare with: an empty panel
    panel.curves.push_back({.table = "errors", .x = "sigma", .y = "sigma", .where = "0 == 1"});
  return panel;
}

}  // namespace

void noise_series(io::Results& results) {
  const double stable = results.table("validity").column("stable_points").numbers().front();
  const std::string title =
      stable > 1.0 ? "Power series in the noise level about one of several stable states"
                   : "What noise does to a fixed point: power series in the noise level";
  Page page(results, "noise_series",
            {.title = title, .rows = 2, .columns = 2, .shared_legend = true, .height = 1000});
  page.panel(moment_panel(results, "mean", "mean of the state"))
      .panel(error_panel(results, "mean"))
      .panel(moment_panel(results, "variance", "variance of the state"))
      .panel(error_panel(results, "variance"));
  page.render();
}

}  // namespace stillpoint::plots
