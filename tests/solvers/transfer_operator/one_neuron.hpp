// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_chain.hpp"

namespace stillpoint::tests {

/// One neuron with weight w, bias c, leak g, and noise as given.
inline models::NoisyChain one_neuron(const activations::Activation& f,
                                     const networks::NoiseSpec& noise, double w, double c, double g,
                                     networks::Equation equation = networks::Equation::rate) {
  networks::Network network{.equation = equation,
                            .W = Matrix::Constant(1, 1, w),
                            .b = Vector::Constant(1, c),
                            .activation = f,
                            .leak = g};
  return {std::move(network), noise};
}

/// The same with one source of standard deviation s, convention per_step.
inline models::NoisyChain one_neuron(const activations::Activation& f,
                                     networks::NoiseSource::Where where, double w, double c,
                                     double g, double s,
                                     networks::Equation equation = networks::Equation::rate) {
  return one_neuron(f, networks::NoiseSpec{{.where = where, .sigma = {s}}}, w, c, g, equation);
}

}  // namespace stillpoint::tests
