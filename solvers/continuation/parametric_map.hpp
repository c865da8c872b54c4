// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"
#include "solvers/fixed_points/map.hpp"
#include "solvers/moments/moment_map.hpp"

namespace stillpoint::continuation {

/// @brief A map with parameters, Φ(y; p), y ∈ ℝⁿ, p ∈ ℝᵏ.
struct ParametricMap {
  Index size = 0;                                                  ///< n
  std::function<fixed_points::Map(const Vector& parameters)> map;  ///< Φ(·; p) for p, (k).
  /// Where the map exists and is smooth in each parameter, (k); may be infinite.
  Vector lower, upper;
  std::vector<std::string> names;  ///< Of the parameters, (k), for reports.
  /// False where a state that solves the equations has no meaning: a covariance that is none.
  /// Empty: every state has.
  std::function<bool(const Vector& y)> admissible;
  /// A map y + g (…) of a network: then it has a flow, with eigenvalues (multiplier − 1)/g.
  bool has_flow = false;

  Index parameters() const { return lower.size(); }
};

/// A map with one parameter, defined for every value.
ParametricMap parametric_map(Index size, std::function<fixed_points::Map(double parameter)> map,
                             std::string name = "p");

/// @brief Φ(y; p) − y and its derivatives.
struct ParametricResidual {
  Vector value;         ///< F = Φ − y, (n)
  Matrix by_state;      ///< ∂F/∂y, (n, n)
  Matrix by_parameter;  ///< ∂F/∂p, (n, k), by central differences of fourth order.

  bool finite() const {
    return value.allFinite() && by_state.allFinite() && by_parameter.allFinite();
  }
};
/// @param[in] y  (n).  @param[in] p  (k), inside the domain.
ParametricResidual residual(const ParametricMap& map, const Vector& y, const Vector& p);

/// What can be varied in a noisy network at a constant input.
struct Parameter {
  enum class Kind {
    noise_level,  ///< ℓ ≥ 0: every sigma times ℓ. Even: the map at −ℓ is the one at ℓ.
    weight,       ///< W(row, column)
    gain,         ///< W times this number
    bias,         ///< b(row)
    leak,         ///< g ∈ (0, 1]; noise is converted for each g as its convention says.
    input,        ///< u + p × direction
  };
  Kind kind = Kind::noise_level;
  Index row = 0, column = 0;
  Vector direction = {};  ///< (inputs)

  static Parameter noise_level() { return {}; }
  static Parameter weight(Index to, Index from) {
    return {.kind = Kind::weight, .row = to, .column = from};
  }
  static Parameter gain() { return {.kind = Kind::gain}; }
  static Parameter bias(Index unit) { return {.kind = Kind::bias, .row = unit}; }
  static Parameter leak() { return {.kind = Kind::leak}; }
  static Parameter input(Vector along) {
    return {.kind = Kind::input, .direction = std::move(along)};
  }
};

std::string to_string(const Parameter& parameter);

/// @brief A network, its noise and a constant input: what the parameters start from.
struct Subject {
  networks::Network network;
  networks::NoiseSpec noise = {};  ///< At level 1.
  Vector input = {};               ///< (inputs)
  double level = 1.0;              ///< Noise level, where it is no parameter.
};

/// The chain of the subject with these parameters set to these values.
models::NoisyChain chain_at(const Subject& subject, const std::vector<Parameter>& parameters,
                            const Vector& values);

/// @brief The map of a network in one or two parameters, on a rung of the ladder.
///
/// deterministic, smoothed: y is the network's state, (n), see chain_map(), smoothed with q of
/// moments::smoothing_sd(). closure: y holds mean and covariance, see closure_map(), at most
/// closure_limit numbers in the state.
/// @throws std::invalid_argument for a bad argument, and for the smoothed rung where smoothing has
///   nothing to average (rate equation, all noise outside): use the closure.
ParametricMap network_map(const Subject& subject, const std::vector<Parameter>& parameters,
                          moments::Rung rung);

}  // namespace stillpoint::continuation
