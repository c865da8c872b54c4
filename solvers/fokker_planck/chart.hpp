// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "solvers/fokker_planck/coefficients.hpp"

namespace stillpoint::fokker_planck {

/// @brief Coordinates ξ in which a grid is uniform,
///
///     x = centre + axes s,   sᵢ = sinh(aᵢ ξᵢ)/aᵢ   (aᵢ = 0: sᵢ = ξᵢ),
///
/// oblique axes along which noise and law decouple, and steps that grow outwards.
struct Chart {
  Vector centre;   ///< (n)
  Matrix axes;     ///< Invertible, (n, n).
  Vector stretch;  ///< a ≥ 0, (n)

  static Chart identity(Index dimension);

  Vector position(const Vector& coordinates) const;       ///< x for ξ
  Vector coordinates(const Vector& position) const;       ///< ξ for x
  double volume_factor(const Vector& coordinates) const;  ///< |det ∂x/∂ξ|: p(x) = p(ξ)/factor
  Matrix jacobian(const Vector& coordinates) const;       ///< ∂x/∂ξ
};

/// @brief The chart that makes the covariance of a law 1 and a diffusion tensor diagonal at the
/// same time: D v = ν C v, axes v with vᵀ C v = 1. A grid on it is scaled to the standard
/// deviations, and a constant tensor, singular or not, is diagonal, so that its jumps go along the
/// axes.
/// @param[in] tensor  D, (n, n), symmetric, no negative eigenvalue.
/// @throws std::invalid_argument unless the covariance is positive definite.
Chart principal_chart(const Vector& mean, const Matrix& covariance, const Matrix& tensor);

/// @brief The coefficients of ξ for those of x, by Itô's formula:
///
///     Dˢ = T⁻¹ D T⁻ᵀ,  D^ξᵢⱼ = Dˢᵢⱼ/(φᵢ' φⱼ'),  A^ξᵢ = (T⁻¹A)ᵢ/φᵢ' − Dˢᵢᵢ φᵢ''/φᵢ'³,  s = φ(ξ).
///
/// @throws std::invalid_argument if shapes differ, axes are singular or a stretch is negative.
Coefficients on_chart(Coefficients coefficients, const Chart& chart);

}  // namespace stillpoint::fokker_planck
