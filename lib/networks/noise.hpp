// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "lib/core/types.hpp"
#include "lib/networks/network.hpp"

namespace stillpoint::networks {

/// What a stated sigma means; published codes differ. g = dt/τ is the leak.
enum class NoiseConvention {
  per_step,       ///< as in the equation: on f's argument (inside), in the bracket (outside: g σ)
  per_sqrt_time,  ///< dx = … + σ dW: step sd √g σ on the state
  psychrnn,       ///< dx = … + √2 σ dW: step sd √(2g) σ on the state
  stationary_sd,  ///< sd of an uncoupled linear unit: step sd σ √(g(2−g)) on the state
  raw_step,       ///< step sd σ on the state
};

inline constexpr std::array all_conventions{
    NoiseConvention::per_step, NoiseConvention::per_sqrt_time, NoiseConvention::psychrnn,
    NoiseConvention::stationary_sd, NoiseConvention::raw_step};

std::string_view to_string(NoiseConvention convention);

/// @brief One source of Gaussian noise.
struct NoiseSource {
  enum Where {
    inside,   ///< on the argument of the activation
    outside,  ///< in the bracket that the leak multiplies, after the activation
    state,    ///< directly on the state
  };
  Where where = inside;
  std::vector<double> sigma = {0.0};  ///< One entry (all units alike) or one an unit; ≥ 0.
  NoiseConvention convention = NoiseConvention::per_step;
  /// Correlation time t_c of an Ornstein–Uhlenbeck source, units of τ; 0: fresh every step.
  /// At most 1e12 g: slower noise is a constant to every run, and belongs into the bias.
  double correlation_time = 0.0;
};

inline constexpr std::array all_placements{NoiseSource::inside, NoiseSource::outside,
                                           NoiseSource::state};

std::string_view to_string(NoiseSource::Where where);

/// The noise of a network: independent sources that add up.
using NoiseSpec = std::vector<NoiseSource>;

/// @brief A NoiseSpec in the form a step uses, every convention resolved.
///
///     a = (pre-activation) + argument_sd ∘ ξ + Σₖ ηₖ,   state' = … + state_sd ∘ ξ,
///     ηₖ' = ρₖ ηₖ + sdₖ √(1−ρₖ²) ∘ ξ,   ρₖ = exp(−g/t_c),   ξ ~ N(0, I) fresh each step.
struct StepNoise {
  struct Coloured {
    Vector sd;         ///< Stationary sd of ηₖ, (n).
    double retention;  ///< ρₖ ∈ (0, 1).
    double step_sd;    ///< √(1−ρₖ²), sd of what a step adds to ηₖ, relative to sd.
  };
  Vector argument_sd;              ///< (n)
  Vector state_sd;                 ///< (n)
  std::vector<Coloured> coloured;  ///< One an inside source with a correlation time.
  /// Sentences on conversions a reader has to know about; empty when sigma stands as written.
  std::vector<std::string> notes;

  bool silent() const;  ///< No noise at all.
};

/// @brief Resolves every convention for this network's leak. Variances of sources add up.
///
/// Inside takes per_step; per_sqrt_time inside becomes σ/√g with a note that the answer depends on
/// the step, because noise inside an activation has no white-noise limit; stationary_sd inside
/// needs a correlation time, and a correlation time needs it.
/// Outside takes every convention; on the state every convention but per_step.
/// @throws std::invalid_argument for any other combination, a negative or non-finite sigma, or a
///   wrong number of sigmas.
StepNoise step_noise(const Network& network, const NoiseSpec& noise);

/// The same sources with every sigma multiplied by factor ≥ 0.
NoiseSpec scaled(NoiseSpec noise, double factor);

}  // namespace stillpoint::networks
