// SPDX-License-Identifier: GPL-3.0-or-later
#define BOOST_TEST_MODULE transfer_operator_backward_operator
#include "solvers/transfer_operator/backward_operator.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "solvers/transfer_operator/gaussian_rule.hpp"
#include "tests/solvers/transfer_operator/one_neuron.hpp"

using namespace stillpoint;
using networks::NoiseSource;
using transfer_operator::PanelGrid;
using transfer_operator::RealMatrix;

namespace {

RealMatrix<long double> transposed(const models::NoisyChain& chain,
                                   const PanelGrid<long double>& grid) {
  return transfer_operator::transposed_backward_operator(
      transfer_operator::make_scalar_chain(chain, Vector()), grid);
}

}  // namespace

// Even moments of a normal variable: 1, 1, 3, 15, 105; with breaks anywhere.
BOOST_AUTO_TEST_CASE(gaussian_rule_has_the_moments_of_a_normal) {
  transfer_operator::GaussianRule<long double> rule(1.0);
  rule.split_at({0.3L, -25.0L, -1.7L, 0.3L, 12.0L});
  const double exact[] = {1, 1, 3, 15, 105};
  for (int k = 0; k < 5; ++k) {
    long double sum = 0, odd = 0;
    for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
      sum += rule.weights[q] * std::pow(rule.nodes[q], 2.0L * k);
      odd += rule.weights[q] * std::pow(rule.nodes[q], 2.0L * k + 1);
    }
    BOOST_TEST(std::abs(static_cast<double>(sum / exact[k] - 1)) < 1e-15);
    BOOST_TEST(std::abs(static_cast<double>(odd)) < 1e-15 * exact[k]);
  }
}

// (𝒫v)(y) for v = 1, y, y²: 1, the conditional mean, its square plus the conditional variance.
BOOST_AUTO_TEST_CASE(conditional_moments) {
  const double w = 0.7, c = -0.1, g = 0.3, s = 0.4, o = 0.2;
  const networks::NoiseSource in{.where = NoiseSource::inside, .sigma = {s}},
      out{.where = NoiseSource::outside, .sigma = {o}};
  const double kink = -c / w;
  const PanelGrid<long double> grid({-20.0, -8.0, kink, 8.0, 20.0}, 12);
  const auto x = grid.nodes();
  for (const activations::Activation& f : {activations::Activation(activations::Relu{}),
                                           activations::Activation(activations::Tanh{})}) {
    for (const networks::NoiseSpec& noise : {networks::NoiseSpec{in}, {out}, {in, out}}) {
      const auto P = transposed(tests::one_neuron(f, noise, w, c, g), grid);
      const bool inside = noise[0].where == NoiseSource::inside;
      const bool outside = noise.back().where == NoiseSource::outside;
      for (Index i = 0; i < grid.size(); ++i) {
        const double y = static_cast<double>(x(i));
        if (std::abs(y) > 6) continue;  // its image may meet an end of the grid
        const auto average = activations::averages(f, w * y + c, inside ? s : 0.0);
        const double mean = (1 - g) * y + g * average.mean;
        const double variance = g * g * (average.variance + (outside ? o * o : 0.0));
        BOOST_TEST(std::abs(static_cast<double>(P.col(i).sum() - 1)) < 1e-16);
        BOOST_TEST(std::abs(static_cast<double>(P.col(i).dot(x)) - mean) < 1e-13);
        BOOST_TEST(std::abs(static_cast<double>(P.col(i).dot(x.cwiseAbs2())) - mean * mean -
                            variance) < 1e-11);
      }
    }
  }
}
