// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE gaussian_panels
#include "solvers/moments/gaussian_panels.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace stillpoint;
using moments::GaussianPanels;

namespace {

template <typename Function>
double average(const GaussianPanels& panels, Function&& g) {
  double sum = 0.0;
  for (std::size_t k = 0; k < panels.nodes().size(); ++k)
    sum += panels.weights()[k] * g(panels.nodes()[k]);
  return sum;
}

}  // namespace

// E ζ^{2n} = (2n − 1)!!
BOOST_AUTO_TEST_CASE(moments_of_the_normal_law) {
  const GaussianPanels panels({}, 12);
  double exact = 1.0;
  for (int n = 0; n <= 6; ++n) {
    BOOST_TEST(std::abs(average(panels, [&](double z) { return std::pow(z, 2 * n); }) / exact -
                        1.0) < 1e-13);
    exact *= 2 * n + 1;
  }
}

// The exact averages of lib/activations at narrow and wide noise, on and off the bend; 1e-12 of
// what f is in size within the reach, not of a mean that a tail alone makes.
BOOST_AUTO_TEST_CASE(averages_of_every_activation) {
  for (const std::string_view name : activations::activation_names())
    for (const double q : {1e-3, 0.3, 1.0, 10.0})
      for (const double u : {-2.0, 0.0, 0.7}) {
        const auto f = activations::make_activation(name);
        const auto exact = activations::averages(f, u, q);
        const auto value = [&](double z) { return activations::value(f, u + q * z); };
        const auto of_f = moments::seen_through(moments::features(f), u, q, 0.0);
        const double scale = std::abs(activations::value(f, u)) + q;
        const double fine = average(GaussianPanels(of_f, 1), value);
        const double coarse = average(GaussianPanels(of_f, 1, GaussianPanels::coarse), value);
        BOOST_TEST_CONTEXT(name << ", u " << u << ", q " << q) {
          BOOST_TEST(std::abs(fine - exact.mean) < 1e-12 * scale);
          BOOST_TEST(std::abs(coarse - exact.mean) < 1e-7 * scale);
          BOOST_TEST(std::abs(average(GaussianPanels(of_f, 2),
                                      [&](double z) {
                                        return (value(z) - exact.mean) * (value(z) - exact.mean);
                                      }) -
                              exact.variance) < 1e-9 * exact.variance + 1e-15 * scale * scale);
        }
      }
}

// A sharp softplus is a blunt kink: panels shrink towards it.
BOOST_AUTO_TEST_CASE(sharp_bends_are_resolved) {
  const auto f = activations::make_activation("softplus", {{"sharpness", 1000.0}});
  const auto exact = activations::averages(f, 0.2, 1.0);
  const GaussianPanels panels(moments::seen_through(moments::features(f), 0.2, 1.0, 0.0), 1);
  BOOST_TEST(std::abs(average(panels, [&](double z) { return activations::value(f, 0.2 + z); }) -
                      exact.mean) < 1e-12);
}
