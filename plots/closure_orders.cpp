// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/closure_orders.hpp"

#include <algorithm>
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

std::string rows_of(const std::string& activation, const std::string& process, int order) {
  return equals("activation", activation) + " && " + equals("process", process) + " && " +
         equals("order", order);
}

/// Every activation of the table, once, in its order.
std::vector<std::string> activations_of(const io::Table& table) {
  std::vector<std::string> names;
  for (const std::string& name : table.column("activation").texts())
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

std::string axis_commands(const std::string& vary, bool logarithmic_y) {
  return std::string("set logscale x\n") +
         (vary == "sigma" ? "set xtics (0.1, 0.2, 0.5, 1, 2, 5)"
                          : "set xtics (0.02, 0.05, 0.1, 0.2, 0.5, 1)") +
         (logarithmic_y ? "\nset logscale y; set format y '10^{%L}'" : "");
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
                          .look = {.ink = Ink::black, .mark = Mark::open_points, .size = 0.9},
                          .where = rows + " && column('valid') == 0 && column('lost') == 0 && " +
                                   "column('order') > 1"});
  panel.curves.push_back({.table = "orders",
                          .x = vary,
                          .y = column,
                          .label = label ? "moments of no law" : "",
                          .look = {.ink = Ink::black, .mark = Mark::points, .size = 1.1},
                          .where = rows + " && column('lost') == 1"});
}

Panel mean_panel(const std::string& activation, const std::string& process, const std::string& vary,
                 bool labels) {
  Panel panel{.title = activation + ", mean",
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
         .where = rows_of(activation, process, order.order) +
                  (order.order > 2 ? " && 0 == 1" : "")});  // higher ones lie on the exact line
  panel.curves.push_back(
      {.table = "exact",
       .x = vary,
       .y = "mean",
       .label = labels ? "exact" : "",
       .look = {.ink = Ink::black, .mark = Mark::dotted, .size = 1.6},
       .where = equals("activation", activation) + " && " + equals("process", process)});
  if (process == "chain")
    panel.curves.push_back({.table = "monte_carlo",
                            .x = vary,
                            .y = "mean",
                            .error = "mean_se",
                            .label = labels ? method_label("monte_carlo") : "",
                            .look = method_look("monte_carlo"),
                            .where = equals("activation", activation)});
  if (labels) add_marks(panel, vary, "mean", "0 == 1", true);
  return panel;
}

Panel error_panel(const std::string& activation, const std::string& process,
                  const std::string& vary, const std::string& column, const std::string& title,
                  const std::string& y_label) {
  Panel panel{.title = activation + ", " + title,
              .x_label = x_label(vary),
              .y_label = y_label,
              .commands = axis_commands(vary, true)};
  for (const Order& order : orders)
    panel.curves.push_back({.table = "orders",
                            .x = vary,
                            .y = column,
                            .look = order.look,
                            .where = rows_of(activation, process, order.order)});
  add_marks(panel, vary, column,
            equals("activation", activation) + " && " + equals("process", process), false);
  return panel;
}

}  // namespace

void closure_orders(io::Results& results, const std::string& vary) {
  const std::vector<std::string> activations = activations_of(results.table("orders"));
  const int rows = static_cast<int>(activations.size());
  for (const std::string process : {"chain", "diffusion"}) {
    Page page(results, process == "chain" ? "closure_orders" : "closure_orders_diffusion",
              {.title = "Cumulant closures of one neuron against the exact law of the " + process,
               .rows = rows,
               .columns = 4,
               .shared_legend = true,
               .width = 1600,
               .height = 240 + 330 * rows});
    for (std::size_t a = 0; a < activations.size(); ++a) {
      const std::string& f = activations[a];
      page.panel(mean_panel(f, process, vary, a == 0))
          .panel(error_panel(f, process, vary, "mean_error", "error of the mean", "error / sd"))
          .panel(error_panel(f, process, vary, "variance_error", "error of the variance",
                             "relative error"))
          .panel(error_panel(f, process, vary, "skewness_error", "error of the skewness", "error"));
    }
    page.render();
  }
}

}  // namespace stillpoint::plots
