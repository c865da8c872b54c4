// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/analyze.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "plots/support/page.hpp"
#include "plots/support/principal_plane.hpp"

namespace stillpoint::plots {
namespace {

/// True if a column of a table has something to draw.
bool any_finite(const io::Results& results, const std::string& table, const std::string& column) {
  const auto& numbers = results.table(table).column(column).numbers();
  return std::any_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

void loss_figure(io::Results& results, const std::string& level) {
  Page page(results, "analyze_loss", {.title = "Loss against test noise", .shared_legend = true});
  const auto& losses = results.table("loss").column("monte_carlo").numbers();
  const auto [least, most] = std::minmax_element(losses.begin(), losses.end());
  const bool logarithmic = *least > 0.0 && *most > 30.0 * *least;
  Panel panel{.x_label = "test noise / " + level + " noise",
              .y_label = "loss E(z − target)²",
              .y_range = logarithmic ? "" : "[0:*]",
              .commands = std::string(logarithmic ? "set logscale y; set format y '%.0e'\n" : "") +
                          "set arrow from first 1, graph 0 to first 1, graph 1 nohead dashtype 3 "
                          "linecolor '#888888'\n"
                          "set label '" +
                          level +
                          " noise' at first 1, graph 0.6 rotate by 90 center "
                          "offset 1,0 textcolor '#666666'"};
  panel.curves = {
      {.table = "loss",
       .x = "ratio",
       .y = "predicted",
       .label = "Gaussian closure: bias² + variance",
       .look = method_look("closure"),
       .where = equals("valid", "yes")},
      {.table = "loss",
       .x = "ratio",
       .y = "predicted",
       .label = "where it says that it does not hold",
       .look = {.ink = Ink::grey, .mark = Mark::open_points},
       .where = equals("valid", "no")},
      {.table = "loss",
       .x = "ratio",
       .y = "predicted_bias_squared",
       .label = "its bias²",
       .look = {.ink = Ink::vermillion, .mark = Mark::dashed},
       .where = equals("valid", "yes")},
      {.table = "loss",
       .x = "ratio",
       .y = "predicted_variance",
       .label = "its variance",
       .look = {.ink = Ink::green, .mark = Mark::dotted},
       .where = equals("valid", "yes")},
      {.table = "loss",
       .x = "ratio",
       .y = "monte_carlo",
       .error = "monte_carlo_se",
       .label = "Monte Carlo ± standard error",
       .look = method_look("monte_carlo")},
      {.table = "preferred_noise",
       .x = "ratio",
       .y = "loss",
       .label = "least loss of each",
       .look = {.ink = Ink::purple, .mark = Mark::open_points, .size = 2.0}},
  };
  // A judgement that no row has leaves its curves empty.
  const auto& valid = results.table("loss").column("valid").texts();
  for (const char* judgement : {"yes", "no"})
    if (std::find(valid.begin(), valid.end(), judgement) == valid.end() ||
        !any_finite(results, "loss", "predicted"))
      std::erase_if(panel.curves,
                    [&](const Curve& curve) { return curve.where == equals("valid", judgement); });
  page.panel(panel).render();
}

void shift_figure(io::Results& results, const std::string& level) {
  std::vector<std::string> methods;  // those that have numbers
  std::vector<double> tick_steps;
  const auto& simulated = results.table("shift").column("monte_carlo").numbers();
  const auto [lowest, highest] = std::minmax_element(simulated.begin(), simulated.end());
  for (const std::string method : {"smoothed", "closure"}) {
    const auto& shifts = results.table("shift").column(method).numbers();
    const auto [least, most] = std::minmax_element(shifts.begin(), shifts.end());
    if (!std::isfinite(*least) || !std::isfinite(*most)) continue;
    methods.push_back(method);
    // The diagonal reaches over the simulated shifts, which can be far larger than the predicted.
    const double range = std::max(*most, *highest) - std::min(*least, *lowest);
    tick_steps.push_back(range > 0.0 && std::isfinite(range) ? tick_step(range) : 1.0);
  }
  if (methods.empty()) return;
  Page page(results, "analyze_shift",
            {.title = "Shift of every neuron by the " + level + " noise: theory against simulation",
             .columns = static_cast<int>(methods.size()),
             .width = methods.size() > 1 ? 1200 : 800,
             .height = 640});
  for (std::size_t k = 0; k < methods.size(); ++k) {
    Panel panel{.title = method_label(methods[k]),
                .x_label = "predicted shift",
                .y_label = "simulated shift (Monte Carlo ± standard error)",
                .key = "off",
                .commands = "set xtics " + io::to_text(tick_steps[k])};
    panel.curves = {
        {.table = "shift",
         .x = methods[k],
         .y = "monte_carlo",
         .error = "monte_carlo_se",
         .look = {.ink = method_look(methods[k]).ink, .mark = Mark::points, .size = 0.6}},
        {.table = "shift",
         .x = "monte_carlo",
         .y = "monte_carlo",
         .look = {.ink = Ink::grey, .mark = Mark::line}}};
    page.panel(panel);
  }
  page.render();
}

void attenuation_figure(io::Results& results) {
  Page page(results, "analyze_attenuation",
            {.title = "Where the neurons sit, and what passes of their noise",
             .columns = 2,
             .height = 640});
  Panel index{.title = "asymmetry of the transmitted noise",
              .x_label = "distance to the bend / sd of the argument (within 6)",
              .y_label = "asymmetry index (T_+ − T_−)/(T_+ + T_−)",
              .x_range = "[-6:6]",
              .y_range = "[-1.05:1.05]",
              .key = "off"};
  index.curves = {{.table = "attenuation",
                   .x = "distance",
                   .y = "asymmetry",
                   .look = {.ink = Ink::blue, .mark = Mark::points, .size = 0.5}}};
  Panel bias{.title = "mean shift that is left",
             .x_label = "distance to the bend / sd of the argument (within 6)",
             .y_label = "bias T_+ − T_−",
             .x_range = "[-6:6]",
             .key = "off"};
  bias.curves = {{.table = "attenuation",
                  .x = "distance",
                  .y = "bias",
                  .look = {.ink = Ink::vermillion, .mark = Mark::points, .size = 0.5}}};
  page.panel(index).panel(bias).render();
}

void pca_figure(io::Results& results) {
  Page page(results, "analyze_pca",
            {.title = "Fixed points and trajectories in the plane of their principal axes",
             .shared_legend = true});
  page.panel(principal_plane(
      results,
      {{"noisy", "noisy path", {.ink = Ink::sky, .size = 0.5}},
       {"trajectory", "noise-free path", {.ink = Ink::grey}},
       {"unstable", "unstable point", {.ink = Ink::vermillion, .mark = Mark::open_points}},
       {"stable", "stable point", {.ink = Ink::blue, .mark = Mark::points, .size = 1.4}},
       {"moved", "moved by the noise", {.ink = Ink::black, .mark = Mark::points, .size = 0.7}}}));
  page.render();
}

}  // namespace

void analyze(io::Results& results, const std::string& level) {
  // A network without a bend, or one that diverges, leaves nothing to draw.
  if (results.has_table("loss") && any_finite(results, "loss", "monte_carlo"))
    loss_figure(results, level);
  if (any_finite(results, "shift", "monte_carlo")) shift_figure(results, level);
  if (any_finite(results, "attenuation", "distance")) attenuation_figure(results);
  if (results.has_table("projection")) pca_figure(results);
}

}  // namespace stillpoint::plots
