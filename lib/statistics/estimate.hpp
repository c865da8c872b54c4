// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <limits>

namespace stillpoint::statistics {

/// @brief A number and the standard deviation of its error.
///
/// A deterministic method gives standard_error = 0; a value that does not exist is NaN.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double standard_error = 0.0;
};

/// @brief Difference in combined standard errors, (a − b)/√(SE_a² + SE_b²); both independent.
/// Two equal exact numbers give 0, two different ones ±∞.
inline double z_score(const Estimate& a, const Estimate& b) {
  const double difference = a.value - b.value;
  if (difference == 0.0) return 0.0;
  return difference / std::hypot(a.standard_error, b.standard_error);
}

}  // namespace stillpoint::statistics
