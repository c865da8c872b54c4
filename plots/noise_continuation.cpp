// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/noise_continuation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "plots/support/page.hpp"

namespace stillpoint::plots {
namespace {

/// The rungs of a table in the order of the ladder.
std::vector<std::string> rungs_of(const io::Table& table) {
  const auto& names = table.column("rung").texts();
  std::vector<std::string> found;
  for (const std::string rung : {"smoothed", "closure"})
    if (std::find(names.begin(), names.end(), rung) != names.end()) found.push_back(rung);
  return found;
}

std::set<std::string> kinds_of(const io::Table& events, const std::string& rung) {
  std::set<std::string> kinds;
  for (Index row = 0; row < events.rows(); ++row)
    if (events.column("rung").texts()[row] == rung)
      kinds.insert(events.column("kind").texts()[row]);
  return kinds;
}

struct KindLook {
  std::string kind, label;
  Ink ink;
  double size = 2.2;
};

const std::vector<KindLook> kind_looks = {{"fold", "fold", Ink::vermillion},
                                          {"pitchfork", "pitchfork", Ink::purple},
                                          {"transcritical", "transcritical", Ink::sky},
                                          {"flip", "flip", Ink::yellow},
                                          {"neimark_sacker", "Neimark–Sacker", Ink::green},
                                          {"hopf", "Hopf of the flow", Ink::black, 3.4},
                                          {"degenerate", "degenerate", Ink::grey}};

/// A range of y that holds the states and leaves room for a legend of so many lines below them.
std::string range_with_room(const io::Results& results, std::size_t lines) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const double state : results.table("branches").column("state").numbers())
    if (std::isfinite(state)) {
      least = std::min(least, state);
      most = std::max(most, state);
    }
  const double span = std::max(most - least, 1e-3);
  const double room = 0.07 * static_cast<double>(lines);  // of the panel's height
  return "[" + io::to_text(least - span * room / (1.0 - room)) + ":" +
         io::to_text(most + 0.08 * span) + "]";
}

Panel branches(const io::Results& results, const std::string& rung, const std::string& noise,
               const std::string& state) {
  const Look look = method_look(rung);
  const std::string leak = io::to_text(results.table("survival").column("leak").numbers()[0]);
  Panel panel{.title = rung == "smoothed" ? "smoothed mean field (simulated at g = " + leak + ")"
                                          : "Gaussian closure, g = " + leak,
              .x_label = noise,
              .y_label = state,
              .x_range = "[0:*]",
              .key = "bottom right"};
  const auto line = [&](const std::string& stable, const std::string& label, Mark mark) {
    panel.curves.push_back({.table = "branches",
                            .x = "sigma",
                            .y = "state",
                            .label = label,
                            .look = {.ink = look.ink, .mark = mark},
                            .where = equals("rung", rung) + " && " + equals("stable", stable)});
  };
  line("yes", "stable", Mark::line);
  line("no", "unstable", Mark::dashed);
  if (results.has_table("monte_carlo"))
    panel.curves.push_back({.table = "monte_carlo",
                            .x = "sigma",
                            .y = "monte_carlo",
                            .error = "monte_carlo_se",
                            .label = "Monte Carlo ± s.e.",
                            .look = method_look("monte_carlo")});
  if (results.has_table("bifurcations")) {
    const auto kinds = kinds_of(results.table("bifurcations"), rung);
    for (const KindLook& kind : kind_looks)
      if (kinds.contains(kind.kind))
        panel.curves.push_back(
            {.table = "bifurcations",
             .x = "sigma",
             .y = "state",
             .label = kind.label,
             .look = {.ink = kind.ink, .mark = Mark::open_points, .size = kind.size},
             .where = equals("rung", rung) + " && " + equals("kind", kind.kind)});
  }
  panel.y_range = range_with_room(results, panel.curves.size());
  return panel;
}

