// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

/// Gaussian integrals with full relative accuracy in both tails: what the averages of piecewise
/// linear activations are made of.
namespace stillpoint::activations {

/// 1/√(2π), the largest value of φ.
inline constexpr double normal_peak = 0.398942280401432677939946059934;

/// φ(x) = exp(−x²/2)/√(2π).
double normal_density(double x);

/// Φ(x) = ∫_{−∞}^x φ.
double normal_distribution(double x);

/// @brief Φ(lower + width) − Φ(lower), width ≥ 0, accurate also for narrow and for far intervals.
double normal_interval(double lower, double width);

/// @brief Repeated integrals of the normal tail, at y ≥ 0:
///
///     Iₙ(y) = ∫_y^∞ (z − y)ⁿ/n! φ(z) dz,   n Iₙ = Iₙ₋₂ − y Iₙ₋₁,   I₋₁ = φ,   Iₙ' = −Iₙ₋₁.
///
/// The moments of a rectified normal are E (z − y)₊ⁿ = n! Iₙ(y).
struct NormalTail {
  double density;  ///< I₋₁ = φ(y)
  double I0;       ///< Φ(−y)
  double I1;       ///< ψ(y) = φ(y) − y Φ(−y)
  double I2;
  double I3;
};

/// @brief The tail integrals at y ≥ 0, each to a relative error below 1e-11, I₁ below 1e-12.
NormalTail normal_tail(double y);

/// @brief The integrals at `lower` minus those at `lower + width`, both arguments ≥ 0, accurate
/// also for a narrow width.
NormalTail normal_tail_difference(double lower, double width);

/// @brief ∫_0^y Φ(−t) dt = 1/√(2π) − I₁(y), y ≥ 0: the mean of min(z₊, y).
double clipped_half_normal_mean(double y);

}  // namespace stillpoint::activations
