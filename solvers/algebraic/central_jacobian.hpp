// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>

#include "lib/core/types.hpp"

namespace stillpoint::algebraic {

/// @brief ∂f/∂x at x, (n, n), of a map ℝⁿ → ℝⁿ by central differences, relative error about 1e-10.
/// @param[in] f  f(x, value) writes the value, (n).
template <typename Map>
Matrix central_jacobian(Map&& f, const Vector& x) {
  const Index n = x.size();
  Matrix jacobian(n, n);
  Vector shifted = x, above(n), below(n);
  for (Index j = 0; j < n; ++j) {
    const double h = 6e-6 * std::max(1.0, std::abs(x(j)));  // ε^(1/3)
    shifted(j) = x(j) + h;
    f(shifted, above);
    shifted(j) = x(j) - h;
    f(shifted, below);
    shifted(j) = x(j);
    jacobian.col(j) = (above - below) / (2.0 * h);
  }
  return jacobian;
}

}  // namespace stillpoint::algebraic