Panel dwell(const io::Results& results) {
  const io::Table& table = results.table("dwell");
  Panel panel{.title = "dwell time of the memory that ends first",
              .x_label = "noise over noise at the end of the memory, σ/σ_{end}",
              .y_label = "mean dwell time / τ",
              .key = "top right",
              .commands =
                  "set logscale y; set format y '10^{%L}'; set xtics 0.1\n"
                  "set offsets graph 0.04, graph 0.04, 0, 0"};
  const auto& numbers = table.column("leak").numbers();
  const std::set<double> leaks(numbers.begin(), numbers.end());
  const Ink inks[] = {Ink::blue, Ink::vermillion, Ink::green, Ink::purple, Ink::orange, Ink::sky};
  for (const std::string& rung : rungs_of(table)) {
    std::size_t k = 0;
    for (const double leak : leaks) {
      const std::string here = equals("rung", rung) + " && " + equals("leak", leak);
      const Ink ink = inks[k++ % 6];
      panel.curves.push_back({.table = "dwell",
                              .x = "ratio",
                              .y = "dwell",
                              .look = {.ink = ink,
                                       .mark = rung == "smoothed" ? Mark::line : Mark::dotted,
                                       .size = 0.5},
                              .where = here});
      panel.curves.push_back(
          {.table = "dwell",
           .x = "ratio",
           .y = "dwell",
           .error = "dwell_se",
           .label = "σ_{end} of " + rung + ", g = " + io::to_text(leak),
           .look = {.ink = ink,
                    .mark = rung == "smoothed" ? Mark::points : Mark::open_points,
                    .size = 1.2},
           .where = here});
    }
  }
  // Room for the legend above the highest point, in decades.
  double least = std::numeric_limits<double>::infinity(), most = 0.0;
  for (const double time : table.column("dwell").numbers())
    if (time > 0.0) {
      least = std::min(least, time);
      most = std::max(most, time);
    }
  if (most > 0.0) {
    const double bottom = std::floor(std::log10(0.8 * least)), top = std::log10(1.5 * most);
    const double room = 0.035 * static_cast<double>(panel.curves.size());  // two curves a label
    panel.commands += "\nset arrow from 1, graph 0 to 1, graph " + io::to_text(0.98 - room) +
                      " nohead dt 3 lc rgb '#404040'";
    panel.y_range = "[" + io::to_text(std::pow(10.0, bottom)) + ":" +
                    io::to_text(std::pow(10.0, top + (top - bottom) * room / (1.0 - room))) + "]";
  }
  return panel;
}

Panel folds(const io::Results& results, bool neuron, const std::string& noise) {
  Panel panel{.title = "where the memory folds",
              .x_label = neuron ? "self-coupling w" : "gain, all weights times this",
              .y_label = noise,
              .y_range = "[0:*]",
              .key = "top left"};
  for (const std::string& rung : rungs_of(results.table("fold_curves")))
    panel.curves.push_back({.table = "fold_curves",
                            .x = "parameter",
                            .y = "sigma",
                            .label = method_label(rung),
                            .look = method_look(rung),
                            .where = equals("rung", rung)});
  if (results.has_table("cusps"))
    panel.curves.push_back({.table = "cusps",
                            .x = "parameter",
                            .y = "sigma",
                            .label = "cusp",
                            .look = {.ink = Ink::purple, .mark = Mark::open_points, .size = 2.2}});
  if (results.has_table("noise_free"))
    panel.curves.push_back({.table = "noise_free",
                            .x = "parameter",
                            .y = "sigma",
                            .label = "fold without noise, exact",
                            .look = {.ink = Ink::black, .mark = Mark::points, .size = 1.4}});
  const double room = 0.07 * static_cast<double>(panel.curves.size());
  panel.commands = "set offsets 0, 0, graph " + io::to_text(room / (1.0 - room)) + ", 0";
  return panel;
}

}  // namespace

void noise_continuation(io::Results& results, bool neuron, Index unit) {
  const std::string noise =
      neuron ? "noise σ, sd per step" : "noise level σ, unit of the network's file";
  const std::string state = neuron ? "state h" : "state h of unit " + std::to_string(unit);
  std::vector<Panel> panels;
  for (const std::string& rung : rungs_of(results.table("branches")))
    panels.push_back(branches(results, rung, noise, state));
  if (results.has_table("dwell")) panels.push_back(dwell(results));
  if (results.has_table("fold_curves")) panels.push_back(folds(results, neuron, noise));
  const int columns = panels.size() == 3 ? 3 : panels.size() == 1 ? 1 : 2;
  const int rows = (static_cast<int>(panels.size()) + columns - 1) / columns;
  Page page(results, "noise_continuation",
            {.title = "Up to which noise a memory survives",
             .rows = rows,
             .columns = columns,
             .width = columns == 3 ? 1650 : 1200,
             .height = rows == 1 ? 620 : 1050});
  for (const Panel& panel : panels) page.panel(panel);
  page.render();
}

}  // namespace stillpoint::plots
