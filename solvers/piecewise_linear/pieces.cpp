// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/piecewise_linear/pieces.hpp"

#include <variant>

#include "lib/core/require.hpp"

namespace stillpoint::piecewise_linear {

Pieces linear_pieces(const activations::Activation& activation) {
  constexpr auto where = "linear_pieces";
  require(!std::holds_alternative<activations::Heaviside>(activation), where,
          "heaviside jumps, expected a continuous activation; its fixed points are states of 0 and "
          "1, which a network of n units has 2^n of");
  if (std::holds_alternative<activations::Identity>(activation))
    return {.kinks = {}, .slopes = {1.0}, .intercepts = {0.0}};
  if (std::holds_alternative<activations::Relu>(activation))
    return {.kinks = {0.0}, .slopes = {0.0, 1.0}, .intercepts = {0.0, 0.0}};
  if (const auto* leaky = std::get_if<activations::LeakyRelu>(&activation))
    return {.kinks = {0.0}, .slopes = {leaky->slope(), 1.0}, .intercepts = {0.0, 0.0}};
  require(std::holds_alternative<activations::SaturatingLinear>(activation), where,
          activations::name(activation),
          " is not piecewise linear, expected identity, relu, leaky_relu or saturating_linear; "
          "try fixed_points::find");
  return {.kinks = {-1.0, 1.0}, .slopes = {0.0, 1.0, 0.0}, .intercepts = {-1.0, 0.0, 1.0}};
}

}  // namespace stillpoint::piecewise_linear
