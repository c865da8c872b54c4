// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "lib/core/types.hpp"
#include "lib/models/noisy_chain.hpp"
#include "lib/networks/network.hpp"
#include "lib/networks/noise.hpp"
#include "solvers/continuation/shift.hpp"
#include "solvers/continuation/survival.hpp"
#include "solvers/ensemble/options.hpp"
#include "solvers/fixed_points/find.hpp"

/// What the noise makes of the fixed points of a network: where each is moved, and where it ends.
namespace stillpoint::studies {

/// A network at a constant input, its noise at level 1, and what is asked about it.
struct NoiseQuestion {
  networks::Network network;
  networks::NoiseSpec noise;
  Vector input;                 ///< (inputs)
  double ratio = 1.0;           ///< Noise level of the shifts, over level 1; > 0.
  double largest_ratio = 10.0;  ///< Where the survival stops looking; > 0.
  ensemble::StationaryOptions sampling;

  models::NoisyChain chain() const { return {network, networks::scaled(noise, ratio)}; }
};

/// What the noise makes of one fixed point; vectors (n), NaN where there is no answer.
struct Fate {
  Vector smoothed, closure, closure_sd;              ///< Theory: state, state, sd of the state.
  Vector monte_carlo, standard_error, simulated_sd;  ///< Mean of the chain, its error, its sd.
  bool closure_valid = false;  ///< It says that it holds, and the point has not ended before.
  bool simulated = false;      ///< Monte Carlo has a stationary law.
  double ends_smoothed, ends_closure;  ///< Noise level over level 1; NaN if there is none.
  /// As continuation::SurvivalEnd has it; empty if it was not asked for.
  std::string end_smoothed, end_closure;
  std::string note;      ///< Why an answer is missing or does not hold; may be empty.
  std::string rejected;  ///< Why Monte Carlo has no law, if it was tried.

  /// Nothing is known yet.
  explicit Fate(Index n);

  double smoothed_shift(const Vector& from) const;     ///< rms over the units, NaN if unknown
  double closure_shift(const Vector& from) const;      ///< likewise
  double monte_carlo_shift(const Vector& from) const;  ///< likewise
  /// Of monte_carlo_shift, by its derivative; the errors of the units are taken as independent.
  /// Where nothing has moved at all, the rms error of the units.
  double monte_carlo_shift_error(const Vector& from) const;

  /// Largest |closure − Monte Carlo| over 5 standard errors + 0.1 of the units' rms sd (+ 1e-6 of
  /// the state, where no noise reaches it).
  double closure_gap() const;
};

/// √(mean square) of the entries; NaN if one is.
double rms(const Vector& values);

/// @brief The fate of one fixed point.
/// @param[in] moved   The point in the smoothed mean field at this noise, from continuation::shift.
/// @param[in] follow  A stable point is simulated and continued in the noise.
/// @param[in] stream  Of the random numbers.
/// The closure, survival and simulation are asked for at a stable point only. The closure does not
/// hold where it judges itself so, or where the point has ended at or below this noise: its law
/// then is that of another state.
Fate fate_of(const NoiseQuestion& question, const fixed_points::FixedPoint& point,
             const continuation::Shift& moved, bool follow, std::uint32_t stream);

}  // namespace stillpoint::studies
