// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"

namespace stillpoint::models {

/// @brief A network with its noise, as a Markov chain in one common form for both equations, all
/// placements and coloured noise. For input u,
///
///     a  = B y + c(u) + s∘ξ            argument of the activation, (n)
///     y' = λ∘y + G f(a) + d(u) + ν∘ξ'   state, (m),   ξ, ξ' ~ N(0, I) fresh each step.
///
/// The state is y = (network state (n), one block (n) for each coloured source), m ≥ n.
///
/// |         | λ (first n) | B | c          | G   | d              | read-out z                |
/// | ------- | ----------- | - | ---------- | --- | -------------- | ------------------------- |
/// | rate    | 1 − g       | W | W_in u + b | g I | 0              | W_out h + b_out           |
/// | current | 1 − g       | I | 0          | g W | g (W_in u + b) | W_out f(x) + b_out        |
///
/// A coloured block η adds I to B, has λ = ρ, G = 0 and ν = sd √(1−ρ²). Theory is written once for
/// this form. Immutable; safe to share between threads.
class NoisyChain {
 public:
  /// @throws std::invalid_argument if the network or the noise is not well formed.
  NoisyChain(networks::Network network, const networks::NoiseSpec& noise);

  Index units() const { return network_.units(); }        ///< n
  Index state_size() const { return retention_.size(); }  ///< m
  Index outputs() const { return network_.outputs(); }
  Index inputs() const { return network_.inputs(); }

  const networks::Network& network() const { return network_; }
  const networks::StepNoise& noise() const { return noise_; }
  networks::Equation equation() const { return network_.equation; }
  const activations::Activation& activation() const { return network_.activation; }
  double leak() const { return network_.leak; }

  const Vector& retention() const { return retention_; }                ///< λ, (m)
  const Matrix& argument_weights() const { return argument_weights_; }  ///< B, (n, m)
  const Vector& argument_sd() const { return noise_.argument_sd; }      ///< s, (n)
  const Matrix& gain() const { return gain_; }                          ///< G, (m, n)
  const Vector& state_sd() const { return state_sd_; }                  ///< ν, (m)

  Vector argument_offset(const Vector& input) const;  ///< c(u), (n)
  Vector state_offset(const Vector& input) const;     ///< d(u), (m)

  /// Initial state (m) for the network state h0 (n): coloured blocks start at zero mean.
  Vector initial_state(const Vector& h0) const;

  /// @brief The chain of the deviations e = y − μ when f is replaced by a line of slope δᵢ in each
  /// unit, under the same noise, draw by draw: e' = (diag λ + G diag δ B) e + G (δ∘s∘ξ) + ν∘ξ'.
  ///
  /// A chain of the same form with the identity for f, no offset and no read-out; inputs stay, with
  /// no effect. Rate: W becomes diag δ W and noise inside δ∘s (its coloured blocks hold δ∘η);
  /// current: W becomes W diag δ.
  /// @param[in] slope  δ ≥ 0, (n), as of every activation here, which all rise.
  /// @throws std::invalid_argument for a wrong shape, a negative or a non-finite slope.
  NoisyChain linearized(const Vector& slope) const;

  /// True where the read-out is of f(state), the current equation.
  bool reads_activation() const { return equation() == networks::Equation::current; }

 private:
  NoisyChain(networks::StepNoise noise, networks::Network network);
  void assemble();  // the common form from network and noise

  networks::Network network_;
  networks::StepNoise noise_;
  Vector retention_;
  Matrix argument_weights_;
  Matrix gain_;
  Vector state_sd_;
};

}  // namespace stillpoint::models
