// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE transfer_operator_panel_grid
#include "solvers/transfer_operator/panel_grid.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace stillpoint;
using transfer_operator::PanelGrid;

// p nodes reproduce polynomials of degree p − 1 exactly, on either side of a jump.
BOOST_AUTO_TEST_CASE(piecewise_polynomials_are_reproduced) {
  const PanelGrid<double> grid({-1.0, 0.25, 2.0, 2.5}, 6);
  BOOST_TEST(grid.size() == 18);
  const auto v = [](double y) { return (y < 0.25 ? 7.0 : 0.0) + y * y * y * y * y - 2 * y + 1; };
  const Vector nodes = grid.nodes();
  for (Index i = 1; i < nodes.size(); ++i) BOOST_TEST(nodes(i - 1) < nodes(i));
  for (const double y : {-1.0, -0.3, 0.2499, 0.26, 1.9, 2.1, 2.5}) {
    Matrix functional = Matrix::Zero(grid.size(), 1);
    grid.add_point(y, 3.0, functional.data());
    grid.to_nodal_functionals(functional);
    BOOST_TEST(std::abs(functional.col(0).dot(nodes.unaryExpr(v)) - 3.0 * v(y)) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(points_beyond_an_end_count_as_the_end) {
  const PanelGrid<long double> grid({0.0, 1.0}, 8);
  Eigen::Matrix<long double, -1, -1> functionals = Eigen::Matrix<long double, -1, -1>::Zero(8, 2);
  grid.add_point(-5.0L, 1.0L, functionals.data());
  grid.add_point(9.0L, 1.0L, functionals.data() + 8);
  grid.to_nodal_functionals(functionals);
  const Eigen::Matrix<long double, -1, 1> at = functionals.transpose() * grid.nodes();
  BOOST_TEST(std::abs(static_cast<double>(at(0))) < 1e-17);
  BOOST_TEST(std::abs(static_cast<double>(at(1) - 1)) < 1e-17);
}

BOOST_AUTO_TEST_CASE(bad_panels_are_named) {
  BOOST_CHECK_THROW(PanelGrid<double>({0.0}, 8), std::invalid_argument);
  BOOST_CHECK_THROW(PanelGrid<double>({0.0, 0.0}, 8), std::invalid_argument);
  BOOST_CHECK_THROW(PanelGrid<double>({0.0, 1.0}, 3), std::invalid_argument);
}
