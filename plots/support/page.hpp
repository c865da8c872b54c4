// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/io/results.hpp"

namespace stillpoint::plots {

/// Colour-blind safe inks (Okabe & Ito, 2008).
enum class Ink { black, orange, sky, green, yellow, blue, vermillion, purple, grey };

/// How a curve is drawn. Theory is lines, Monte Carlo is points with error bars.
enum class Mark {
  line,
  dashed,
  dotted,
  points,       ///< filled circles, with error bars if the curve has an error column
  open_points,  ///< circles with a white inside
  dots,         ///< small dots, for a cloud of states
  image,        ///< coloured cells of a regular grid, the colour by Curve::z; first in its panel
  arrows,       ///< from (x, y) by (Curve::dx, Curve::dy)
};

struct Look {
  Ink ink = Ink::blue;
  Mark mark = Mark::line;
  double size = 1.0;  ///< Line width or point size, relative.
};

/// @brief The look of a rung of the ladder, the same in every figure: "deterministic", "smoothed",
/// "closure", "transfer_operator" and other theory are lines, "monte_carlo" is black points.
Look method_look(std::string_view method);

/// The words of a legend for a method: "Gaussian closure" for "closure".
std::string method_label(std::string_view method);

/// Text taken literally by gnuplot's enhanced mode, for names with an underscore.
std::string plain(std::string_view text);

/// @brief One curve: columns of a saved table.
struct Curve {
  std::string table;  ///< Name of the table, NAME of NAME.csv.
  std::string x;      ///< A column, or a gnuplot expression in parentheses: "(column('x')**2)".
  std::string y;      ///< Likewise.
  std::string error = {};  ///< Standard error of y, a column or an expression; empty: no bars.
  std::string z = {};      ///< For Mark::image, a column or an expression.
  std::string dx = {}, dy = {};  ///< For Mark::arrows.
  std::string label = {};        ///< Legend; empty: no entry. Enhanced text, see plain().
  Look look = {};
  /// Rows that are drawn, a gnuplot condition; see equals(). Empty: all. A line through rows that
  /// are not neighbours in the table is broken, so keep the rows of a curve together.
  std::string where = {};
};

/// @brief A step of 1, 2 or 5 times a power of ten that cuts span > 0 into about `count` pieces,
/// for `set ytics`.
double tick_step(double span, int count = 4);

/// The condition "this column has this value", for Curve::where; join two with " && ".
std::string equals(std::string_view column, std::string_view text);
std::string equals(std::string_view column, double number);

/// @brief One set of axes.
struct Panel {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  std::string x_range = {};  ///< "[-4:4]"; empty: from the data.
  std::string y_range = {};
  /// Place of the legend, gnuplot's words; "off": none. See also Page::Layout::shared_legend.
  std::string key = "top left";
  /// More gnuplot commands for this panel, before it is drawn, one a line. They are undone by
  /// `reset` before the next panel.
  std::string commands = {};
  std::vector<Curve> curves = {};
};

/// @brief A figure: a gnuplot script beside the tables, and what it draws.
///
/// NAME.gp reads the saved csv files by relative path and column name, so that `gnuplot NAME.gp`
/// in the results folder draws the figure again without Stillpoint. It writes NAME.svg and
/// NAME.png. Text is UTF-8 in gnuplot's enhanced mode (σ, {/:Italic u}, x_{0}).
class Page {
 public:
  struct Layout {
    std::string title = {};
    int rows = 1;
    int columns = 1;
    /// One legend above all panels, made of the first panel's labels; panels have none.
    bool shared_legend = false;
    int width = 1200;  ///< Pixels of the PNG; text stays readable at two thirds of 1200.
    int height = 800;
  };

  /// @param[in] results  Borrowed; must outlive the page.
  /// @param[in] name     The study's name, or NAME_part for a further figure.
  Page(io::Results& results, std::string name, Layout layout);

  /// Adds the next panel, row by row.
  /// @throws std::invalid_argument if a table or a plain column does not exist, or the page is
  /// full.
  Page& panel(const Panel& panel);

  /// @brief Writes NAME.gp and runs gnuplot on it.
  /// @returns true if NAME.svg and NAME.png are drawn. If gnuplot is missing or fails, says so on
  ///   stderr and keeps the script.
  /// @throws io::FileError if the script cannot be written.
  bool render();

 private:
  void check(const Curve& curve) const;
  std::string script() const;
  std::vector<std::string> panel_margins() const;
  struct LegendShape {
    int rows, columns;
  };
  LegendShape legend_shape() const;
  std::string legend() const;

  io::Results& results_;
  std::string name_;
  Layout layout_;
  std::vector<Panel> panels_;
};

}  // namespace stillpoint::plots
