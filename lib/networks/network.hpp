// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

#include "lib/activations/activation.hpp"
#include "lib/core/types.hpp"

namespace stillpoint::networks {

/// Which of the two equations in use the network obeys (u is the input, g the leak):
enum class Equation {
  rate,     ///< h' = (1−g) h + g f(W h + W_in u + b),     read-out z = W_out h + b_out
  current,  ///< x' = (1−g) x + g (W f(x) + W_in u + b),   read-out z = W_out f(x) + b_out
};

inline constexpr std::array all_equations{Equation::rate, Equation::current};

std::string_view to_string(Equation equation);

/// @brief A recurrent network of n units without its noise.
///
/// Shapes: W (n, n), W_in (n, inputs), b (n), W_out (outputs, n), b_out (outputs). W(i, j) is the
/// weight to unit i from unit j. inputs = 0 and outputs = 0 are allowed.
struct Network {
  Equation equation = Equation::rate;
  Matrix W;
  Matrix W_in;
  Vector b;
  Matrix W_out;
  Vector b_out;
  activations::Activation activation = activations::Tanh{};
  double leak = 1.0;  ///< g = dt/τ ∈ (0, 1].

  Index units() const { return W.rows(); }
  Index inputs() const { return W_in.cols(); }
  Index outputs() const { return W_out.rows(); }
};

/// @brief Fills empty b, W_in, W_out and b_out with zeros of the right shape, then checks all.
/// @throws std::invalid_argument naming the field, its shape or value, and what was expected.
Network make_network(Network network);

}  // namespace stillpoint::networks
