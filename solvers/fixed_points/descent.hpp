// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "lib/core/types.hpp"
#include "solvers/fixed_points/map.hpp"
#include "solvers/fixed_points/newton.hpp"

namespace stillpoint::fixed_points {

/// Where Newton's method from one start has ended.
struct Ending {
  Vector state;
  NewtonResult result;
};

struct DescentOptions {
  Index max_iterations = 60;
  double tolerance = 1e-12;
  /// Points to keep away from, (n, k), by deflation; may have no columns.
  Matrix deflated;
  int threads = 0;
};

/// @brief Newton's method, damped by the residual (Damping::residual), from every column of
/// `starts`, eight side by side; slot k belongs to start k and does not depend on the others.
///
/// Deflation multiplies F(y) = y − Φ(y) by m(y) = Π_k (1 + |y − y_k|⁻²), which has no zero at a
/// known point y_k. (m F)' = m (F' + F ∇log mᵀ), so by Sherman and Morrison its Newton step is that
/// of F, p, times 1/(1 − p·∇log m): no further factorisation.
/// @param[in] relaxation  Iterations of the map before the first step, one number a start.
/// Source: Farrell, Birkisson & Funke (2015), SIAM J. Sci. Comput. 37, A2026.
std::vector<Ending> descend(const Map& map, const Matrix& starts,
                            const std::vector<Index>& relaxation, const DescentOptions& options);

}  // namespace stillpoint::fixed_points
