// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"
#include "lib/symbolic/expression.hpp"

namespace stillpoint::noise_series {

/// One line of a derivation: the symbol `name` stands for `value`.
struct Definition {
  std::string name;
  symbolic::Expression value;
  /// What is printed: `value` itself, or the right side of a linear equation in which the symbol
  /// and others like it appear, of which `value` is the solution.
  symbolic::Expression printed;
};

/// @brief The noise series as formulas in the parameters.
///
/// One neuron: w, g, the derivatives f1 … fn of f at the fixed point, and nu, the sd of a step's
/// noise on the state where noise is on the state. Two neurons: W_1_1 … W_2_2, g, f_k_j the k-th
/// derivative of unit j, s_j the scale of the noise inside and nu_j of that on the state. Powers of
/// the noise level stand outside, as in NoiseSeries.
struct SymbolicSeries {
  std::vector<Definition> definitions;  ///< Each in terms of the parameters and of earlier ones.
  /// Coefficients of s⁰, s², s⁴ …, for each unit and, in third, for each unit's own third cumulant;
  /// in terms of the parameters and the definitions. The fixed point itself is left out: mean[i][0]
  /// = 0.
  std::vector<std::vector<symbolic::Expression>> mean, variance, third;

  /// @brief A coefficient in the parameters alone.
  symbolic::Expression resolved(const symbolic::Expression& e) const;
};

/// What a symbolic series is of.
struct SymbolicModel {
  networks::Equation equation = networks::Equation::rate;
  networks::NoiseSource::Where where = networks::NoiseSource::inside;  ///< One neuron only.
  bool diffusion = false;  ///< The diffusion limit at leak g instead of the chain.
};

/// @brief One neuron to any even order, by the recursion for E δᵏ; definitions M_k_n, the s^n
/// coefficient of E δᵏ. Expressions grow quickly: order 8 takes seconds.
/// @throws std::invalid_argument unless order is 2, 4, …, 12.
SymbolicSeries make_neuron_series(const SymbolicModel& model, Index order = 4);

/// @brief Two neurons to fourth order, by cumulants. Definitions: A (∂y'/∂y; F of the diffusion), Q
/// (noise), C and D (covariance at s² and s⁴), X = Cov(a, y) and R = Cov(a, a) of the arguments, m
/// and n (means at s² and s⁴), alpha (mean of a), Y, P, K (source and third cumulant), T and H
/// (κ₃(a, a, y) and κ₃(a, a, a)), E, S, U (parts of D's source); see cumulant_expansion.hpp. C, D
/// and K are printed as the linear equations they solve.
SymbolicSeries make_two_neuron_series(const SymbolicModel& model);

/// @brief LaTeX of a derivation, ready for a document with amsmath: a line saying what it is, the
/// definitions and the results in align environments. The same input gives the same text.
std::string to_latex(const SymbolicSeries& series, std::string_view title);

}  // namespace stillpoint::noise_series
