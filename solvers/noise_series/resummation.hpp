// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <limits>
#include <string>
#include <vector>

namespace stillpoint::noise_series {

/// @brief A power series Σ_k c_k xᵏ summed by a rational function.
struct Resummation {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::complex<double>> poles;  ///< Of the approximant (of its Borel transform).
  /// False if a pole lies near the positive axis within reach of x, or the approximant does not
  /// exist: the value is then not to be trusted, and `note` says why.
  bool reliable = true;
  std::string note;
};

/// @brief Padé approximant P_L(x)/Q_M(x) with M = ⌊n/2⌋, L = n − M for coefficients c_0 … c_n.
///
/// Flagged: a pole at Re > 0, |Im| < ¼ Re and Re < 2x, which the path from 0 to x passes closely,
/// or equations without a unique solution (the series of a rational function of lower degree is met
/// by lowering M).
/// @param[in] c  At least one finite coefficient.
/// @throws std::invalid_argument for none, or one that is not finite, or x < 0.
/// Source: Bender & Orszag (1978), section 8.3.
Resummation pade(const std::vector<double>& c, double x);

/// @brief Borel–Padé sum ∫₀^∞ e^{−v} B(x v) dv, B the Padé approximant of Σ_k c_k yᵏ/k!.
///
/// For series whose terms grow like k!, as those of Gaussian averages do. Flagged: a pole of B at
/// Re > 0 and |Im| < ¼ Re with e^{−Re/x} > 1e-9, which the integral runs into.
/// @throws std::invalid_argument as above.
Resummation borel_pade(const std::vector<double>& c, double x);

}  // namespace stillpoint::noise_series
