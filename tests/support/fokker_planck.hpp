// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/LU>
#include <cmath>
#include <vector>

#include "solvers/fokker_planck/coefficients.hpp"
#include "solvers/fokker_planck/grid.hpp"

/// @file
/// @brief Densities that are known.

namespace stillpoint::tests {

/// dx = A x dt + G dW.
inline fokker_planck::Coefficients linear_diffusion(const Matrix& A, const Matrix& G) {
  const Matrix D = 0.5 * G * G.transpose();
  return {A.rows(), [A](const Vector& x, Vector& drift) { drift = A * x; },
          [D](const Vector&, Matrix& tensor) { tensor = D; }};
}

/// Its stationary covariance: A C + C Aᵀ + G Gᵀ = 0, as a linear system.
inline Matrix linear_covariance(const Matrix& A, const Matrix& G) {
  const Index n = A.rows();
  Matrix system = Matrix::Zero(n * n, n * n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      for (Index k = 0; k < n; ++k) {
        system(i + n * j, k + n * j) += A(i, k);
        system(i + n * j, i + n * k) += A(j, k);
      }
  const Matrix B = -G * G.transpose();
  const Vector c = system.fullPivLu().solve(Eigen::Map<const Vector>(B.data(), n * n));
  return Eigen::Map<const Matrix>(c.data(), n, n);
}

/// dx = (x − x³) dt + σ dW, with p ∝ exp((x² − x⁴/2)/σ²).
inline fokker_planck::Coefficients double_well(double sigma) {
  return {
      1, [](const Vector& x, Vector& drift) { drift = x.array() - x.array().cube(); },
      [sigma](const Vector&, Matrix& tensor) { tensor.setConstant(1, 1, 0.5 * sigma * sigma); }};
}

/// dx_i = (−x_i + Σ_j W_ij tanh x_j) dt + σ dB_i.
inline fokker_planck::Coefficients tanh_network(const Matrix& W, double sigma) {
  const Index n = W.rows();
  return {n, [W](const Vector& x, Vector& drift) { drift = -x + W * Vector(x.array().tanh()); },
          [sigma, n](const Vector&, Matrix& tensor) {
            tensor = 0.5 * sigma * sigma * Matrix::Identity(n, n);
          }};
}

/// A box of n cells on each axis, from −reach to reach.
inline fokker_planck::Grid cube(Index dimension, double reach, Index n) {
  return fokker_planck::Grid(
      std::vector<fokker_planck::Axis>(static_cast<std::size_t>(dimension), {-reach, reach, n}));
}

/// Probabilities of the cells of a grid for an unnormalised density, by its value at the centres.
template <typename Density>
Vector cell_masses(const fokker_planck::Grid& grid, Density&& density) {
  Vector masses(grid.cells()), x;
  for (Index cell = 0; cell < grid.cells(); ++cell) {
    grid.centre(cell, x);
    masses(cell) = density(x);
  }
  return masses / masses.sum();
}

}  // namespace stillpoint::tests
