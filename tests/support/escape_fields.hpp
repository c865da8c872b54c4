// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <cmath>

#include "solvers/escape/fields.hpp"

/// @file
/// @brief Fields of small noise whose quasi-potential is known.

namespace stillpoint::tests {

/// Stationary covariance C of dx = A x dt + σ dW: A C + C Aᵀ + σσᵀ = 0, by its n² linear equations.
/// The quasi-potential of the origin is ½ xᵀ C⁻¹ x.
inline Matrix stationary_covariance(const Matrix& A, const Matrix& sigma) {
  const Index n = A.rows();
  Matrix system = Matrix::Zero(n * n, n * n);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i)
      for (Index k = 0; k < n; ++k) {
        system(j * n + i, j * n + k) += A(i, k);
        system(j * n + i, k * n + i) += A(j, k);
      }
  const Matrix a = sigma * sigma.transpose();
  const Vector right = -Eigen::Map<const Vector>(a.data(), n * n);
  const Vector solution = system.partialPivLu().solve(right);
  return Eigen::Map<const Matrix>(solution.data(), n, n);
}

inline escape::Fields linear_fields(const Matrix& A, const Matrix& sigma) {
  return {.state_size = A.rows(),
          .noise_size = sigma.cols(),
          .drift = [A](const Vector& x, Vector& b) { b = A * x; },
          .diffusion = [sigma](const Vector&, Matrix& value) { value = sigma; },
          .drift_jacobian = [A](const Vector&, Matrix& jacobian) { jacobian = A; },
          .additive_noise = true};
}

/// u' = u − u³ − β u v², v' = −(1 + u²) v, unit noise; attractors (±1, 0), saddle at the origin.
/// For β = 1 it is minus the gradient of V, and the quasi-potential of (−1, 0) is 2(V + ¼) for
/// u ≤ 0: (1 − u²)²/2 on the axis. There that holds for any β ≤ 4.
/// Source: Maier & Stein (1996), J. Stat. Phys. 83, 291.
inline escape::Fields maier_stein(double beta) {
  return {.state_size = 2,
          .noise_size = 2,
          .drift =
              [beta](const Vector& x, Vector& b) {
                const double u = x(0), v = x(1);
                b << u - u * u * u - beta * u * v * v, -(1.0 + u * u) * v;
              },
          .diffusion = [](const Vector&, Matrix& sigma) { sigma.setIdentity(2, 2); },
          .drift_jacobian =
              [beta](const Vector& x, Matrix& J) {
                const double u = x(0), v = x(1);
                J << 1.0 - 3.0 * u * u - beta * v * v, -2.0 * beta * u * v, -2.0 * u * v,
                    -(1.0 + u * u);
              },
          .additive_noise = true};
}

/// A valley y = 1 − x² with wells at (±1, 0) and a saddle at (0, 1):
/// V = (x² − 1)²/4 + 2 (y + x² − 1)².
inline double curved_valley(const Vector& x) {
  const double p = x(0) * x(0) - 1.0, q = x(1) + p;
  return 0.25 * p * p + 2.0 * q * q;
}

/// dx = −σσᵀ ∇V dt + √ε σ dW in that valley: the quasi-potential of a well is 2V in its basin,
/// whatever σ(x) is. Without a derivative of the drift.
inline escape::Fields valley_fields(bool state_dependent) {
  const auto sigma = [state_dependent](const Vector& x, Matrix& value) {
    value.setIdentity(2, 2);
    if (state_dependent)
      value << 1.0 + 0.3 * std::sin(x(0)), 0.2 * x(1), 0.1, 0.8 + 0.2 * x(0) * x(0);
  };
  const auto drift = [sigma](const Vector& x, Vector& b) {
    Matrix s;
    sigma(x, s);
    const double p = x(0) * x(0) - 1.0, q = x(1) + p;
    const Vector slope = (Vector(2) << x(0) * p + 8.0 * x(0) * q, 4.0 * q).finished();
    b = -s * (s.transpose() * slope);
  };
  return {.state_size = 2,
          .noise_size = 2,
          .drift = drift,
          .diffusion = sigma,
          .additive_noise = !state_dependent};
}

}  // namespace stillpoint::tests
