// SPDX-License-Identifier: GPL-3.0-or-later
#include "lib/models/noisy_chain.hpp"

#include <cmath>
#include <utility>

#include "lib/core/require.hpp"

namespace stillpoint::models {

NoisyChain::NoisyChain(networks::Network network, const networks::NoiseSpec& noise)
    : network_(networks::make_network(std::move(network))),
      noise_(networks::step_noise(network_, noise)) {
  assemble();
}

NoisyChain::NoisyChain(networks::StepNoise noise, networks::Network network)
    : network_(std::move(network)), noise_(std::move(noise)) {
  assemble();
}

void NoisyChain::assemble() {
  const Index n = units();
  const Index m = n * (1 + static_cast<Index>(noise_.coloured.size()));
  const double g = leak();
  retention_ = Vector::Constant(m, 1.0 - g);
  argument_weights_ = Matrix::Zero(n, m);
  gain_ = Matrix::Zero(m, n);
  state_sd_ = Vector::Zero(m);
  state_sd_.head(n) = noise_.state_sd;
  if (equation() == networks::Equation::rate) {
    argument_weights_.leftCols(n) = network_.W;
    gain_.topRows(n).diagonal().setConstant(g);
  } else {
    argument_weights_.leftCols(n).setIdentity();
    gain_.topRows(n) = g * network_.W;
  }
  Index block = n;
  for (const auto& source : noise_.coloured) {
    argument_weights_.middleCols(block, n).setIdentity();
    retention_.segment(block, n).setConstant(source.retention);
    state_sd_.segment(block, n) = source.sd * source.step_sd;
    block += n;
  }
}

Vector NoisyChain::argument_offset(const Vector& input) const {
  if (equation() == networks::Equation::current) return Vector::Zero(units());
  require(input.size() == inputs(), "NoisyChain", "input has ", input.size(), " entries, expected ",
          inputs());
  return network_.W_in * input + network_.b;
}

Vector NoisyChain::state_offset(const Vector& input) const {
  Vector offset = Vector::Zero(state_size());
  if (equation() == networks::Equation::rate) return offset;
  require(input.size() == inputs(), "NoisyChain", "input has ", input.size(), " entries, expected ",
          inputs());
  offset.head(units()) = leak() * (network_.W_in * input + network_.b);
  return offset;
}

NoisyChain NoisyChain::linearized(const Vector& slope) const {
  require(slope.size() == units() && slope.allFinite() && (slope.array() >= 0.0).all(),
          "NoisyChain::linearized", "slope has ", slope.size(), " entries, expected ", units(),
          ", all finite and >= 0");
  networks::Network network{.equation = equation(),
                            .W = network_.W,
                            .W_in = Matrix::Zero(units(), inputs()),
                            .activation = activations::Identity{},
                            .leak = leak()};
  networks::StepNoise noise = noise_;
  if (equation() == networks::Equation::rate) {
    network.W = slope.asDiagonal() * network_.W;
    noise.argument_sd = slope.cwiseProduct(noise_.argument_sd);
    for (auto& source : noise.coloured) source.sd = slope.cwiseProduct(source.sd).eval();
  } else {
    network.W = network_.W * slope.asDiagonal();
  }
  return {std::move(noise), networks::make_network(std::move(network))};
}

Vector NoisyChain::initial_state(const Vector& h0) const {
  require(h0.size() == units(), "NoisyChain", "initial state has ", h0.size(),
          " entries, expected ", units());
  Vector state = Vector::Zero(state_size());
  state.head(units()) = h0;
  return state;
}

}  // namespace stillpoint::models
