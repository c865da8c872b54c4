// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/analyze.hpp"

#include <algorithm>
#include <string>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

void loss_figure(io::Results& results) {
  Page page(results, "analyze_loss", {.title = "Loss against test noise"});
  const auto& losses = results.table("loss").column("monte_carlo").numbers();
  const auto [least, most] = std::minmax_element(losses.begin(), losses.end());
  const bool logarithmic = *least > 0.0 && *most > 30.0 * *least;
  Panel panel{.x_label = "test noise / training noise",
              .y_label = "loss E(z − target)²",
              .y_range = logarithmic ? "" : "[0:*]",
              .key = logarithmic ? "bottom right" : "top left",
              .commands = std::string(logarithmic ? "set logscale y; set format y '%.0e'\n" : "") +
                          "set arrow from first 1, graph 0 to first 1, graph 1 nohead dashtype 3 "
                          "linecolor '#888888'\n"
                          "set label 'training noise' at first 1, graph 0.6 rotate by 90 center "
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
  };
  page.panel(panel).render();
}

void shift_figure(io::Results& results) {
  Page page(results, "analyze_shift",
            {.title = "Shift of every neuron by the training noise: theory against simulation",
             .columns = 2,
             .height = 640});
  const auto panel = [](const std::string& method) {
    Panel p{.title = method_label(method),
            .x_label = "predicted shift",
            .y_label = "simulated shift (Monte Carlo ± standard error)",
            .key = "off"};
    p.curves = {{.table = "shift",
                 .x = method,
                 .y = "monte_carlo",
                 .error = "monte_carlo_se",
                 .look = {.ink = method_look(method).ink, .mark = Mark::points, .size = 0.6}},
                {.table = "shift",
                 .x = "monte_carlo",
                 .y = "monte_carlo",
                 .look = {.ink = Ink::grey, .mark = Mark::line}}};
    return p;
  };
  page.panel(panel("smoothed")).panel(panel("closure")).render();
}

void attenuation_figure(io::Results& results) {
  Page page(results, "analyze_attenuation",
            {.title = "Where the neurons sit, and what passes of their noise",
             .columns = 2,
             .height = 640});
  Panel index{.title = "asymmetry of the transmitted noise",
              .x_label = "distance to the bend / sd of the argument",
              .y_label = "asymmetry index (T_+ − T_−)/(T_+ + T_−)",
              .x_range = "[-6:6]",
              .y_range = "[-1.05:1.05]",
              .key = "off"};
  index.curves = {{.table = "attenuation",
                   .x = "distance",
                   .y = "asymmetry",
                   .look = {.ink = Ink::blue, .mark = Mark::points, .size = 0.5}}};
  Panel bias{.title = "mean shift that is left",
             .x_label = "distance to the bend / sd of the argument",
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
  Panel panel{.x_label = "first principal axis", .y_label = "second principal axis"};
  const auto& kinds = results.table("projection").column("kind").texts();
  const auto curve = [&](const std::string& kind, const std::string& label, Look look) {
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) return;
    panel.curves.push_back({.table = "projection",
                            .x = "pc_1",
                            .y = "pc_2",
                            .label = label,
                            .look = look,
                            .where = equals("kind", kind)});
  };
  curve("noisy", "noisy path", {.ink = Ink::sky, .size = 0.5});
  curve("trajectory", "noise-free path", {.ink = Ink::grey});
  curve("unstable", "unstable point", {.ink = Ink::vermillion, .mark = Mark::open_points});
  curve("stable", "stable point", {.ink = Ink::blue, .mark = Mark::points, .size = 1.4});
  curve("moved", "moved by the noise", {.ink = Ink::black, .mark = Mark::points, .size = 0.7});
  page.panel(panel).render();
}

}  // namespace

void analyze(io::Results& results) {
  if (results.has_table("loss")) loss_figure(results);
  shift_figure(results);
  attenuation_figure(results);
  if (results.has_table("projection")) pca_figure(results);
}

}  // namespace stillpoint::plots
