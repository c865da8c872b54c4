// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_chain.hpp"

namespace stillpoint::tests {

/// Rows (a, b), (c, d).
inline Matrix two_by_two(double a, double b, double c, double d) {
  Matrix W(2, 2);
  W << a, b, c, d;
  return W;
}

inline Vector two(double a, double b) {
  Vector v(2);
  v << a, b;
  return v;
}

/// Two neurons with weights W, biases b, leak g, and noise as given.
inline models::NoisyChain two_neurons(const activations::Activation& f,
                                      const networks::NoiseSpec& noise, const Matrix& W,
                                      const Vector& b, double g,
                                      networks::Equation equation = networks::Equation::rate) {
  networks::Network network{.equation = equation, .W = W, .b = b, .activation = f, .leak = g};
  return {std::move(network), noise};
}

/// One source, convention per_step.
inline networks::NoiseSpec noise_at(networks::NoiseSource::Where where, double first,
                                    double second) {
  return {{.where = where, .sigma = {first, second}}};
}

}  // namespace stillpoint::tests
