// SPDX-License-Identifier: GPL-3.0-or-later
#include "plots/support/page.hpp"

#include <fmt/core.h>
#include <gnuplot-iostream.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "lib/core/require.hpp"
#include "lib/io/file_error.hpp"

namespace stillpoint::plots {
namespace {

constexpr std::array<std::string_view, 9> colours = {"#000000", "#e69f00", "#56b4e9",
                                                     "#009e73", "#f0e442", "#0072b2",
                                                     "#d55e00", "#cc79a7", "#8c8c8c"};

struct Method {
  std::string_view name;
  std::string_view label;
  Look look;
};

constexpr std::array<Method, 6> methods = {{
    {"deterministic", "noise-free fixed point", {Ink::grey, Mark::dotted, 1.2}},
    {"smoothed", "smoothed mean field", {Ink::orange, Mark::dashed, 1.2}},
    {"closure", "Gaussian closure", {Ink::blue, Mark::line, 1.2}},
    {"transfer_operator", "exact (transfer operator)", {Ink::vermillion, Mark::line, 1.2}},
    {"closed_form", "closed form", {Ink::green, Mark::line, 1.2}},
    {"monte_carlo", "Monte Carlo", {Ink::black, Mark::points, 1.0}},
}};

const Method* find_method(std::string_view name) {
  for (const auto& method : methods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

bool is_expression(std::string_view column) { return column.starts_with('('); }

// Single quotes: gnuplot leaves everything inside alone but a doubled quote.
std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string term(std::string_view column) {
  return is_expression(column) ? std::string(column) : fmt::format("column({})", literal(column));
}

std::string with(const Look& look, bool has_error) {
  const auto colour = colours[static_cast<std::size_t>(look.ink)];
  const auto line = [&](int dash) {
    return fmt::format("lines lw {:.3g} dt {} lc rgb '{}'", 2.0 * look.size, dash, colour);
  };
  const auto points = [&](int type) {
    return fmt::format("{} pt {} ps {:.3g} lw 1.5 lc rgb '{}'", has_error ? "yerrorbars" : "points",
                       type, 0.8 * look.size, colour);
  };
  switch (look.mark) {
    case Mark::line:
      return line(1);
    case Mark::dashed:
      return line(2);
    case Mark::dotted:
      return line(3);
    case Mark::points:
      return points(7);
    case Mark::open_points:
      return points(6);
    case Mark::dots:
      return fmt::format("points pt 7 ps {:.3g} lc rgb '{}'", 0.2 * look.size, colour);
    case Mark::image:
      return "image";
    case Mark::arrows:
      return fmt::format("vectors head size screen 0.005,25 filled lw {:.3g} lc rgb '{}'",
                         1.2 * look.size, colour);
  }
  return line(1);
}

std::string plot_element(const Curve& curve) {
  const bool has_error = !curve.error.empty();
  const std::string y = curve.where.empty()
                            ? term(curve.y)
                            : fmt::format("({} ? {} : NaN)", curve.where, term(curve.y));
  std::string more;
  for (const std::string& column : {curve.error, curve.z, curve.dx, curve.dy})
    if (!column.empty()) more += fmt::format(":({})", term(column));
  return fmt::format("{} using ({}):({}){} with {} {}", literal(curve.table + ".csv"),
                     term(curve.x), y, more, with(curve.look, has_error),
                     curve.label.empty() ? "notitle" : "title " + literal(curve.label));
}

struct Drawn {
  std::string file;
  std::string_view ending;  // what stands near the end of a whole file
};

bool is_whole(const std::filesystem::path& path, std::string_view ending) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t tail = 16;
  return bytes.find(ending, bytes.size() > tail ? bytes.size() - tail : 0) != std::string::npos;
}

constexpr double legend_row = 25;  // pixels

// Every panel starts from the same settings.
constexpr std::string_view panel_settings =
    "reset; set datafile separator comma; set datafile columnheaders; "
    "set border 3 lc rgb '#404040'; set tics nomirror out scale 0.6; "
    "set grid lc rgb '#e0e0e0' lw 0.5; set key noopaque spacing 1.1 samplen 2 Left reverse; "
    "set title offset 0,-0.5; set xlabel offset 0,0.4; set ylabel offset 1,0; "
    "set xzeroaxis lc rgb '#404040'; set bars 0.5; set pointintervalbox 0; set style data lines";

std::string draw(const Panel& panel, const std::string& margins, const std::string& key) {
  std::string text = "\n  @panel\n  set margins " + margins + '\n';
  const auto set = [&](std::string_view what, const std::string& value) {
    if (!value.empty()) text += fmt::format("  set {} {}\n", what, value);
  };
  const auto set_text = [&](std::string_view what, const std::string& value) {
    if (!value.empty()) set(what, literal(value));
  };
  set_text("title", panel.title);
  set_text("xlabel", panel.x_label);
  set_text("ylabel", panel.y_label);
  set("xrange", panel.x_range);
  set("yrange", panel.y_range);
  set("key", key);
  if (!panel.commands.empty()) text += panel.commands + '\n';
  bool first = true;
  for (const auto& curve : panel.curves) {
    text += (std::exchange(first, false) ? "  plot " : ", \\\n       ") + plot_element(curve);
  }
  return text + '\n';
}

bool gnuplot_installed() {
  const char* variable = std::getenv("PATH");
  std::istringstream folders(variable ? variable : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (::access((std::filesystem::path(folder) / "gnuplot").c_str(), X_OK) == 0) return true;
  return false;
}

// Loads the script in folder. gnuplot-iostream writes into a pipe: a gnuplot that dies early would
// end this process by SIGPIPE, so the signal is ignored meanwhile; what was drawn is looked at
// later.
void run_gnuplot(const std::filesystem::path& folder, const std::string& script) {
  const auto previous = std::signal(SIGPIPE, SIG_IGN);
  {
    // In the C locale it warns about signs that it draws all the same.
    Gnuplot gnuplot("LC_ALL=C.UTF-8 gnuplot >/dev/null");
    gnuplot << "cd " << literal(folder.string()) << "\nload " << literal(script) << '\n';
  }
  std::signal(SIGPIPE, previous);
}

}  // namespace

Look method_look(std::string_view method) {
  const auto* known = find_method(method);
  return known ? known->look : Look{.ink = Ink::purple};
}

std::string method_label(std::string_view method) {
  const auto* known = find_method(method);
  return known ? std::string(known->label) : plain(method);
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::strchr("_^{}@&~\\", c)) out += '\\';
    out += c;
  }
  return out;
}

double tick_step(double span, int count) {
  require(span > 0.0 && count > 0, "tick_step", "span = ", span, ", count = ", count,
          ", expected > 0");
  const double ideal = span / count, power = std::pow(10.0, std::floor(std::log10(ideal)));
  const double ratio = ideal / power;
  return power * (ratio < 1.5 ? 1.0 : ratio < 3.5 ? 2.0 : ratio < 7.5 ? 5.0 : 10.0);
}

std::string equals(std::string_view column, std::string_view text) {
  return fmt::format("strcol({}) eq {}", literal(column), literal(text));
}

std::string equals(std::string_view column, double number) {
  return fmt::format("column({}) == {}", literal(column), io::to_text(number));
}

Page::Page(io::Results& results, std::string name, Layout layout)
    : results_(results), name_(std::move(name)), layout_(std::move(layout)) {
  require(layout_.rows > 0 && layout_.columns > 0, "Page", "layout ", layout_.rows, " x ",
          layout_.columns, ", expected at least one panel");
}

void Page::check(const Curve& curve) const {
  const io::Table& table = results_.table(curve.table);
  for (const auto& column : {curve.x, curve.y, curve.error, curve.z, curve.dx, curve.dy}) {
    require(column.empty() || is_expression(column) || table.has(column), "Page", "no column \"",
            column, "\" in table \"", curve.table, "\"");
  }
}

Page& Page::panel(const Panel& panel) {
  require(panels_.size() <
              static_cast<std::size_t>(layout_.rows) * static_cast<std::size_t>(layout_.columns),
          "Page", "more panels than the layout ", layout_.rows, " x ", layout_.columns, " holds");
  require(!panel.curves.empty(), "Page", "a panel without curves");
  for (const auto& curve : panel.curves) check(curve);
  panels_.push_back(panel);
  return *this;
}

std::string Page::script() const {
  std::string text = fmt::format(
      "# {0}.gp: draws {0}.svg and {0}.png from the tables beside it. Here: gnuplot {0}.gp\n"
      "set encoding utf8\n"
      "panel = \"{1}\"\n"
      "do for [format in 'svg png'] {{\n"
      "  if (format eq 'svg') {{\n"
      "    set terminal svg size {2},{3} dynamic enhanced font 'DejaVu Sans,14' background "
      "'#ffffff'\n"
      "  }} else {{\n"
      "    set terminal pngcairo size {2},{3} enhanced font 'DejaVu Sans,14'\n"
      "  }}\n"
      "  set output '{0}.'.format\n"
      "  set multiplot{4}\n",
      name_, panel_settings, layout_.width, layout_.height,
      layout_.title.empty() ? "" : " title " + literal("{/:Bold " + layout_.title + "}"));
  const std::vector<std::string> margins = panel_margins();
  for (std::size_t k = 0; k < panels_.size(); ++k) {
    text += draw(panels_[k], margins[k], layout_.shared_legend ? "off" : panels_[k].key);
  }
  if (layout_.shared_legend) text += legend();
  return text + "\n  unset multiplot\n  set output\n}\n";
}

// Where the axes of every panel are, in shares of the page; the room around them is in pixels.
std::vector<std::string> Page::panel_margins() const {
  const auto has_label = [&](std::size_t k) { return !panels_[k].x_label.empty(); };
  const std::size_t columns = static_cast<std::size_t>(layout_.columns);
  bool inner_labels = false;  // x labels between the rows need more room there
  for (std::size_t k = 0; k + columns < panels_.size(); ++k) inner_labels |= has_label(k);
  bool panel_titles = false;
  for (const auto& panel : panels_) panel_titles |= !panel.title.empty();

  const double left = 105, right = 30, bottom = 70, column_gap = 105;
  const double panel_title = panel_titles ? 30 : 10;
  const double row_gap = panel_title + (inner_labels ? 78 : 48);
  const double top =
      panel_title + (layout_.title.empty() ? 8 : 43) + legend_row * legend_shape().rows;
  const double width =
      (layout_.width - left - right - column_gap * (layout_.columns - 1)) / layout_.columns;
  const double height =
      (layout_.height - top - bottom - row_gap * (layout_.rows - 1)) / layout_.rows;
  std::vector<std::string> margins;
  for (std::size_t k = 0; k < panels_.size(); ++k) {
    const std::size_t row = k / columns, column = k % columns;
    const double x = left + static_cast<double>(column) * (width + column_gap);
    const double y = layout_.height - top - static_cast<double>(row) * (height + row_gap);
    margins.push_back(fmt::format(
        "at screen {:.4f}, at screen {:.4f}, at screen {:.4f}, at screen {:.4f}", x / layout_.width,
        (x + width) / layout_.width, (y - height) / layout_.height, y / layout_.height));
  }
  return margins;
}

// Rows and columns of the shared legend, as many columns as surely fit.
Page::LegendShape Page::legend_shape() const {
  if (!layout_.shared_legend) return {0, 0};
  const double sample = 110, character = 9.5;  // pixels at the page's font size, generous
  std::size_t entries = 0, longest = 0;
  for (const auto& curve : panels_.front().curves) {
    entries += !curve.label.empty();
    longest = std::max(longest, curve.label.size());
  }
  const double width = sample + character * static_cast<double>(longest);
  const int columns = std::clamp(static_cast<int>(layout_.width / width), 1,
                                 std::max(static_cast<int>(entries), 1));
  return {(static_cast<int>(entries) + columns - 1) / columns, columns};
}

// A plot of nothing over the whole page, for its key: a key has the width of its plot.
std::string Page::legend() const {
  std::string text = fmt::format(
      "\n  @panel\n  unset border; unset tics; unset xzeroaxis; unset yzeroaxis\n"
      "  set margins at screen 0, at screen 1, at screen 0, at screen 1\n"
      "  set xrange [0:1]; set yrange [0:1]\n"
      "  set key at screen 0.5, screen {:.4f} center top horizontal maxcols {}\n",
      1.0 - (layout_.title.empty() ? 5.0 : 35.0) / layout_.height, legend_shape().columns);
  bool first = true;
  for (const auto& curve : panels_.front().curves) {
    if (curve.label.empty()) continue;
    text += std::exchange(first, false) ? "  plot " : ", \\\n       ";
    text += fmt::format("NaN with {} title {}", with(curve.look, false), literal(curve.label));
  }
  return text + '\n';
}

bool Page::render() {
  require(!panels_.empty(), "Page", "no panels");
  const std::string script_name = name_ + ".gp";
  results_.file(script_name, script());
  const std::vector<Drawn> drawings = {{name_ + ".svg", "</svg>"}, {name_ + ".png", "IEND"}};
  // A picture of an earlier run must not stand beside the tables of this one.
  for (const auto& drawing : drawings) std::filesystem::remove(results_.folder() / drawing.file);

  const auto no_figure = [&](std::string_view why) {
    fmt::print(stderr, "{}: no figure, {}; the script is kept in {}\n", results_.study(), why,
               (results_.folder() / script_name).string());
    return false;
  };
  if (!gnuplot_installed())
    return no_figure("gnuplot is not installed (apt-get install gnuplot-nox)");
  run_gnuplot(std::filesystem::absolute(results_.folder()), script_name);
  for (const auto& drawing : drawings) {
    const auto path = results_.folder() / drawing.file;
    if (!std::filesystem::exists(path)) return no_figure("gnuplot could not draw it");
    if (!is_whole(path, drawing.ending)) {
      std::filesystem::remove(path);
      throw io::FileError(path.string(), "gnuplot could not write all of it; is the disk full?");
    }
    results_.list(drawing.file);
  }
  return true;
}

}  // namespace stillpoint::plots
