// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE gaussian
#include "lib/activations/gaussian.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "lib/activations/activation.hpp"
#include "tests/lib/activations/reference.hpp"
#include "tests/support/effort.hpp"

using namespace stillpoint::activations;
using reference::Moments;
using reference::Parts;
using reference::Smooth;

namespace {

using Numbers = std::vector<double>;

const Numbers widths =
    stillpoint::tests::full_effort()
        ? Numbers{1e-12, 1e-9, 1e-6, 1e-3, 0.01, 0.03, 0.1, 0.18, 0.2,  0.3, 0.5,  0.7,  0.9,  1.0,
                  1.001, 1.2,  1.6,  2.0,  2.9,  3.01, 4.0, 5.9,  6.01, 8.0, 11.0, 15.0, 21.0, 30.0}
        : Numbers{1e-12, 1e-6, 1e-3, 0.1, 0.4, 1.0, 1.7, 3.5, 6.5, 30.0};
const Numbers points =
    stillpoint::tests::full_effort()
        ? Numbers{0.0, 1e-12, 1e-6, 1e-3, 0.05, 0.3, 0.6,  0.9,  0.999, 1.0,  1.0001, 1.2, 1.7,
                  2.3, 3.0,   4.0,  5.5,  7.0,  9.0, 12.0, 16.0, 20.0,  26.0, 33.0,   40.0}
        : Numbers{0.0, 1e-6, 0.05, 0.7, 1.0, 1.3, 2.5, 5.0, 11.0, 25.0, 40.0};

/// |actual − exact| in units of `scale`; 0 below 1e-300 or below the rounding of the reference.
template <typename R>
double error(double actual, const R& exact, const R& scale, const R& rounding = 0) {
  const R difference = abs(R(actual) - exact);
  if (difference <= R("1e-300") || difference <= rounding) return 0.0;
  return static_cast<double>(R(difference / abs(scale)));
}

/// Keeps the largest error of a field and where it was.
struct Worst {
  std::string field;
  double bound;
  double value = 0.0, u = 0.0, q = 0.0;

  void add(double error, double at_u, double at_q) {
    BOOST_TEST(error <= bound, field << " at u = " << at_u << ", q = " << at_q << ": error "
                                     << error << " > " << bound);
    if (error > value) value = error, u = at_u, q = at_q;
  }
  ~Worst() {
    BOOST_TEST_MESSAGE("  " << field << ": " << value << " of " << bound << " at u = " << u
                            << ", q = " << q);
  }
};

/// The errors of one activation's averages. `mean_scale` is the sum of the absolute values of the
/// terms of f_q.
struct AverageErrors {
  Worst mean{"mean", 1e-12}, slope{"slope", 1e-12}, variance{"variance", 1e-9};
  Worst third{"third / max(v^1.5, |third|)", 1e-9}, third_relative{"third", 1e-6};

  template <typename R>
  void add(const GaussianAverages& actual, const Moments<R>& exact, const R& mean_scale, double u,
           double q) {
    mean.add(error(actual.mean, exact.mean, mean_scale, exact.mean_rounding), u, q);
    slope.add(error(actual.slope, exact.slope, exact.slope), u, q);
    variance.add(error(actual.variance, exact.variance, exact.variance), u, q);
    const R scale = exact.variance * sqrt(exact.variance);
    third.add(error(actual.third, exact.third, R(std::max(scale, R(abs(exact.third)))),
                    exact.third_rounding),
              u, q);
    third_relative.add(error(actual.third, exact.third, exact.third, exact.third_rounding), u, q);
  }
};

struct PartErrors {
  Worst up{"T+", 1e-9}, down{"T-", 1e-9};

