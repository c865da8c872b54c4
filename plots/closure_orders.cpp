// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/closure_orders.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

struct Order {
  int order;
  std::string label;
  Look look;
};

const std::vector<Order> orders = {
    {1, "order 1: smoothed", {.ink = Ink::grey, .mark = Mark::dashed}},
    {2, "order 2: Gaussian", {.ink = Ink::orange}},
    {3, "order 3", {.ink = Ink::sky}},
    {4, "order 4", {.ink = Ink::blue}},
    {5, "order 5", {.ink = Ink::green}},
    {6, "order 6", {.ink = Ink::vermillion}}};

std::string rows_of(const std::string& title, const std::string& process, int order) {
  return equals("case", title) + " && " + equals("process", process) + " && " +
         equals("order", order);
}

/// Every case with an exact law of this process at two points, in its order.
std::vector<std::string> cases_of(const io::Table& exact, const std::string& process) {
  std::vector<std::string> names;
  std::string known;
  for (Index row = 0; row < exact.rows(); ++row) {
    const std::string& name = exact.column("case").texts()[row];
    if (exact.column("process").texts()[row] != process ||
        !std::isfinite(exact.column("mean").numbers()[row]))
      continue;
    if (name == known && (names.empty() || names.back() != name)) names.push_back(name);
    known = name;
  }
  return names;
}

/// A range about numbers that are all the same, for gnuplot has none for them; else empty.
std::string range_of_constant(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return "[-1:1]";
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  if (*most > *least) return "";
  const double margin = *least == 0.0 ? 1.0 : 0.1 * std::abs(*least);
  return "[" + io::to_text(*least - margin) + ":" + io::to_text(*least + margin) + "]";
}

std::string axis_commands(const std::string& vary, bool logarithmic_y) {
  return std::string("set logscale x\n") +
         (vary == "sigma" ? "set xtics (0.1, 0.2, 0.5, 1, 2, 5)"
                          : "set xtics (0.02, 0.05, 0.1, 0.2, 0.5, 1)") +
         (logarithmic_y ? "\nset logscale y; set format y '10^{%L}'" : "");
}

/// The range of what is varied, with a margin.
std::string x_range(const io::Results& results, const std::string& vary) {
  const auto& x = results.table("exact").column(vary).numbers();
  const auto [least, most] = std::minmax_element(x.begin(), x.end());
  return "[" + io::to_text(*least / 1.15) + ":" + io::to_text(*most * 1.15) + "]";
}

std::string x_label(const std::string& vary) {
  return vary == "sigma" ? "noise s, sd per step" : "leak g";
}

/// Marks on the lines: where a closure is no law's, and where it rejects itself.
void add_marks(Panel& panel, const std::string& vary, const std::string& column,
               const std::string& rows, bool label) {
  panel.curves.push_back({.table = "orders",
                          .x = vary,
                          .y = column,
                          .label = label ? "says that it is not valid" : "",
                          .look = {.ink = Ink::black, .mark = Mark::open_points, .size = 0.8},
                          .where = rows + " && " + equals("valid", "no") + " && " +
                                   equals("lost", "no") + " && column('order') > 1"});
  panel.curves.push_back({.table = "orders",
                          .x = vary,
                          .y = column,
                          .label = label ? "moments of no law" : "",
                          .look = {.ink = Ink::purple, .mark = Mark::points, .size = 1.3},
                          .where = rows + " && " + equals("lost", "yes")});
}

Panel mean_panel(const std::string& title, const std::string& process, const std::string& vary,
                 bool labels) {
  Panel panel{.title = title,
              .x_label = x_label(vary),
              .y_label = "mean",
              .commands = axis_commands(vary, false)};
  for (const Order& order : orders)
    panel.curves.push_back(
        {.table = "orders",
         .x = vary,
         .y = "mean",
         .label = labels ? order.label : "",
         .look = order.look,
         .where = rows_of(title, process, order.order) +
                  (order.order > 2 ? " && 0 == 1" : "")});  // higher ones lie on the exact line
  panel.curves.push_back({.table = "exact",
                          .x = vary,
                          .y = "mean",
                          .label = labels ? "exact" : "",
                          .look = {.ink = Ink::black, .mark = Mark::dotted, .size = 1.6},
                          .where = equals("case", title) + " && " + equals("process", process)});
  if (process == "chain")
    panel.curves.push_back({.table = "monte_carlo",
                            .x = vary,
                            .y = "mean",
                            .error = "mean_se",
                            .label = labels ? method_label("monte_carlo") : "",
                            .look = method_look("monte_carlo"),
                            .where = equals("case", title)});
  if (labels) add_marks(panel, vary, "mean", "0 == 1", true);
  return panel;
}

