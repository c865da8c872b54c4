// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE fate_rows
#include "studies/support/fate_rows.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

#include "tests/support/scratch_folder.hpp"

using namespace stillpoint;
using studies::Fate;

namespace {

certification::ListedPoint point_at(const Vector& state, fixed_points::Stability stability) {
  certification::ListedPoint listed{.proof = certification::Proof::exact, .on_kink = {0, 1}};
  listed.point.state = state;
  listed.point.stability = stability;
  return listed;
}

const Vector state = Vector{{1.0, 2.0}};

/// Moved by 0.3 and 0.4 in the closure: √(0.25/2) rms.
Fate theory_only() {
  Fate fate(2);
  fate.closure = Vector{{1.3, 2.4}};
  return fate;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(shifts_of_theory_are_there_without_monte_carlo) {
  studies::FateTables tables;
  tables.add(3, 0, point_at(state, fixed_points::Stability::stable), theory_only(), 10.0);
  tables.add(3, 1, point_at(state, fixed_points::Stability::saddle), theory_only(), 10.0);
  BOOST_TEST(tables.points.rows() == 2);
  BOOST_TEST(tables.states.rows() == 4);
  BOOST_TEST(tables.points.column("on_kink").texts()[0] == "0 1");
  BOOST_TEST(std::abs(tables.points.column("closure_shift").numbers()[0] - std::sqrt(0.125)) <
             1e-15);
  BOOST_REQUIRE(tables.shift.rows() == 2);  // of the stable point only
  BOOST_TEST(std::abs(tables.shift.column("closure").numbers()[1] - 0.4) < 1e-15);
  BOOST_TEST(std::isnan(tables.shift.column("monte_carlo").numbers()[0]));
  BOOST_TEST(std::isnan(tables.shift.column("smoothed").numbers()[0]));
  BOOST_TEST(tables.survival.rows() == 0);  // nothing was continued
}

BOOST_AUTO_TEST_CASE(a_point_that_survives_has_a_row_of_survival) {
  studies::FateTables tables;
  Fate fate = theory_only();
  fate.end_closure = "survives";
  tables.add(0, 7, point_at(state, fixed_points::Stability::stable), fate, 4.0);
  BOOST_REQUIRE(tables.survival.rows() == 1);
  BOOST_TEST(tables.survival.column("how_closure").texts()[0] == "survives");
  BOOST_TEST(tables.survival.column("largest").numbers()[0] == 4.0);
  const tests::ScratchFolder scratch;
  io::Results results(scratch.path(), "s");
  tables.save(results);
  BOOST_TEST(results.has_table("survival"));
}

BOOST_AUTO_TEST_CASE(the_terminal_says_what_holds_and_stops_at_a_dozen) {
  studies::FateLines lines;
  BOOST_TEST(lines.text().empty());
  Fate fate = theory_only();
  fate.rejected = "it diverges";
  fate.ends_closure = 2.5;
  fate.end_closure = "fold";
  const auto stable = point_at(state, fixed_points::Stability::stable);
  lines.add(0, stable, fate);
  BOOST_TEST(has(lines.text(), "0.3536 (no)"));
  BOOST_TEST(has(lines.text(), "rejected"));
  BOOST_TEST(has(lines.text(), "2.5 fold"));
  fate.closure_valid = true;
  for (Index k = 1; k < 15; ++k) lines.add(k, stable, fate);
  const std::string text = lines.text();
  BOOST_TEST(has(text, "and 3 more"));
  // A heading, a dozen points, the rest, two lines on what the columns are.
  BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 16);
}
