// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <vector>

#include "lib/activations/activation.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/random/normal.hpp"

/// @file
/// @brief Noisy chains with exact answers, and the chain's equation written down once more, slowly.

namespace stillpoint::tests {

/// Weights of full rank, spectral radius well below 1; no random numbers.
inline networks::Network wavy_network(Index n, double leak, networks::Equation equation,
                                      activations::Activation f, double strength = 0.6) {
  networks::Network network{.equation = equation, .activation = f, .leak = leak};
  const double scale = strength / std::sqrt(static_cast<double>(n));
  network.W.resize(n, n);
  network.W_in.resize(n, 2);
  network.b.resize(n);
  network.W_out.resize(2, n);
  for (Index i = 0; i < n; ++i) {
    const double x = static_cast<double>(i);
    for (Index j = 0; j < n; ++j) {
      const double y = static_cast<double>(j);
      network.W(i, j) = scale * std::sin(1.3 * x + 2.1 * y + 0.7 * x * y + 0.4);
    }
    network.W_in(i, 0) = std::cos(0.9 * x);
    network.W_in(i, 1) = std::sin(1.7 * x + 0.2);
    network.b(i) = 0.3 * std::sin(2.3 * x + 0.1);
    network.W_out(0, i) = std::cos(1.1 * x + 0.5);
    network.W_out(1, i) = std::sin(0.6 * x);
  }
  network.b_out = Vector::LinSpaced(2, 0.2, -0.4);
  return network;
}

/// Sources of every kind at once, per unit where that is possible.
inline networks::NoiseSpec every_noise(Index n) {
  using networks::NoiseConvention;
  using networks::NoiseSource;
  std::vector<double> ramp(n);
  for (Index i = 0; i < n; ++i) ramp[i] = 0.1 + 0.4 * static_cast<double>(i % 3);
  return {{.where = NoiseSource::inside, .sigma = ramp},
          {.where = NoiseSource::outside, .sigma = {0.3}},
          {.where = NoiseSource::state, .sigma = ramp, .convention = NoiseConvention::raw_step},
          {.where = NoiseSource::inside,
           .sigma = {0.25},
           .convention = NoiseConvention::stationary_sd,
           .correlation_time = 0.8},
          {.where = NoiseSource::inside,
           .sigma = ramp,
           .convention = NoiseConvention::stationary_sd,
           .correlation_time = 3.0}};
}

/// One path of a = B y + c + s∘ξ, y' = λ∘y + G f(a) + d + ν∘ξ' with the documented draws: ξ_i has
/// index i, ξ'_j has 2³¹ + j. Returns the whole states, (m, steps + 1).
inline Matrix slow_path(const models::NoisyChain& chain, const Matrix& inputs, const Vector& y0,
                        Index steps, std::uint64_t path, const random::Stream& stream) {
  const Index n = chain.units(), m = chain.state_size();
  Matrix y(m, steps + 1);
  y.col(0) = y0;
  Vector f(n), state_noise(m);
  for (Index t = 0; t < steps; ++t) {
    const Vector u = inputs.col(inputs.cols() == 1 ? 0 : t);
    const auto draw = [&](Index index) {
      return random::normal(stream, path, static_cast<std::uint32_t>(t),
                            static_cast<std::uint32_t>(index));
    };
    const Vector a = chain.argument_weights() * y.col(t) + chain.argument_offset(u);
    for (Index i = 0; i < n; ++i)
      f(i) = activations::value(chain.activation(), a(i) + chain.argument_sd()(i) * draw(i));
    for (Index j = 0; j < m; ++j) state_noise(j) = chain.state_sd()(j) * draw((Index{1} << 31) + j);
    y.col(t + 1) = chain.retention().cwiseProduct(y.col(t)) + chain.gain() * f +
                   chain.state_offset(u) + state_noise;
  }
  return y;
}

/// Mean and covariance of the whole state of a linear chain (activation identity).
struct LinearLaw {
  Vector mean;
  Matrix covariance;
};

/// One step: mean and covariance obey y' = (diag λ + G B) y + G c + d + noise.
inline void linear_step(const models::NoisyChain& chain, const Vector& u, LinearLaw& law) {
  Matrix M = chain.gain() * chain.argument_weights();
  M += Matrix(chain.retention().asDiagonal());
  const Matrix inside = chain.gain() * chain.argument_sd().asDiagonal();
  law.mean =
      (M * law.mean + chain.gain() * chain.argument_offset(u) + chain.state_offset(u)).eval();
  law.covariance = (M * law.covariance * M.transpose() + inside * inside.transpose()).eval();
  law.covariance += Matrix(chain.state_sd().cwiseAbs2().asDiagonal());
}

/// The stationary law: the step until nothing changes any more.
inline LinearLaw linear_stationary(const models::NoisyChain& chain, const Vector& u) {
  const Index m = chain.state_size();
  LinearLaw law{Vector::Zero(m), Matrix::Zero(m, m)};
  for (double change = 1.0; change > 1e-15;) {
    const LinearLaw before = law;
    linear_step(chain, u, law);
    change = (law.mean - before.mean).cwiseAbs().maxCoeff() +
             (law.covariance - before.covariance).cwiseAbs().maxCoeff();
  }
  return law;
}

}  // namespace stillpoint::tests
