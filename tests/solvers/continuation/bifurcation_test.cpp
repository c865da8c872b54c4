// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE bifurcation
#include "solvers/continuation/bifurcation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/solvers/continuation/normal_forms.hpp"

using namespace stillpoint;
using tests::normal_form;

BOOST_AUTO_TEST_CASE(a_fold_of_a_normal_form_to_rounding) {
  // F = p − x² + x³/3 folds at x = 0, p = 0.
  const auto map = normal_form([](double x, double p) { return p - x * x + x * x * x / 3.0; },
                               [](double x, double) { return -2.0 * x + x * x; });
  const auto fold =
      continuation::solve_fold(map, Eigen::Vector2d(0.08, 0.11), Vector::Constant(1, 0.1));
  BOOST_REQUIRE(fold.has_value());
  BOOST_TEST(std::abs(fold->parameters(0)) < 1e-15);
  BOOST_TEST(fold->error < 1e-14);
  BOOST_TEST(tests::inner_coordinates(fold->state).norm() < 1e-9);
  // Null vector: the first inner coordinate.
  BOOST_TEST(std::abs(std::abs(fold->right.dot(tests::inner_axis(0))) - 1.0) < 1e-12);
  // ψᵀ Φ_yy φφ = ½ F'' = −1, whatever the orthogonal coordinates.
  BOOST_TEST(std::abs(fold->quadratic) == 1.0, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(no_fold_no_answer) {
  const auto map =
      normal_form([](double x, double p) { return p - x; }, [](double, double) { return -1.0; });
  BOOST_TEST(!continuation::solve_fold(map, Eigen::Vector2d(0.1, 0.1), Vector::Constant(1, 0.1)));
}

BOOST_AUTO_TEST_CASE(branch_points_with_both_tangents) {
  // Transcritical: F = x (p − x) at 0 with branches x = 0 and x = p; pitchfork: F = x (p − x²).
  const auto transcritical = normal_form([](double x, double p) { return x * (p - x); },
                                         [](double x, double p) { return p - 2.0 * x; });
  const auto pitchfork = normal_form([](double x, double p) { return x * (p - x * x); },
                                     [](double x, double p) { return p - 3.0 * x * x; });
  for (const bool fork : {false, true}) {
    const auto& map = fork ? pitchfork : transcritical;
    const auto curve = continuation::fixed_point_curve(map);
    const Vector guess = Eigen::Vector3d(0.03, 0.05, 0.04);
    const auto point = continuation::solve_branch_point(map, curve, guess);
    BOOST_REQUIRE(point.has_value());
    BOOST_TEST(std::abs(point->u(2)) < 1e-13);
    BOOST_TEST(tests::inner_coordinates(point->u.head(2)).norm() < 1e-9);
    BOOST_TEST(point->unfolding < 1e-14);
    double flat = 0.0, steep = 10.0;  // |dx/dp| of the two branches
    for (const Vector& t : point->tangents) {
      BOOST_TEST(curve.norm(t) == 1.0, boost::test_tools::tolerance(1e-12));
      const double slope = std::abs(tests::inner_coordinates(t.head(2))(0) / t(2));
      (slope < 0.5 ? flat : steep) = slope;
    }
    BOOST_TEST(flat < 1e-6);
    if (fork)
      BOOST_TEST(steep > 1e6);
    else
      BOOST_TEST(steep == 1.0, boost::test_tools::tolerance(1e-6));
  }
}

BOOST_AUTO_TEST_CASE(a_broken_pitchfork_has_an_unfolding) {
  constexpr double gap = 1e-5;
  const auto map = normal_form([](double x, double p) { return x * (p - x * x) + gap; },
                               [](double x, double p) { return p - 3.0 * x * x; });
  const auto point = continuation::solve_branch_point(map, continuation::fixed_point_curve(map),
                                                      Eigen::Vector3d(0.02, 0.03, 0.02));
  BOOST_REQUIRE(point.has_value());
  BOOST_TEST(point->unfolding == 0.5 * gap, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(kinds_have_names) {
  BOOST_TEST(to_string(continuation::BifurcationKind::neimark_sacker) == "neimark_sacker");
  BOOST_TEST(to_string(continuation::BifurcationKind::fold) == "fold");
}
