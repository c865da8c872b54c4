// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/escape/fields.hpp"

#include <algorithm>
#include <cmath>

#include "lib/core/require.hpp"

namespace stillpoint::escape {

Matrix drift_jacobian(const Fields& fields, const Vector& x) {
  const Index n = fields.state_size;
  Matrix jacobian(n, n);
  if (fields.drift_jacobian) {
    fields.drift_jacobian(x, jacobian);
    return jacobian;
  }
  Vector shifted = x, above(n), below(n);
  for (Index j = 0; j < n; ++j) {
    const double h = 6e-6 * std::max(1.0, std::abs(x(j)));  // ε^(1/3)
    shifted(j) = x(j) + h;
    fields.drift(shifted, above);
    shifted(j) = x(j) - h;
    fields.drift(shifted, below);
    shifted(j) = x(j);
    jacobian.col(j) = (above - below) / (2.0 * h);
  }
  return jacobian;
}

void require_complete(const Fields& fields, const char* where) {
  require(fields.state_size > 0 && fields.noise_size > 0, where, "state_size = ", fields.state_size,
          ", noise_size = ", fields.noise_size, ", expected > 0");
  require(static_cast<bool>(fields.drift) && static_cast<bool>(fields.diffusion), where,
          "drift or diffusion is empty");
}

}  // namespace stillpoint::escape
