// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/fixed_points/map.hpp"

#include <variant>

#include "lib/core/require.hpp"

namespace stillpoint::fixed_points {

namespace {

/// The map of either equation with the chain's weights, leak, activation and constant.
Map make_map(const models::NoisyChain& chain, networks::Equation equation, const Vector& constant,
             const Vector& q) {
  const Index n = chain.units();
  require(q.size() == 0 || q.size() == n, "chain_map", "q has ", q.size(), " entries, expected ", n,
          " (one a unit) or none");
  require(q.allFinite() && (q.array() >= 0.0).all(), "chain_map",
          "q holds a negative or non-finite number, expected >= 0");
  const bool smoothed = (q.array() > 0.0).any();
  const bool rate = equation == networks::Equation::rate;
  return {.size = n,
          .evaluate = [n, q, smoothed, rate, g = chain.leak(), W = chain.network().W, constant,
                       f = chain.activation()](const Vector& y, Vector& image, Matrix* jacobian) {
            Vector argument = y;
            if (rate) argument = constant + W * y;
            Vector value(n), slope(n);
            std::visit(
                [&](const auto& activation) {
                  for (Index i = 0; i < n; ++i) {
                    if (smoothed) {
                      const auto average = activation.averages(argument(i), q(i));
                      value(i) = average.mean;
                      slope(i) = average.slope;
                    } else {
                      value(i) = activation(argument(i));
                      slope(i) = jacobian ? activation.derivative(1, argument(i)) : 0.0;
                    }
                  }
                },
                f);
            if (rate) {
              image = (1.0 - g) * y + g * value;
            } else {
              image = (1.0 - g) * y + g * constant;
              image.noalias() += g * (W * value);
            }
            if (!jacobian) return;
            if (rate) {
              jacobian->noalias() = (g * slope).asDiagonal() * W;
            } else {
              jacobian->noalias() = W * (g * slope).asDiagonal();
            }
            jacobian->diagonal().array() += 1.0 - g;
          }};
}

}  // namespace

Vector constant_drive(const models::NoisyChain& chain, const Vector& input) {
  if (chain.equation() == networks::Equation::rate) return chain.argument_offset(input);
  return chain.state_offset(input).head(chain.units()) / chain.leak();
}

Map chain_map(const models::NoisyChain& chain, const Vector& input, const Vector& q) {
  return make_map(chain, chain.equation(), constant_drive(chain, input), q);
}

Map argument_map(const models::NoisyChain& chain, const Vector& input, const Vector& q) {
  return make_map(chain, networks::Equation::current, constant_drive(chain, input), q);
}

Vector state_of_argument(const models::NoisyChain& chain, const Vector& argument, const Vector& q) {
  if (chain.equation() == networks::Equation::current) return argument;
  return Vector::NullaryExpr(argument.size(), [&](Index i) {
    return q.size() > 0 && q(i) > 0.0
               ? activations::averages(chain.activation(), argument(i), q(i)).mean
               : activations::value(chain.activation(), argument(i));
  });
}

}  // namespace stillpoint::fixed_points
