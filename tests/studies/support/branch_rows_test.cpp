// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE branch_rows
#include "studies/support/branch_rows.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace stillpoint;

// Two points of a branch with a fold between them: stable up to the fold, unstable from it on.
BOOST_AUTO_TEST_CASE(a_bifurcation_ends_one_line_and_begins_the_next) {
  const auto point = [](double parameter, double state, Index unstable) {
    continuation::BranchedPoint made{.parameter = parameter};
    made.point.state = Eigen::Vector2d(7.0, state);
    made.point.unstable_directions = unstable;
    return made;
  };
  const continuation::Branch branch{
      .points = {point(0.1, 1.0, 0), point(0.1, 0.5, 1)},
      .bifurcations = {{.parameter = 0.2, .state = Eigen::Vector2d(7.0, 0.8), .after = 0}}};
  io::Table table({"rung", "branch", "sigma", "state", "stable", "unstable_directions"});
  studies::append_branch(table, "closure", 3, branch, 1);
  BOOST_REQUIRE(table.rows() == 5);
  const std::vector<std::string> stable = {"yes", "yes", "no", "no", "end"};
  BOOST_TEST(table.column("stable").texts() == stable, boost::test_tools::per_element());
  const std::vector<double> sigma = {0.1, 0.2, 0.2, 0.1}, state = {1.0, 0.8, 0.8, 0.5};
  for (std::size_t k = 0; k < 4; ++k) {
    BOOST_TEST(table.column("sigma").numbers()[k] == sigma[k]);
    BOOST_TEST(table.column("state").numbers()[k] == state[k]);
    BOOST_TEST(table.column("branch").numbers()[k] == 3.0);
  }
  BOOST_TEST(std::isnan(table.column("state").numbers()[4]));
}
