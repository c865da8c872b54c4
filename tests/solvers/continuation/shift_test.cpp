// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE shift
#include "solvers/continuation/shift.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

using namespace stillpoint;

namespace {

models::NoisyChain neuron(double w, double b, activations::Activation f, double leak = 0.2,
                          networks::Equation equation = networks::Equation::rate) {
  return {{.equation = equation,
           .W = Matrix::Constant(1, 1, w),
           .b = Vector::Constant(1, b),
           .activation = f,
           .leak = leak},
          {}};
}

std::vector<continuation::Shift> shift(const models::NoisyChain& chain, double q,
                                       const continuation::ShiftOptions& options = {}) {
  const auto points =
      fixed_points::find(chain, Vector(), {}, {}, {.starts = 64, .threads = 1}).points;
  return continuation::shift(chain, Vector(), Vector::Constant(1, q), points, options);
}

/// erf smoothed: E erf(u + qz) = erf(u/√(1 + 2q²)).
double smoothed_erf(double u, double q) { return std::erf(u / std::sqrt(1.0 + 2.0 * q * q)); }

/// Least value on [−1, 0] of smoothed_erf(w h + b) − h: negative while the lower pair exists.
double lower_gap(double w, double b, double q) {
  double least = INFINITY;
  double left = -1.0, right = 0.0;
  for (int level = 0; level < 8; ++level) {
    double best = left;
    const double width = (right - left) / 100.0;
    for (int k = 0; k <= 100; ++k) {
      const double h = left + k * width, gap = smoothed_erf(w * h + b, q) - h;
      if (gap < least) {
        least = gap;
        best = h;
      }
    }
    left = std::max(-1.0, best - width);
    right = std::min(0.0, best + width);
  }
  return least;
}

}  // namespace

BOOST_AUTO_TEST_CASE(points_that_survive_are_those_of_the_smoothed_map) {
  const double w = 2.0, b = 0.05, q = 0.5;
  const auto chain = neuron(w, b, activations::Erf{});
  const auto shifts = shift(chain, q);
  BOOST_REQUIRE(shifts.size() == 3);
  const auto smoothed = fixed_points::find(chain, Vector(), Vector::Constant(1, q));
  BOOST_REQUIRE(smoothed.points.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    BOOST_TEST(shifts[k].survives, shifts[k].report.message);
    BOOST_TEST(shifts[k].report.ok());
    BOOST_TEST(shifts[k].level == 1.0);
    BOOST_TEST(shifts[k].branch_points.empty());
    const double h = shifts[k].to.state(0);
    BOOST_TEST(std::abs(smoothed_erf(w * h + b, q) - h) < 1e-14);   // the closed form
    BOOST_TEST(std::abs(h - smoothed.points[k].state(0)) < 1e-13);  // in the same order
    BOOST_TEST(shifts[k].to.argument(0) == w * h + b, boost::test_tools::tolerance(1e-14));
    BOOST_TEST(std::abs(h - shifts[k].from.state(0)) > 1e-3);
  }
}

BOOST_AUTO_TEST_CASE(a_fold_ends_two_points_at_one_level) {
  const double w = 2.0, b = 0.05, q = 1.5;
  // The fold by bisection on the closed form.
  double present = 0.0, absent = 1.0;
  for (int k = 0; k < 60; ++k) {
    const double middle = 0.5 * (present + absent);
    (lower_gap(w, b, middle * q) < 0.0 ? present : absent) = middle;
  }
  BOOST_TEST(present > 0.3);
  BOOST_TEST(present < 0.9);
  for (const auto equation : {networks::Equation::rate, networks::Equation::current}) {
    const auto shifts = shift(neuron(w, b, activations::Erf{}, 0.2, equation), q);
    BOOST_REQUIRE(shifts.size() == 3);
    for (const auto& one : shifts) {
      const bool upper = one.from.state(0) > 0.5;
      BOOST_TEST(one.survives == upper);
      if (upper) continue;
      // Halving stops within smallest_step of the fold.
      BOOST_TEST(std::abs(one.level - present) < 2e-5, one.level << " and " << present);
      BOOST_TEST((one.report.status == Status::outside_validity));
      BOOST_TEST(one.report.message.find("folds or merges at level 0.") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pitchfork_ends_the_outer_points_and_lets_the_middle_one_pass) {
  // b = 0: slope w 2/√(π (1 + 2q²)) of the smoothed erf at 0 is 1 at q_c = √((4w²/π − 1)/2).
  const double w = 2.0, q = 2.0;
  const double critical = std::sqrt(0.5 * (4.0 * w * w * std::numbers::inv_pi - 1.0)) / q;
  const auto shifts = shift(neuron(w, 0.0, activations::Erf{}), q);
  BOOST_REQUIRE(shifts.size() == 3);
  for (const auto& one : shifts) {
    const bool middle = std::abs(one.from.state(0)) < 0.1;
    BOOST_TEST(one.survives == middle);
    if (middle) {
      BOOST_REQUIRE(one.branch_points.size() == 1);
      BOOST_TEST(std::abs(one.branch_points[0] - critical) < 2e-5);
      BOOST_TEST((one.from.stability == fixed_points::Stability::unstable));
      BOOST_TEST((one.to.stability == fixed_points::Stability::stable));
    } else {
      BOOST_TEST(std::abs(one.level - critical) < 3e-5, one.level << " and " << critical);
      BOOST_TEST(std::abs(one.to.state(0)) > 1e-4);  // not the middle one
      BOOST_TEST(one.report.message.find("merges") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(relu_leaves_its_kink_by_the_closed_form) {
  // w = 0, b = 0: h = q/√(2π), which rises from the kink with slope, not with curvature.
  const double q = 0.7;
  const auto shifts = shift(neuron(0.0, 0.0, activations::Relu{}), q);
  BOOST_REQUIRE(shifts.size() == 1);
  BOOST_TEST(shifts[0].survives);
  BOOST_TEST(shifts[0].to.state(0) == q / std::sqrt(2.0 * std::numbers::pi),
             boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(the_same_shifts_for_any_number_of_threads) {
  const auto chain = neuron(2.0, 0.05, activations::Tanh{});
  const auto one = shift(chain, 0.8, {.threads = 1}), two = shift(chain, 0.8, {.threads = 2});
  BOOST_REQUIRE(one.size() == two.size());
  for (std::size_t k = 0; k < one.size(); ++k) {
    BOOST_TEST(one[k].level == two[k].level);
    BOOST_TEST(one[k].to.state(0) == two[k].to.state(0));
  }
}

BOOST_AUTO_TEST_CASE(bad_arguments_are_named) {
  const auto chain = neuron(1.5, 0.0, activations::Tanh{});
  const Vector q = Vector::Ones(1);
  const auto throws = [&](const continuation::ShiftOptions& options) {
    BOOST_CHECK_THROW(continuation::shift(chain, Vector(), q, {}, options), std::invalid_argument);
  };
  throws({.first_step = 0.0});
  throws({.first_step = 1.5});
  throws({.smallest_step = 0.5});
  throws({.tolerance = 0.0});
  fixed_points::FixedPoint no_fixed_point;
  no_fixed_point.state = Vector::Constant(1, 0.5);
  BOOST_CHECK_THROW(continuation::shift(chain, Vector(), q, {no_fixed_point}),
                    std::invalid_argument);
  BOOST_CHECK_THROW(continuation::shift(chain, Vector(), Vector::Ones(2), {}),
                    std::invalid_argument);
}
