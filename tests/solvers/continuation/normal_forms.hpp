// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <functional>

#include "lib/core/types.hpp"
#include "solvers/continuation/parametric_map.hpp"

/// Maps whose bifurcations are known: a scalar normal form and a contraction, in coordinates turned
/// by one radian.
namespace stillpoint::tests {

inline Matrix turned() {
  return (Matrix(2, 2) << std::cos(1.0), -std::sin(1.0), std::sin(1.0), std::cos(1.0)).finished();
}

inline Vector inner_axis(Index k) { return turned().col(k); }
inline Vector inner_coordinates(const Vector& y) { return turned().transpose() * y; }

/// Φ(y) = y + Q (½ F(x; p), −½ x₂ + x₁²/8), x = Qᵀ y: fixed points where F(x₁; p) = 0, x₂ = x₁²/4.
inline continuation::ParametricMap normal_form(std::function<double(double x, double p)> F,
                                               std::function<double(double x, double p)> slope) {
  return continuation::parametric_map(2, [F, slope](double p) {
    return fixed_points::Map{
        .size = 2, .evaluate = [F, slope, p](const Vector& y, Vector& image, Matrix* jacobian) {
          const Matrix Q = turned();
          const Vector x = Q.transpose() * y;
          image = y + Q * Eigen::Vector2d(0.5 * F(x(0), p), -0.5 * x(1) + 0.125 * x(0) * x(0));
          if (!jacobian) return;
          Matrix inner(2, 2);
          inner << 1.0 + 0.5 * slope(x(0), p), 0.0, 0.25 * x(0), 0.5;
          *jacobian = Q * inner * Q.transpose();
        }};
  });
}

}  // namespace stillpoint::tests
