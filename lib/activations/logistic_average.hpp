// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/activations/gaussian.hpp"

/// What logistic and tanh share; both are odd about their centre, so that one side is enough.
namespace stillpoint::activations {

/// Averages of the logistic λ at −a ≤ 0; relative accuracy in every field.
struct LogisticAverage {
  double mean;      ///< λ_q(−a) = E λ(−a + qz) ≤ ½
  double odd;       ///< 1 − 2 λ_q(−a) = E tanh((a + qz)/2) ≥ 0
  double slope;     ///< λ_q'(−a)
  double variance;  ///< Var λ(−a + qz)
  double third;     ///< third central moment, ≥ 0
};

/// @param[in] a  Distance from the centre, a ≥ 0.  @param[in] q  Width, q > 0.
LogisticAverage logistic_average(double a, double q);

/// @brief T± of the logistic at −a, q ≥ 0.
Attenuation logistic_attenuation(double a, double q);

}  // namespace stillpoint::activations
