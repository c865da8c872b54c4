// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE page
#include "plots/support/page.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using plots::Mark;

namespace {

/// Results with one table, and a page on it.
struct Figure {
  tests::ScratchFolder scratch;
  io::Results results{scratch.path() / "it's a folder", "s"};

  Figure() {
    io::Table table({"method", "x", "mean", "mean_se"});
    table.row({"closure", 0, 1, 0}).row({"closure", 1, 2, 0});
    table.row({"monte_carlo", 0, 1.1, 0.1}).row({"monte_carlo", 1, NAN, NAN});
    results.table("law", std::move(table));
  }

  static plots::Panel panel() {
    plots::Panel panel{.title = plots::plain("leaky_relu"), .x_label = "σ", .y_label = "mean"};
    for (const std::string method : {"closure", "monte_carlo"}) {
      panel.curves.push_back({.table = "law",
                              .x = "x",
                              .y = "mean",
                              .error = "mean_se",
                              .label = plots::method_label(method),
                              .look = plots::method_look(method),
                              .where = plots::equals("method", method)});
    }
    return panel;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_script_reads_the_tables_by_name) {
  Figure figure;
  plots::Page page(figure.results, "s", {.title = "It's σ"});
  page.panel(Figure::panel()).render();
  const std::string script = tests::contents(figure.results.folder() / "s.gp");
  const auto has = [&](const std::string& text) { return script.find(text) != std::string::npos; };
  BOOST_TEST(
      has("'law.csv' using (column('x')):((strcol('method') eq 'monte_carlo' ? "
          "column('mean') : NaN)):(column('mean_se')) with yerrorbars"));
  BOOST_TEST(has("title 'Gaussian closure'"));
  BOOST_TEST(has("It''s σ"));
  BOOST_TEST(has("leaky\\_relu"));
  BOOST_TEST(!has(figure.scratch.path().string()));  // no path of this machine
}

BOOST_AUTO_TEST_CASE(gnuplot_draws_both_formats) {
  if (std::system("command -v gnuplot > /dev/null") != 0) {
    BOOST_TEST_MESSAGE("skipped: gnuplot is not installed");
    return;
  }
  Figure figure;
  plots::Page page(figure.results, "s",
                   {.title = "Two panels", .columns = 2, .shared_legend = true});
  BOOST_TEST(page.panel(Figure::panel()).panel(Figure::panel()).render());
  const std::string png = tests::contents(figure.results.folder() / "s.png");
  const std::string svg = tests::contents(figure.results.folder() / "s.svg");
  BOOST_TEST(png.substr(1, 3) == "PNG");
  BOOST_TEST(png.substr(16, 8) == std::string("\0\0\x04\xB0\0\0\x03\x20", 8));  // 1200 x 800
  BOOST_TEST(svg.find("leaky_relu") != std::string::npos);
  BOOST_TEST(svg.find("Monte Carlo") != std::string::npos);
  const auto& files = figure.results.manifest().files;
  BOOST_TEST(files.size() == 5u);  // csv, npy, gp, svg, png
}

BOOST_AUTO_TEST_CASE(without_gnuplot_the_script_stays) {
  Figure figure;
  const std::string path = std::getenv("PATH");
  io::write_file(figure.results.folder() / "s.png", "an older figure");
  ::setenv("PATH", figure.scratch.path().c_str(), 1);
  plots::Page page(figure.results, "s", {});
  const bool drawn = page.panel(Figure::panel()).render();
  ::setenv("PATH", path.c_str(), 1);
  BOOST_TEST(!drawn);
  BOOST_TEST(std::filesystem::exists(figure.results.folder() / "s.gp"));
  BOOST_TEST(!std::filesystem::exists(figure.results.folder() / "s.png"));
}

BOOST_AUTO_TEST_CASE(a_wrong_column_is_named_before_anything_is_drawn) {
  Figure figure;
  plots::Page page(figure.results, "s", {});
  const auto with_curve = [](const std::string& table, const std::string& column) {
    return plots::Panel{.curves = {{.table = table, .x = "x", .y = column}}};
  };
  BOOST_CHECK_THROW(page.panel(with_curve("law", "median")), std::invalid_argument);
  BOOST_CHECK_THROW(page.panel(with_curve("laws", "mean")), std::invalid_argument);
  BOOST_CHECK_THROW(page.panel({}), std::invalid_argument);
  BOOST_CHECK_THROW(page.render(), std::invalid_argument);
  page.panel(with_curve("law", "(2 * column('mean'))"));
  BOOST_CHECK_THROW(page.panel(with_curve("law", "mean")), std::invalid_argument);  // page is full
}

BOOST_AUTO_TEST_CASE(ticks_are_round_numbers) {
  const auto near = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(plots::tick_step(1.0) == 0.2, near);
  BOOST_TEST(plots::tick_step(0.4) == 0.1, near);
  BOOST_TEST(plots::tick_step(33.0) == 10.0, near);
  BOOST_TEST(plots::tick_step(2e-5) == 5e-6, near);
  BOOST_CHECK_THROW(plots::tick_step(0.0), std::invalid_argument);
}
