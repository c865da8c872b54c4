// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>

#include "lib/core/types.hpp"
#include "solvers/ode/field.hpp"

namespace stillpoint::tests {

/// The pendulum's cousin x'' = x − 2x³ with the solution x = 1/cosh t: no damping, no symmetry of
/// the solution over (−1, 2) that a method could gain from.
inline const ode::Field soliton = [](double, const Eigen::Ref<const Vector>& x,
                                     Eigen::Ref<Vector> dxdt) {
  dxdt << x(1), x(0) - 2.0 * x(0) * x(0) * x(0);
};
inline Vector soliton_at(double t) {
  return Eigen::Vector2d(1.0 / std::cosh(t), -std::sinh(t) / std::pow(std::cosh(t), 2));
}

}  // namespace stillpoint::tests