  template <typename R>
  void add(const Attenuation& actual, const Parts<R>& exact, double u, double q) {
    up.add(error(actual.up, exact.up, exact.up), u, q);
    down.add(error(actual.down, exact.down, exact.down), u, q);
  }
};

constexpr double infinity = std::numeric_limits<double>::infinity();

// In the fast version the sign of u alternates.
void for_each_point(const Numbers& all_q, const Numbers& all_u, const auto& visit) {
  double sign = 1.0;
  for (const double q : all_q) {
    for (const double u : all_u) {
      visit(sign * u, q);
      if (stillpoint::tests::full_effort() && u != 0.0) visit(-sign * u, q);
      sign = -sign;
    }
  }
}

void for_each_average_point(const auto& visit) { for_each_point(widths, points, visit); }

void for_each_part_point(const auto& visit) {
  for_each_point({1e-12, 1e-3, 0.3, 1.0, 4.0, 30.0}, {0.0, 0.4, 1.0, 3.0, 12.0, 25.0}, visit);
}

void compare_piecewise(const Activation& f, const std::vector<reference::Piece>& pieces,
                       const std::function<double(double, double)>& mean_scale = {}) {
  BOOST_TEST_MESSAGE(name(f));
  AverageErrors averages_of_f;
  PartErrors parts_of_f;
  const auto compare = [&]<typename R>(R, double u, double q) {
    const auto exact = reference::piecewise_moments<R>(pieces, u, q);
    averages_of_f.add(averages(f, u, q), exact, mean_scale ? R(mean_scale(u, q)) : exact.mean, u,
                      q);
  };
  const auto compare_parts = [&]<typename R>(R, double u, double q) {
    parts_of_f.add(attenuation(f, u, q), reference::piecewise_parts<R>(pieces, u, q), u, q);
  };
  for_each_average_point([&](double u, double q) {
    if (reference::needs_long(pieces, u, q))
      compare(reference::LongReal(), u, q);
    else
      compare(reference::Real(), u, q);
  });
  for_each_part_point([&](double u, double q) {
    if (reference::needs_long(pieces, u, q))
      compare_parts(reference::LongReal(), u, q);
    else
      compare_parts(reference::Real(), u, q);
  });
}

void compare_smooth(const Activation& f, Smooth::Kind kind) {
  BOOST_TEST_MESSAGE(name(f));
  AverageErrors averages_of_f;
  PartErrors parts_of_f;
  for_each_average_point([&](double u, double q) {
    const auto exact = reference::smooth_moments({kind, u > 0}, u, q);
    averages_of_f.add(averages(f, u, q), exact, exact.mean, u, q);
  });
  for_each_part_point([&](double u, double q) {
    parts_of_f.add(attenuation(f, u, q), reference::smooth_parts({kind, u > 0}, u, q), u, q);
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(identity_agrees_with_multiprecision) {
  compare_piecewise(Identity{}, {{-infinity, infinity, 0.0, 1.0}});
}

BOOST_AUTO_TEST_CASE(relu_agrees_with_multiprecision) {
  compare_piecewise(Relu{}, {{-infinity, 0.0, 0.0, 0.0}, {0.0, infinity, 0.0, 1.0}});
}

BOOST_AUTO_TEST_CASE(leaky_relu_agrees_with_multiprecision) {
  for (const double slope : {0.01, 0.7, 1.0}) {
    compare_piecewise(
        LeakyRelu(slope), {{-infinity, 0.0, 0.0, slope}, {0.0, infinity, 0.0, 1.0}},
        [=](double u, double q) { return std::fabs(u) * slope + Relu{}.averages(u, q).mean; });
  }
}

BOOST_AUTO_TEST_CASE(saturating_linear_agrees_with_multiprecision) {
  compare_piecewise(
      SaturatingLinear{},
      {{-infinity, -1.0, -1.0, 0.0}, {-1.0, 1.0, 0.0, 1.0}, {1.0, infinity, 1.0, 0.0}});
}

BOOST_AUTO_TEST_CASE(heaviside_agrees_with_multiprecision) {
  compare_piecewise(Heaviside{}, {{-infinity, 0.0, 0.0, 0.0}, {0.0, infinity, 1.0, 0.0}});
}

BOOST_AUTO_TEST_CASE(tanh_agrees_with_multiprecision) { compare_smooth(Tanh{}, Smooth::tanh); }

BOOST_AUTO_TEST_CASE(logistic_agrees_with_multiprecision) {
  compare_smooth(Logistic{}, Smooth::logistic);
}

BOOST_AUTO_TEST_CASE(softplus_agrees_with_multiprecision) {
  compare_smooth(Softplus{}, Smooth::softplus);
}

BOOST_AUTO_TEST_CASE(erf_agrees_with_multiprecision) { compare_smooth(Erf{}, Smooth::erf); }
