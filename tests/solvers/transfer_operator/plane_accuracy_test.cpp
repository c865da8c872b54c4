// SPDX-License-Identifier: GPL-3.0-or-later
// Two coupled neurons against Monte Carlo of the same chain: both equations, every placement.
// Statistical, 5 standard errors; catches errors of 1e-3 standard deviations in a mean and of half
// a per cent in a variance.
#define BOOST_TEST_MODULE transfer_operator_plane_accuracy
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <sstream>
#include <string>

#include "solvers/ensemble/stationary.hpp"
#include "solvers/transfer_operator/plane.hpp"
#include "tests/solvers/transfer_operator/two_neurons.hpp"
#include "tests/support/effort.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistical.hpp"

using namespace stillpoint;
using networks::Equation;
using networks::NoiseSource;
using networks::NoiseSpec;
using tests::noise_at;
using tests::two;
using tests::two_by_two;

namespace {

const activations::Activation relu = activations::Relu{};
const activations::Activation hyperbolic = activations::Tanh{};
const activations::Activation softplus = activations::Softplus{};
constexpr auto inside = NoiseSource::inside, outside = NoiseSource::outside;

double largest_z = 0.0;

void agrees(const statistics::Estimate& sample, double exact, const std::string& what) {
  largest_z = std::max(largest_z, std::abs(sample.value - exact) / sample.standard_error);
  tests::check_agrees(sample, exact, what);
}

/// The solution's own error has to be far below the standard errors.
void judge(const models::NoisyChain& chain, const std::string& name,
           const transfer_operator::PlaneOptions& options = {.tolerance = 1e-6},
           bool converges = true) {
  const auto law = transfer_operator::solve_plane(chain, Vector(), options);
  if (converges) BOOST_TEST(law.report.ok(), name + ": " + law.report.message);
  BOOST_TEST((law.report.status != Status::outside_validity), name + ": " + law.report.message);
  const ensemble::StationaryOptions sampling{.paths = 2048, .seed = tests::seed, .steps = 2000};
  const auto sample = ensemble::simulate_stationary(chain, Vector(), law.mean, sampling);
  BOOST_TEST(sample.valid, name + ": " + sample.note);
  BOOST_TEST(law.mean_error.maxCoeff() < 0.1 * sample.mean.at(0).standard_error);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto k = static_cast<Index>(i);
    agrees(sample.mean[i], law.mean(k), name + " mean");
    agrees(sample.variance[i], law.covariance(k, k), name + " variance");
    agrees(sample.skewness[i], law.skewness(k), name + " skewness");
  }
  agrees({sample.covariance(0, 1), sample.covariance_standard_error(0, 1)}, law.covariance(0, 1),
         name + " covariance");
}

}  // namespace

BOOST_AUTO_TEST_CASE(coupled_networks) {
  const Matrix W = two_by_two(0.8, -1.1, 0.9, 0.3);
  const Vector b = two(0.3, -0.2);
  tests::Sampled sampled(11, 1);
  for (const auto& f : {hyperbolic, softplus, relu}) {
    for (const auto equation : {Equation::rate, Equation::current}) {
      for (const double g : {0.15, 0.7}) {
        for (int placement = 0; placement < 3; ++placement) {
          if (!sampled.next()) continue;
          NoiseSpec noise;
          if (placement != 1) noise.push_back({.where = inside, .sigma = {0.5, 0.8}});
          if (placement != 0) noise.push_back({.where = outside, .sigma = {0.6, 0.3}});
          std::ostringstream name;
          name << activations::name(f) << ' ' << to_string(equation) << " g " << g
               << (placement == 0   ? " inside"
                   : placement == 1 ? " outside"
                                    : " both");
          judge(tests::two_neurons(f, noise, W, b, g, equation), name.str());
        }
      }
    }
  }
  BOOST_TEST_MESSAGE("largest deviation " << largest_z << " standard errors");
}

// Two states that exchange by noise: mutual inhibition, a flip-flop.
BOOST_AUTO_TEST_CASE(bistable_pair) {
  const auto chain = tests::two_neurons(activations::Logistic{}, noise_at(outside, 0.5, 0.5),
                                        two_by_two(4.0, -5.0, -5.0, 4.0), two(0.6, 0.5), 0.5);
  judge(chain, "flip-flop");
}

// W singular: inside noise of the current equation lives on a line; a feedforward pair.
BOOST_AUTO_TEST_CASE(singular_weights) {
  const Matrix line = two_by_two(0.6, 0.3, -0.4, -0.2), forward = two_by_two(0.0, 1.2, 0.0, 0.0);
  const Vector b = two(0.3, 0.1);
  judge(tests::two_neurons(hyperbolic, noise_at(inside, 0.6, 0.5), line, b, 0.3, Equation::current),
        "line");
  judge(tests::two_neurons(
            softplus,
            NoiseSpec{{.where = inside, .sigma = {0.5, 0.8}}, {.where = outside, .sigma = {0.3}}},
            forward, b, 0.3, Equation::current),
        "feedforward");
  // Kinks that cross the grid: algebraic, and the report says what was reached.
  judge(
      tests::two_neurons(relu, noise_at(outside, 0.6, 0.5), two_by_two(0.6, 0.4, 0.3, 0.2), b, 0.3),
      "slanted kinks", {.tolerance = 1e-8, .max_nodes = 60}, false);
}
