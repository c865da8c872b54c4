// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_chain.hpp"
#include "lib/networks/single_unit.hpp"

namespace stillpoint::tests {

/// One neuron of the rate equation with white noise of standard deviation s a step.
inline models::NoisyChain rate_neuron(const activations::Activation& f,
                                      networks::NoiseSource::Where where, double w, double c,
                                      double g, double s) {
  return {networks::single_unit(networks::Equation::rate, f, w, c, g),
          networks::white_noise(where, s)};
}

}  // namespace stillpoint::tests
