// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE ensemble_stationary
#include "solvers/ensemble/stationary.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "tests/support/seed.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseConvention;
using networks::NoiseSource;
using networks::NoiseSpec;
using statistics::Estimate;

namespace {

constexpr double z_limit = 5.0;

void check_near(const Estimate& estimate, double exact, const std::string& what) {
  const double z = (estimate.value - exact) / estimate.standard_error;
  BOOST_TEST(std::abs(z) <= z_limit, what << ": " << estimate.value << " ± "
                                          << estimate.standard_error << ", exact " << exact
                                          << ", z = " << z);
}

NoiseSpec noise(NoiseSource::Where where, double sigma) {
  return {{.where = where, .sigma = {sigma}}};
}

networks::Network one_unit(double w, double c, double leak, activations::Activation f,
                           Equation equation = Equation::rate) {
  return {.equation = equation,
          .W = Matrix::Constant(1, 1, w),
          .b = Vector::Constant(1, c),
          .activation = f,
          .leak = leak};
}

}  // namespace

// ctrnn.md, section 3: w = 0, noise inside, ReLU, c = 0.
BOOST_AUTO_TEST_CASE(relu_without_recurrence) {
  const double g = 0.3, s = 0.7;
  const models::NoisyChain chain(one_unit(0.0, 0.0, g, activations::Relu{}),
                                 noise(NoiseSource::inside, s));
  const auto law = ensemble::simulate_stationary(chain, Vector(), Vector::Zero(1),
                                                 {.paths = 2000, .seed = tests::seed});
  BOOST_TEST(law.valid, law.note);
  check_near(law.mean[0], s / std::sqrt(2 * std::numbers::pi), "mean");
  check_near(law.variance[0], g / (2 - g) * s * s * (0.5 - 0.5 / std::numbers::pi), "variance");
}

// ctrnn.md, section 6, the table's exact means.
BOOST_AUTO_TEST_CASE(exact_means_of_one_unit) {
  struct Case {
    activations::Activation f;
    NoiseSource::Where where;
    double w, c, g, s, mean;
  };
  const Case cases[] = {
      {activations::Relu{}, NoiseSource::inside, .5, .3, .2, .5, .653722468678},
      {activations::Relu{}, NoiseSource::outside, .5, .05, .2, .5, .116449143143},
      {activations::Softplus{}, NoiseSource::inside, .5, 0., .5, 1., 1.123552003282},
      {activations::Tanh{}, NoiseSource::outside, 1.5, .05, .2, .6, .518479680906}};
  for (const Case& k : cases) {
    const models::NoisyChain chain(one_unit(k.w, k.c, k.g, k.f), noise(k.where, k.s));
    const auto law = ensemble::simulate_stationary(
        chain, Vector(), Vector::Constant(1, k.mean),
        {.paths = 2048, .seed = tests::seed, .steps = 2000, .burn_in = 2000});
    BOOST_TEST(law.valid, law.note);
    check_near(law.mean[0], k.mean, std::string(activations::name(k.f)));
  }
}
