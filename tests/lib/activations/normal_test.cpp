// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE normal
#include "lib/activations/normal.hpp"

#include <boost/math/special_functions/erf.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/lib/activations/reference.hpp"

using namespace stillpoint::activations;
using R = reference::Real;

namespace {

double relative_error(double actual, const R& exact) {
  return static_cast<double>(R(abs(R(actual) - exact) / abs(exact)));
}

// Φ(−y), and Iₙ by their recurrence upwards: it loses about y²ⁿ, here of 80 digits.
struct ExactTail {
  R density, I0, I1, I2, I3;
  explicit ExactTail(const R& y)
      : density(reference::normal_density(y)),
        I0(reference::erfc(R(y / sqrt(R(2)))) / 2),
        I1(density - y * I0),
        I2((I0 - y * I1) / 2),
        I3((I1 - y * I2) / 3) {}
};

}  // namespace

// The reference's own erfc against Boost's, in its series, with the residue and beyond it.
BOOST_AUTO_TEST_CASE(the_reference_is_right) {
  for (const double x : {-2.0, 0.0, 0.2, 0.3, 1.5, 6.0, 9.5, 12.5, 15.0}) {
    const R exact = boost::math::erfc(R(x));
    BOOST_TEST(abs(reference::erfc(R(x)) / exact - 1) < R("1e-74"), x);
  }
}

BOOST_AUTO_TEST_CASE(tail_integrals_to_the_end_of_the_doubles) {
  // Rounding of y²/2 alone costs y² ε/2, 8e-14 at 37; the recurrence loses y²ⁿ below y = 5.
  for (double y = 0.0; y < 37.0; y += y < 8.0 ? 0.25 : 1.0) {
    const NormalTail tail = normal_tail(y);
    const ExactTail exact((R(y)));
    BOOST_TEST(relative_error(tail.density, exact.density) < 1e-13, y);
    BOOST_TEST(relative_error(tail.I0, exact.I0) < 1e-13, y);
    BOOST_TEST(relative_error(tail.I1, exact.I1) < 2e-13, y);
    BOOST_TEST(relative_error(tail.I2, exact.I2) < 1e-12, y);
    BOOST_TEST(relative_error(tail.I3, exact.I3) < 1e-11, y);
  }
  BOOST_TEST(normal_tail(1e300).I0 == 0.0);
  BOOST_TEST(std::isnan(normal_tail(std::nan("")).I1));
}

BOOST_AUTO_TEST_CASE(differences_keep_their_digits) {
  for (const double y : {0.0, 0.3, 1.0, 4.9, 5.1, 12.0, 30.0}) {
    for (const double width : {1e-15, 1e-8, 0.01, 0.2, 1.0, 4.0}) {
      const NormalTail difference = normal_tail_difference(y, width);
      const ExactTail a((R(y))), b(R(y) + width);
      BOOST_TEST_CONTEXT("y = " << y << ", width = " << width) {
        BOOST_TEST(relative_error(difference.density, a.density - b.density) < 1e-12);
        BOOST_TEST(relative_error(difference.I0, a.I0 - b.I0) < 1e-12);
        BOOST_TEST(relative_error(difference.I1, a.I1 - b.I1) < 1e-12);
        BOOST_TEST(relative_error(difference.I2, a.I2 - b.I2) < 1e-11);
        BOOST_TEST(relative_error(difference.I3, a.I3 - b.I3) < 1e-10);
        BOOST_TEST(relative_error(normal_interval(y, width), a.I0 - b.I0) < 1e-12);
        BOOST_TEST(relative_error(normal_interval(-y - width, width), a.I0 - b.I0) < 1e-12);
      }
    }
  }
  BOOST_TEST(relative_error(normal_interval(-1.0, 2.0), 1 - 2 * ExactTail(R(1)).I0) < 1e-15);
}

BOOST_AUTO_TEST_CASE(mean_of_a_clipped_half_normal) {
  for (const double y : {1e-12, 1e-3, 0.5, 0.999, 1.001, 3.0, 20.0, 1e10}) {
    const R exact = y > 40 ? 1 / sqrt(2 * boost::math::constants::pi<R>())
                           : R(ExactTail(R(0)).I1 - ExactTail(R(y)).I1);
    BOOST_TEST(relative_error(clipped_half_normal_mean(y), exact) < 1e-15, y);
  }
  BOOST_TEST(clipped_half_normal_mean(1e-300) == 0.5e-300);
}
