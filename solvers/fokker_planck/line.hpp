// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <vector>

#include "lib/core/report.hpp"
#include "solvers/fokker_planck/coefficients.hpp"

/// @file
/// @brief One dimension: every answer is an integral, with Φ(x) = −∫ A/D dx the potential in units
/// of the noise. Gauss–Legendre panels, doubled until nothing changes.
namespace stillpoint::fokker_planck {

struct LineOptions {
  double tolerance = 1e-10;         ///< Relative change on doubling the panels.
  Index max_panels = 4096;          ///< Of 16 nodes each, between two breaks.
  std::vector<double> breaks = {};  ///< Where the coefficients have kinks, or jumps.
};

/// Moments of a stationary law on a line.
struct LineLaw {
  Report report;  ///< residual: relative change on doubling.
  double mean = std::numeric_limits<double>::quiet_NaN();
  double variance = std::numeric_limits<double>::quiet_NaN();
  double skewness = std::numeric_limits<double>::quiet_NaN();
  double end_density =
      0.0;  ///< Largest p at an end over the largest p: what the interval cuts off.
};

/// @brief The stationary density p = const · e^{−Φ}/D of a diffusion on a line, reflecting at both
/// ends of [lower, upper].
/// @throws std::invalid_argument unless the dimension is 1 and lower < upper.
/// Source: Gardiner (2009), section 5.2.
LineLaw stationary_on_line(const Coefficients& coefficients, double lower, double upper,
                           const LineOptions& options = {});

/// Mean and standard deviation of a first-passage time.
struct PassageTime {
  Report report;  ///< residual: relative change on doubling.
  double mean = std::numeric_limits<double>::quiet_NaN();
  double standard_deviation = std::numeric_limits<double>::quiet_NaN();
};

/// @brief First time at which a diffusion that starts at `start` is at `absorbing`, reflecting at
/// `far_end` on the other side: with τ_1 the mean and τ_2 the second moment,
///
///     τ_k(x) = ∫ e^{Φ(y)} ∫ k τ_{k−1}(z) e^{−Φ(z)}/D(z) dz dy,   τ_0 = 1,
///
/// y from absorbing to x, z from y to far_end. Put far_end where the process hardly ever is.
/// A process that is looked at only every h, like a chain, is later by what a boundary further away
/// by 0.5826 · (sd of a step) would make it: Broadie, Glasserman & Kou (1997), Math. Finance 7,
/// 325.
/// @throws std::invalid_argument unless the dimension is 1 and start lies between the two ends.
/// Source: Gardiner (2009), section 5.5.
PassageTime first_passage(const Coefficients& coefficients, double start, double absorbing,
                          double far_end, const LineOptions& options = {});

/// ζ(½)/√(2π) up to its sign: the shift of a boundary by discrete monitoring, in units of the
/// standard deviation of a step.
inline constexpr double monitoring_shift = 0.5825971579390106;

}  // namespace stillpoint::fokker_planck
