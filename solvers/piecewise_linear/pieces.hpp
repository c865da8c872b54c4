// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/activations/activation.hpp"

namespace stillpoint::piecewise_linear {

/// @brief A continuous piecewise-linear function: f(a) = slope a + intercept on each piece.
///
/// Piece p lies between kinks p − 1 and p; there is one more piece than kinks. A kink itself counts
/// as the piece above it.
struct Pieces {
  std::vector<double> kinks;  ///< Ascending.
  std::vector<double> slopes, intercepts;

  int count() const { return static_cast<int>(slopes.size()); }
};

/// The pieces of identity, relu, leaky relu and saturating linear.
/// @throws std::invalid_argument for another activation: a curved one, or heaviside, which jumps.
Pieces linear_pieces(const activations::Activation& activation);

}  // namespace stillpoint::piecewise_linear
