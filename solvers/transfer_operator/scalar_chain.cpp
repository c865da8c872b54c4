// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/transfer_operator/scalar_chain.hpp"

#include <algorithm>
#include <cmath>

#include "lib/core/require.hpp"

namespace stillpoint::transfer_operator {

double ScalarChain::next(double y, double z, double z_outside) const {
  return retention * y + state_offset +
         gain * activations::value(activation, argument(y) + argument_sd * z) +
         state_sd * z_outside;
}

std::vector<double> ScalarChain::state_kinks() const {
  std::vector<double> states;
  if (noise_inside() || gain == 0.0 || argument_weight == 0.0) return states;
  for (const double kink : kinks) states.push_back((kink - argument_offset) / argument_weight);
  std::sort(states.begin(), states.end());
  return states;
}

ScalarChain make_scalar_chain(const models::NoisyChain& chain, const Vector& input) {
  require(chain.units() == 1, "transfer_operator", chain.units(),
          " units, expected 1; use the closure or Monte Carlo for a network");
  require(chain.state_size() == 1, "transfer_operator",
          "the noise has a correlation time, expected fresh noise every step");
  return {.retention = chain.retention()(0),
          .state_offset = chain.state_offset(input)(0),
          .gain = chain.gain()(0, 0),
          .argument_weight = chain.argument_weights()(0, 0),
          .argument_offset = chain.argument_offset(input)(0),
          .argument_sd = chain.argument_sd()(0),
          .state_sd = chain.state_sd()(0),
          .activation = chain.activation(),
          .kinks = activations::kinks(chain.activation())};
}

Interval invariant_interval(const ScalarChain& chain, double bound) {
  constexpr int samples = 32;  // the map is smooth between kinks: extremes are seen well enough
  constexpr int max_steps = 20000;  // contraction 1 − g(1 − w f') of the slowest case of use: 0.995
  constexpr double unbounded = 1e8;  // in units of the state
  const double start = chain.state_offset / (1.0 - chain.retention);
  Interval interval{start, start};
  for (int step = 0; step < max_steps; ++step) {
    Interval image = interval;
    const double width = interval.upper - interval.lower;
    for (int k = 0; k <= samples; ++k) {
      const double y = interval.lower + width * k / samples;
      const double one = chain.next(y, bound, 0.0);
      const double other = chain.next(y, -bound, 0.0);
      image.lower = std::min(image.lower, std::min(one, other) - bound * chain.state_sd);
      image.upper = std::max(image.upper, std::max(one, other) + bound * chain.state_sd);
    }
    const double image_width = image.upper - image.lower;
    if (!(image_width < unbounded)) return {1.0, -1.0};
    const double growth_below = interval.lower - image.lower;
    const double growth_above = image.upper - interval.upper;
    interval = image;
    if (step > 2 && growth_below + growth_above <= 1e-4 * image_width) {
      constexpr double steps_to_come = 200.0;  // 1/(1 − 0.995)
      return {interval.lower - steps_to_come * growth_below,
              interval.upper + steps_to_come * growth_above};
    }
  }
  return {1.0, -1.0};
}

}  // namespace stillpoint::transfer_operator
