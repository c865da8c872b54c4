// SPDX-License-Identifier: GPL-3.0-or-later
#include "solvers/escape/fields.hpp"

#include "lib/core/require.hpp"
#include "solvers/algebraic/central_jacobian.hpp"

namespace stillpoint::escape {

Matrix drift_jacobian(const Fields& fields, const Vector& x) {
  if (!fields.drift_jacobian) return algebraic::central_jacobian(fields.drift, x);
  Matrix jacobian(x.size(), x.size());
  fields.drift_jacobian(x, jacobian);
  return jacobian;
}

void require_complete(const Fields& fields, const char* where) {
  require(fields.state_size > 0 && fields.noise_size > 0, where, "state_size = ", fields.state_size,
          ", noise_size = ", fields.noise_size, ", expected > 0");
  require(static_cast<bool>(fields.drift) && static_cast<bool>(fields.diffusion), where,
          "drift or diffusion is empty");
}

}  // namespace stillpoint::escape
