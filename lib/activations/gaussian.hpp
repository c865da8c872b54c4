// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace stillpoint::activations {

/// @brief Moments of f(u + qz), z ~ N(0, 1), q ≥ 0; f_q is f smoothed by a Gaussian of width q.
///
/// At q = 0 they are f(u), f'(u), 0 and 0. A u that is not finite gives NaN.
struct GaussianAverages {
  double mean;      ///< f_q(u) = E f(u + qz)
  double slope;     ///< f_q'(u) = E f'(u + qz) = E[z f(u + qz)]/q
  double variance;  ///< v_q(u) = Var f(u + qz)
  double third;     ///< E (f(u + qz) − f_q(u))³
};

/// @brief Transmitted fluctuations T± = E[(f(u + qz) − f(u))_±] ≥ 0; f_q(u) − f(u) = up − down.
struct Attenuation {
  double up;    ///< T₊, what passes of the fluctuations that raise f
  double down;  ///< T₋, what passes of those that lower it
};

/// Infimum and supremum of an activation; ±∞ where there is none.
struct Range {
  double lower;
  double upper;
};

}  // namespace stillpoint::activations
