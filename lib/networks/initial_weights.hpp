// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/networks/network.hpp"
#include "lib/random/normal.hpp"

namespace stillpoint::networks {

/// @brief Where training starts from: independent normal weights,
///
///     W_ij ~ N(0, recurrent²/n),  W_in ~ N(0, input²),  b ~ N(0, bias²),  W_out ~ N(0, output²/n),
///
/// and b_out = 0.
struct InitialWeights {
  double recurrent = 0.8;
  double input = 1.0;
  double bias = 0.0;
  double output = 1.0;
};

/// @brief A network of the shapes, equation, activation and leak given, with weights drawn at
/// random.
/// @param[in] shape  A network whose W (n, n), W_in (n, inputs) and W_out (outputs, n) have the
///   shapes wanted; their numbers do not matter.
/// @throws std::invalid_argument if that is no well-formed network or a standard deviation is < 0.
Network draw_network(const Network& shape, const InitialWeights& sd, const random::Stream& stream);

}  // namespace stillpoint::networks
