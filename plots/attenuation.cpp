// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/attenuation.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

std::vector<std::string> names_in_order(const io::Table& table) {
  std::vector<std::string> names;
  for (const auto& name : table.column("activation").texts()) {
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

struct Quantity {
  std::string column;
  std::string label;
  Look look;
};

// Axis from the least to the largest value of these columns for one activation.
std::string y_axis(const io::Table& table, const std::string& activation,
                   const std::vector<Quantity>& quantities) {
  double lower = 0.0, upper = 0.0;
  for (const auto& quantity : quantities) {
    const auto& values = table.column(quantity.column).numbers();
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (table.column("activation").texts()[row] != activation) continue;
      lower = std::min(lower, values[row]);
      upper = std::max(upper, values[row]);
    }
  }
  if (lower == upper) return "  set yrange [-1:1]";
  const double margin = 0.06 * (upper - lower);
  return "  set yrange [" + io::to_text(lower - margin) + ":" + io::to_text(upper + margin) +
         "]\n  set ytics " + io::to_text(tick_step(upper - lower));
}

void small_multiples(io::Results& results, const std::string& page_name, const std::string& title,
                     const std::string& y_label, const std::vector<Quantity>& quantities,
                     const std::string& fixed_axis = {}) {
  const io::Table& theory = results.table("theory");
  const auto names = names_in_order(theory);
  const int count = static_cast<int>(names.size());
  const int columns = static_cast<int>(std::ceil(std::sqrt(count)));
  const int rows = (count + columns - 1) / columns;
  Page page(
      results, page_name,
      {.title = title, .rows = rows, .columns = columns, .shared_legend = true, .height = 900});
  for (int k = 0; k < count; ++k) {
    Panel panel{
        .title = plain(names[k]),
        .x_label = k + columns >= count ? "distance to the nonlinearity, {/:Italic u}/σ" : "",
        .y_label = k % columns == 0 ? y_label : "",
        .commands = (fixed_axis.empty() ? y_axis(theory, names[k], quantities) : fixed_axis) +
                    "\n  set yzeroaxis lc rgb '#404040'"};
    const std::string where = equals("activation", names[k]);
    for (const auto& [column, label, look] : quantities) {
      panel.curves.push_back({.table = "theory",
                              .x = "distance",
                              .y = column,
                              .label = label,
                              .look = look,
                              .where = where});
    }
    for (const auto& [column, label, look] : quantities) {
      const bool last = &column == &quantities.back().column;
      panel.curves.push_back({.table = "monte_carlo",
                              .x = "distance",
                              .y = column,
                              .error = column + "_se",
                              .label = last ? "Monte Carlo ± 1 s.e." : "",
                              .look = {look.ink, Mark::points, 0.8},
                              .where = where});
    }
    page.panel(panel);
  }
  page.render();
}

}  // namespace

void attenuation(io::Results& results) {
  small_multiples(
      results, "attenuation", "Noise that an activation lets through", "transmitted noise",
      {{"up", "upward {/:Italic T}_+", {Ink::vermillion, Mark::line, 2.0}},
       {"down", "downward {/:Italic T}_{–}", {Ink::blue, Mark::line, 0.9}},
       {"bias", "mean shift {/:Italic T}_+ – {/:Italic T}_{–}", {Ink::black, Mark::line, 0.8}}});
  small_multiples(results, "attenuation_asymmetry", "How unevenly an activation lets noise through",
                  "asymmetry",
                  {{"asymmetry",
                    "asymmetry index ({/:Italic T}_+ – {/:Italic T}_{–})/({/:Italic T}_+ + "
                    "{/:Italic T}_{–})",
                    {Ink::blue}}},
                  "  set yrange [-1.1:1.1]\n  set ytics 0.5");
}

}  // namespace stillpoint::plots
