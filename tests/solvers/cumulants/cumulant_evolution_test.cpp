// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE cumulant_evolution
#include "solvers/cumulants/cumulant_evolution.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "lib/networks/single_unit.hpp"
#include "solvers/cumulants/cumulant_closure.hpp"
#include "tests/solvers/cumulants/rate_neuron.hpp"

using namespace stillpoint;
using cumulants::CumulantLaw;
using cumulants::solve_cumulants;
using networks::Equation;
using networks::NoiseSource;
using tests::rate_neuron;

namespace {

const Vector none, origin = Vector::Zero(1);

}  // namespace

// The recursion and the rates both end in their stationary law.
BOOST_AUTO_TEST_CASE(end_in_the_stationary_law) {
  const auto chain = rate_neuron(activations::Tanh{}, NoiseSource::inside, .5, .5, .2, .6);
  const auto stationary = solve_cumulants(chain, none, origin, {.order = 4});
  const auto run = cumulants::evolve_cumulants(chain, none, CumulantLaw(1, 4), 300);
  BOOST_TEST(run.report.ok());
  BOOST_TEST(run.first_loss == -1);
  BOOST_REQUIRE(run.laws.size() == 301);
  for (Index k = 1; k <= 4; ++k)
    BOOST_TEST(std::abs(run.laws.back().cumulant(0, k) - stationary.law.cumulant(0, k)) < 1e-10);

  const models::NoisyDiffusion diffusion(chain, none);
  const auto rest = solve_cumulants(diffusion, origin, {.order = 4});
  const auto path =
      cumulants::evolve_cumulants(diffusion, CumulantLaw(1, 4), Vector{{0., 1., 60.}});
  BOOST_TEST(path.report.ok());
  BOOST_REQUIRE(path.laws.size() == 3);
  for (Index k = 1; k <= 4; ++k)
    BOOST_TEST(std::abs(path.laws[2].cumulant(0, k) - rest.law.cumulant(0, k)) < 1e-8);
}

// Ornstein–Uhlenbeck: mean and variance along time in closed form, higher cumulants decay as
// e^{−k θ t}.
BOOST_AUTO_TEST_CASE(ornstein_uhlenbeck) {
  const double w = 0.4, c = 0.3, theta = 1.0 - w, s = 0.5;
  const models::NoisyChain chain(
      networks::single_unit(Equation::rate, activations::Identity{}, w, c, 0.1),
      networks::white_noise(NoiseSource::outside, s, networks::NoiseConvention::per_sqrt_time));
  CumulantLaw start(1, 5);
  start.cumulants() = {0.0, 1.0, 0.5, 0.3, 0.4, 0.6};
  const Vector times{{0.0, 0.5, 2.0}};
  const auto path = cumulants::evolve_cumulants(models::NoisyDiffusion(chain, none), start, times);
  BOOST_REQUIRE(path.laws.size() == 3);
  for (Index k = 0; k < 3; ++k) {
    const double decay = std::exp(-theta * times(k)), rest = s * s / (2.0 * theta);
    const auto& law = path.laws[static_cast<std::size_t>(k)];
    BOOST_TEST(std::abs(law.cumulant(0, 1) - (c / theta + (1.0 - c / theta) * decay)) < 1e-9);
    BOOST_TEST(std::abs(law.cumulant(0, 2) - (rest + (0.5 - rest) * decay * decay)) < 1e-9);
    for (Index order = 3; order <= 5; ++order)
      BOOST_TEST(std::abs(law.cumulant(0, order) -
                          start.cumulant(0, order) * std::pow(decay, order)) < 1e-9);
  }
}

// A start that is no law is noticed at once, and a bistable transient where it stops being one.
BOOST_AUTO_TEST_CASE(loss_of_realisability_is_reported) {
  const auto chain = rate_neuron(activations::Tanh{}, NoiseSource::inside, 2.5, 0.05, .2, .3);
  CumulantLaw start(1, 4);
  start.cumulants() = {0.0, 0.1, 0.1, 0.0, -0.03};  // excess −3 < −2
  const auto run = cumulants::evolve_cumulants(chain, none, start, 0);
  BOOST_TEST(run.first_loss == 0);
  BOOST_TEST((run.report.status == Status::lost_positivity));

  start.cumulants() = {0.0, 0.1, 0.05, 0.0, 0.0};
  const auto split = cumulants::evolve_cumulants(chain, none, start, 200);
  BOOST_TEST(split.first_loss > 0);
  BOOST_TEST((split.report.status == Status::lost_positivity));
  BOOST_TEST(split.report.message.find("after step") != std::string::npos);
  for (const auto& law : split.laws) BOOST_TEST(law.finite());
  const auto& lost = split.laws[static_cast<std::size_t>(split.first_loss)];
  BOOST_TEST(!cumulants::check_realizability(lost).possible);
  BOOST_TEST(lost.excess_kurtosis(0) < std::pow(lost.skewness(0), 2) - 2.0);
}
