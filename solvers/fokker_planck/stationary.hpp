// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "solvers/fokker_planck/domain.hpp"
#include "solvers/fokker_planck/finite_volume.hpp"
#include "solvers/fokker_planck/spectral.hpp"

namespace stillpoint::fokker_planck {

enum class StationaryMethod {
  automatic,      ///< Spectral where that converges, else finite volumes.
  spectral,       ///< solve_spectral()
  finite_volume,  ///< find_domain() and solve_finite_volume(), refined
};

struct StationaryOptions {
  StationaryMethod method = StationaryMethod::automatic;
  double tolerance = 1e-3;    ///< Wanted L1 error of the density.
  Index max_cells = 1 << 20;  ///< Of the finite volumes.
  double tail_mass = 1e-8;    ///< See DomainOptions.
};

/// The stationary density of a diffusion, by whichever method was chosen.
struct StationaryDensity {
  Report
      report;  ///< ok: the tolerance is met. The message says which method, and why not the other.
  StationaryMethod method = StationaryMethod::automatic;  ///< The one that answered.
  double error;                                           ///< Estimated L1 error.
  Vector mean;                                            ///< (n)
  Matrix covariance;                                      ///< (n, n)
  Vector skewness;                                        ///< (n)

  std::optional<SpectralDensity> spectral;
  std::optional<GridDensity> grid;  ///< On the chart.
  Chart chart;

  double density(const Vector& x) const;  ///< p(x); 0 outside the box of the finite volumes.
};

/// @brief The stationary density of a diffusion of 1 to 3 dimensions on all of space.
///
/// Smooth coefficients: polynomials, exact to many digits in milliseconds. A kink, noise that does
/// not reach every direction, or a density too far from its principal axes: positive finite volumes
/// in a box found from the law itself, refined until the estimated error meets the tolerance or
/// max_cells is used up (the report then says what was reached).
/// @param[in] guess  From the closure's moments, or guess_law().
/// @throws std::invalid_argument for a bad argument; what the coefficients throw.
StationaryDensity solve_stationary(const Coefficients& coefficients, const LawGuess& guess,
                                   const StationaryOptions& options = {});

}  // namespace stillpoint::fokker_planck