Panel error_panel(const std::string& title, const std::string& process, const std::string& vary,
                  const std::string& column, const std::string& quantity,
                  const std::string& y_label) {
  Panel panel{.title = quantity,
              .x_label = x_label(vary),
              .y_label = y_label,
              .commands = axis_commands(vary, true)};
  for (const Order& order : orders)
    panel.curves.push_back({.table = "orders",
                            .x = vary,
                            .y = column,
                            .look = order.look,
                            .where = rows_of(title, process, order.order)});
  add_marks(panel, vary, column, equals("case", title) + " && " + equals("process", process),
            false);
  return panel;
}

}  // namespace

void closure_orders(io::Results& results, const std::string& vary) {
  for (const std::string process : {"chain", "diffusion"}) {
    const std::vector<std::string> cases = cases_of(results.table("exact"), process);
    if (cases.empty()) continue;  // nothing to compare with
    const int rows = static_cast<int>(cases.size());
    Page page(results, process == "chain" ? "closure_orders" : "closure_orders_diffusion",
              {.title = "Cumulant closures of one neuron against the exact law of the " + process,
               .rows = rows,
               .columns = 4,
               .shared_legend = true,
               .width = 1600,
               .height = 200 + 320 * rows});
    for (const std::string& title : cases) {
      const auto add = [&](Panel panel) {
        panel.x_range = x_range(results, vary);
        page.panel(panel);
      };
      add(mean_panel(title, process, vary, title == cases.front()));
      add(error_panel(title, process, vary, "mean_error", "error of the mean", "error / sd"));
      add(error_panel(title, process, vary, "variance_error", "error of the variance",
                      "relative error"));
      add(error_panel(title, process, vary, "skewness_error", "error of the skewness", "error"));
    }
    page.render();
  }
}

void moments_along_time(io::Results& results) {
  const io::Table& table = results.table("moments");
  std::vector<std::string> states;
  for (const std::string& name : table.column("state").texts())
    if (std::find(states.begin(), states.end(), name) == states.end()) states.push_back(name);
  states.resize(std::min<std::size_t>(states.size(), 4));  // a page holds no more
  const auto& known = table.column("order").numbers();
  Page page(results, "closure_orders",
            {.title = "Moments along time by the order of their closure",
             .rows = static_cast<int>(states.size()),
             .columns = 2,
             .shared_legend = true,
             .height = 160 + 340 * static_cast<int>(states.size())});
  for (const std::string& state : states)
    for (const bool mean : {true, false}) {
      std::vector<double> drawn;
      for (Index row = 0; row < table.rows(); ++row)
        if (table.column("state").texts()[row] == state)
          for (const char* column :
               {mean ? "mean" : "variance", mean ? "monte_carlo_mean" : "monte_carlo_variance"})
            drawn.push_back(table.column(column).numbers()[row]);
      Panel panel{.x_label = "time",
                  .y_label = (mean ? "mean of " : "standard deviation of ") + plain(state),
                  .y_range = range_of_constant(drawn)};
      const std::string y = mean ? "mean" : "(sqrt(column('variance')))";
      for (const Order& order : orders) {
        if (std::find(known.begin(), known.end(), order.order) == known.end()) continue;
        const std::string rows = equals("state", state) + " && " + equals("order", order.order);
        panel.curves.push_back({.table = "moments",
                                .x = "time",
                                .y = y,
                                .label = "order " + std::to_string(order.order),
                                .look = {.ink = order.look.ink},
                                .where = rows});
        panel.curves.push_back({.table = "moments",
                                .x = "time",
                                .y = y,
                                .label = &order == &orders.back() ? "moments of no law" : "",
                                .look = {.ink = Ink::purple, .mark = Mark::dots, .size = 3.0},
                                .where = rows + " && " + equals("possible", "no")});
      }
      // Rows of every order hold the same simulation; one order's are enough.
      const std::string simulated =
          mean ? "monte_carlo_mean" : "(sqrt(column('monte_carlo_variance')))";
      const std::string error =
          mean ? "monte_carlo_mean_se"
               : "(column('monte_carlo_variance_se')/(2*sqrt(column('monte_carlo_variance'))))";
      panel.curves.push_back(
          {.table = "moments",
           .x = "time",
           .y = simulated,
           .error = error,
           .label = method_label("monte_carlo") + " ± s.e.",
           .look = method_look("monte_carlo"),
           .where = equals("state", state) + " && " +
                    equals("order", static_cast<double>(known.front())) +
                    " && column('monte_carlo_mean') == column('monte_carlo_mean') && "
                    "column('monte_carlo_variance') > 0"});
      page.panel(panel);
    }
  page.render();
}

}  // namespace stillpoint::plots
