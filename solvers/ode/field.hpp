// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "lib/core/types.hpp"

namespace stillpoint::ode {

/// Writes dx/dt, (n), for x, (n). May throw: RecoverableError asks for a smaller step, anything
/// else ends the integration and reaches the caller.
using Field =
    std::function<void(double t, const Eigen::Ref<const Vector>& x, Eigen::Ref<Vector> dxdt)>;

}  // namespace stillpoint::ode
