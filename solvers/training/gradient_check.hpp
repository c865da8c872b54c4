// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/types.hpp"

namespace stillpoint::training {

struct GradientCheckOptions {
  /// Shift of a number, relative to max(1, |number|). Nothing between a shift and its opposite may
  /// cross a kink of f: with step 1e-5 no argument of a unit may lie nearer to one than about 1e-4.
  double step = 1e-5;
  Index most = 0;  ///< Numbers that are looked at, spread evenly; 0: all.
};

/// How a gradient compares with differences of its function.
struct GradientCheck {
  double error = 0.0;  ///< max |∂ᵢ − difference| / max |∂|
  /// max |difference of order 4 − of order 6| / max |∂|: what the differences themselves are worth.
  /// Where it is as large as the error, the function has a kink within the step, or rounds.
  double uncertainty = 0.0;
  Index worst = 0;  ///< The number where the error is.
  Index looked_at = 0;
};

/// @brief Compares a gradient with central differences of orders four and six.
/// @param[in] f         Smooth within a few steps of x, and the same number at each call: noise has
///                      to be fixed.
/// @param[in] gradient  ∂f/∂x at x, (n), not all 0.
/// @throws std::invalid_argument for a wrong shape or option, or where f is not finite.
GradientCheck check_gradient(const std::function<double(const Vector&)>& f, const Vector& x,
                             const Vector& gradient, const GradientCheckOptions& options = {});

}  // namespace stillpoint::training
