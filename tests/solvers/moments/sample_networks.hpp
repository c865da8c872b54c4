// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "lib/models/noisy_chain.hpp"

namespace stillpoint::tests {

/// Three units, two outputs, no input: smooth formulas for weights (the i·j term gives full rank).
inline networks::Network sample_network(networks::Equation equation,
                                        const activations::Activation& activation, double leak) {
  const Index n = 3;
  networks::Network network{.equation = equation, .activation = activation, .leak = leak};
  network.W.resize(n, n);
  network.b.resize(n);
  network.W_out.resize(2, n);
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j)
      network.W(i, j) = 0.4 * std::sin(1.0 + 2.0 * i - 3.0 * j + 1.5 * i * j);
    network.b(i) = 0.3 * std::cos(2.0 * i);
    for (Index k = 0; k < 2; ++k) network.W_out(k, i) = std::cos(1.0 + i + 2.0 * k + i * k);
  }
  return network;
}

struct NamedNoise {
  std::string name;
  networks::NoiseSpec noise;
};

/// Inside, outside, on the state, coloured inside, and a mixture with one sigma a unit.
inline std::vector<NamedNoise> sample_noises() {
  using networks::NoiseConvention;
  using networks::NoiseSource;
  const NoiseSource inside{.where = NoiseSource::inside, .sigma = {0.4}};
  const NoiseSource outside{.where = NoiseSource::outside, .sigma = {0.5}};
  const NoiseSource state{
      .where = NoiseSource::state, .sigma = {0.2}, .convention = NoiseConvention::raw_step};
  const NoiseSource coloured{.where = NoiseSource::inside,
                             .sigma = {0.3, 0.1, 0.4},
                             .convention = NoiseConvention::stationary_sd,
                             .correlation_time = 1.5};
  return {{"inside", {inside}},
          {"outside", {outside}},
          {"state", {state}},
          {"coloured", {coloured}},
          {"mixture", {inside, state, coloured}}};
}

}  // namespace stillpoint::tests
