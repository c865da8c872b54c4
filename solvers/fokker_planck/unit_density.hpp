// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "lib/models/noisy_diffusion.hpp"
#include "lib/statistics/laws.hpp"
#include "solvers/fokker_planck/stationary.hpp"

/// @file
/// @brief The stationary density of one unit of a network of any size, from the closure's moments.
///
///     const auto law = moments::solve_closure(chain, input, h0);
///     const auto unit = solve_unit_density(diffusion, law, i);   // unit.states, unit.density
namespace stillpoint::fokker_planck {

struct UnitDensityOptions {
  Index points = 401;        ///< Of the grids, ≥ 11.
  double reach = 6.0;        ///< Standard deviations that they cover to both sides of the mean.
  double tolerance = 1e-6;   ///< Of the one-dimensional density, L1.
  double consistency = 0.1;  ///< Allowed distance from the closure, see UnitDensity::report.
};

/// Density of f(u) on the image of a grid of u, where f rises.
struct ActivationDensity {
  Vector values;           ///< f(u), rising, (points)
  Vector density;          ///< p(u)/f'(u); 0 where f is flat, (points)
  double flat_mass = 0.0;  ///< Probability of the flat parts of f: atoms at their values.
};

struct UnitDensity {
  /// outside_validity if mean (in sd) or sd (relative) differ from the closure's by more than
  /// `consistency`: input that is not Gaussian, or a leak that is not small. residual: the larger.
  Report report;
  Vector states;                                      ///< x, (points)
  Vector density;                                     ///< p(x), (points)
  double mean = 0.0, variance = 0.0;                  ///< Of p.
  double closure_mean = 0.0, closure_variance = 0.0;  ///< Of the unit in the closure.
  /// Of the unit's activation. Rate equation: of f(a), a = Bᵢ y + cᵢ + s ξ Gaussian with the
  /// closure's mean and sd; current equation: of f(x), x with the density p.
  ActivationDensity activation;
};

/// @brief Drift and diffusion of unit i alone, averaged over all others given its state x:
///
///     A(x) = E[A_i(y) | y_i = x],   D(x) = ½ E[(C Cᵀ)_ii | y_i = x].
///
/// The marginal of a stationary diffusion is the stationary density of exactly these coefficients.
/// The one approximation is that y given y_i = x is taken as Gaussian, with the closure's moments
/// μ, Σ: mean μ + Σ e_i (x − μ_i)/Σ_ii and covariance Σ − Σ e_i e_iᵀ Σ/Σ_ii. So the unit sees a
/// Gaussian input whose mean follows the unit's own state as far as the two are correlated.
/// Neglected: all else about the shape of the input's law (bimodal, skew), and the leak, g → 0 in
/// all but the strength of the noise inside. Exact for a linear network, and for a network of one
/// unit.
/// @param[in] diffusion   Copied.
/// @param[in] mean        μ of the closure, (m).
/// @param[in] covariance  Σ, (m, m).
/// @throws std::invalid_argument for a bad argument, or a unit without variance.
Coefficients unit_coefficients(const models::NoisyDiffusion& diffusion, const Vector& mean,
                               const Matrix& covariance, Index unit);

/// @brief Density of the state of one unit and of its activation.
/// @param[in] closure  Valid, with its covariance; the network without coloured sources.
/// @throws std::invalid_argument for a bad argument.
UnitDensity solve_unit_density(const models::NoisyDiffusion& diffusion,
                               const statistics::StationaryLaw& closure, Index unit,
                               const UnitDensityOptions& options = {});

/// @brief The density of f(u) for the density of u on a grid.
/// @param[in] arguments  Ascending, evenly spaced, (points).
/// @param[in] density    (points)
ActivationDensity through_activation(const activations::Activation& f, const Vector& arguments,
                                     const Vector& density);

}  // namespace stillpoint::fokker_planck
