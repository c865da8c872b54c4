// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace stillpoint::activations {

/// @brief Moments of f(u + q z), z ~ N(0, 1), q ≥ 0.
struct GaussianAverages {
  double mean;         ///< f_q(u) = E f(u + qz)
  double slope;        ///< f_q'(u) = E f'(u + qz)
  double variance;     ///< v_q(u) = Var f(u + qz)
  double third;        ///< E (f(u + qz) − f_q(u))³
};

/// @brief Transmitted fluctuations T± = E[(f(u + qz) − f(u))_±] ≥ 0; bias = up − down.
struct Attenuation {
  double up;
  double down;
};

/// Infimum and supremum of an activation; ±∞ where there is none.
struct Range {
  double lower;
  double upper;
};

}  // namespace stillpoint::activations
