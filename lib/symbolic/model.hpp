// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"
#include "lib/symbolic/expression.hpp"
#include "lib/symbolic/tape.hpp"

namespace stillpoint::symbolic {

/// @brief A stochastic model written as formulas, x ∈ ℝⁿ:
///
///     diffusion:  dx = A(x) dt + C(x) dW   (Itô), W ∈ ℝᵐ
///     chain:      x' = F(x, ξ),            ξ ~ N(0, I) fresh each step, ξ ∈ ℝᵐ
///
/// Noise inside an activation of a chain is a ξ in the argument of F; a chain without noise has
/// m = 0.
struct Model {
  enum class Kind { diffusion, chain };
  struct Parameter {
    Expression symbol;
    Expression value;  ///< A number, or a formula of numbers such as sqrt(2).
  };
  std::string name;
  Kind kind = Kind::diffusion;
  std::vector<Expression> states;  ///< Symbols, (n).
  std::vector<Parameter> parameters;
  std::vector<Expression> drift;               ///< A, or F of a chain, (n).
  std::vector<std::vector<Expression>> noise;  ///< C by rows, (n, m); empty for a chain.
  std::vector<Expression> normals;             ///< ξ, symbols, (m); empty for a diffusion.

  Index state_size() const { return static_cast<Index>(states.size()); }  ///< n
  Index noise_size() const;                                               ///< m
};

/// @brief Checks a model: shapes, different names, formulas in nothing but its own symbols.
/// @throws std::invalid_argument with a sentence.
Model make_model(Model model);

/// @brief The network with its noise at a constant input, as formulas with exact numbers.
///
/// chain: models::NoisyChain, states h_1 … (rate) or x_1 … (current), then c_k_1 … of the k-th
/// coloured source; normals xi_i on the argument of unit i and zeta_i on state i, where they have
/// an effect. diffusion: models::NoisyDiffusion, noise inside as smoothed averages and the square
/// root of transmitted variances.
/// @param[in] input  (inputs).
/// @throws std::invalid_argument if network, noise or input are not well formed.
Model make_model(const networks::Network& network, const networks::NoiseSpec& noise,
                 const Vector& input, Model::Kind kind);

/// @brief Tapes of a model. Inputs: the states (n), the normals (m, chains only), then the free
/// parameters in the order given; the others have their values.
/// @throws std::invalid_argument if a free parameter is none of the model's.
Tape drift_tape(const Model& model, const std::vector<std::string>& free = {});
/// ∂A/∂x or ∂F/∂x, (n, n), by columns.
Tape jacobian_tape(const Model& model, const std::vector<std::string>& free = {});
/// C of a diffusion, or ∂F/∂ξ of a chain, (n, m), by columns.
Tape noise_tape(const Model& model, const std::vector<std::string>& free = {});

}  // namespace stillpoint::symbolic
